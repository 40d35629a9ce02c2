"""When a batch is refused, and what its message says."""

import json

import polars as pl
import pytest

from tasks.validate.outcome import BatchName, BatchVerdict, TableCount, as_json, judged
from tasks.validate.verdicts import FAILURES_SCHEMA, Answer, Consequence, Rule, RuleVerdict, TableVerdict

NAME = BatchName("b1", "helpdesk", "tickets.csv")


def table(answer: Answer = "pass", consequence: Consequence = "BLOCK", detail: str = "") -> TableVerdict:
    rule = Rule("columns-missing", consequence, (), "every column of tickets")
    found = RuleVerdict(rule, answer, 0, detail)
    return TableVerdict("tickets", 900, (found,), pl.DataFrame(schema=FAILURES_SCHEMA))


def share(n_set_aside: int, n_rows: int, max_share: float = 0.02) -> BatchVerdict:
    return judged(NAME, [table()], [TableCount("tickets", n_rows, {"out-of-scale": n_set_aside})], max_share)


def test_more_rows_set_aside_than_allowed_refuse_the_batch_and_the_message_says_which_and_what_to_do() -> None:
    counts = [TableCount("tickets", 900, {"out-of-scale": 7, "unreadable:opened_at": 30})]
    verdict = judged(NAME, [table()], counts, 0.02)
    assert verdict.outcome == "rejected"
    assert verdict.message == (
        "37 of 900 rows (4.1 %) of helpdesk tickets.csv set aside, more than 2 %: unreadable:opened_at 30, "
        "out-of-scale 7. Nothing of it was published. See the rows with `cxloop quarantine list helpdesk --rows`, "
        "mend the file or its mapping in sources.yaml and run again, or raise CXLOOP_MAX_QUARANTINE_SHARE (now 0.02)."
    )


@pytest.mark.parametrize(
    ("n_set_aside", "n_rows", "outcome"),
    [
        (0, 0, "passed"), (0, 100, "passed"), (18, 900, "passed"), (19, 900, "rejected"),
        (1, 50, "passed"), (2, 50, "rejected"), (1, 49, "passed"), (1, 1, "passed"), (2, 49, "rejected"),
    ],
)  # fmt: skip
def test_exactly_the_share_is_allowed_and_one_row_of_a_tiny_batch_is_no_pattern(
    n_set_aside: int, n_rows: int, outcome: str
) -> None:
    assert share(n_set_aside, n_rows).outcome == outcome


@pytest.mark.parametrize(("max_share", "outcome"), [(0.0, "rejected"), (1.0, "passed")])
def test_a_share_of_nought_allows_no_row_and_a_share_of_one_most(max_share: float, outcome: str) -> None:
    assert share(1, 100, max_share).outcome == outcome


def test_a_table_that_lost_most_of_its_rows_is_refused_whatever_the_others_bring() -> None:
    counts = [TableCount("tickets", 10_000, {}), TableCount("reviews", 10, {"out-of-scale": 6})]
    verdict = judged(NAME, [table()], counts, 0.02)
    assert verdict.outcome == "rejected"
    assert verdict.message.startswith(
        "6 of 10 rows (60.0 %) of helpdesk tickets.csv for reviews set aside, most of that table: out-of-scale 6."
    )


def test_a_rule_that_blocks_refuses_the_batch() -> None:
    verdict = judged(NAME, [table("fail", detail="found no status")], [TableCount("tickets", 900, {})], 0.02)
    assert verdict.outcome == "rejected"
    assert verdict.message == (
        "helpdesk tickets.csv breaks a rule that holds back the whole batch: tickets columns-missing: found no status, "
        "expected every column of tickets. Nothing of it was published. Compare the file with its mapping in "
        "sources.yaml, mend one of them and run again."
    )


@pytest.mark.parametrize("consequence", ["BLOCK", "QUARANTINE", "WARN"])
def test_a_rule_that_could_not_be_checked_refuses_the_batch_whatever_its_consequence(consequence: Consequence) -> None:
    verdict = judged(NAME, [table("could not check", consequence, "boom")], [TableCount("tickets", 9, {})], 0.02)
    assert verdict.outcome == "rejected"
    assert "could not be checked: tickets columns-missing: boom." in verdict.message


def test_a_warning_is_told_and_holds_nothing_back() -> None:
    verdict = judged(NAME, [table("fail", "WARN", "found 0")], [TableCount("tickets", 9, {})], 0.02)
    assert (verdict.outcome, verdict.message) == ("passed", "")
    assert verdict.warnings == ("tickets: columns-missing: found 0, expected every column of tickets",)


def test_the_verdict_as_json_names_every_rule_and_says_when_there_was_nothing_to_check() -> None:
    empty = TableVerdict("tickets", 0, table().rules, pl.DataFrame(schema=FAILURES_SCHEMA))
    counts = [TableCount("tickets", 0, {})]
    told = as_json(judged(NAME, [empty], counts, 0.02), [empty], counts)
    assert json.loads(json.dumps(told)) == told
    assert told["outcome"] == "passed"
    assert told["tables"]["tickets"] == {
        "n_rows": 0, "n_quarantined": 0, "n_set_aside": 0, "note": "nothing to check",
        "rules": [{"rule": "columns-missing", "columns": [], "consequence": "BLOCK", "verdict": "pass",
                   "n_unexpected": 0, "detail": ""}],
    }  # fmt: skip
