"""One source's tickets with all that their figures are made of, to set beside the vendor's own export."""

from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import Connection, func, select

from sql import frames
from sql.queries.facts import CHANGES
from sql.tables import FACTS, batch_tables, batches, cursors, quarantine

TICKET = (
    "ticket_id", "url", "status", "opened_at", "first_reply_at", "resolved_at", "closed_at", "n_reopens",
    "excluded_as", "version_at", "deleted_at",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What is held of one source.

    Attributes:
        tickets: one row per ticket, excluded and deleted ones too.
        events: changes that KPIs read: ticket_id, at, field, old, new, sequence.
        comments: public comments, whoever wrote them: ticket_id, at, actor, actor_role.
        answers: answers about satisfaction: ticket_id, score, scale_low, scale_high, direction, satisfied_from,
            answered_at.
        agents: agents who are there now: agent_id.
        set_aside: rows that wait in quarantine, as they came (JSON).
        n_left_out: rows of its tickets that a declared `where` left out: nothing is held of them.
        through: last day that the source is complete; None: not known.
    """

    tickets: pl.DataFrame
    events: pl.DataFrame
    comments: pl.DataFrame
    answers: pl.DataFrame
    agents: pl.DataFrame
    set_aside: pl.DataFrame
    n_left_out: int
    through: date | None


def held_of(connection: Connection, source: str) -> Held:
    """What is held of one source's tickets, whichever source their events and answers came from."""
    tickets, events, answers, agents = (
        FACTS[name] for name in ("tickets", "ticket_events", "survey_answers", "agents")
    )
    ours = select(tickets.c.ticket_id).where(tickets.c.source == source)
    event = [events.c[name] for name in ("ticket_id", "at")]
    answer = [
        answers.c[name]
        for name in ("ticket_id", "score", "scale_low", "scale_high", "direction", "satisfied_from", "answered_at")
    ]
    left_out = (
        select(func.sum(batch_tables.c.n_left_out))
        .join(batches, batches.c.batch_id == batch_tables.c.batch_id)
        .where(batches.c.source == source, batch_tables.c.table_name == "tickets")
    )
    complete = select(func.min(cursors.c.complete_through)).where(cursors.c.source == source)
    return Held(
        tickets=frames.read(connection, select(*(tickets.c[n] for n in TICKET)).where(tickets.c.source == source)),
        events=frames.read(
            connection,
            select(*event, *(events.c[n] for n in ("field", "old", "new", "sequence"))).where(
                events.c.field.in_(CHANGES), events.c.ticket_id.in_(ours)
            ),
            ["field"],
        ),
        comments=frames.read(
            connection,
            select(*event, events.c.actor, events.c.actor_role).where(
                events.c.field == "comment", events.c.is_public, events.c.ticket_id.in_(ours)
            ),
        ),
        answers=frames.read(
            connection,
            select(*answer).where(
                answers.c.measure == "csat", answers.c.score.is_not(None), answers.c.deleted_at.is_(None),
                answers.c.ticket_id.in_(ours),
            ),
        ),
        agents=frames.read(
            connection, select(agents.c.agent_id).where(agents.c.source == source, agents.c.deleted_at.is_(None))
        ),
        set_aside=frames.read(
            connection,
            select(quarantine.c.raw).where(
                quarantine.c.source == source, quarantine.c.table_name == "tickets", quarantine.c.state == "waiting"
            ),
        ),
        n_left_out=connection.execute(left_out).scalar() or 0,
        through=connection.execute(complete).scalar(),
    )  # fmt: skip
