"""Incidents between records and their table, for every room that reads them."""

import json
from typing import Any

from sqlalchemy import Connection, select

from domain.records import OPEN_STATES, Incident
from sql.store import Store
from sql.tables import incidents


def incident_of(row: dict[str, Any]) -> Incident:
    """A row of `incidents`."""
    return Incident(**{**row, "figures": json.loads(row["figures"])})


def open_incidents(connection: Connection) -> list[Incident]:
    """Every incident that is not over."""
    wanted = select(incidents).where(incidents.c.state.in_(OPEN_STATES)).order_by(incidents.c.incident_id)
    return [incident_of(row) for row in Store.rows(connection, wanted)]
