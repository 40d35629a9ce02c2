"""What the numbers rest on."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tasks.report import phrases as say
from tasks.report.set_aside import rule_shown
from tasks.report.small_print import (
    COUNTED,
    GAPS_SCHEMA,
    Listened,
    SetAside,
    SmallPrint,
    SourceDay,
    gaps_of,
    listened_of,
    small_print_of,
)

EXPECTATIONS = Path(__file__).parents[3] / "expectations"
OF_TABLES = {"columns-missing", "key-not-unique", "no-rows"}
"""Rules that refuse a whole batch and set no row aside."""


def print_of(acme, **parts):
    return say.small_print(replace(acme, small_print=SmallPrint(**parts)))


@pytest.mark.parametrize(
    ("through", "said"),
    [(date(2026, 3, 15), "Data to Sun 15 Mar, complete."), (date(2026, 3, 12), "Data to Thu 12 Mar, not complete.")],
)
def test_data_that_do_not_reach_sunday_are_not_complete(acme, through, said):
    assert print_of(acme, sources=(SourceDay("desk", through),))[0] == said


def test_sources_that_differ_are_named_and_silent_ones_too(acme):
    sources = (SourceDay("desk", date(2026, 3, 15)), SourceDay("survey", date(2026, 3, 12)), SourceDay("shop", None))
    assert print_of(acme, sources=sources)[0] == "Data to: desk Sun 15 Mar, survey Thu 12 Mar. Nothing yet from shop."


def test_the_commonest_reasons_for_setting_rows_aside_are_named(acme):
    aside = tuple(SetAside("desk", "tickets", f"rule-{i}", 20 - i) for i in range(8))
    told = print_of(acme, n_rows=10_000, set_aside=aside)[0]
    assert told.startswith("132 rows set aside (1.3 %): 20 rule-0 (desk), 19 rule-1 (desk)")
    assert told.endswith("15 rule-5 (desk) and 27 for rarer reasons.")
    assert print_of(acme, n_rows=10)[0] == "No row was set aside, of 10 read."


def test_refused_batches_and_rows_left_out_are_named(acme):
    told = print_of(
        acme, rejected=("survey: a.csv",), left_out=(("accounts", 1), ("survey_answers", 6313)), excluded=(("spam", 3),)
    )
    assert told == (
        "Refused, nothing of it is counted: survey: a.csv.",
        "Not counted this week: 3 spam.",
        "Left out by the mapping: 1 account and 6,313 survey answers.",
    )


def test_what_was_unclear_is_told_with_how_it_was_read(acme):
    assert print_of(acme, n_ambiguous_times=4, n_swapped_dates=503, n_without_score=1) == (
        "4 local times came twice as clocks went back: read as the earlier.",
        "503 dates had day and month swapped: settled by their neighbours.",
        "1 answer without a score: in no denominator.",
    )


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("duplicate-key", "with a key used twice"), ("out-of-scale", "with a score outside its scale"),
        ("unreadable:opened_at", "with an unreadable opening time"), ("unreadable:rating", "with an unreadable rating"),
        ("nonexistent-time:at", "with a time that the clocks skipped"), ("own-rule", "own-rule"),
        ("unreadable:where", "whose condition cannot be computed"),
    ],
)  # fmt: skip
def test_a_rule_is_told_in_words(rule, said):
    assert rule_shown(rule) == said


def test_every_rule_of_the_suites_has_words():
    texts = [path.read_text(encoding="utf-8") for path in EXPECTATIONS.glob("*.py")]
    rules = {rule for text in texts for rule in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text)} - OF_TABLES
    assert "out-of-scale" in rules
    assert [rule for rule in sorted(rules) if rule_shown(rule) == rule] == []


def _found(survey, verdict, n=10, note="", moment=date(2026, 3, 16)):
    return {"rule": "listening", "scope": f'{{"survey":"{survey}"}}', "moment": moment, "verdict": verdict, "n": n,
            "note": note}  # fmt: skip


def test_a_listening_plan_that_is_kept_is_one_line(acme):
    found = pl.DataFrame([_found("after-help", "as planned"), _found("exit", "not enough evidence", 0, "soon")])
    listened = listened_of(found, date(2026, 3, 16))
    assert listened == (Listened("after-help", 10), Listened("exit", 0))
    assert print_of(acme, listening=listened)[-1] == (
        "The listening plan is kept: 10 invitations in four weeks, nobody asked too soon."
    )
    assert listened_of(found, date(2026, 3, 9)) == ()


def test_who_breaks_the_listening_plan_is_named(acme):
    found = pl.DataFrame(
        [_found("exit", "not in the roadmap", 3, "the plan does not know it"), _found("nps", "as planned")]
    )
    listened = listened_of(found, date(2026, 3, 16))
    assert print_of(acme, listening=listened)[-1] == (
        "The listening plan is not kept by exit (the plan does not know it)."
    )


def test_missed_days_stand_in_the_summaries_of_the_weeks_they_touch(acme):
    gaps = pl.DataFrame([("play", "reviews", date(2026, 3, 8), date(2026, 3, 10))], schema=GAPS_SCHEMA, orient="row")
    (gap,) = gaps_of(gaps, date(2026, 3, 9), date(2026, 3, 16))
    assert print_of(acme, gaps=(gap,)) == ("Missed for good, play no longer shows it: reviews of 8 Mar to 10 Mar.",)
    assert gaps_of(gaps, date(2026, 3, 16), date(2026, 3, 23)) == ()


def test_the_small_print_of_nothing_is_empty(acme):
    empty = small_print_of(
        pl.DataFrame(schema={"source": pl.String, "complete_through": pl.Date}),
        pl.DataFrame(schema={"table_name": pl.String, **dict.fromkeys(COUNTED, pl.Int64)}),
        pl.DataFrame(schema={"source": pl.String, "table_name": pl.String, "rule": pl.String, "n": pl.Int64}),
        pl.DataFrame(schema={"excluded_as": pl.String, "n": pl.Int64}),
        pl.DataFrame(schema={"source": pl.String, "name": pl.String}),
    )
    assert empty == SmallPrint()
    assert say.small_print(replace(acme, small_print=empty)) == ()
