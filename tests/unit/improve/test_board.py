from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.records import Incident
from tasks.improve.board import board

MONDAY = date(2026, 3, 16)
INCIDENT = Incident("incident-1", "key-1", "nps", "{}", "pace", "nps-office", "firing", MONDAY)


def _write(incident: Incident) -> tuple[str, str, dict[str, object]]:
    return f"why {incident.key}", "cs-lead", {"five_whys": []}


def _open(incidents, tasks=(), over_on=None, moment=MONDAY):
    return board(incidents, tasks, over_on or {}, moment, _write)


def _task(state: str):
    ((task,), _) = _open([INCIDENT])
    return replace(task, state=state)


def test_an_incident_opens_one_task_due_on_the_wednesday_after_next():
    (task,), (event,) = _open([INCIDENT])
    assert (task.number, task.state, task.owner) == (1, "proposed", "cs-lead")
    assert (task.opened_on, task.due_on) == (MONDAY, date(2026, 3, 25))
    assert event.reason == "incident opened on 2026-03-16"
    assert _open([INCIDENT], [task], {task.task_id: MONDAY}) == ([], [])


def test_numbers_count_on_in_the_order_incidents_opened():
    older = replace(INCIDENT, incident_id="incident-9", key="key-9", opened_at=MONDAY - timedelta(7))
    tasks, _ = _open([INCIDENT, older])
    assert [(task.number, task.incident_key) for task in tasks] == [(1, "key-9"), (2, "key-1")]
    third = replace(INCIDENT, incident_id="incident-0", key="key-0")
    more, _ = _open([INCIDENT, older, third], tasks, dict.fromkeys((t.task_id for t in tasks), MONDAY))
    assert [task.number for task in more] == [3]


@pytest.mark.parametrize(
    "incident",
    [
        replace(INCIDENT, state="pending"),
        replace(INCIDENT, state="resolved"),
        replace(INCIDENT, figures={"muted_by": "incident-2"}),
    ],
)
def test_first_signs_muted_ones_and_those_that_are_over_open_nothing(incident):
    assert _open([incident]) == ([], [])


@pytest.mark.parametrize(("state", "days", "came"), [
    ("worked", 20, "reopened"), ("cannot be judged", 28, "reopened"), ("worked", 29, "new"),
    ("won't do", 20, "nothing"), ("won't do", 29, "new"), ("accepted", 20, "nothing"), ("verifying", 200, "nothing"),
])  # fmt: skip
def test_a_new_episode_finds_its_task_again(state, days, came):
    task = _task(state)
    opened_at = MONDAY + timedelta(days)
    again = replace(INCIDENT, incident_id="incident-2", opened_at=opened_at)
    tasks, events = _open([again], [task], {task.task_id: MONDAY}, opened_at)
    if came == "nothing":
        assert (tasks, events) == ([], [])
    elif came == "new":
        assert [t.number for t in tasks] == [2]
    else:
        assert [(t.number, t.state, t.due_on) for t in tasks] == [(1, "proposed", opened_at + timedelta(9))]
        assert events[0].reason == "the same trouble came back"


@pytest.mark.parametrize("state", ["worked", "won't do", "cannot be judged"])
def test_an_episode_that_goes_on_never_opens_its_task_twice(state):
    task = _task(state)
    for weeks in (1, 4, 20):
        assert _open([INCIDENT], [task], {task.task_id: MONDAY}, MONDAY + timedelta(weeks=weeks)) == ([], [])
    later = replace(INCIDENT, incident_id="incident-2", opened_at=MONDAY + timedelta(14))
    assert _open([later], [task], {task.task_id: MONDAY + timedelta(60)}, MONDAY + timedelta(90)) == ([], [])


def test_a_broken_listening_plan_opens_no_task():
    assert _open([replace(INCIDENT, rule="listening")]) == ([], [])
