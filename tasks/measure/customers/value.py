"""What is at stake: the recurring revenue that would leave with customers who may leave."""

import polars as pl

from domain.intervals import Z95

MONTHS = 12
STAKE_SCHEMA: dict[str, pl.DataType] = {
    "currency": pl.String(), "n": pl.Int64(), "revenue_minor": pl.Int64(), "at_stake_minor": pl.Int64(),
    "low_minor": pl.Int64(), "high_minor": pl.Int64(),
}  # fmt: skip


def at_stake(customers: pl.DataFrame, months: int = MONTHS) -> pl.DataFrame:
    """Revenue of the next months that is expected to leave with some customers, per currency, with its interval.

    Args:
        customers: one row per customer and currency: risk_share, risk_low, risk_high (shares; null: unknown),
            mrr_minor (recurring revenue a month, minor units; null: unknown), currency (null: unknown).
        months: how many months of it count.

    Returns:
        STAKE_SCHEMA, one row per currency, sorted; amounts of different currencies are never added. n: customers;
        revenue_minor: what they bring in `months`; at_stake_minor: each customer's times their risk; low and high:
        95 %, of both who happens to leave (each by themselves) and what the risks leave open (all wrong the same
        way: the wider case). Customers whose risk, revenue or currency is unknown are in a row of their own, the last,
        with null for the currency and the amounts. An empty input gives no row.
    """
    risk, revenue = pl.col("risk_share"), pl.col("mrr_minor").cast(pl.Float64) * months
    is_known = pl.all_horizontal(pl.col("risk_share", "mrr_minor", "currency").is_not_null())
    # the bounds of a chance are not symmetric, so each side has its own
    down = ((risk - pl.col("risk_low").fill_null(0)) * revenue).sum()
    up = ((pl.col("risk_high").fill_null(1) - risk) * revenue).sum()
    chance = (Z95**2 * risk * (1 - risk) * revenue**2).sum()
    expected, most = (risk * revenue).sum(), revenue.sum()
    known = customers.filter(is_known).group_by("currency").agg(
        n=pl.len(), revenue_minor=most, at_stake_minor=expected,
        low_minor=pl.max_horizontal(expected - (down**2 + chance).sqrt(), pl.lit(0.0)),
        high_minor=pl.min_horizontal(expected + (up**2 + chance).sqrt(), most),
    ).sort("currency")  # fmt: skip
    unknown = customers.filter(~is_known).select(n=pl.len()).filter(pl.col("n") > 0)
    whole = [pl.col(name).round(0).alias(name) for name in STAKE_SCHEMA if name.endswith("_minor")]
    return pl.concat([known.with_columns(whole), unknown], how="diagonal").select(
        pl.col(name).cast(dtype) for name, dtype in STAKE_SCHEMA.items()
    )
