"""Entries of how long customers wait for an answer: the first one, by people alone, the next ones; and in our hours."""

from collections.abc import Mapping

import polars as pl

from domain.calendars import Calendar, business_seconds, calendar_seconds
from domain.histogram import bin_of
from tasks.measure.contacts.tickets import DIMENSIONS, first_solved
from tasks.measure.entries import awaited, day_in, entry


def with_replies(tickets: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The tickets with `replied_at`, the first public reply by an agent or bot, and `person_replied_at`, by an agent.

    Args:
        tickets: one row per ticket: ticket_id, first_reply_at, handler.
        events: ticket_id, at, field, actor_role (at that moment), is_public.

    Returns:
        The same rows; null where nobody has replied yet. Of tickets whose comments are not told, the source's own
        `first_reply_at` is taken; it is a person's unless a bot did the work.
    """
    is_reply = pl.col("actor_role").is_in(["agent", "bot"])
    told = (
        events.lazy()
        .filter(pl.col("field") == "comment", pl.col("is_public"), is_reply)
        .select("ticket_id", "at", by_person=pl.when(pl.col("actor_role") == "agent").then("at"))
        .group_by("ticket_id")
        .agg(told_at=pl.col("at").min(), told_person_at=pl.col("by_person").min())
        .collect(engine="in-memory")
    )
    is_bots = (pl.col("handler") == "bot").fill_null(value=False)
    return (
        tickets.join(told, on="ticket_id", how="left", maintain_order="left")
        .with_columns(
            replied_at=pl.coalesce("told_at", "first_reply_at"),
            person_replied_at=pl.when(pl.col("told_at").is_not_null())
            .then("told_person_at")
            .when(~is_bots)
            .then("first_reply_at"),
        )
        .drop("told_at", "told_person_at")
    )


def in_hours(rows: pl.DataFrame, start: str, end: str, hours: Mapping[str, Calendar]) -> pl.DataFrame:
    """Rows of the channels that have hours, with `seconds` from start to end within them; null where one is.

    Args:
        rows: with `channel` and the two instants.
        start: column with the instant from which it counts.
        end: column with the one until which it does.
        hours: opening hours by channel.
    """
    found = [rows.clear().with_columns(seconds=pl.lit(None, pl.Float64))]
    for channel, calendar in hours.items():
        own = rows.filter(pl.col("channel") == channel)
        seconds = business_seconds(own[start], own[end], calendar)
        found.append(own.with_columns(seconds=seconds.alias("seconds")))
    return pl.concat(found)


def first_reply(
    replied: pl.DataFrame,
    turned: pl.DataFrame,
    zone: str,
    hours: Mapping[str, Calendar] | None = None,
    *,
    by: str = "replied_at",
    is_told: bool = False,
) -> pl.DataFrame:
    """Seconds from contact to the first public reply by who was an agent or bot at that moment, or by people alone.

    Booked on the day of the contact; open until the reply. A contact that is solved without one waits for none: it is
    taken out on the day it is first solved, and comes back if a reply comes after all. A helpdesk that tells no replies
    gives no entries.

    Args:
        replied: tickets as `with_replies` gives them.
        turned: as `turns` gives them.
        zone: reporting zone.
        hours: opening hours by channel, for business time; None: all time counts.
        by: `replied_at`; `person_replied_at`: what a bot says is no reply.
        is_told: the helpdesk tells such replies, be it of none of these tickets.
    """
    if not is_told and replied[by].null_count() == replied.height:
        return _nothing(replied)
    ended = replied.join(first_solved(turned), on="ticket_id", how="left", maintain_order="left")
    if hours is None:
        held = ended.with_columns(seconds=calendar_seconds(ended["opened_at"], ended[by]))
    else:
        held = in_hours(ended, "opened_at", by, hours)
    seconds, reply, over, day = pl.col("seconds"), pl.col(by), pl.col("solved_at"), day_in(zone, "opened_at")
    out = held.filter(over.is_not_null() & (over < reply).fill_null(reply.is_null()))
    back = out.filter(reply.is_not_null())
    return pl.concat([
        awaited(held, DIMENSIONS, booked=day, known=day_in(zone, by), total=seconds, total_sq=seconds**2,
                bin_index=bin_of(seconds)),
        out.select(*DIMENSIONS, *entry(booked=day, known=day_in(zone, "solved_at"), n_items=-1)),
        back.select(*DIMENSIONS, *entry(booked=day, known=day_in(zone, by), n_items=1)),
    ])  # fmt: skip


def next_reply(replied: pl.DataFrame, turned: pl.DataFrame, spoken: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Seconds from each customer's message that waits to the next public reply by a person.

    The first reply is another KPI: messages before a person's first reply wait for that one. What a customer writes
    before we reply is one wait, from its first message. In a chat, messages of one session are one; but our answer that
    comes when the session is over ends a wait that began within it. Booked on the day of the contact; open until the
    reply. A message that nobody replies to waits until the contact is solved, and is then taken out: one that comes
    when it is solved already, and opens nothing again, waits for nobody.

    Args:
        replied: tickets as `with_replies` gives them.
        turned: as `turns` gives them.
        spoken: as `conversation` gives it.
        zone: reporting zone.
    """
    labels = replied.select("ticket_id", "opened_at", *DIMENSIONS)
    held = waits(replied, turned, spoken).join(labels, on="ticket_id").with_columns(seconds=_seconds("at", "next_at"))
    day, is_out = day_in(zone, "opened_at"), pl.col("stopped_at").is_not_null()
    return pl.concat([
        held.select(*DIMENSIONS, *entry(booked=day, known=day_in(zone, "known_at"), n_items=1)),
        held.filter(is_out).select(*DIMENSIONS, *entry(booked=day, known=day_in(zone, "stopped_at"), n_items=-1)),
        _answered(held.filter(pl.col("next_at").is_not_null()), day, "next_at", zone, back=is_out.cast(pl.Int64)),
    ])  # fmt: skip


def waits(replied: pl.DataFrame, turned: pl.DataFrame, spoken: pl.DataFrame) -> pl.DataFrame:
    """One row per wait after a person's first reply: what `next_reply` counts.

    Returns:
        ticket_id, at, next_at (null: no reply yet), known_at: when it is known to wait, stopped_at: solved before the
        reply, or when it came already.
    """
    begun = _begun(replied, spoken)
    stopped = (
        begun.join(turned.filter(pl.col("is_solved")), on="ticket_id", suffix="_solved")
        .with_columns(stop=pl.max_horizontal("at", "at_solved"))
        .filter(
            (pl.col("stop") < pl.col("until")).fill_null(value=True),
            (pl.col("stop") < pl.col("next_at")).fill_null(value=True),
        )
        .group_by("ticket_id", "at")
        .agg(stopped_at=pl.col("stop").min())
    )
    # a session that ended with its being solved left nobody waiting
    is_wait = (pl.col("known_at") == pl.col("at")) | pl.col("stopped_at").is_null()
    return begun.join(stopped, on=["ticket_id", "at"], how="left").filter(is_wait)


def _begun(replied: pl.DataFrame, spoken: pl.DataFrame) -> pl.DataFrame:
    """One row per wait after a person's first reply: ticket_id, at, next_at (null: no reply yet), known_at.

    A message within a session waits if our answer comes when that is over: nobody knows it earlier, since what ends a
    chat ('thanks!') needs none.
    """
    begun = replied.filter(pl.col("person_replied_at").is_not_null()).select("ticket_id", "person_replied_at")
    ticket, at, is_ours, is_start = (pl.col(name) for name in ("ticket_id", "at", "is_ours", "is_start"))
    since = spoken.join(begun, on="ticket_id", maintain_order="left").filter(
        pl.when(is_ours).then(at >= pl.col("person_replied_at")).otherwise(at > pl.col("person_replied_at"))
    )
    is_answered_late = pl.when(is_ours | is_start).then(is_ours & is_start).backward_fill().shift(-1)
    is_within = (~is_ours & ~is_start & is_ours.shift(1) & is_answered_late).fill_null(value=False)
    heard = since.with_columns(is_within=is_within).filter(is_ours | is_start | pl.col("is_within"))
    is_first = (is_ours != is_ours.shift(1)) | (ticket != ticket.shift(1))
    return (
        heard.filter(is_first.fill_null(value=True))
        .with_columns(next_at=pl.when(ticket == ticket.shift(-1)).then(at.shift(-1)))
        .with_columns(known_at=pl.when("is_within").then("next_at").otherwise("at"))
        .filter(~is_ours, pl.col("known_at").is_not_null())
        .select("ticket_id", "at", "next_at", "known_at")
    )


def _answered(rows: pl.DataFrame, day: pl.Expr, at: str, zone: str, back: int | pl.Expr = 0) -> pl.DataFrame:
    """Entries of waits that are over; `back`: items that had been taken out."""
    seconds = pl.col("seconds")
    return rows.select(
        *DIMENSIONS,
        *entry(booked=day, known=day_in(zone, at), n_items=back, n=1, total=seconds, total_sq=seconds**2,
               bin_index=bin_of(seconds)),
    )  # fmt: skip


def _seconds(start: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(start)).dt.total_microseconds() / 1e6


def _nothing(tickets: pl.DataFrame) -> pl.DataFrame:
    day = pl.lit(None, pl.Date)
    return tickets.clear().select(*DIMENSIONS, *entry(booked=day, known=day))
