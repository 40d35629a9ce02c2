"""Who to look after: customers more likely to leave than usual, and the recurring revenue they bring."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from domain.windows import FIRST_DAY, NEVER, start_of
from tasks.measure.customers.record import known_since
from tasks.measure.customers.risk import RiskModel, learned, risks
from tasks.measure.customers.risk_signals import RECENT_DAYS, SIGNALS, Known, history, signals
from tasks.measure.customers.spells import spells
from tasks.measure.entries import day_in

HORIZON_DAYS = 90
"""Chances are of leaving within so many days."""
MOST_MOMENTS = 8
"""So many horizons back are learned from: two years."""


@dataclass(frozen=True)
class Watched:
    """What is known of the risks.

    Attributes:
        model: what was learned.
        customers: one row per customer who stays as far as anybody knows, likeliest leavers first: customer_id,
            risk_share, risk_low, risk_high, standing, reasons.
        revenue: one row per customer and currency of a running contract: customer_id, currency, mrr_minor (a month).
    """

    model: RiskModel
    customers: pl.DataFrame
    revenue: pl.DataFrame


def watched(known: Known, turned: pl.DataFrame, through: date) -> Watched:
    """Everybody's chance to leave within HORIZON_DAYS of `through`.

    Args:
        known: what was recorded; subscriptions with their `source`, tickets with `ticket_id`.
        turned: one row per turn of a ticket to solved or back (`tasks.measure.contacts.tickets.turns`).
        through: the last day that all of it is complete for.

    Raises:
        TooFewPointsError: too little history, or no signal foretells anything.
    """
    held = spells(known.subscriptions, known.zone)
    since = known_since(held, through)
    now = through + timedelta(days=1)
    moments = [now - timedelta(days=HORIZON_DAYS * number) for number in range(1, MOST_MOMENTS + 1)]
    past = [
        history(_told(_as_of(known, turned, moment), since, moment), [moment], HORIZON_DAYS, through)
        for moment in moments
    ]
    model = learned(pl.concat(past), SIGNALS)
    asked = signals(_as_of(known, turned, now), now).join(
        held.filter(pl.col("end") == NEVER).select("customer_id"), on="customer_id", how="semi"
    )
    found = risks(model, asked).sort(["risk_share", "customer_id"], descending=[True, False], nulls_last=True)
    return Watched(model, found, revenue_now(known.subscriptions, known.zone, now))


def as_known(subscriptions: pl.DataFrame, zone: str, through: date, complete: date) -> pl.DataFrame:
    """Contracts as they were known when `through` was over.

    Args:
        subscriptions: one row per contract, complete through `complete`.
        zone: the reporting zone.
        through: the last day that counts. An end behind it that lies in the days told since was not known then, unless
            notice of it was given; an end that still lies ahead is taken as known.
        complete: the last day the contracts are complete for.
    """
    if through >= complete:
        return subscriptions
    start, end, notice = (day_in(zone, name) for name in ("started_at", "ended_at", "notice_at"))
    is_news = (end > through) & (end <= complete + timedelta(days=1)) & ~(notice <= through).fill_null(value=False)
    unknown = pl.lit(None, subscriptions.schema["ended_at"])
    return subscriptions.filter((start <= through).fill_null(value=True)).with_columns(
        ended_at=pl.when(is_news).then(unknown).otherwise("ended_at")
    )


def commonest(customers: pl.DataFrame, smallest_group: int) -> pl.DataFrame:
    """What speaks for leaving most often among some customers.

    Args:
        customers: `signals`, as `risks` gives them.
        smallest_group: signals of fewer customers are left out.

    Returns:
        signal, n (customers), the commonest first.
    """
    said = customers.select(signal=pl.col("signals").list.unique()).explode("signal").drop_nulls("signal")
    return said.group_by("signal").agg(n=pl.len()).filter(pl.col("n") >= smallest_group).sort(
        ["n", "signal"], descending=[True, False]
    )  # fmt: skip


def _told(known: Known, since: Mapping[str, date], moment: date) -> Known:
    """Contracts of the sources that told by then who left: of the others it is not known who did."""
    telling = [source for source, day in since.items() if day <= moment]
    return replace(known, subscriptions=known.subscriptions.filter(pl.col("source").is_in(telling)))


def _as_of(known: Known, turned: pl.DataFrame, moment: date) -> Known:
    """Tickets solved or not as they stood at the moment; none where recording began too late to count them."""
    first = known.tickets.select(day_in(known.zone, "opened_at").min()).item() if known.tickets.height else None
    if first is None or first > moment - timedelta(days=RECENT_DAYS):
        return replace(known, tickets=known.tickets.clear())
    start = start_of(moment, ZoneInfo(known.zone))
    solved = turned.filter(
        pl.col("is_solved"), pl.col("at") < start, pl.col("until").is_null() | (pl.col("until") >= start)
    ).select("ticket_id", resolved_at="at")
    held = known.tickets.drop("resolved_at").join(solved, on="ticket_id", how="left")
    return replace(known, tickets=held)


def revenue_now(subscriptions: pl.DataFrame, zone: str, moment: date) -> pl.DataFrame:
    """What each customer's running contracts bring a month, per currency.

    Args:
        subscriptions: one row per contract.
        zone: the reporting zone.
        moment: contracts of the day before it.

    Returns:
        One row per customer and currency, sorted: customer_id, currency, mrr_minor; null: of no contract known.
    """
    start = day_in(zone, "started_at").fill_null(FIRST_DAY)
    end = day_in(zone, "ended_at").fill_null(NEVER)
    paid = pl.col("mrr_minor")
    return (
        subscriptions.filter(pl.col("deleted_at").is_null(), start < moment, end >= moment)
        .group_by("customer_id", "currency")
        .agg(mrr_minor=pl.when(paid.is_not_null().any()).then(paid.sum()))
        .sort("customer_id", "currency")
    )
