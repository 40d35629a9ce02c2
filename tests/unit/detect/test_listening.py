"""Who was asked too soon, who is not asked, and who asks without being in the plan."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RoadmapError
from domain.records import Finding
from domain.roadmap import parse_roadmap
from tasks.detect.listening import (
    NO_ANSWERS,
    Invitations,
    answer_days,
    judged_listening,
    plan_of,
    silent_surveys,
    too_soon,
)
from tests.factories import at, facts

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 16)
ROADMAP = """\
version: 1
company: {name: Acme}
vision: Good coffee never runs out.
owners: {lead: {channel: "#cx"}}
surveys:
  relationship: {kpi: nps, every: 180 days}
  after-help: {kpi: csat, after: ticket solved}
  rest: 30 days
"""


def plan(text: str = ROADMAP, **since: date):
    return plan_of(parse_roadmap(text), {name.replace("_", "-"): day for name, day in since.items()})


def sent(*rows: tuple[str, str | None, str]) -> pl.DataFrame:
    asked = facts("survey_sends", [{"survey": s, "customer_id": c, "sent_at": at(day)} for s, c, day in rows])
    return asked.with_columns(person_id=pl.col("customer_id"))


def daily(survey: str, first: date, last: date, who: str | None = None) -> list[tuple[str, str | None, str]]:
    days = [first + timedelta(days=i) for i in range((last - first).days)]
    return [(survey, who, f"{day} 10:00") for day in days]


def found(
    sends: pl.DataFrame, last: date = MONDAY, answered=NO_ANSWERS, made=None, marks=None, **first
) -> list[Finding]:
    made = made or plan()
    first_day = first.get("first_day", sends["sent_at"].dt.date().min())
    return judged_listening(made, Invitations.of(sends, made, UTC, first_day), answered, marks or {}, last)


def at_last(findings: list[Finding], survey: str) -> Finding:
    return [finding for finding in findings if finding.scope == f'{{"survey":"{survey}"}}'][-1]


def test_nobody_is_asked_twice_within_the_rest_whatever_the_survey():
    asked = sent(("after-help", "a", "2026-02-10 10:00"), ("relationship", "a", "2026-03-11 09:00"))
    (row,) = too_soon(asked, plan(), UTC).to_dicts()
    assert (row["survey"], row["before_survey"], row["by"]) == ("relationship", "after-help", "rest")
    assert row["allowed_from"] == date(2026, 3, 12)


def test_on_the_day_the_rest_is_over_asking_is_fine_at_any_hour():
    asked = sent(("after-help", "a", "2026-02-10 22:00"), ("after-help", "a", "2026-03-12 06:00"))
    assert too_soon(asked, plan(), UTC).is_empty()


def test_the_days_are_those_of_the_reporting_zone():
    asked = sent(("after-help", "a", "2026-02-10 23:30"), ("after-help", "a", "2026-03-12 10:00"))
    assert too_soon(asked, plan(), UTC).is_empty()
    assert too_soon(asked, plan(), BERLIN).height == 1  # in Berlin it was the 11th already


def test_one_survey_asks_a_person_no_more_often_than_its_rhythm():
    asked = sent(
        ("relationship", "a", "2025-10-01"), ("after-help", "a", "2025-12-01"), ("relationship", "a", "2026-03-11")
    )
    (row,) = too_soon(asked, plan(), UTC).to_dicts()
    assert (row["by"], row["before_day"], row["allowed_from"]) == ("every", date(2025, 10, 1), date(2026, 3, 30))


def test_months_are_those_of_the_calendar():
    every = plan(ROADMAP.replace("180 days", "6 months"))
    assert too_soon(
        sent(("relationship", "a", "2025-09-01"), ("relationship", "a", "2026-03-01")), every, UTC
    ).is_empty()
    assert (
        too_soon(sent(("relationship", "a", "2025-09-01"), ("relationship", "a", "2026-02-28")), every, UTC).height == 1
    )


def test_invitations_of_nobody_known_disturb_no_rest():
    asked = sent(("after-help", None, "2026-03-10"), ("after-help", None, "2026-03-11"))
    assert too_soon(asked, plan(), UTC).is_empty()
    assert at_last(found(asked), "after-help").point.n == 2


def test_without_a_promised_rest_only_the_rhythm_counts():
    free = plan(ROADMAP.replace("  rest: 30 days\n", ""))
    asked = sent(("after-help", "a", "2026-03-10"), ("after-help", "a", "2026-03-11"))
    assert too_soon(asked, free, UTC).is_empty()


def test_asking_too_soon_is_a_breach_of_its_week_and_over_after_four_clean_ones():
    asked = sent(
        ("after-help", "a", "2026-02-10"),
        ("after-help", "a", "2026-02-20"),
        *daily("after-help", date(2026, 2, 1), date(2026, 4, 20)),
    )
    mine = [f for f in found(asked, date(2026, 4, 13)) if "after-help" in f.scope]
    told = {f.moment: (f.verdict, f.is_breach, f.is_recovered) for f in mine}
    assert told[date(2026, 2, 16)] == ("as planned", False, True)
    assert told[date(2026, 2, 23)] == ("asked too soon", True, False)
    assert told[date(2026, 3, 2)] == told[date(2026, 3, 16)] == ("asked too soon", False, False)
    assert told[date(2026, 3, 23)] == ("as planned", False, True)
    breach = next(f for f in mine if f.is_breach)
    assert breach.note == "1 of 24 invitations in four weeks came within 30 days of another one"
    assert (breach.point.value, breach.since) == (None, date(2026, 2, 16))


def test_a_survey_asks_nobody_once_its_rhythm_and_four_weeks_are_over():
    asked = sent(("relationship", "a", "2025-06-02"), *daily("after-help", date(2025, 6, 2), MONDAY))
    told = {f.moment: f for f in found(asked) if "relationship" in f.scope}
    silent = [moment for moment, f in told.items() if f.is_breach]
    assert silent[0] == date(2025, 12, 29)  # 2 June and 208 days: 27 December
    assert told[silent[0]].note == "nobody was asked in the last 208 days; one person is to be asked every 180 days"


def test_data_that_begin_too_late_say_nothing_about_a_rhythm():
    late = at_last(found(sent(*daily("after-help", date(2026, 1, 5), MONDAY))), "relationship")
    assert (late.verdict, late.is_breach, late.is_recovered) == ("not enough evidence", False, False)


def test_a_survey_new_in_the_roadmap_gets_its_time():
    asked = sent(*daily("after-help", date(2025, 1, 6), MONDAY))
    assert at_last(found(asked), "relationship").verdict == "asks nobody"
    new = plan(relationship=date(2026, 3, 2))
    assert at_last(found(asked, made=new), "relationship").verdict == "not enough evidence"


def test_whoever_answers_was_asked_though_no_invitation_is_known():
    asked = sent(*daily("after-help", date(2025, 1, 6), MONDAY))
    assert silent_surveys(found(asked)) == ["relationship"]
    answers = facts("survey_answers", [{"survey": "relationship", "answered_at": at("2026-03-01")}])
    assert at_last(found(asked, answered=answer_days(answers, UTC)), "relationship").verdict == "as planned"


def test_a_survey_that_the_roadmap_does_not_know_is_told_until_it_ends():
    asked = sent(
        *daily("after-help", date(2026, 1, 5), MONDAY), ("exit", "a", "2026-01-20"), ("exit", "b", "2026-01-21")
    )
    told = {f.moment: (f.verdict, f.is_breach) for f in found(asked) if "exit" in f.scope}
    assert next(iter(told.items())) == (date(2026, 1, 26), ("not in the roadmap", True))
    assert told[date(2026, 2, 2)] == ("not in the roadmap", False)
    assert told[date(2026, 2, 23)] == ("as planned", False)


def test_a_survey_taken_out_of_the_roadmap_is_judged_on_so_that_its_incident_ends():
    asked = sent(*daily("after-help", date(2025, 1, 6), MONDAY))
    without = plan(ROADMAP.replace("  relationship: {kpi: nps, every: 180 days}\n", ""))
    last = at_last(found(asked, made=without, marks={"relationship": date(2026, 3, 9)}), "relationship")
    assert (last.moment, last.is_recovered) == (MONDAY, True)


def test_no_moment_knows_what_came_later():
    early = sent(*daily("after-help", date(2026, 1, 5), date(2026, 2, 2), "a"))
    whole = sent(*daily("after-help", date(2026, 1, 5), MONDAY, "a"))
    then, now = (found(sends, first_day=date(2026, 1, 5)) for sends in (early, whole))
    assert [f for f in then if f.moment <= date(2026, 2, 2)] == [f for f in now if f.moment <= date(2026, 2, 2)]


def test_a_person_who_is_asked_under_two_ids_is_asked_twice():
    asked = sent(("after-help", "desk:1", "2026-02-01"), ("exit", "survey:p1", "2026-02-10")).with_columns(
        person_id=pl.lit("desk:1")
    )
    (row,) = too_soon(asked, plan(), UTC).to_dicts()
    assert (row["customer_id"], row["person_id"], row["before_survey"]) == ("survey:p1", "desk:1", "after-help")


def test_no_invitation_at_all_is_no_finding_but_the_plans():
    nothing = found(sent(), first_day=date(2026, 3, 1))
    assert {f.verdict for f in nothing} == {"not enough evidence"}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 300)), max_size=20))
def test_who_was_asked_too_soon_does_not_depend_on_the_order_of_rows(asked):
    rows = [("after-help", who, f"{date(2025, 6, 1) + timedelta(days=day)} 10:00") for who, day in asked]
    forward, backward = (too_soon(sent(*some), plan(), UTC) for some in (rows, rows[::-1]))
    assert forward.equals(backward)
    gaps = [(later - sooner) for who in "ab" for sooner, later in pairwise(sorted(d for w, d in asked if w == who))]
    assert forward.height == sum(gap < 30 for gap in gaps)


@pytest.mark.parametrize(("text", "wrong"), [
    ("relationship: {kpi: nps, every: 14 days}", "asks every 14 days, but nobody is asked twice within 30 days"),
    ("relationship: {kpi: nps, every: 180 days, owner: nobody}", "nobody called 'nobody'"),
    ("relationship: {kpi: nps, every: often}", "'often' is no span of time"),
])  # fmt: skip
def test_a_plan_that_cannot_be_kept_is_refused(text, wrong):
    with pytest.raises(RoadmapError, match=wrong):
        parse_roadmap(ROADMAP.replace("relationship: {kpi: nps, every: 180 days}", text))
