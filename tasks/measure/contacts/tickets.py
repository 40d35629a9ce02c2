"""Entries of the helpdesk's KPIs, rebuilt from tickets and their events."""

import polars as pl

from domain.ages import hour_in
from domain.calendars import calendar_seconds
from domain.histogram import bin_of
from tasks.measure.entries import awaited, day_in, entry

DIMENSIONS = ("channel", "touchpoint", "segment", "persona", "team", "product", "source", "topic")
SOLVED = ("solved", "closed")


def contacts(tickets: pl.DataFrame) -> pl.DataFrame:
    """Tickets that are contacts: not excluded, not deleted."""
    return tickets.filter(
        pl.col("excluded_as").is_null(), pl.col("deleted_at").is_null(), pl.col("status") != "deleted"
    )


def numbered(tickets: pl.DataFrame, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both with small integers as ticket_id, which join and sort ten times as fast; events of these tickets alone."""
    ids = tickets.select("ticket_id", number=pl.int_range(pl.len(), dtype=pl.Int64))
    number = events.select("ticket_id").join(ids, on="ticket_id", how="left", maintain_order="left")["number"]
    held = events.with_columns(ticket_id=number)  # joined itself, each of its columns would be gathered anew
    held = held.filter(pl.col("ticket_id").is_not_null()) if number.null_count() else held
    return tickets.with_columns(ticket_id=ids["number"]), held


def turns(tickets: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Every time a ticket became solved or unsolved.

    Args:
        tickets: one row per ticket; ticket_id, opened_at, resolved_at, closed_at.
        events: one row per changed field; ticket_id, at, field, new, sequence.

    Returns:
        One row per turn, by ticket and time: ticket_id, at, is_solved, until (the next turn; null:
        none). Solved ones first. Tickets without status events turn once, when resolved.
    """
    statuses = (
        events.lazy()
        .filter(pl.col("field") == "status")
        .select("ticket_id", "at", "sequence", is_solved=pl.col("new").is_in(SOLVED))
        .sort("ticket_id", "at", "sequence", "is_solved")  # of one instant, unordered: solved is what it became
        .drop("sequence")
        .collect(engine="in-memory")
    )
    silent = (
        tickets.lazy()
        .select("ticket_id", at=pl.coalesce("resolved_at", "closed_at"), is_solved=pl.lit(value=True))
        .filter(pl.col("at").is_not_null(), ~pl.col("ticket_id").is_in(statuses["ticket_id"].unique().implode()))
        .collect(engine="in-memory")
    )
    ticket, is_solved = pl.col("ticket_id"), pl.col("is_solved")
    before = pl.when(ticket == ticket.shift(1)).then(is_solved.shift(1)).fill_null(value=False)
    return (
        pl.concat([statuses, silent])
        .filter(is_solved != before)
        .with_columns(until=pl.when(ticket == ticket.shift(-1)).then(pl.col("at").shift(-1)))
    )


def first_solved(turned: pl.DataFrame) -> pl.DataFrame:
    """When each ticket was first solved: ticket_id, solved_at; none of those that never were."""
    return turned.filter(pl.col("is_solved")).group_by("ticket_id").agg(solved_at=pl.col("at").min())


def volume(tickets: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Contacts, booked and known on the day they came (`ticket_volume`, and what is told of them per something)."""
    day = day_in(zone, "opened_at")
    return tickets.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1, n=1, total=1))


def full_resolution(solved: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Seconds from contact to being solved for good, booked on the day it was solved.

    A reopened ticket has no full resolution: what was known is taken back on the day it is reopened.

    Args:
        solved: as `resolutions` gives them; `seconds` may be those within opening hours.
        zone: reporting zone.
    """
    seconds, day = pl.col("seconds"), day_in(zone, "at")
    return pl.concat([
        solved.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1, n=1, total=seconds, total_sq=seconds**2,
                                          bin_index=bin_of(seconds))),
        solved.filter(pl.col("until").is_not_null()).select(
            *DIMENSIONS,
            *entry(booked=day, known=day_in(zone, "until"), n_items=-1, n=-1, total=-seconds,
                   total_sq=-(seconds**2), bin_index=bin_of(seconds)),
        ),
    ])  # fmt: skip


def first_resolution(tickets: pl.DataFrame, turned: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Seconds from contact to being solved for the first time, booked on that day; a reopening takes nothing back.

    Args:
        tickets: one row per ticket: ticket_id, opened_at, dimensions.
        turned: as `turns` gives them.
        zone: reporting zone.
    """
    held = tickets.join(first_solved(turned), on="ticket_id")
    held = held.with_columns(seconds=calendar_seconds(held["opened_at"], held["solved_at"]))
    seconds, day = pl.col("seconds"), day_in(zone, "solved_at")
    return held.select(
        *DIMENSIONS,
        *entry(booked=day, known=day, n_items=1, n=1, total=seconds, total_sq=seconds**2, bin_index=bin_of(seconds)),
    )


def resolutions(tickets: pl.DataFrame, turned: pl.DataFrame) -> pl.DataFrame:
    """One row per time a ticket was solved: ticket_id, at, until, opened_at, seconds from contact, dimensions."""
    labels = tickets.select("ticket_id", "opened_at", *DIMENSIONS)
    held = turned.filter(pl.col("is_solved")).join(labels, on="ticket_id")
    return held.with_columns(seconds=calendar_seconds(held["opened_at"], held["at"]))


def sla(tickets: pl.DataFrame, events: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Whether the service level was kept: booked on the day of the contact, open until known.

    A source that corrects an outcome later (an `sla_met` event after it was known) corrects it
    here on that day.
    """
    day = day_in(zone, "opened_at")
    judged = tickets.filter(pl.col("sla_met").is_not_null())
    known_at = pl.coalesce("sla_known_at", "closed_at", "resolved_at")
    changes = events.filter(pl.col("field") == "sla_met").join(
        judged.select("ticket_id", "opened_at", *DIMENSIONS, known_at=known_at), on="ticket_id"
    ).filter(pl.col("at") > pl.col("known_at")).sort("ticket_id", "at", "sequence")  # fmt: skip
    met = {
        value: pl.col(value).str.to_lowercase().is_in(["true", "1", "yes"]).cast(pl.Float64) for value in ("old", "new")
    }
    first = changes.group_by("ticket_id", maintain_order=True).first().select("ticket_id", met_then=met["old"])
    held = judged.join(first, on="ticket_id", how="left").with_columns(
        known_at=known_at, met_then=pl.coalesce("met_then", pl.col("sla_met").cast(pl.Float64))
    )
    step = met["new"] - met["old"]
    return pl.concat([
        awaited(held, DIMENSIONS, booked=day, known=day_in(zone, "known_at"), total=pl.col("met_then")),
        changes.select(*DIMENSIONS, *entry(booked=day, known=day_in(zone, "at"), total=step)),
    ])  # fmt: skip


def backlog(tickets: pl.DataFrame, turned: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Changes of the number of unsolved tickets: one more when opened, one less when solved.

    A ticket that is solved, nobody knows since when, is in no day's backlog: else it would wait for ever.
    """
    waiting, turning = _waiting(tickets, turned)
    opened, turn, change = day_in(zone, "opened_at"), day_in(zone, "at"), pl.col("change")
    return pl.concat([
        waiting.select(*DIMENSIONS, *entry(booked=opened, known=opened, n_items=1, n=1)),
        turning.select(*DIMENSIONS, *entry(booked=turn, known=turn, n_items=change, n=change)),
    ])  # fmt: skip


def backlog_age(tickets: pl.DataFrame, turned: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The same changes, each with the hour of the contact as its bin: at a day's end they tell how old what waits is.

    A reopened ticket is as old as its first contact: its customer still waits for the same thing.
    """
    waiting, turning = _waiting(tickets, turned)
    opened, turn, change = day_in(zone, "opened_at"), day_in(zone, "at"), pl.col("change")
    since = hour_in(zone, "opened_at")
    return pl.concat([
        waiting.select(*DIMENSIONS, *entry(booked=opened, known=opened, n_items=1, n=1, bin_index=since)),
        turning.select(*DIMENSIONS, *entry(booked=turn, known=turn, n_items=change, n=change, bin_index=since)),
    ])  # fmt: skip


def _waiting(tickets: pl.DataFrame, turned: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tickets that ever waited as far as anybody knows; each turn of them, and the change of those that wait."""
    ever = turned.filter(pl.col("is_solved")).select("ticket_id").unique()
    untold = tickets.filter(pl.col("status").is_in(SOLVED)).join(ever, on="ticket_id", how="anti").select("ticket_id")
    waiting = tickets.join(untold, on="ticket_id", how="anti")
    change = pl.when(pl.col("is_solved")).then(-1).otherwise(1)
    turning = turned.join(waiting.select("ticket_id", "opened_at", *DIMENSIONS), on="ticket_id")
    return waiting, turning.with_columns(change=change)
