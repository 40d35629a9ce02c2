"""What happened in the week, as it stood on a day."""

import json
from datetime import date, timedelta

import polars as pl
import pytest

from domain.roadmap import parse_roadmap
from sql.frames import schema_of
from sql.tables import findings, improvement_tasks, incident_events, incidents, task_events, verdicts
from tasks.report.benchmarks import Watch
from tasks.report.happened import alerts_of, board_of, states_on, watch_of

MONDAY = date(2026, 3, 16)
DAY = timedelta(days=1)
ROADMAP = """
version: 1
company: {name: Acme Brew}
vision: Good coffee never runs out.
owners: {support-lead: {channel: "#support"}}
benchmarks:
  sla: {kpi: sla_attainment, window: week, baseline: 0.7, on: 2025-07-01, target: 0.7, by: 2026-12-31,
        tolerance: 0.05, owner: support-lead}
"""


def frame(table, *rows):
    return pl.DataFrame(list(rows), schema=schema_of(list(table.c)))


def an_incident(name, opened, resolved=None, state="firing", rule="pace", benchmark="sla", **figures):
    return {
        "incident_id": name, "key": name, "kpi": "sla_attainment", "scope": "{}", "rule": rule, "benchmark": benchmark,
        "state": "resolved" if resolved else state, "opened_at": opened, "resolved_at": resolved, "since": opened,
        "judged_through": MONDAY, "n_breaches": 1, "n_recovered": 0, "is_told": True, "figures": json.dumps(figures),
    }  # fmt: skip


def a_task(number, opened=MONDAY, due=MONDAY + 9 * DAY, state="proposed", incident="a"):
    return {
        "task_id": f"t{number}", "number": number, "incident_id": incident, "incident_key": incident,
        "kpi": "sla_attainment", "scope": "{}", "rule": "pace", "benchmark": "sla", "state": state,
        "title": f"Task {number}", "owner": "support-lead", "opened_on": opened, "due_on": due, "body": "{}",
    }  # fmt: skip


def alerts(*rows, tasks=(), found=(), moment=MONDAY):
    held, board = frame(incidents, *rows), frame(improvement_tasks, *tasks)
    none = frame(incident_events)
    return alerts_of(
        held, states_on(held, none, "incident_id", moment), frame(findings, *found), board,
        states_on(board, frame(task_events), "task_id", moment), parse_roadmap(ROADMAP), moment,
    )  # fmt: skip


def board(*rows, events=(), judged=(), today=MONDAY):
    held, changes = frame(improvement_tasks, *rows), frame(task_events, *events)
    return board_of(held, states_on(held, changes, "task_id", today), changes, frame(verdicts, *judged), today)


def test_an_alert_is_new_in_the_week_it_fired_and_over_in_the_week_it_ended():
    told = alerts(
        an_incident("a", MONDAY), an_incident("b", MONDAY - 7 * DAY), an_incident("c", MONDAY - 28 * DAY, MONDAY),
        an_incident("d", MONDAY - 28 * DAY, MONDAY - 7 * DAY), an_incident("e", MONDAY - 14 * DAY, state="snoozed"),
    )  # fmt: skip
    assert [len(part) for part in (told.new, told.going_on, told.over, told.snoozed)] == [1, 1, 1, 1]


def test_what_another_incident_speaks_for_and_a_first_sign_are_not_told():
    told = alerts(an_incident("a", MONDAY, muted_by="x"), an_incident("b", MONDAY, state="pending"))
    assert not told.new
    assert told.n_since == 0


def test_an_alert_says_what_was_said_when_it_fired_and_who_has_it():
    finding = {
        "rule": "pace", "kpi": "sla_attainment", "scope": "{}", "benchmark": "sla", "moment": MONDAY,
        "verdict": "surely behind", "is_breach": True, "is_recovered": False, "is_provisional": False,
        "value": 0.247, "low": 0.2, "high": 0.3, "expected": 0.7, "line": 0.65,
    }  # fmt: skip
    alert = alerts(an_incident("a", MONDAY), tasks=[a_task(41)], found=[finding]).new[0]
    assert (alert.title, alert.said, alert.task, alert.owner) == (
        "SLA attainment", "25 %, plan 70 %", "CX-41", "support-lead",
    )  # fmt: skip


def test_episodes_that_were_over_when_the_past_was_first_read_are_counted_apart():
    told = alerts(an_incident("a", MONDAY), an_incident("b", date(2026, 1, 12), date(2026, 2, 2)))
    assert (told.n_since, told.n_before, told.n_acted_on) == (1, 1, 0)
    told = alerts(an_incident("a", MONDAY), tasks=[a_task(1, state="accepted")])
    assert (told.n_since, told.n_acted_on) == (1, 1)


def test_an_old_week_does_not_know_what_came_later():
    rows = [an_incident("a", MONDAY), an_incident("b", MONDAY - 14 * DAY, MONDAY)]
    told = alerts(*rows, moment=MONDAY - 7 * DAY)
    assert (len(told.new), len(told.over), len(told.going_on)) == (1, 0, 0) or len(told.going_on) == 1
    assert not told.over


def test_a_state_on_a_day_is_what_the_first_later_change_found():
    rows = frame(improvement_tasks, a_task(1, state="worked"), a_task(2))
    events = frame(
        task_events,
        *({"event_id": str(i), "task_id": "t1", "moment": MONDAY + on * DAY, "old": old, "new": new, "reason": "",
           "actor": "x"} for i, (on, old, new) in enumerate([
               (0, "", "proposed"), (3, "in progress", "done"), (3, "accepted", "in progress"), (9, "done", "worked"),
               (2, "proposed", "accepted")])),
    )  # fmt: skip
    states = [states_on(rows, events, "task_id", MONDAY + on * DAY)["t1"] for on in (0, 2, 3, 9)]
    assert states == ["proposed", "accepted", "done", "worked"]
    assert states_on(rows, events, "task_id", MONDAY)["t2"] == "proposed"


def test_a_task_is_overdue_before_today_and_due_until_sunday():
    told = board(
        a_task(1, MONDAY - 21 * DAY, MONDAY - DAY), a_task(2, MONDAY - 21 * DAY, MONDAY),
        a_task(3, MONDAY - 21 * DAY, MONDAY + 6 * DAY), a_task(4, MONDAY - 21 * DAY, MONDAY + 7 * DAY),
        a_task(5, MONDAY - 21 * DAY, MONDAY - DAY, state="verifying"), a_task(6, state="won't do"),
    )  # fmt: skip
    assert [t.number for t in told.overdue] == ["CX-1"]
    assert [t.number for t in told.due] == ["CX-2", "CX-3"]
    assert (told.n_open, told.n_ever, told.new) == (5, 6, ())


def test_a_task_that_changed_nothing_is_still_open():
    assert board(a_task(1, state="no change seen")).n_open == 1


def test_a_blocked_task_says_what_it_waits_for():
    event = {"event_id": "1", "task_id": "t1", "moment": MONDAY, "old": "accepted", "new": "blocked",
             "reason": "legal text", "actor": "x"}  # fmt: skip
    assert board(a_task(1, state="blocked"), events=[event]).new[0].reason == "legal text"


@pytest.mark.parametrize(("moment", "n"), [(MONDAY, 1), (MONDAY - 7 * DAY, 0), (MONDAY + DAY, 0)])
def test_verdicts_of_the_week_are_told_once(moment, n):
    verdict = {"verdict_id": "v", "task_id": "t1", "moment": moment, "outcome": "worked", "change": 0.1,
               "change_low": 0.05, "change_high": 0.15, "detectable": 0.07, "reason": "it helped"}  # fmt: skip
    assert len(board(a_task(1), judged=[verdict]).judged) == n


def test_a_benchmark_knows_its_open_task_and_its_new_alert():
    held, tasks = frame(incidents, an_incident("a", MONDAY)), frame(improvement_tasks, a_task(7))
    assert watch_of(held, tasks, {"t7": "proposed"}, MONDAY, MONDAY) == {"sla": Watch(True, "CX-7")}
    assert watch_of(held, tasks, {"t7": "worked"}, MONDAY + 7 * DAY, MONDAY + 7 * DAY) == {}


def test_a_broken_listening_plan_is_told_by_its_survey_and_counts_though_it_has_no_task():
    labels = {"kpi": "survey_response_rate", "scope": '{"survey":"exit"}'}
    broken = {**an_incident("a", MONDAY, rule="listening", benchmark=""), **labels}
    over = {**an_incident("b", MONDAY - 21 * DAY, MONDAY, rule="listening", benchmark=""), **labels}
    finding = {"rule": "listening", "benchmark": "", "moment": MONDAY, "verdict": "asked too soon", "is_breach": True,
               "note": "3 of 9 came too soon", **labels}  # fmt: skip
    told = alerts(broken, over, found=[finding])
    assert (told.new[0].title, told.new[0].said) == ("Listening plan, exit", "3 of 9 came too soon")
    assert told.new[0].owner == "support-lead"
    assert (told.n_since, told.n_before) == (2, 0)
