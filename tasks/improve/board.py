"""Which incidents open a task, which reopen one, and which are left alone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from domain.ids import derived
from domain.records import Incident, Task, TaskEvent
from tasks.improve.lifecycle import OVER, opened, reopened

DUE = timedelta(days=9)
"""From the Monday it is opened to the Wednesday of the next week."""
REOPEN_WITHIN = timedelta(days=28)
"""A new episode so soon after a task was over is the old trouble."""

_CALLING = frozenset({"firing", "acknowledged", "snoozed", "recovering"})
Writer = Callable[[Incident], tuple[str, str, dict[str, object]]]
"""Title, owner and body of a new task."""


def board(
    incidents: Sequence[Incident],
    tasks: Sequence[Task],
    over_on: Mapping[str, date],
    moment: date,
    write: Writer,
) -> tuple[list[Task], list[TaskEvent]]:
    """Tasks to open or reopen at a moment.

    Args:
        incidents: those that are open; first signs and muted ones open nothing, nor does a broken listening plan:
            no KPI would say whether the fix worked, the plan itself does.
        tasks: every task there is.
        over_on: task_id → the day of its last change.
        moment: the Monday.
        write: what a new task says.

    Returns:
        New and changed tasks, numbered on in the order their incidents opened, with their events.
        An incident whose key has a task that is not over changes nothing; one whose task people
        refused within the last four weeks neither.
    """
    latest = {task.incident_key: task for task in sorted(tasks, key=lambda task: task.number)}
    number = max((task.number for task in tasks), default=0)
    changed: list[Task] = []
    events: list[TaskEvent] = []
    for incident in sorted(incidents, key=lambda i: (i.opened_at, i.incident_id)):
        if incident.state not in _CALLING or incident.figures.get("muted_by") or incident.rule == "listening":
            continue
        task = latest.get(incident.key)
        if task is not None and (task.state not in OVER or _covers(task, over_on[task.task_id], incident)):
            continue
        if task is not None and incident.opened_at - over_on[task.task_id] <= REOPEN_WITHIN:
            if task.state != "won't do":
                again, event = reopened(task, moment, moment + DUE, "the same trouble came back")
                changed.append(again)
                events.append(event)
            continue
        number += 1
        title, owner, body = write(incident)
        new = Task(
            task_id=derived("task", incident.incident_id), number=number, incident_key=incident.key, kpi=incident.kpi,
            scope=incident.scope, rule=incident.rule, benchmark=incident.benchmark, state="proposed", title=title,
            owner=owner, opened_on=moment, due_on=moment + DUE, body={**body, "incident_id": incident.incident_id},
        )  # fmt: skip
        changed.append(new)
        events.append(opened(new, f"incident opened on {incident.opened_at.isoformat()}"))
    return changed, events


def _covers(task: Task, over_on: date, incident: Incident) -> bool:
    """The task was about this very episode, which is still going on: it is never opened twice."""
    return task.task_id == derived("task", incident.incident_id) or incident.opened_at < over_on
