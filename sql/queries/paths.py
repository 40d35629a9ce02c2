"""Contacts that were solved within a span of time, with what happened to them."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, and_, or_, select, union

from sql.queries.facts import ASSIGNED, CLOCKS, with_keys
from sql.queries.intake import fact_frame
from sql.tables import FACTS
from sql.tables.facts import is_booked_again

SOLVED = ("solved", "closed")
RECORDED = ("n_reopens", "sla_met", *CLOCKS)
"""Fields that a helpdesk counts by itself: nobody did anything."""

Span = tuple[datetime, datetime]


def solved_tickets(connection: Connection, span: Span, columns: Sequence[str]) -> pl.DataFrame:
    """Tickets that were solved, for the first time or again, in [start, end)."""
    tickets, events = FACTS["tickets"], FACTS["ticket_events"]
    found = union(
        select(events.c.ticket_id).where(
            is_booked_again(events), events.c.field == "status", events.c.new.in_(SOLVED), events.c.at >= span[0],
            events.c.at < span[1],
        ),
        *(select(tickets.c.ticket_id).where(and_(tickets.c[at] >= span[0], tickets.c[at] < span[1]))
          for at in ("resolved_at", "closed_at")),
    )  # fmt: skip
    return fact_frame(connection, "tickets", tickets.c.ticket_id.in_(found), columns=columns)


def events_before(connection: Connection, ticket_ids: pl.Series, known: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What happened to some tickets before an instant.

    Returns:
        Changes of status, team and agent: ticket_id, at, field, old, new, sequence. And whatever was done by somebody
        other than the customer: ticket_id, at; what the helpdesk counts by itself is nothing done.
    """
    events = FACTS["ticket_events"].c
    mine = events.ticket_id.in_(with_keys(connection, ticket_ids))
    changes = fact_frame(
        connection, "ticket_events", mine, events.at < known, events.field.in_(("status", *ASSIGNED)),
        columns=("ticket_id", "at", "field", "old", "new", "sequence"),
    )  # fmt: skip
    acts = fact_frame(
        connection, "ticket_events", mine, events.at < known, events.field.not_in(RECORDED),
        or_(events.actor_role.is_(None), events.actor_role != "customer"), columns=("ticket_id", "at"),
    )  # fmt: skip
    return changes, acts
