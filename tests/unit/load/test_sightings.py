from datetime import UTC, datetime, timedelta

import polars as pl

from tasks.load.sightings import each_of, not_shown, noted, with_gone, without_gone

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
TIME = pl.Datetime("us", "UTC")


def shown(*keys: str) -> pl.DataFrame:
    return pl.DataFrame({"stream": "agents", "row_key": [*keys], "member": ""}, schema_overrides={"row_key": pl.String})


def held(*rows: tuple[str, datetime, datetime | None]) -> pl.DataFrame:
    schema = {"row_key": pl.String, "landed_at": TIME, "gone_at": TIME}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(stream=pl.lit("agents"))


def facts(*rows: tuple[str, datetime | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"agent_id": pl.String, "deleted_at": TIME}, orient="row")


def test_what_a_batch_shows_first_is_there():
    found = noted(shown("a", "b"), held(), "b1", AT)
    assert found.rows.select("row_key", "batch_id", "gone_at").rows() == [("a", "b1", None), ("b", "b1", None)]
    assert found.returned.is_empty()


def test_a_row_that_had_been_gone_and_shows_again_is_back():
    found = noted(shown("a", "b"), held(("a", AT - 2 * DAY, AT - DAY), ("b", AT - 2 * DAY, None)), "b2", AT)
    assert found.rows["gone_at"].to_list() == [None, None]
    assert found.returned.rows() == [("a", AT - DAY)]


def test_a_batch_that_is_read_again_brings_nothing_back_that_went_since():
    found = noted(shown("a"), held(("a", AT, AT + DAY)), "b1 as mapped now", AT)
    assert found.rows.select("batch_id", "gone_at").rows() == [("b1 as mapped now", AT + DAY)]
    assert found.returned.is_empty()


def test_a_batch_that_is_read_again_is_not_the_last_that_showed_a_row_a_later_one_has():
    assert noted(shown("a"), held(("a", AT + DAY, None)), "b1", AT).rows.is_empty()


def test_what_landed_before_a_reading_began_was_not_shown_by_it():
    rows = held(("before", AT - DAY, None), ("within", AT, None), ("after", AT + DAY, None))
    assert not_shown(rows, AT).to_list() == ["before"]


def test_rows_that_are_gone_come_out_as_deleted_and_the_vendors_own_time_stays():
    rows = facts(("a", None), ("b", AT), ("c", None))
    gone = pl.DataFrame({"row_key": ["a", "b"], "gone_at": [AT + DAY] * 2}, schema_overrides={"gone_at": TIME})
    assert with_gone(rows, "agent_id", gone).rows() == [("a", AT + DAY), ("b", AT), ("c", None)]
    assert with_gone(rows, "agent_id", gone.clear()).equals(rows)


def test_only_the_mark_that_a_reading_had_made_is_taken_away():
    rows = facts(("a", AT), ("b", AT + DAY), ("c", None))
    returned = pl.DataFrame({"row_key": ["a", "b", "c"], "gone_at": [AT] * 3}, schema_overrides={"gone_at": TIME})
    assert without_gone(rows, "agent_id", returned).rows() == [("a", None)]


def test_the_mark_of_a_row_stands_for_what_belongs_to_it_and_for_nothing_else() -> None:
    shown = pl.DataFrame({
        "source": ["desk"] * 3, "stream": ["talks"] * 3, "table_name": ["survey_answers"] * 3,
        "row_key": ["desk:1:*", "desk:2:*", "desk:3:4"],
    })  # fmt: skip
    held = pl.DataFrame({
        "stream": ["talks", "talks", "talks", "others"], "row_key": ["desk:1:7", "desk:1:8", "desk:11:7", "desk:2:9"],
    })  # fmt: skip
    found = each_of(shown, held)
    assert found["row_key"].to_list() == ["desk:3:4", "desk:1:7", "desk:1:8"]
    assert found.columns == shown.columns
    assert each_of(shown, held.clear())["row_key"].to_list() == ["desk:3:4"]
