"""Entries of how contacts were handled until they were solved: touches, hand-offs, who waited for whom.

All are booked on the day the contact was solved, and taken back on the day it is reopened.
"""

import polars as pl

from tasks.measure.contacts.conversations import touches
from tasks.measure.contacts.tickets import DIMENSIONS, SOLVED
from tasks.measure.entries import day_in, entry

ASSIGNED = ("team", "agent")
"""Fields whose change is a hand-off."""
MULTI_TOUCHES = 3
"""From so many replies on a contact is multi-touch: one and two are classes of their own."""
THEIRS = "pending"
"""The status of a contact that waits for the customer; in any other that is not solved it waits for us."""


def one_touch(tickets: pl.DataFrame, turned: pl.DataFrame, spoken: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Whether a solved contact took exactly one public reply by a person.

    Contacts solved without any are a class of their own, in no denominator.

    Args:
        tickets: one row per ticket.
        turned: as `turns` gives them.
        spoken: as `conversation` gives it.
        zone: reporting zone.
    """
    counted = _touched(turned, spoken).filter(pl.col("n_touches") > 0)
    return _while_solved(counted, tickets, zone, (pl.col("n_touches") == 1).cast(pl.Float64))


def multi_touch(tickets: pl.DataFrame, turned: pl.DataFrame, spoken: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Whether a solved contact took more than two public replies by a person; of those that `one_touch` counts.

    Args:
        tickets: one row per ticket.
        turned: as `turns` gives them.
        spoken: as `conversation` gives it.
        zone: reporting zone.
    """
    counted = _touched(turned, spoken).filter(pl.col("n_touches") > 0)
    return _while_solved(counted, tickets, zone, (pl.col("n_touches") >= MULTI_TOUCHES).cast(pl.Float64))


def zero_touch(
    tickets: pl.DataFrame, turned: pl.DataFrame, spoken: pl.DataFrame, events: pl.DataFrame, zone: str
) -> pl.DataFrame:
    """Whether a solved contact took no public reply by a person; of those of which any public message is told.

    Args:
        tickets: one row per ticket.
        turned: as `turns` gives them.
        spoken: as `conversation` gives it.
        events: ticket_id, at, field, is_public; messages, of bots too.
        zone: reporting zone.
    """
    is_said = (pl.col("field") == "comment") & pl.col("is_public")
    told = events.filter(is_said).group_by("ticket_id").agg(told_at=pl.col("at").min())
    counted = _touched(turned, spoken).join(told, on="ticket_id").filter(pl.col("told_at") <= pl.col("at"))
    return _while_solved(counted, tickets, zone, (pl.col("n_touches") == 0).cast(pl.Float64))


def _touched(turned: pl.DataFrame, spoken: pl.DataFrame) -> pl.DataFrame:
    """Each time a ticket was solved, with `n_touches`: our replies until then."""
    solved = turned.filter(pl.col("is_solved")).with_row_index("solving")
    n_touches = (
        solved.join(touches(spoken), on="ticket_id", suffix="_said")
        .filter(pl.col("at_said") <= pl.col("at"))
        .group_by("solving")
        .agg(n_touches=pl.len())
    )
    return solved.join(n_touches, on="solving", how="left").with_columns(pl.col("n_touches").fill_null(0))


def assignments(events: pl.DataFrame) -> pl.DataFrame:
    """Every time a ticket got a team or an agent: ticket_id, at, field, value, in order."""
    at = events.filter(pl.col("field").is_in(ASSIGNED)).with_columns(pl.col("field").cast(pl.String))
    before = at.filter(pl.col("old").is_not_null()).select(
        "ticket_id", "at", "field", pl.lit(0).alias("place"), "sequence", value="old"
    )
    after = at.filter(pl.col("new").is_not_null()).select(
        "ticket_id", "at", "field", pl.lit(1).alias("place"), "sequence", value="new"
    )
    ticket, field, value = pl.col("ticket_id"), pl.col("field"), pl.col("value")
    is_same = (ticket == ticket.shift(1)) & (field == field.shift(1)) & (value == value.shift(1))
    return (
        pl.concat([before, after.select(before.columns)])
        .sort("ticket_id", "field", "at", "sequence", "place", "value")
        .filter(~is_same.fill_null(value=False))
        .select("ticket_id", "at", "field", "value")
    )


def transfers(tickets: pl.DataFrame, turned: pl.DataFrame, assigned: pl.DataFrame, zone: str) -> pl.DataFrame:
    """How often a solved contact was handed on: changes of team or agent after the first assignment.

    A change of both at one instant is one hand-off. Contacts whose assignments are not told are in no denominator.

    Args:
        tickets: one row per ticket.
        turned: as `turns` gives them.
        assigned: as `assignments` gives them.
        zone: reporting zone.
    """
    is_first = (pl.col("ticket_id") != pl.col("ticket_id").shift(1)) | (pl.col("field") != pl.col("field").shift(1))
    handed = (
        assigned.with_columns(is_first=is_first.fill_null(value=True))
        .group_by("ticket_id", "at")
        .agg(is_handed=~pl.col("is_first").all())
    )
    counted = (
        _solved_with(turned, handed)
        .group_by("ticket_id", "at", "until")
        .agg(n_handed=pl.col("is_handed").sum().cast(pl.Float64))
    )
    return _while_solved(counted, tickets, zone, pl.col("n_handed"), pl.col("n_handed") ** 2)


def ping_pong(tickets: pl.DataFrame, turned: pl.DataFrame, assigned: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Whether a solved contact came back to a team or an agent that had handed it on.

    Args:
        tickets: one row per ticket.
        turned: as `turns` gives them.
        assigned: as `assignments` gives them.
        zone: reporting zone.
    """
    counted = (
        _solved_with(turned, assigned)
        .group_by("ticket_id", "at", "until", "field")
        .agg(is_back=pl.col("value").n_unique() < pl.len())
        .group_by("ticket_id", "at", "until")
        .agg(pl.col("is_back").any())
    )
    return _while_solved(counted, tickets, zone, pl.col("is_back").cast(pl.Float64))


def _solved_with(turned: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Each time a ticket was solved, with what had been told of it by then."""
    solved = turned.filter(pl.col("is_solved")).select("ticket_id", "at", "until")
    return solved.join(told.rename({"at": "at_told"}), on="ticket_id").filter(pl.col("at_told") <= pl.col("at"))


def waiting(tickets: pl.DataFrame, turned: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """How long each solved contact had waited by then.

    Args:
        tickets: one row per ticket: ticket_id, opened_at.
        turned: as `turns` gives them.
        events: ticket_id, at, field, new, sequence; statuses.

    Returns:
        One row per time it was solved: ticket_id, at, until, us_s, them_s (seconds, 0 or more). Time while it was
        solved is neither. Tickets without status events have no row: what they waited for is not told.
    """
    ticket, at = pl.col("ticket_id"), pl.col("at")
    stays = (
        events.filter(pl.col("field") == "status")
        .sort("ticket_id", "at", "sequence", pl.col("new").is_in(SOLVED), pl.col("new") == THEIRS)
        .select(
            "ticket_id", "at",
            is_solved=pl.col("new").is_in(SOLVED), is_theirs=pl.col("new") == THEIRS,
            lasts=pl.when(ticket == ticket.shift(-1)).then((at.shift(-1) - at).dt.total_microseconds()).fill_null(0),
        )
    )  # fmt: skip
    # microseconds of each kind before a row: of all rows, less those of the tickets before
    lasts = pl.col("lasts")
    before = {
        name: pl.when(pl.col(name)).then(lasts).otherwise(0).cum_sum().shift(1, fill_value=0)
        for name in ("is_solved", "is_theirs")
    }
    is_first = (ticket != ticket.shift(1)).fill_null(value=True)
    summed = stays.with_columns(solved_us=before["is_solved"], theirs_us=before["is_theirs"]).with_columns(
        pl.col(name) - pl.when(is_first).then(name).forward_fill() for name in ("solved_us", "theirs_us")
    )
    solved = turned.filter(pl.col("is_solved")).join(tickets.select("ticket_id", "opened_at"), on="ticket_id")
    known = summed.filter(pl.col("is_solved")).unique(["ticket_id", "at"], keep="first", maintain_order=True)
    whole = (at - pl.col("opened_at")).dt.total_microseconds()
    ours = (whole - pl.col("solved_us") - pl.col("theirs_us")).clip(lower_bound=0)
    return solved.join(known.select("ticket_id", "at", "solved_us", "theirs_us"), on=["ticket_id", "at"]).select(
        "ticket_id", "at", "until", us_s=ours / 1e6, them_s=pl.col("theirs_us") / 1e6
    )


def waited_for_us(tickets: pl.DataFrame, waits: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Seconds that solved contacts had waited for us, as `waiting` gives them."""
    return _while_solved(waits, tickets, zone, pl.col("us_s"), pl.col("us_s") ** 2)


def waited_for_them(tickets: pl.DataFrame, waits: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Seconds that solved contacts had waited for their customer; of those that did at all.

    A helpdesk without a status for it so gives none, instead of zero.
    """
    held = waits.filter(pl.col("them_s") > 0)
    return _while_solved(held, tickets, zone, pl.col("them_s"), pl.col("them_s") ** 2)


def _while_solved(
    solved: pl.DataFrame, tickets: pl.DataFrame, zone: str, total: pl.Expr, total_sq: pl.Expr | None = None
) -> pl.DataFrame:
    """Entries of what is known of a contact as long as it is solved.

    Args:
        solved: one row per time a ticket was solved: ticket_id, at, until (null: it still is).
        tickets: one row per ticket, with the dimensions.
        zone: reporting zone.
        total: what one adds.
        total_sq: its square, if it is not the same.
    """
    held = solved.join(tickets.select("ticket_id", *DIMENSIONS), on="ticket_id")
    day, squares = day_in(zone, "at"), total if total_sq is None else total_sq
    return pl.concat([
        held.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1, n=1, total=total, total_sq=squares)),
        held.filter(pl.col("until").is_not_null()).select(
            *DIMENSIONS,
            *entry(booked=day, known=day_in(zone, "until"), n_items=-1, n=-1, total=-total, total_sq=-squares),
        ),
    ])  # fmt: skip
