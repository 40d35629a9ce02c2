"""Incidents, findings and messages between records and tables."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, or_, select

from domain.records import OPEN_STATES, Finding, Incident, IncidentEvent, Point
from sql.queries.incidents import incident_of
from sql.store import Store
from sql.tables import incident_events, incidents, outbox
from tasks.alert.outgoing import Row

_POINT = ("period_start", "period_end", "n", "value", "low", "high", "n_open", "bound_low", "bound_high")


def finding_of(row: dict[str, Any]) -> Finding:
    """A row of `findings`."""
    labels = ("rule", "kpi", "scope", "benchmark", "moment", "verdict", "expected", "line", "since", "is_breach",
              "is_recovered", "is_provisional")  # fmt: skip
    point = None if row["period_start"] is None else Point(**{name: row[name] for name in _POINT})
    return Finding(**{name: row[name] for name in labels}, point=point, note=row["note"] or "")


def row_of(incident: Incident) -> dict[str, Any]:
    """An incident as a row of `incidents`."""
    return {**asdict(incident), "figures": json.dumps(incident.figures, ensure_ascii=False, sort_keys=True)}


def speaking_incidents(connection: Connection) -> list[Incident]:
    """Every incident that is open or of which people were told."""
    wanted = select(incidents).where(or_(incidents.c.state.in_(OPEN_STATES), incidents.c.is_told))
    return [incident_of(row) for row in Store.rows(connection, wanted.order_by(incidents.c.incident_id))]


def save(connection: Connection, changed: Iterable[Incident], events: Iterable[IncidentEvent] = ()) -> None:
    """Write incidents and their transitions."""
    Store.put(connection, incidents, [row_of(incident) for incident in changed])
    Store.put(connection, incident_events, [asdict(event) for event in events])


_OUTBOX = ("message_id", "key", "channel", "kind", "moment", "sequence", "text", "blocks", "state", "n_tries")


def outbox_rows(connection: Connection) -> list[Row]:
    """Everything ever said, in order."""
    wanted = select(*(outbox.c[name] for name in _OUTBOX)).order_by(
        outbox.c.moment, outbox.c.sequence, outbox.c.message_id
    )
    return [Row(**row) for row in Store.rows(connection, wanted)]


def put_outbox(connection: Connection, rows: Iterable[Row]) -> None:
    """Add messages; one that is there already stays as it is."""
    Store.put(connection, outbox, [asdict(row) for row in rows], on_conflict="ignore")
