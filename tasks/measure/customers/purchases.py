"""Customers without a contract: who still buys, how much to expect, and who is probably gone."""

from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl

from domain.bgnbd import Bgnbd, Histories, expected, fit, likely, p_alive, p_buys
from domain.errors import TooFewPointsError
from domain.intervals import Z95, wilson
from domain.newton import Matrix, NotSettledError, Vector
from tasks.measure.customers.orders import is_purchase
from tasks.measure.entries import day_in

WEEK = 7.0
FEWEST_CUSTOMERS, FEWEST_REPEATS = 200, 50
"""A model of everybody's habits needs so many customers, and so many of them who came back."""
GONE_BELOW = 0.5
Standing = Literal["buys", "probably gone", "unsure", "bought once"]
FORECAST_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(), "x": pl.Int64(), "t_x_weeks": pl.Float64(), "t_weeks": pl.Float64(),
    "alive_share": pl.Float64(), "alive_low": pl.Float64(), "alive_high": pl.Float64(),
    "buys_share": pl.Float64(), "n_expected": pl.Float64(), "expected_low": pl.Float64(), "expected_high": pl.Float64(),
    "likely_low": pl.Int64(), "likely_high": pl.Int64(), "standing": pl.String(),
}  # fmt: skip


def histories(orders: pl.DataFrame, through: date, zone: str) -> pl.DataFrame:
    """What each customer's purchases come to.

    Args:
        orders: one row per order or order line: customer_id, ordered_at (datetime, UTC), quantity (below 0:
            taken back, no purchase), deleted_at (null: not deleted). Several on one day are one purchase.
        through: the last complete day; later orders are not known yet.
        zone: the reporting zone.

    Returns:
        One row per customer who had bought by then, sorted by customer_id: first, last (days), x (days with a purchase
        after the first), t_x_weeks (from the first to the last), t_weeks (from the first to `through`).
    """
    day = pl.col("day")
    return (
        orders.filter(is_purchase())
        .select("customer_id", day=day_in(zone, "ordered_at"))
        .filter(day <= through)
        .unique()
        .group_by("customer_id")
        .agg(first=day.min(), last=day.max(), x=pl.len().cast(pl.Int64) - 1)
        .with_columns(
            t_x_weeks=(pl.col("last") - pl.col("first")).dt.total_days() / WEEK,
            t_weeks=(pl.lit(through) - pl.col("first")).dt.total_days() / WEEK,
        )
        .sort("customer_id")
    )


def habits(bought: pl.DataFrame) -> Bgnbd:
    """The model of how these customers buy, in weeks.

    Args:
        bought: one row per customer, of `histories`; all of them, those who never came back too.

    Raises:
        TooFewPointsError: too few customers, too few who came back, or their purchases do not settle the model.
    """
    n_repeat = int((bought["x"] > 0).sum())
    if bought.height < FEWEST_CUSTOMERS or n_repeat < FEWEST_REPEATS:
        raise TooFewPointsError(
            f"who is probably gone cannot be told: {bought.height} customers of whom {n_repeat} bought again; needed "
            f"are {FEWEST_CUSTOMERS} and {FEWEST_REPEATS}. Wait for more orders, or load earlier ones."
        )
    distinct = bought.group_by("x", "t_x_weeks", "t_weeks").len().sort("x", "t_x_weeks", "t_weeks")
    x, t_x, t, n = (distinct[name].to_numpy() for name in distinct.columns)
    try:
        return fit(Histories(x, t_x, t, n.astype(np.float64)))
    except NotSettledError as error:
        raise TooFewPointsError(
            f"who is probably gone cannot be told: the purchases of {bought.height} customers fit no model of buying "
            f"at a steady pace until leaving ({error}). Purchases by season or by contract do that; load a longer time."
        ) from error


def forecast(bought: pl.DataFrame, model: Bgnbd, weeks: float) -> pl.DataFrame:
    """Who still buys, and how much to expect of each.

    Args:
        bought: one row per customer, of `histories`.
        model: of `habits`.
        weeks: how far to look ahead.

    Returns:
        FORECAST_SCHEMA, one row per customer, in the same order: alive_share (the chance that they still buy at all),
        buys_share (that they buy within `weeks`), n_expected (purchases within `weeks`); low and high: 95 % of what
        the model's parameters leave open, not of what one customer may do; that is likely_low to likely_high, the
        purchases within `weeks` that hold 95 % for this one. standing: "probably gone" where alive_high
        is below GONE_BELOW, "buys" where alive_low is at least that, "unsure" between; "bought once" where there was
        no second purchase: the model takes nobody for gone who has not come back once, so it says nothing there.
    """
    keys = ["x", "t_x_weeks", "t_weeks"]
    distinct = bought.select(keys).unique(maintain_order=True)
    x, t_x, t = (distinct[name].to_numpy() for name in keys)
    at, covariance = model.point, np.array(model.covariance)
    alive = p_alive(at, x, t_x, t)
    log_odds = [_log_odds(p_alive(point, x, t_x, t)) for point in _moved(at)]
    logs = [np.log(expected(point, x, t_x, t, weeks) + 1e-300) for point in _moved(at)]
    alive_half, expected_half = _half(log_odds, covariance), _half(logs, covariance)
    is_once = x == 0
    n_expected = expected(at, x, t_x, t, weeks)
    low, high = (np.where(is_once, 1.0, _share(_log_odds(alive) + sign * alive_half)) for sign in (-1, 1))
    likely_low, likely_high = likely(at, x, t_x, t, weeks)
    figures = distinct.with_columns(
        alive_share=pl.Series(alive), alive_low=pl.Series(low), alive_high=pl.Series(high),
        buys_share=pl.Series(p_buys(at, x, t_x, t, weeks)), n_expected=pl.Series(n_expected),
        expected_low=pl.Series(n_expected * np.exp(-expected_half)),
        expected_high=pl.Series(n_expected * np.exp(expected_half)),
        likely_low=pl.Series(likely_low), likely_high=pl.Series(likely_high),
    )  # fmt: skip
    standing = (
        pl.when(pl.col("x") == 0).then(pl.lit("bought once"))
        .when(pl.col("alive_high") < GONE_BELOW).then(pl.lit("probably gone"))
        .when(pl.col("alive_low") >= GONE_BELOW).then(pl.lit("buys"))
        .otherwise(pl.lit("unsure"))
    )  # fmt: skip
    return (
        bought.join(figures, on=keys, how="left", maintain_order="left")
        .with_columns(standing=standing)
        .select(pl.col(name).cast(dtype) for name, dtype in FORECAST_SCHEMA.items())
    )


def tried_before(orders: pl.DataFrame, through: date, days: int, zone: str) -> pl.DataFrame:
    """What became of those the model would have judged `days` ago, knowing no more than was known then.

    Whoever pauses is not gone for good, as the model has it: so this stands beside every word of "probably gone".

    Args:
        orders: as for `histories`.
        through: the last complete day.
        days: how far back to go, and to look ahead from there.
        zone: the reporting zone.

    Returns:
        One row per standing, sorted: n customers, foretold_share and bought_share (of those who bought within the days
        since), low, high (Wilson).

    Raises:
        TooFewPointsError: there was too little then to judge anybody.
    """
    then = through - timedelta(days=days)
    bought = histories(orders, then, zone)
    later = histories(orders, through, zone).select("customer_id", has_bought=pl.col("last") > then)
    low, high = wilson(pl.col("total"), pl.col("n"))
    return (
        forecast(bought, habits(bought), days / WEEK)
        .join(later, on="customer_id")
        .group_by("standing")
        .agg(n=pl.len(), foretold_share=pl.col("buys_share").mean(), total=pl.col("has_bought").sum())
        .select("standing", "n", "foretold_share", bought_share=pl.col("total") / pl.col("n"), low=low, high=high)
        .sort("standing")
    )


_STEP = 1e-4


def _moved(at: Vector) -> list[Vector]:
    """The point moved a little up and down along each parameter."""
    return [at + sign * move for move in _STEP * np.eye(len(at)) for sign in (1, -1)]


def _half(values: list[Vector], covariance: Matrix) -> Vector:
    """Half of the interval of a figure, given its values at the moved points (delta method)."""
    slopes = np.array([(up - down) / (2 * _STEP) for up, down in zip(values[::2], values[1::2], strict=True)])
    return Z95 * np.sqrt(np.einsum("ik,ij,jk->k", slopes, covariance, slopes))


def _log_odds(share: Vector) -> Vector:
    inner = np.clip(share, 1e-15, 1 - 1e-15)
    return np.log(inner) - np.log1p(-inner)


def _share(log_odds: Vector) -> Vector:
    return 1 / (1 + np.exp(-log_odds))
