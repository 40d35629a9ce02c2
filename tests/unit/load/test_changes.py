import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tasks.load.changes import balance, classified, days_of, hashed
from tests.factories import at


def rows(**columns: list[object]) -> pl.DataFrame:
    return hashed(pl.DataFrame(columns))


def changes(new: pl.DataFrame, old: pl.DataFrame) -> list[str]:
    return classified(new, old, "key")["change"].to_list()


def test_each_row_is_new_changed_or_there_already() -> None:
    old = rows(key=["a", "b"], value=[1, 2])
    assert changes(rows(key=["a", "b", "c"], value=[1, 3, 1]), old) == ["unchanged", "updated", "inserted"]


def test_an_older_version_never_replaces_a_newer_one() -> None:
    old = rows(key=["a", "b"], version_at=[at("2026-03-02"), None], value=[1, 1])
    new = rows(key=["a", "b"], version_at=[at("2026-03-01"), at("2026-03-01")], value=[0, 0])
    assert changes(new, old) == ["superseded", "updated"]


def test_a_file_that_is_read_again_takes_back_nothing_that_a_later_one_brought() -> None:
    old = rows(key=["a", "b", "c"], version_at=[None, at("2026-03-02"), None], value=[1, 1, 1])
    new = rows(key=["a", "b", "c"], version_at=[None, at("2026-03-03"), None], value=[0, 0, 0])
    later = pl.Series(["a", "b"])
    assert classified(new, old, "key", later)["change"].to_list() == ["superseded", "updated", "updated"]


@given(st.lists(st.text(max_size=5), unique=True, max_size=8))
def test_loading_the_same_again_changes_nothing(keys: list[str]) -> None:
    held = hashed(pl.DataFrame({"key": keys}, schema={"key": pl.String}))
    assert set(changes(held, held)) <= {"unchanged", "inserted" if not keys else "unchanged"}


def test_days_are_those_of_the_reporting_zone() -> None:
    instants = pl.Series([at("2026-03-08 23:30"), at("2026-03-09 01:00"), None], dtype=pl.Datetime("us", "UTC"))
    assert [str(day) for day in days_of(instants, "Europe/Berlin")] == ["2026-03-09"]


def test_a_row_that_went_nowhere_is_noticed() -> None:
    good = {"n_source": 10, "n_left_out": 1, "n_unreadable": 1, "n_mapped": 8, "n_inserted": 5, "n_updated": 1,
            "n_unchanged": 1, "n_superseded": 0, "n_quarantined": 1}  # fmt: skip
    assert balance(good) is None
    assert "8 rows were mapped but 7" in str(balance({**good, "n_inserted": 4}))
    assert "11 rows were read but 10" in str(balance({**good, "n_source": 11}))
