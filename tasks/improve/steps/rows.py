"""Tasks, incidents and verdicts between records and tables."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from domain.records import Incident, Point, Task, TaskEvent, Verdict
from sql.queries.incidents import incident_of as read_incident
from sql.store import Store
from sql.tables import improvement_tasks, incidents, task_events, verdicts


def incident_of(connection: Connection, task: Task) -> Incident | None:
    """The latest episode with a task's key: the one it was opened or reopened for."""
    wanted = (
        select(incidents)
        .where(incidents.c.key == task.incident_key, incidents.c.opened_at <= (task.done_on or task.opened_on))
        .order_by(incidents.c.opened_at.desc())
        .limit(1)
    )
    rows = Store.rows(connection, wanted)
    return read_incident(rows[0]) if rows else None


def all_tasks(connection: Connection) -> list[Task]:
    """Every improvement task, by number."""
    return [
        _task(row) for row in Store.rows(connection, select(improvement_tasks).order_by(improvement_tasks.c.number))
    ]


def last_changes(connection: Connection) -> dict[str, date]:
    """task_id → the day of its last event."""
    latest = select(task_events.c.task_id, func.max(task_events.c.moment).label("latest")).group_by(
        task_events.c.task_id
    )
    return {row.task_id: row.latest for row in connection.execute(latest)}


def save(
    connection: Connection, tasks: Iterable[Task], events: Iterable[TaskEvent], judged: Iterable[Verdict] = ()
) -> None:
    """Write tasks, what happened to them, and verdicts."""
    Store.put(connection, improvement_tasks, [_row(task) for task in tasks])
    Store.put(connection, task_events, [asdict(event) for event in events])
    Store.put(
        connection, verdicts, [{**asdict(v), "before": _point(v.before), "after": _point(v.after)} for v in judged]
    )


def _task(row: dict[str, Any]) -> Task:
    body: dict[str, Any] = {**json.loads(row["body"]), "incident_id": row["incident_id"]}
    fields: dict[str, Any] = {name: value for name, value in row.items() if name != "incident_id"}
    fields["body"] = body
    return Task(**fields)


def _row(task: Task) -> dict[str, Any]:
    body = dict(task.body)
    incident_id = body.pop("incident_id")
    return {
        **asdict(task),
        "incident_id": incident_id,
        "body": json.dumps(body, ensure_ascii=False, sort_keys=True, default=str),
    }


def _point(point: Point | None) -> str | None:
    return None if point is None else json.dumps(asdict(point), sort_keys=True, default=str)
