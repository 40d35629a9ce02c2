"""Facts that are already there, and the days that a change touches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Column as SqlColumn
from sqlalchemy import ColumnElement, Connection, MetaData, Select, Table, Text, and_, or_, select, union_all

from domain.facts import FACT_TABLES
from sql import frames
from sql.tables import FACTS

_KEYS = Table("incoming_keys", MetaData(), SqlColumn("key", Text, primary_key=True), prefixes=["TEMPORARY"])
BOOKED_AGAIN = ("status", "n_reopens")
"""Ticket events on whose days something of the ticket is booked."""


@dataclass(frozen=True)
class Existing:
    """Rows of a fact table that are already there.

    Attributes:
        rows: key, row_hash, version_at (if the table has it), booking instants.
        is_first: the table is empty.
    """

    rows: pl.DataFrame
    is_first: bool


def existing(connection: Connection, name: str, keys: pl.Series) -> Existing:
    """The rows with these keys, as they are now.

    Args:
        connection: within the loading transaction.
        name: the fact table.
        keys: keys of the incoming rows.
    """
    fact, table = FACT_TABLES[name], FACTS[name]
    wanted = [table.c[fact.key], table.c.row_hash, *_version(name), *(table.c[at] for at in booking(name))]
    if connection.execute(select(table.c[fact.key]).limit(1)).first() is None:
        return Existing(pl.DataFrame(schema=frames.schema_of(wanted)), is_first=True)
    with_keys(connection, keys)
    rows = frames.read(connection, select(*wanted).join(_KEYS, _KEYS.c.key == table.c[fact.key]))
    return Existing(rows, is_first=False)


def booking(name: str) -> tuple[str, ...]:
    """Instants of a fact table on whose days its rows are booked."""
    return ("opened_at", "resolved_at", "closed_at") if name == "tickets" else FACT_TABLES[name].booked_at


def _version(name: str) -> tuple[SqlColumn[object], ...]:
    table = FACTS[name]
    return (table.c.version_at,) if "version_at" in table.c else ()


def with_keys(connection: Connection, keys: pl.Series) -> Table:
    """A temporary table that holds `keys`, to join with."""
    _KEYS.create(connection, checkfirst=True)
    connection.execute(_KEYS.delete())
    frames.write(connection, _KEYS, pl.DataFrame({"key": keys.unique()}), on_conflict="fail")
    return _KEYS


def ticket_instants(connection: Connection, ticket_ids: pl.Series) -> pl.Series:
    """Every instant on whose day something of these tickets is booked."""
    keys = with_keys(connection, ticket_ids)
    tickets, events = FACTS["tickets"], FACTS["ticket_events"]
    held = [
        select(tickets.c[at].label("at"))
        .join(keys, keys.c.key == tickets.c.ticket_id)
        .where(tickets.c[at].is_not(None))
        for at in booking("tickets")
    ]
    booked = (
        select(events.c.at.label("at"))
        .join(keys, keys.c.key == events.c.ticket_id)
        .where(events.c.field.in_(BOOKED_AGAIN))
    )
    found = union_all(*held, booked).subquery()
    wanted: Select[tuple[object]] = select(found.c.at).distinct()
    return frames.read(connection, wanted)["at"]


def ticket_rows(
    connection: Connection, spans: list[tuple[datetime, datetime]] | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tickets with something booked within any of the spans (None: all), and all their events that KPIs read.

    Args:
        connection: within a transaction.
        spans: [start, end) instants.

    Returns:
        Rows of `tickets`, and of `ticket_events` (ticket_id, at, field, old, new, actor_role, is_public, sequence).
    """
    tickets, events = FACTS["tickets"], FACTS["ticket_events"]
    columns = [column for column in tickets.c if column.name not in ("row_hash", "batch_id", "url")]
    changes = [
        events.c[name] for name in ("ticket_id", "at", "field", "old", "new", "actor_role", "is_public", "sequence")
    ]
    wanted, wanted_events = select(*columns), select(*changes).where(events.c.field.in_(READ_FIELDS))
    if spans is not None:
        booked = [
            *(
                select(tickets.c.ticket_id.label("key")).where(_within(tickets.c[at], spans))
                for at in booking("tickets")
            ),
            select(events.c.ticket_id.label("key")).where(
                events.c.field.in_(BOOKED_AGAIN), _within(events.c.at, spans)
            ),
        ]
        found = union_all(*booked).subquery()
        keys = with_keys(connection, frames.read(connection, select(found.c.key).distinct())["key"])
        wanted = wanted.join(keys, keys.c.key == tickets.c.ticket_id)
        wanted_events = wanted_events.join(keys, keys.c.key == events.c.ticket_id)
    return frames.read(connection, wanted), frames.read(connection, wanted_events)


READ_FIELDS = ("status", "n_reopens", "sla_met", "comment")


def _within(column: SqlColumn[Any], spans: list[tuple[datetime, datetime]]) -> ColumnElement[bool]:
    return or_(*(and_(column >= start, column < end) for start, end in spans))


def surveys_by_measure(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Surveys that ask for each measure: more than one is never pooled."""
    answers = FACTS["survey_answers"]
    rows = connection.execute(select(answers.c.measure, answers.c.survey).distinct())
    found: dict[str, set[str]] = {}
    for measure, survey in rows:
        found.setdefault(measure, set()).add(survey)
    return {measure: tuple(sorted(names)) for measure, names in found.items()}
