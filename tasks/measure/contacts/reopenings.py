"""Entries of contacts that were solved and came back: reopened, or followed up by a new one."""

from datetime import date, timedelta

import polars as pl

from domain.roadmap.company import Reopening
from tasks.measure.contacts.tickets import DIMENSIONS, first_solved
from tasks.measure.entries import day_in, entry

FOLLOWED = "followed"
"""The field of the event that another contact follows a ticket up."""
NEARLY = timedelta(minutes=1)
"""A customer's message at most so long before or after a reopening is what reopened it."""
WHENEVER = Reopening()


def reopens(
    tickets: pl.DataFrame,
    turned: pl.DataFrame,
    events: pl.DataFrame,
    zone: str,
    through: date,
    rule: Reopening = WHENEVER,
) -> pl.DataFrame:
    """Solved tickets and whether they were reopened, booked on the day first solved.

    With a window each is open until it is over, whichever way it goes: else those that come back at once would be
    known before those that stay solved, and weigh too much.

    Args:
        tickets: one row per ticket: ticket_id, n_reopens, dimensions.
        turned: as `turns` gives them.
        events: ticket_id, at, field, new, actor_role, is_public.
        zone: reporting zone.
        through: last day the contacts are complete for: a window that is over later is open.
        rule: within which time, and what counts.
    """
    solved = first_solved(turned)
    held = tickets.select("ticket_id", *DIMENSIONS).join(solved, on="ticket_id")
    came = returns(tickets, turned, solved, events, rule)
    day = day_in(zone, "solved_at")
    if rule.within is None:
        marks = _since(came).join(held, on="ticket_id")
        return pl.concat([
            held.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1, n=1)),
            marks.select(*DIMENSIONS, *entry(booked=day, known=day_in(zone, "at"), total=pl.col("change"))),
        ])  # fmt: skip
    held = held.with_columns(over_at=pl.col("solved_at") + timedelta(seconds=rule.within.seconds))
    over = day_in(zone, "over_at")
    early = came.join(held.select("ticket_id", "over_at"), on="ticket_id").filter(pl.col("at") < pl.col("over_at"))
    # one that turns out to be a thank-you later stands until then
    stands = (pl.col("gone_at") > pl.col("over_at")).fill_null(value=True)
    found = early.filter(stands).group_by("ticket_id").agg(
        gone_at=pl.when(pl.col("gone_at").is_not_null().all()).then(pl.col("gone_at").max())
    )  # fmt: skip
    decided = (
        held.filter(over <= through)
        .join(found, on="ticket_id", how="left")
        .join(found.select("ticket_id", is_back=pl.lit(1.0)), on="ticket_id", how="left")
    )
    return pl.concat([
        held.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1)),
        decided.select(*DIMENSIONS, *entry(booked=day, known=over, n=1, total=pl.col("is_back").fill_null(0.0))),
        decided.filter(pl.col("gone_at").is_not_null()).select(
            *DIMENSIONS, *entry(booked=day, known=day_in(zone, "gone_at"), total=-1.0)
        ),
    ])  # fmt: skip


def returns(
    tickets: pl.DataFrame, turned: pl.DataFrame, solved: pl.DataFrame, events: pl.DataFrame, rule: Reopening
) -> pl.DataFrame:
    """Every time a solved ticket came back.

    Where the source counts reopens itself, its count is taken, and its dates where it tells them; elsewhere a turn
    from solved back to unsolved is one.

    Returns:
        ticket_id, at, gone_at: when it turned out to be no more than thanks; null: it stands.
    """
    turns = turned.filter(~pl.col("is_solved")).select("ticket_id", "at", again="until")
    counted = events.filter(
        pl.col("field") == "n_reopens", pl.col("new").cast(pl.Int64, strict=False) > 0
    ).select("ticket_id", "at").unique()  # fmt: skip
    n_reopens = pl.col("n_reopens")
    counting = tickets.filter(n_reopens > 0).select("ticket_id")
    by_count = counted.join(counting, on="ticket_id", how="semi").join(turns, on=["ticket_id", "at"], how="left")
    told = tickets.select("ticket_id", "n_reopens").join(turns, on="ticket_id", how="semi")
    silent = told.filter(n_reopens.is_null()).select("ticket_id")
    undated = counting.join(by_count, on="ticket_id", how="anti")
    by_turns = turns.join(pl.concat([silent, undated]), on="ticket_id", how="semi")
    by_nothing = undated.join(turns, on="ticket_id", how="anti").join(solved, on="ticket_id")
    again = pl.lit(None, turned.schema["at"])
    found = [by_count, by_turns, by_nothing.select("ticket_id", at="solved_at", again=again)]
    if rule.follow_ups == "counted":
        followed = events.filter(pl.col("field") == FOLLOWED).join(solved, on="ticket_id")
        found.append(followed.filter(pl.col("at") >= pl.col("solved_at")).select("ticket_id", "at", again=again))
    every = pl.concat(found)
    if rule.thanks == "counted":
        return every.select("ticket_id", "at", gone_at=again)
    return _without_thanks(every, events)


def _without_thanks(every: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The returns, those that were solved again without a word by a person gone from then on.

    Of those alone that a customer's message brought about, as far as messages are told.
    """
    at, said_at = pl.col("at"), pl.col("said_at")
    said = events.filter(pl.col("field") == "comment", pl.col("is_public")).select(
        "ticket_id", "actor_role", said_at="at"
    )
    heard = (
        every.filter(pl.col("again").is_not_null())
        .join(said, on="ticket_id")
        .group_by("ticket_id", "at", "again")
        .agg(
            is_theirs=((pl.col("actor_role") == "customer") & ((said_at - at).abs() <= NEARLY)).any(),
            is_answered=((pl.col("actor_role") == "agent") & said_at.is_between(at, pl.col("again"))).any(),
        )
        .filter("is_theirs", ~pl.col("is_answered"))
        .select("ticket_id", "at", gone_at="again")
    )
    return every.drop("again").join(heard, on=["ticket_id", "at"], how="left")


def _since(came: pl.DataFrame) -> pl.DataFrame:
    """From when on a ticket counts as reopened, and when it no longer does: ticket_id, at, change."""
    lasting = came.filter(pl.col("gone_at").is_null()).group_by("ticket_id").agg(pl.col("at").min())
    passing = (
        came.filter(pl.col("gone_at").is_not_null())
        .join(lasting.select("ticket_id", lasts_from="at"), on="ticket_id", how="left")
        .filter((pl.col("at") < pl.col("lasts_from")).fill_null(value=True))
        .with_columns(gone_at=pl.min_horizontal("gone_at", "lasts_from"))
    )
    return pl.concat([
        lasting.select("ticket_id", "at", change=pl.lit(1)),
        passing.select("ticket_id", "at", change=pl.lit(1)),
        passing.select("ticket_id", at="gone_at", change=pl.lit(-1)),
    ])  # fmt: skip
