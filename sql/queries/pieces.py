"""How many facts there are, when, and by which keys: what a long history is cut by."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import ColumnElement, Connection, func, select, true, union_all

from domain.remarks import REMARKS
from sql.queries.facts import booking
from sql.queries.intake import READ_TOGETHER
from sql.queries.key_blocks import key_of
from sql.tables import FACTS, MEASURED, batch_tables
from sql.tables.facts import is_booked_again

Span = tuple[datetime, datetime]
_Instant = tuple[SqlColumn[Any], ColumnElement[bool]]
_DRAWN = 200
"""Rows that are drawn for each block, to cut between them."""


def n_facts(connection: Connection, fact: str, *, is_alone: bool = False) -> int:
    """How many rows a fact table was ever given; rows are not counted, but for those that no source gave.

    Never fewer than there are.

    Args:
        connection: to read with.
        fact: its name.
        is_alone: without the rows of those that are measured together with it.
    """
    if fact == REMARKS:
        return connection.execute(select(func.count()).select_from(MEASURED[fact])).scalar_one()
    names = [fact, *(name for name, other in READ_TOGETHER.items() if other == fact and not is_alone)]
    given = select(func.sum(batch_tables.c.n_inserted)).where(batch_tables.c.table_name.in_(names))
    return int(connection.execute(given).scalar() or 0)


def n_booked(connection: Connection, fact: str, span: Span) -> int:
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


def first_of(connection: Connection, fact: str, columns: Sequence[str]) -> datetime | None:
    """The first of some instants of a fact table's rows that were not deleted; None: none has any."""
    table = MEASURED[fact]
    firsts = (
        connection.execute(select(func.min(table.c[name])).where(table.c.deleted_at.is_(None))).scalar()
        for name in columns
    )
    return min((first for first in firsts if first is not None), default=None)


def drawn_keys(
    connection: Connection, fact: str, columns: Sequence[str], span: Span | None, n: int, n_blocks: int
) -> list[str]:
    """Keys of some rows of a fact table, in the database's order of texts: the same ones each time.

    Args:
        connection: to read with.
        fact: the table.
        columns: what makes the key: the first of them that has a value.
        span: booked in [start, end); None: any.
        n: how many rows there are about.
        n_blocks: how many blocks they are to be cut into.
    """
    table = MEASURED[fact]
    is_drawn = table.c.row_hash % max(1, n // (_DRAWN * n_blocks)) == 0
    key = key_of(table, columns).label("key")
    drawn = [select(key).where(is_drawn)]
    if span is not None:
        drawn = [select(key).where(is_drawn, column >= span[0], column < span[1]) for column in booking_of(fact)]
    every = union_all(*drawn).subquery()
    return list(connection.execute(select(every.c.key).where(every.c.key.is_not(None)).order_by(every.c.key)).scalars())


def booking_of(fact: str) -> list[SqlColumn[Any]]:
    """The instants of a fact table itself on whose days its rows are booked."""
    return [MEASURED[fact].c[at] for at in booking(fact)]


def _instants(fact: str) -> list[_Instant]:
    """Instants on whose days rows of a fact table are booked, each with which rows they count of."""
    table = MEASURED[fact]
    if fact != "tickets":
        return [(column, true()) for column in booking_of(fact)]
    events = FACTS["ticket_events"]
    return [
        (table.c.opened_at, true()),
        (table.c.resolved_at, true()),
        (events.c.at, is_booked_again(events)),
        (table.c.closed_at, table.c.resolved_at.is_(None)),  # a closing counts where nothing else does
    ]
