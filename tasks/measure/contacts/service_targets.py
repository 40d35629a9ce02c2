"""Clocks of service levels, run by our own facts where a helpdesk tells targets, and not what became of them.

A target is a ticket event of the field `sla_target`; its new value names the metric, the minutes, and whether those of
the calendar count or opening hours: `first_reply_time 480 business`, `requester_wait_time 1440 calendar`; a target
that is taken away is `first_reply_time none`.

Source: Zendesk's metrics of service levels; fivetran/dbt_zendesk, models/sla_policy (docs/sources/sql.md says what we
do otherwise).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import polars as pl

from domain.calendars import ALWAYS, Calendar, Schedule, business_seconds, open_after, openings
from tasks.measure.contacts.conversations import conversation
from tasks.measure.contacts.reply_times import waits, with_replies
from tasks.measure.contacts.service_levels import APPLIED, BREACHED, CLOCKS, FULFILLED
from tasks.measure.contacts.tickets import SOLVED, first_solved

TARGET: Final = "sla_target"
FIRST_REPLY: Final = "first_reply_time"
NEXT_REPLY: Final = "next_reply_time"
RUNNING: Final[Mapping[str, tuple[str, ...]]] = {
    "requester_wait_time": ("new", "open", "hold"), "agent_work_time": ("new", "open"),
}  # fmt: skip
"""Clocks that run while a ticket has one of these statuses, until it is solved."""
_WRITTEN: Final = r"^(\w+) (?:(\d+) (business|calendar)|none)$"
_ALWAYS: Final = Schedule("UTC", ALWAYS)
_INSTANT: Final = pl.Datetime("us", "UTC")
_SPAN: Final = ("ticket_id", "metric", "clock", "start", "end", "stop")


def timed(
    tickets: pl.DataFrame, turned: pl.DataFrame, events: pl.DataFrame, hours: Mapping[str, Calendar], until: datetime
) -> pl.DataFrame:
    """What happened to the clocks of service levels: as told, and as our facts and the targets told make it.

    A first reply is awaited from the contact on, a next one from the customer's message on: both until a person replies
    in public, or the ticket is solved; the clocks of RUNNING from the contact on, while they run, until it is solved.
    A clock is breached while it runs, under the target that is in force at that moment: when its time is over, or when
    it was set if that is later; a clock that still runs, only if that is before `until`. A breach is final, whatever
    target follows. Else what counts is the target that was in force just before the clock stopped, or is now.

    Args:
        tickets: one row per ticket: ticket_id, opened_at, channel, first_reply_at, handler.
        turned: as `turns` gives them.
        events: ticket_id, at, field, new, sequence, actor_role, is_public: targets, statuses, public comments.
        hours: opening hours by channel. A target in business hours of a channel that has none is left out.
        until: up to when the facts are complete.

    Returns:
        One row per event of CLOCKS, those of the source included: ticket_id, at, field, new (the clock).
    """
    told = events.filter(pl.col("field").is_in(CLOCKS)).select(
        "ticket_id", "at", pl.col("field").cast(pl.String), "new"
    )
    targets = _targets(events)
    if targets.is_empty():
        return told
    theirs = targets.select("ticket_id").unique()
    held, happened = (rows.join(theirs, on="ticket_id", how="semi") for rows in (tickets, events))
    turns = turned.join(theirs, on="ticket_id", how="semi")
    spans = _spans(held, turns, happened)
    aimed = _aimed(spans, targets).join(held.select("ticket_id", "channel"), on="ticket_id", maintain_order="left")
    return pl.concat([told, *_happened(_due(aimed, hours, until))])


def _targets(events: pl.DataFrame) -> pl.DataFrame:
    """One row per target: ticket_id, metric, set_at, sequence, seconds (null: taken away), is_business."""
    written = pl.col("new").str.extract_groups(_WRITTEN)
    return (
        events.filter(pl.col("field") == TARGET)
        .select("ticket_id", "sequence", set_at="at", told=written)
        .select(
            "ticket_id", "sequence", "set_at",
            metric=pl.col("told").struct.field("1"),
            seconds=pl.col("told").struct.field("2").cast(pl.Int32, strict=False).cast(pl.Int64) * 60,
            is_business=pl.col("told").struct.field("3") == "business",
        )
        .filter(pl.col("metric").is_not_null())
    )  # fmt: skip


def _spans(tickets: pl.DataFrame, turned: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """One row per stretch in which a clock runs: _SPAN. `end` is null while it goes on, `stop` until it is over."""
    replied = with_replies(tickets, events).join(first_solved(turned), on="ticket_id", how="left")
    first = replied.select(
        "ticket_id", metric=pl.lit(FIRST_REPLY), clock=pl.lit(f"{FIRST_REPLY}:1"), start="opened_at",
        stop=pl.min_horizontal("person_replied_at", "solved_at"),
    )  # fmt: skip
    said = conversation(tickets, events)
    # a clock that is known to have run only when it stopped could be missed before anybody knew of it
    awaited = waits(replied, turned, said).filter(pl.col("known_at") == pl.col("at")).sort("ticket_id", "at")
    nth = pl.int_range(1, pl.len() + 1).over("ticket_id").cast(pl.String)
    following = awaited.select(
        "ticket_id", metric=pl.lit(NEXT_REPLY), clock=pl.concat_str(pl.lit(f"{NEXT_REPLY}:"), nth), start="at",
        stop=pl.min_horizontal("next_at", "stopped_at"),
    ).filter((pl.col("stop") > pl.col("start")).fill_null(value=True))  # fmt: skip
    replies = pl.concat([first, following]).with_columns(end="stop").select(_SPAN)
    return pl.concat([replies, *_while_running(tickets, turned, events)])


def _while_running(tickets: pl.DataFrame, turned: pl.DataFrame, events: pl.DataFrame) -> list[pl.DataFrame]:
    """The stretches of the clocks of RUNNING; a ticket that tells no statuses has none."""
    ticket, at = pl.col("ticket_id"), pl.col("at")
    told = events.filter(pl.col("field") == "status").select("ticket_id", "at", "sequence", status="new")
    opened = tickets.join(told.select("ticket_id").unique(), on="ticket_id", how="semi").select(
        "ticket_id", at=pl.lit(None, _INSTANT), sequence=pl.lit(None, told.schema["sequence"]), status=pl.lit("new")
    )
    stays = (
        pl.concat([opened, told])
        .sort("ticket_id", "at", "sequence", pl.col("status").is_in(SOLVED), "status", nulls_last=False)
        .join(tickets.select("ticket_id", "opened_at"), on="ticket_id", maintain_order="left")
        .with_columns(at=pl.max_horizontal("at", "opened_at"))
        .with_columns(end=pl.when(ticket == ticket.shift(-1)).then(at.shift(-1)))
    )
    over = turned.sort("ticket_id", "at", maintain_order=True).group_by("ticket_id", maintain_order=True).last()
    stops = over.filter(pl.col("is_solved")).select("ticket_id", stop="at")
    return [
        stays.filter(pl.col("status").is_in(statuses), (at < pl.col("end")).fill_null(value=True))
        .join(stops, on="ticket_id", how="left")
        .select("ticket_id", metric=pl.lit(name), clock=pl.lit(f"{name}:1"), start="at", end="end", stop="stop")
        for name, statuses in RUNNING.items()
    ]


def _aimed(spans: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """The stretches of the clocks, with each target they had.

    Returns:
        One row per stretch and target: _SPAN, nth (of the target), set_at, replaced_at (null: never), seconds (null:
        taken away), is_business, is_only (set with what stopped the clock, and none before), is_last (in force when it
        stopped, or now).
    """
    order = ["set_at", "sequence", "seconds", "is_business"]
    each = (
        targets.sort(order, maintain_order=True)
        .with_row_index("nth")
        .with_columns(replaced_at=pl.col("set_at").shift(-1).over("ticket_id", "metric"))
        .drop("sequence")
    )
    stop, set_at, clock = pl.col("stop"), pl.col("set_at"), ("ticket_id", "clock")
    was_before = (set_at < stop).fill_null(value=True)
    # what is set with the very reply is in force only where nothing was before
    is_only = (set_at == stop).fill_null(value=False) & ~was_before.any().over(*clock)
    return (
        spans.join(each, on=["ticket_id", "metric"])
        .with_columns(is_only=is_only)
        .filter(was_before | pl.col("is_only"))
        .with_columns(is_last=pl.col("nth") == pl.col("nth").max().over(*clock))
    )


def _due(aimed: pl.DataFrame, hours: Mapping[str, Calendar], until: datetime) -> pl.DataFrame:
    """One row per clock that has a target, or was breached: ticket_id, clock, began, stop, breached_at (null: not).

    Args:
        aimed: as `_aimed` gives them, with channel.
        hours: opening hours by channel.
        until: up to when what still runs is followed.
    """
    ran = aimed.with_columns(
        ended=pl.coalesce("end", pl.max_horizontal("start", pl.lit(until, _INSTANT))),
        began=pl.col("start").min().over("ticket_id", "clock"),
    ).filter(pl.col("seconds").is_not_null())
    calendars = [(~pl.col("is_business"), _ALWAYS)] + [
        (pl.col("is_business") & (pl.col("channel") == name), calendar) for name, calendar in hours.items()
    ]
    parts = [_over(part, calendar) for is_its, calendar in calendars if not (part := ran.filter(is_its)).is_empty()]
    none = ran.clear().with_columns(due_at=pl.lit(None, _INSTANT))
    at, is_only = pl.max_horizontal("due_at", "set_at"), pl.col("is_only")
    is_breach = (at < pl.col("replaced_at")).fill_null(value=True) & (is_only | (at < pl.col("ended")))
    return (
        pl.concat([none, *parts])
        .with_columns(breached_at=pl.when(pl.col("due_at").is_not_null() & is_breach).then(at))
        .group_by("ticket_id", "clock")
        .agg(pl.col("began", "stop").first(), pl.col("breached_at").min(), pl.col("is_last").any())
        .filter(pl.col("is_last") | pl.col("breached_at").is_not_null())
    )


def _over(spans: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """The same stretches, of one calendar, with due_at: since when its time is over within it; null: it is not."""
    ordered = spans.sort("ticket_id", "clock", "nth", "start", maintain_order=True)
    lasted = ordered.with_columns(lasts=business_seconds(ordered["start"], ordered["ended"], calendar))
    left = pl.col("seconds") - (pl.col("lasts").cum_sum() - pl.col("lasts")).over("ticket_id", "clock", "nth")
    counted = lasted.with_columns(left=left)
    reached = counted.filter(pl.col("lasts") >= pl.col("left"))
    first, last = reached["start"].min(), reached["ended"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return spans.with_columns(due_at=pl.lit(None, _INSTANT))
    after = open_after(reached["start"], reached["left"].clip(0), openings(calendar, first, last))
    # the last of its time may lie at the very end of what was open
    due = reached.with_columns(due_at=pl.max_horizontal("start", after.fill_null(last))).filter(
        pl.col("due_at") < pl.col("ended")
    )
    late = due.select("ticket_id", "clock", "nth", "start", "due_at")
    return spans.join(late, on=["ticket_id", "clock", "nth", "start"], how="left")


def _happened(due: pl.DataFrame) -> list[pl.DataFrame]:
    """The clocks' events."""
    return [
        rows.select("ticket_id", at=at, field=pl.lit(field), new=pl.col("clock"))
        for field, rows, at in (
            (APPLIED, due, pl.col("began")),
            (FULFILLED, due.filter(pl.col("stop").is_not_null()), pl.col("stop")),
            (BREACHED, due.filter(pl.col("breached_at").is_not_null()), pl.col("breached_at")),
        )
    ]
