"""The fact tables, built from `domain.facts`."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Index, Table, bindparam

from domain.facts import FACT_TABLES, ColumnType, FactTable
from sql.tables.base import column, table
from sql.types import BigInteger, Boolean, Date, Float, Instant, Text

TYPES: dict[ColumnType, Any] = {
    "text": Text, "instant": Instant, "date": Date, "integer": BigInteger, "number": Float, "flag": Boolean,
}  # fmt: skip

BOOKED_AGAIN = ("status", "n_reopens")
"""Ticket events on whose days something of the ticket is booked."""


def is_booked_again(events: Table) -> ColumnElement[bool]:
    """Whether an event is one of them, the fields spelt out: with parameters SQLite would not use its partial index."""
    return events.c.field.in_(bindparam("booked_again", BOOKED_AGAIN, expanding=True, literal_execute=True))


TARGET = "sla_target"
"""Ticket events that tell a service level's target: the metric, minutes, and whether they are those of a calendar."""


def is_target(events: Table) -> ColumnElement[bool]:
    """Whether an event is one of them, spelt out for the same reason."""
    return events.c.field == bindparam("target", TARGET, literal_execute=True)


INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "tickets": (("opened_at", "customer_id"), ("resolved_at",), ("follows",)),
    "ticket_events": (("ticket_id",), ("at", "ticket_id"), ("field", "ticket_id")),
    "survey_answers": (("answered_at",), ("ticket_id",), ("measure", "survey", "scale_low", "scale_high", "direction")),
    "survey_sends": (("sent_at",),),
    "reviews": (("reviewed_at",), ("about", "source", "channel", "scale_low", "scale_high")),
    "subscriptions": (("ended_at",), ("customer_id",)),
    "orders": (("ordered_at",),),
}
PARTLY: dict[tuple[str, tuple[str, ...]], Callable[[Table], ColumnElement[bool]]] = {
    ("ticket_events", ("at", "ticket_id")): is_booked_again,
    ("ticket_events", ("field", "ticket_id")): is_target,
    ("tickets", ("follows",)): lambda tickets: tickets.c.follows.is_not(None),
    ("survey_answers", ("ticket_id",)): lambda answers: answers.c.ticket_id.is_not(None),
}
"""Indexes of some rows alone: most events are looked for by their ticket, never by their time; few tickets follow one,
few helpdesks tell targets, and many surveys are about no ticket."""


def _built(fact: FactTable) -> Table:
    built = table(
        fact.name,
        fact.grain,
        *(column(c.name, TYPES[c.type], c.meaning, key=c.name == fact.key, required=c.required) for c in fact.columns),
        column("row_hash", BigInteger, "hash of the row's content; equal: unchanged", required=True),
        column("batch_id", Text, "batch that wrote the row last", required=True),
    )
    for names in INDEXES.get(fact.name, ()):
        rows = PARTLY[fact.name, names](built) if (fact.name, names) in PARTLY else None
        Index(None, *(built.c[name] for name in names), sqlite_where=rows, postgresql_where=rows)
    return built


FACTS: dict[str, Table] = {name: _built(fact) for name, fact in FACT_TABLES.items()}
