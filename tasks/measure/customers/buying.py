"""Who still buys of the customers without a contract, beside the plainest rule, and what is at stake with them."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from domain.errors import TooFewPointsError
from tasks.measure.customers.orders import is_purchase
from tasks.measure.customers.purchases import FORECAST_SCHEMA, WEEK, forecast, habits, histories, tried_before
from tasks.measure.customers.value import at_stake
from tasks.measure.entries import day_in

QUIET_TIMES = 3.0
"""The plain rule: quiet for longer than so many usual gaps. Who buys at a steady pace is so by chance one time in
twenty (e^-3)."""
_FIGURES = (
    "alive_share", "alive_low", "alive_high", "buys_share", "n_expected", "expected_low", "expected_high",
    "likely_low", "likely_high", "standing",
)  # fmt: skip


@dataclass(frozen=True)
class Buyers:
    """What is known of who still buys.

    Attributes:
        why_not: why no model of their habits can be had; empty: there is one.
        customers: one row per customer and currency, see `buyers`.
        stakes: rows of `at_stake` over all that came back once at least; empty without a model.
        tried: what became of those judged as many days ago, as `tried_before`; empty: there was too little then.
    """

    why_not: str
    customers: pl.DataFrame
    stakes: pl.DataFrame
    tried: pl.DataFrame


def buyers(orders: pl.DataFrame, through: date, days: int, zone: str) -> Buyers:
    """Who still buys, those with the most at stake first.

    Args:
        orders: one row per order or line of customers without a contract: customer_id, ordered_at, quantity,
            amount_minor, currency, deleted_at.
        through: the last complete day.
        days: how far to look ahead.
        zone: the reporting zone.

    Returns:
        `customers`: customer_id, currency (null: of no purchase known), n_purchases (days with an order), last (day),
        quiet_days (since then), gap_days (mean between purchases; null: bought once), is_quiet (for longer than
        QUIET_TIMES gaps; null: bought once), spent_minor (so far, in the currency; nothing of what was taken back),
        the figures of `forecast` for the next `days` (null without a model; alive_* of who bought once
        too, who has had no occasion to leave), stays_minor (what they would bring in
        `days` if they surely still bought: the purchases to expect then, each at the mean so far) and at_stake_minor
        (that times the chance that they are gone); both null for who bought once. A currency's
        customers stand together, the commonest currency first, as amounts of different ones cannot be compared; in
        each the most at stake first, without a model the quiet ones that spent most.
    """
    bought = histories(orders, through, zone)
    try:
        why_not, figures = "", forecast(bought, habits(bought), days / WEEK)
    except TooFewPointsError as error:
        why_not, figures = str(error), pl.DataFrame(schema=FORECAST_SCHEMA)
    gap = (pl.col("last") - pl.col("first")).dt.total_days() / pl.col("x")
    told = bought.select(
        "customer_id", "last", n_purchases=pl.col("x") + 1,
        quiet_days=(pl.lit(through) - pl.col("last")).dt.total_days(), gap_days=pl.when(pl.col("x") > 0).then(gap),
    ).with_columns(is_quiet=pl.col("quiet_days") > QUIET_TIMES * pl.col("gap_days"))  # fmt: skip
    is_once = pl.col("n_purchases") == 1
    whole = (
        told.join(figures.select("customer_id", *_FIGURES), on="customer_id", how="left", maintain_order="left")
        .join(_spent(orders, through, zone), on="customer_id", how="left", maintain_order="left")
        .with_columns(pl.when(~is_once).then(pl.col(name)) for name in ("alive_share", "alive_low", "alive_high"))
        .with_columns(stays_minor=_stays())
        .with_columns(at_stake_minor=(pl.col("stays_minor") * (1 - pl.col("alive_share"))).round(0).cast(pl.Int64))
    )
    return Buyers(why_not, _in_order(whole), _stakes(whole), _tried(orders, through, days, zone, why_not))


def _stays() -> pl.Expr:
    """What they would bring if they surely still bought: the chance to be there is taken out of what to expect."""
    return pl.col("spent_minor") / pl.col("n_paid") * pl.col("n_expected") / pl.col("alive_share")


def _spent(orders: pl.DataFrame, through: date, zone: str) -> pl.DataFrame:
    """One row per customer and currency: spent_minor, and n_paid, the customer's purchases with a known amount."""
    day = day_in(zone, "ordered_at")
    paid = orders.filter(is_purchase(), day <= through).drop_nulls(["amount_minor", "currency"])
    days = paid.group_by("customer_id").agg(n_paid=day.n_unique())
    return paid.group_by("customer_id", "currency").agg(spent_minor=pl.col("amount_minor").sum()).join(
        days, on="customer_id"
    )  # fmt: skip


def _stakes(whole: pl.DataFrame) -> pl.DataFrame:
    """What is at stake with all of them, by currency; the amounts are those of the days looked ahead, not of months."""
    judged = whole.filter(pl.col("standing") != "bought once")
    return at_stake(
        judged.select(
            "currency", risk_share=1 - pl.col("alive_share"), risk_low=1 - pl.col("alive_high"),
            risk_high=1 - pl.col("alive_low"), mrr_minor=pl.col("stays_minor"),
        ),
        months=1,
    )  # fmt: skip


def _tried(orders: pl.DataFrame, through: date, days: int, zone: str, why_not: str) -> pl.DataFrame:
    nothing = pl.DataFrame(schema=["standing", "n", "foretold_share", "bought_share", "low", "high"])
    if why_not:
        return nothing
    try:
        return tried_before(orders, through, days, zone)
    except TooFewPointsError:
        return nothing


def _in_order(whole: pl.DataFrame) -> pl.DataFrame:
    is_held = pl.col("currency").is_not_null()
    most_first = ["at_stake_minor", "is_quiet", "spent_minor", "n_purchases"]
    return whole.sort(
        pl.when(is_held).then(pl.len().over("currency")).otherwise(0), "currency", *most_first, "customer_id",
        descending=[True, False, *[True] * len(most_first), False], nulls_last=True,
    ).drop("n_paid")  # fmt: skip
