"""Every suite against a good frame, and against one bad frame per expectation, made from a table of bad values."""

import warnings
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from domain.facts import FACT_TABLES, FactTable
from expectations import SUITES
from expectations.library import ExpectationSuite
from expectations.ticket_events import HAS_TICKET
from tasks.validate.apart.gate import rule_of, validate

DAY = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
TYPES = {
    "text": pl.String(), "instant": pl.Datetime("us", "UTC"), "date": pl.Date(),
    "integer": pl.Int64(), "number": pl.Float64(), "flag": pl.Boolean(),
}  # fmt: skip
ORDINARY: dict[str, Any] = {"text": "word", "instant": DAY, "integer": 3, "number": 3.0, "flag": True}
ORDINARY_BY_COLUMN: dict[str, Any] = {
    "status": "open", "handler": "people", "actor_role": "agent", "measure": "csat", "direction": "up",
    "kind": "email", "role": "agent", "scale_low": 1.0, "scale_high": 5.0, HAS_TICKET: True,
}  # fmt: skip
N, FIRST_WRONG = 40, 17
"""Rows of a frame, and the first of those that are made wrong."""


def columns_of(table: FactTable) -> dict[str, pl.DataType]:
    columns = {column.name: TYPES[column.type] for column in table.columns}
    return {**columns, HAS_TICKET: pl.Boolean()} if table.name == "ticket_events" else columns


def good(table: FactTable) -> pl.DataFrame:
    """Rows that hold; every third lacks what may be missing."""
    types = {column.name: column.type for column in table.columns}
    optional = {column.name for column in table.columns if not column.required}
    rows = [
        {
            name: f"acme:{i}" if name == table.key
            else None if name in optional and i % 3 == 1
            else ORDINARY_BY_COLUMN.get(name, ORDINARY[types.get(name, "flag")])
            for name in columns_of(table)
        }
        for i in range(N)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=columns_of(table))


EARLIER = DAY - timedelta(seconds=1)
BAD_ROWS: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {
    ("resolved-before-opened", ("resolved_at", "opened_at")): [{"resolved_at": EARLIER}],
    ("closed-before-opened", ("closed_at", "opened_at")): [{"closed_at": EARLIER}],
    ("reply-before-opened", ("first_reply_at", "opened_at")): [{"first_reply_at": EARLIER}],
    ("answered-before-sent", ("answered_at", "sent_at")): [{"answered_at": EARLIER}],
    ("answered-before-mentioned", ("answered_at", "mentioned_at")): [{"answered_at": EARLIER}],
    ("ended-before-started", ("ended_at", "started_at")): [{"ended_at": EARLIER, "started_at": DAY}],
    ("resumed-before-paused", ("resumed_at", "paused_at")): [{"resumed_at": EARLIER, "paused_at": DAY}],
    ("ended-before-started", ("valid_to", "valid_from")): [{"valid_to": EARLIER}],
    ("out-of-scale", ("score", "scale_low")): [{"score": 0.0}, {"score": float("nan")}],
    ("out-of-scale", ("scale_high", "score")): [{"score": 9.0}, {"score": float("inf")}],
    ("out-of-scale", ("rating", "scale_low")): [{"rating": 0.5}],
    ("out-of-scale", ("scale_high", "rating")): [{"rating": 10.0}],
    ("scale-upside-down", ("scale_high", "scale_low")): [{"scale_high": 1.0, "scale_low": 5.0}],
    ("ticket-unknown", (HAS_TICKET,)): [{HAS_TICKET: False}],
}  # fmt: skip
"""By rule and columns: values that break it in one row."""
BAD_BY_RULE: dict[str, list[Any]] = {
    "missing": [None],
    "unknown-word": ["wrord", ""],
    "negative": [-1],
    "date-out-of-range": [
        datetime(1970, 1, 1, tzinfo=UTC), datetime(1989, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2098, 12, 31, 23, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC),
    ],
}  # fmt: skip
"""By rule's kind: values of its one column that break it."""


def spoiled(table: FactTable, rule: str, columns: tuple[str, ...]) -> tuple[pl.DataFrame, list[int]]:
    """A frame that breaks one expectation, and the rows that do, where it is about rows."""
    frame = good(table)
    match rule.split(":", maxsplit=1)[0]:
        case "columns-missing":
            return frame.drop(table.columns[-1].name), []
        case "no-rows":
            return frame.clear(), []
        case "key-not-unique":
            return frame.with_columns(pl.lit("acme:same").alias(table.key)), []
        case "mostly-missing":
            return frame.with_columns(pl.lit(None, frame.schema[columns[0]]).alias(columns[0])), []
        case kind:
            bad_rows = BAD_ROWS.get((rule, columns)) or [{columns[0]: value} for value in BAD_BY_RULE[kind]]
            for place, values in enumerate(bad_rows):
                frame = with_values(frame, FIRST_WRONG + place, values)
            return frame, [FIRST_WRONG + place for place in range(len(bad_rows))]


def with_values(frame: pl.DataFrame, place: int, values: dict[str, Any]) -> pl.DataFrame:
    here = pl.int_range(pl.len()) == place
    return frame.with_columns(
        pl.when(here).then(pl.lit(value, frame.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def test_every_fact_table_has_a_suite() -> None:
    assert SUITES.keys() == FACT_TABLES.keys()


@pytest.mark.parametrize("name", SUITES)
def test_a_good_frame_passes_its_suite(name: str) -> None:
    verdict = validate(good(FACT_TABLES[name]), SUITES[name]())
    assert [(found.rule.name, found.detail) for found in verdict.rules if found.answer != "pass"] == []
    assert verdict.n_rows == N
    assert verdict.failures.is_empty()


@pytest.mark.parametrize("name", SUITES)
def test_every_expectation_states_rule_consequence_and_what_it_expects(name: str) -> None:
    suite = SUITES[name]()
    assert suite.name == name
    assert SUITES[name]() is not suite
    for expectation in suite.expectations:
        assert set(expectation.meta) == {"rule", "consequence", "expected"}
        assert expectation.meta["consequence"] in ("BLOCK", "QUARANTINE", "WARN")


CASES = [
    pytest.param(name, number, id=f"{name}-{number}-{expectation.meta['rule']}")
    for name, made in SUITES.items()
    for number, expectation in enumerate(made().expectations)
]


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_frame_that_breaks_an_expectation_fails_it_in_those_rows(name: str, number: int) -> None:
    expectation = copy(SUITES[name]().expectations[number])
    rule = rule_of(expectation)
    frame, wrong = spoiled(FACT_TABLES[name], rule.name, rule.columns)
    verdict = validate(frame, ExpectationSuite(name=name, expectations=[expectation]))
    assert [found.answer for found in verdict.rules] == ["fail"]
    assert verdict.rules[0].detail
    if rule.consequence == "QUARANTINE":
        assert verdict.rules[0].n_unexpected == len(wrong) > 0
        assert verdict.failures["_position"].to_list() == wrong


@pytest.mark.parametrize("name", SUITES)
def test_an_empty_frame_passes_every_row_rule_and_says_it_is_empty(name: str) -> None:
    verdict = validate(good(FACT_TABLES[name]).clear(), SUITES[name]())
    assert [found.rule.name for found in verdict.rules if found.answer != "pass"] == ["no-rows"]


def test_importing_and_asking_warn_of_nothing() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        validate(good(FACT_TABLES["tickets"]), SUITES["tickets"]())
    assert told == []
