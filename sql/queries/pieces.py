"""How many facts there are, and when: what a long history is cut by."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import ColumnElement, Connection, func, select, true

from domain.facts import FACT_TABLES
from sql.queries.intake import READ_TOGETHER
from sql.tables import FACTS, batch_tables
from sql.tables.facts import is_booked_again

_Instant = tuple[SqlColumn[Any], ColumnElement[bool]]


def n_facts(connection: Connection, fact: str) -> int:
    """How many rows a fact table was ever given, with those that are measured together with it; rows are not counted.

    Never fewer than there are.
    """
    names = [fact, *(name for name, other in READ_TOGETHER.items() if other == fact)]
    given = select(func.sum(batch_tables.c.n_inserted)).where(batch_tables.c.table_name.in_(names))
    return int(connection.execute(given).scalar() or 0)


def n_booked(connection: Connection, fact: str, span: tuple[datetime, datetime]) -> int:
    """How many things are booked in [start, end)."""
    counts = (
        select(func.count()).select_from(column.table).where(column >= span[0], column < span[1], condition)
        for column, condition in _instants(fact)
    )
    return sum(connection.execute(count).scalar_one() for count in counts)


def next_booked(connection: Connection, fact: str, since: datetime) -> datetime | None:
    """The first instant from `since` on at which anything is booked."""
    firsts = (
        connection.execute(select(func.min(column)).where(column >= since, condition)).scalar()
        for column, condition in _instants(fact)
    )
    return min((first for first in firsts if first is not None), default=None)


def _instants(fact: str) -> list[_Instant]:
    """Instants on whose days rows of a fact table are booked, each with which rows they count of."""
    table = FACTS[fact]
    if fact != "tickets":
        return [(table.c[at], true()) for at in FACT_TABLES[fact].booked_at]
    events = FACTS["ticket_events"]
    return [
        (table.c.opened_at, true()),
        (table.c.resolved_at, true()),
        (events.c.at, is_booked_again(events)),
        (table.c.closed_at, table.c.resolved_at.is_(None)),  # a closing counts where nothing else does
    ]
