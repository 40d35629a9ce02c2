"""Great Expectations asked: three verdicts, the rows that fail, and right answers from many threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from expectations.consequences import QUARANTINE, named
from expectations.library import ExpectationSuite, gx, gxe
from expectations.rules import believable, filled_in, not_before, not_negative, one_of
from tasks.validate.apart import gate
from tasks.validate.apart.gate import validate
from tasks.validate.verdicts import TableVerdict

DAY = datetime(2024, 5, 6, tzinfo=UTC)


def suite(*rules: str) -> ExpectationSuite:
    known = {
        "word": one_of("status", "new", "open"), "count": not_negative("n"), "date": believable("opened_at"),
        "pair": not_before("closed_at", "opened_at", "closed-before-opened"), "filled": filled_in("status"),
    }  # fmt: skip
    return ExpectationSuite(name="tickets", expectations=[known[rule] for rule in rules])


def rows(n: int = 5, n_bad: int = 0) -> pl.DataFrame:
    """n rows, of which the first n_bad break the rules 'word' and 'pair'."""
    is_bad = pl.int_range(n, eager=True) < n_bad
    return pl.DataFrame({"opened_at": [DAY] * n, "n": [None, *range(1, n)]}, schema_overrides={"n": pl.Int64}).select(
        pl.col("opened_at").cast(pl.Datetime("us", "UTC")),
        (pl.col("opened_at") + pl.when(is_bad).then(-1).otherwise(1) * timedelta(microseconds=1))
        .cast(pl.Datetime("us", "UTC"))
        .alias("closed_at"),
        pl.when(is_bad).then(pl.lit("wrong")).otherwise(pl.lit("open")).alias("status"),
        "n",
    )


def answers(verdict: TableVerdict) -> list[str]:
    return [found.answer for found in verdict.rules]


def test_a_rule_that_holds_passes() -> None:
    assert answers(validate(rows(), suite("word", "count", "date", "pair", "filled"))) == ["pass"] * 5


def test_a_rule_that_fails_names_its_rows() -> None:
    verdict = validate(rows(n_bad=2), suite("word", "count", "pair"))
    assert answers(verdict) == ["fail", "pass", "fail"]
    assert verdict.failures.rows() == [(0, 0), (1, 0), (0, 2), (1, 2)]
    assert verdict.failing.to_list() == [0, 1]
    assert verdict.rules[0].detail == "2 of 5 rows fail"


def test_an_instant_is_compared_to_the_microsecond_and_beyond_the_year_2262() -> None:
    far = rows().with_columns(closed_at=pl.lit(datetime(9999, 12, 31, tzinfo=UTC)).cast(pl.Datetime("us", "UTC")))
    assert answers(validate(rows(n_bad=1), suite("pair"))) == ["fail"]
    assert answers(validate(far, suite("pair"))) == ["pass"]


def test_an_instant_in_another_unit_is_the_same_instant() -> None:
    coarse = rows().with_columns(pl.col("opened_at").cast(pl.Datetime("ms", "UTC")))
    assert answers(validate(coarse, suite("date", "pair"))) == ["pass", "pass"]


def test_a_missing_column_is_no_failure_of_its_rows_but_could_not_be_checked() -> None:
    verdict = validate(rows().drop("status"), suite("word", "count"))
    assert answers(verdict) == ["could not check", "pass"]
    assert "status" in verdict.rules[0].detail
    assert verdict.failures.is_empty()


def test_values_that_cannot_be_compared_could_not_be_checked() -> None:
    assert answers(validate(rows().with_columns(n=pl.lit("three")), suite("count"))) == ["could not check"]


def test_rows_named_must_be_as_many_as_were_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_positions", lambda listed: [row["_position"] for row in listed][1:])
    verdict = validate(rows(n_bad=3), suite("word"))
    assert answers(verdict) == ["could not check"]
    assert verdict.rules[0].detail == "3 rows fail it but 2 were named"
    assert verdict.failures.is_empty()


def test_a_crash_of_the_library_could_not_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(**_: object) -> None:
        raise OSError("out of luck")

    monkeypatch.setattr(gx, "get_context", crash)
    verdict = validate(rows(), suite("word", "count"))
    assert answers(verdict) == ["could not check", "could not check"]
    assert verdict.rules[0].detail == "OSError: out of luck"


def test_an_error_that_only_shows_while_listing_could_not_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = gate._asked
    monkeypatch.setattr(gate, "_asked", lambda t, e, form: ask(t, e, form) if form == "BASIC" else ({}, "stopped"))
    verdict = validate(rows(n_bad=3), suite("word"))
    assert [(found.answer, found.detail) for found in verdict.rules] == [("could not check", "stopped")]


def test_rows_are_listed_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "CHUNK", 5)  # fewer than fail: chunk by chunk
    frame = pl.concat([rows(15, 3), rows(15, 3)])
    assert validate(frame, suite("word")).failing.to_list() == [0, 1, 2, 15, 16, 17]


def test_a_rule_that_names_no_row_of_its_own_is_found_by_its_place_in_the_suite() -> None:
    both = ExpectationSuite(
        name="tickets",
        expectations=[
            gxe.ExpectColumnValuesToNotBeNull(column="n", meta=named("a", QUARANTINE, "n")),
            gxe.ExpectColumnValuesToNotBeNull(column="n", mostly=0.5, meta=named("b", {"consequence": "BLOCK"}, "n")),
            gxe.ExpectTableRowCountToBeBetween(min_value=9, meta=named("c", {"consequence": "WARN"}, "nine rows")),
        ],
    )
    verdict = validate(rows(), both)
    assert [(f.rule.name, f.answer, f.n_unexpected) for f in verdict.rules] == [
        ("a", "fail", 1), ("b", "pass", 1), ("c", "fail", 0),
    ]  # fmt: skip
    assert verdict.rules[2].detail == "found 5"
    assert verdict.failures.rows() == [(0, 0)]


def test_asking_leaves_the_suite_as_it_was() -> None:
    rules = suite("word", "pair")
    assert validate(rows(n_bad=1), rules).failing.to_list() == validate(rows(n_bad=1), rules).failing.to_list() == [0]


def test_eight_threads_get_their_own_verdicts() -> None:
    def n_failing(n_bad: int) -> tuple[int, list[str]]:
        verdict = validate(rows(30, n_bad), suite("word", "pair", "count"))
        return len(verdict.failing), answers(verdict)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(n_failing, range(24)))
    assert found[0] == (0, ["pass", "pass", "pass"])
    assert found[1:] == [(n, ["fail", "fail", "pass"]) for n in range(1, 24)]


def test_ids_that_were_checked_are_not_kept_with_words_that_all_columns_share():
    first = pl.Series(["kept, the first"]).cast(pl.Categorical)
    ids = pl.DataFrame({"id": [f"checked-{i}" for i in range(1000)]})
    for made in (gate._code, gate._comparable):
        assert ids.select(made("id", pl.String())).to_series().n_unique() == 1000
    second = pl.Series(["kept, the second"]).cast(pl.Categorical)
    assert second.to_physical()[0] - first.to_physical()[0] < 1000
