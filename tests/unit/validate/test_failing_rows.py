"""What quarantine keeps of a row that fails."""

import json
from datetime import UTC, datetime

import polars as pl

from tasks.validate.failing_rows import QUARANTINED_SCHEMA, quarantined, reason
from tasks.validate.raw_rows import raw_texts
from tasks.validate.verdicts import FAILURES_SCHEMA, Rule, RuleVerdict, TableVerdict

SCALE = Rule("out-of-scale", "QUARANTINE", ("score", "scale_low"), "score from scale_low to scale_high")
DATE = Rule("date-out-of-range", "QUARANTINE", ("answered_at",), "answered_at from 1990-01-01")


def verdict(*failures: tuple[int, int]) -> TableVerdict:
    found = tuple(RuleVerdict(rule, "fail") for rule in (DATE, SCALE))
    return TableVerdict("survey_answers", 3, found, pl.DataFrame(failures, schema=FAILURES_SCHEMA, orient="row"))


def rows() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "_position": [0, 2], "answer_id": ["s:A1", "s:A3"], "_file": ["a.csv", "a.csv"], "_row": [1, 3],
            "score": [7.0, 0.5], "scale_low": [1.0, 1.0], "answered_at": [datetime(1970, 1, 1, tzinfo=UTC), None],
        }
    )  # fmt: skip


def test_a_row_that_fails_several_rules_is_set_aside_once_under_the_first_with_all_reasons() -> None:
    aside = quarantined(rows(), verdict((0, 1), (2, 1), (0, 0)), ['{"s": "7"}', '{"s": "0.5"}'])
    assert aside.schema == QUARANTINED_SCHEMA
    assert aside.rows() == [
        (
            "survey_answers", "a.csv", 1, "date-out-of-range",
            (
                "answered_at is 1970-01-01, expected answered_at from 1990-01-01; "
                "score is 7, scale_low is 1, expected score from scale_low to scale_high"
            ),
            '{"s": "7"}', "s:A1",
        ),
        (
            "survey_answers", "a.csv", 3, "out-of-scale",
            "score is 0.5, scale_low is 1, expected score from scale_low to scale_high", '{"s": "0.5"}',
            "s:A3",
        ),
    ]  # fmt: skip


def test_no_failing_row_gives_an_empty_frame_of_the_same_columns() -> None:
    assert quarantined(rows().clear(), verdict(), []).schema == QUARANTINED_SCHEMA


def test_a_reason_says_empty_for_a_missing_value_and_cuts_a_long_one() -> None:
    rule = Rule("unknown-word:status", "QUARANTINE", ("status",), "status one of new")
    assert reason(rule, {"status": None}) == "status is empty, expected status one of new"
    assert reason(rule, {"status": "x" * 99}) == f"status is {'x' * 60}…, expected status one of new"


def test_the_raw_row_is_kept_as_it_came_and_a_row_without_one_stands_for_itself() -> None:
    raw = pl.DataFrame({"_file": ["a.csv"], "_row": [1], "Größe": ["7"], "when": [""]})
    first, second = raw_texts(rows(), raw)
    assert first == '{"Größe": "7", "when": ""}'
    assert json.loads(second) == {"answer_id": "s:A3", "score": 0.5, "scale_low": 1.0, "answered_at": None}
    assert json.loads(raw_texts(rows(), None)[0])["answered_at"] == "1970-01-01 00:00:00+00:00"
