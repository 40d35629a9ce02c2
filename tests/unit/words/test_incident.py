"""What an incident is told with: what is surely said more often than before it began, by whom it is about."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from domain.heard import Heard, Subject, counts_line, heard_line
from domain.records import Incident
from tasks.words.comments import Comments
from tasks.words.incident import BEFORE, in_part, incident_subjects, is_heard, spans_of
from tasks.words.themes import themes_of
from tasks.words.week import Period

DECLARED = {"late-delivery": ["late"], "praise": ["great"]}
LATE, GOOD, DULL = "the boxes came late once more", "great coffee and friendly people", "it was all as usual today"
FIRST, END = date(2026, 2, 16), date(2026, 3, 16)
FIRING = Incident(
    "incident-1", "key", "nps", '{"segment":"office"}', "pace", "nps-office", "firing", END, since=FIRST,
    figures={"period_start": FIRST.isoformat(), "period_end": END.isoformat(), "fired_start": FIRST.isoformat()},
)  # fmt: skip


def period(*said: tuple[str, int]) -> Period:
    texts = [text for text, n in said for _ in range(n)]
    ids = [f"t{i:04}" for i in range(len(texts))]
    frame = pl.DataFrame({"text_id": ids, "text": texts}, schema={"text_id": pl.String, "text": pl.String})
    comments = Comments(frame)
    return Period(comments, themes_of(comments, DECLARED))


def told(now: Period, before: Period, happy: dict[str, bool] | None = None, smallest: int = 5) -> list[dict]:
    return incident_subjects(now, before, happy or {}, DECLARED, frozenset(), smallest).to_dicts()


def test_the_theme_that_grew_is_told_with_counts_on_both_sides_and_a_quote() -> None:
    # 31 of 41 against 42 of 210: twice the upper tail of the hypergeometric distribution
    (row,) = told(period((LATE, 31), (DULL, 10)), period((LATE, 42), (DULL, 168)))
    assert (row["subject"], row["theme"], row["n_now"], row["n_before"]) == ("late-delivery", "late-delivery", 31, 42)
    upper = fisher_exact([[31, 10], [42, 168]], alternative="greater").pvalue
    assert row["q"] == pytest.approx(min(1.0, 2 * upper))
    assert row["quote_hash"] is not None


def test_what_chance_may_have_done_is_not_told() -> None:
    # 10 of 41 against 42 of 210: 24 and 20 of 100
    assert told(period((LATE, 10), (DULL, 31)), period((LATE, 42), (DULL, 168))) == []


def test_what_happy_customers_say_is_not_what_an_alarm_is_about() -> None:
    now, before = period((GOOD, 30), (DULL, 10)), period((GOOD, 10), (DULL, 190))
    assert {row["subject"] for row in told(now, before)} == {"praise"}
    assert told(now, before, {f"t{i:04}": True for i in range(30)}) == []


def test_no_happy_customer_is_quoted() -> None:
    now = period((LATE, 20), ("never late in all these years", 10), (DULL, 10))
    (row, *_) = told(now, period((DULL, 200)), {f"t{i:04}": i >= 20 for i in range(30)})
    assert row["text_id"] < "t0020"


def test_nothing_is_told_of_fewer_than_the_smallest_group_on_either_side() -> None:
    assert told(period((LATE, 4)), period((DULL, 200))) == []
    assert told(period((LATE, 40)), period((DULL, 4))) == []
    assert told(period(), period()) == []
    assert told(period((LATE, 8), (DULL, 4)), period((DULL, 200)), smallest=9) == []


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 60), st.integers(0, 60))
def test_what_is_told_is_surely_more_and_of_enough_customers(
    late: int, dull: int, was_late: int, was_dull: int
) -> None:
    for row in told(period((LATE, late), (DULL, dull)), period((LATE, was_late), (DULL, was_dull))):
        assert row["n_now"] >= 5
        assert row["n_now"] * (was_late + was_dull) > row["n_before"] * (late + dull)
        assert row["q"] <= 0.05


def test_what_is_usual_ends_where_the_trouble_began_and_never_reaches_across_a_break() -> None:
    spans = spans_of(FIRING, [])
    assert (spans.first, spans.end, spans.before, spans.begun) == (FIRST, END, FIRST - BEFORE, FIRST)
    later = {"period_start": "2026-03-16", "period_end": "2026-04-13"}
    assert spans_of(replace(FIRING, figures=FIRING.figures | later), []).begun == FIRST
    assert spans_of(FIRING, [date(2026, 1, 5)]).before == date(2026, 1, 5)
    across = spans_of(FIRING, [date(2026, 3, 2)])
    assert (across.before, across.begun) == (FIRST, FIRST)
    assert spans_of(FIRING, [END + timedelta(1)]) == spans


def test_an_incident_is_heard_where_texts_can_say_its_part_of_the_company() -> None:
    assert is_heard(FIRING)
    assert not is_heard(replace(FIRING, scope='{"team":"night"}'))
    assert not is_heard(replace(FIRING, state="pending"))
    assert not is_heard(replace(FIRING, figures=FIRING.figures | {"muted_by": "incident-2"}))
    assert not is_heard(replace(FIRING, rule="listening"))
    assert not is_heard(replace(FIRING, figures={}))


def test_only_texts_of_the_part_are_heard_and_those_that_do_not_say_are_not() -> None:
    rows = pl.DataFrame({"segment": ["office", "home", None], "channel": ["app", "app", "app"]})
    assert in_part(rows, '{"channel":"app","segment":"office"}').height == 1
    assert in_part(rows, "{}").height == 3


def test_the_line_says_what_it_rests_on_or_that_it_cannot_say() -> None:
    late = Subject("late-delivery", True, 31, 0)
    assert heard_line(Heard(41, 1_210, 5, (late,), "It is late.")) == (
        "late delivery 31 of 41 customers who wrote, before nobody of 1,210. “It is late.”"
    )
    assert counts_line(Heard(0, 210, 5)) == ""
    assert counts_line(Heard(4, 210, 5)) == "fewer than 5 customers wrote: too few to tell what they say"
    assert counts_line(Heard(41, 4, 5)) == "41 customers wrote, too few before to hold it against"
