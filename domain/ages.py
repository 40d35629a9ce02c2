"""How old what is there has become, at the end of a day: from changes that add up, to half an hour."""

import polars as pl

from domain.histogram import MOST_BINS, decoded
from domain.intervals import Z95
from domain.kpis import KPIS

HOUR_S = 3600.0
_SERIES = ["kpi", "scope"]


def hour_in(zone: str, column: str) -> pl.Expr:
    """The bin of an instant: hours since 1970 by the clock on the wall."""
    wall = pl.col(column).dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return (wall.dt.epoch("s") // 3600).clip(0, MOST_BINS - 1)


def ages(parts: pl.DataFrame, days: pl.Series) -> pl.DataFrame:
    """The quantile of the ages of what is there at the end of each day.

    By the clock on the wall, on which every day has 24 hours, and from the middle of the hour in which it began.

    Args:
        parts: PARTS_SCHEMA, from the beginning, of KPIs whose statistic is `age`; `bins`: of those that came (above 0)
            and went (below) on the booked day, the hour in which each began, of `hour_in`.
        days: the days.

    Returns:
        One row per (kpi, scope, day) with something there: kpi, scope, day, n, value, low, high, total, total_sq (s).
        The interval is that of order statistics, as if they had been drawn.
    """
    ends = days.unique().sort()
    place = pl.lit(ends).search_sorted(pl.col("booked_day")).cast(pl.Int64)
    labels = parts.select(*_SERIES, "booked_day").with_row_index("place")
    changes = (
        decoded(parts["bins"])
        .join(labels, on="place")
        .with_columns(place=place)
        .filter(pl.col("place") < len(ends))
        .group_by(*_SERIES, "bin", "place")
        .agg(pl.col("count").sum())
        .sort(*_SERIES, "bin", "place")
    )
    by = [*_SERIES, "bin"]
    there = (
        changes.with_columns(
            n=pl.col("count").cum_sum().over(by), until=pl.col("place").shift(-1).over(by).fill_null(len(ends))
        )
        .filter(pl.col("n") > 0)
        .with_columns(place=pl.int_ranges("place", "until"))
        .explode("place")
        .with_columns(day=pl.lit(ends).gather(pl.col("place")))
        .with_columns(age=24 * (pl.col("day").to_physical().cast(pl.Int64) + 1) - pl.col("bin"))
        .sort(*_SERIES, "day", "age")
        .with_columns(upto=pl.col("n").cum_sum().over(*_SERIES, "day"))
    )
    quantile = {name: kpi.quantile for name, kpi in KPIS.items() if kpi.quantile is not None}
    q, n = pl.col("q"), pl.col("n_all")
    half = Z95 * (n * q * (1 - q)).sqrt()
    ranks = (
        there.group_by(*_SERIES, "day")
        .agg(n_all=pl.col("n").sum())
        .with_columns(q=pl.col("kpi").replace_strict(quantile, return_dtype=pl.Float64))
        .with_columns(
            rank=(n * q).ceil(), rank_low=(n * q - half).floor().clip(lower_bound=1),
            rank_high=pl.min_horizontal((n * q + half).floor() + 1, n),
        )
    )  # fmt: skip
    seconds = (pl.col("age") - 0.5) * HOUR_S
    whole = seconds.cast(pl.Int128)  # squares of them add up to more than fractions hold
    figures = {"value": "rank", "low": "rank_low", "high": "rank_high"}
    return (
        there.join(ranks, on=[*_SERIES, "day"])
        .sort(*_SERIES, "day", "age")
        .group_by(*_SERIES, "day", maintain_order=True)
        .agg(
            pl.col("n").sum(),
            total=(whole * pl.col("n")).sum().cast(pl.Float64),
            total_sq=(whole * whole * pl.col("n")).sum().cast(pl.Float64),
            **{name: seconds.filter(pl.col("upto") >= pl.col(rank)).first() for name, rank in figures.items()},
        )
    )  # fmt: skip
