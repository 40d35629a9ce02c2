"""Durations as log histograms that add exactly: quantiles within 1 % of the true value.

Source: DDSketch (Masson, Rim and Lee 2019), with a fixed relative accuracy and no collapsing.
"""

from math import log

import polars as pl

from domain.intervals import Z95
from domain.kpis import KPIS

GAMMA = 1.02
"""Neighbouring bin edges differ by 2 %, so a bin's middle is off by 1 % at most."""
_LOG_GAMMA = log(GAMMA)
UNBOUNDED_S = 10 * 365 * 86_400.0
"""Stands for 'not within ten years': the bound of a quantile that open outcomes could push anywhere."""


def bin_of(seconds: pl.Expr) -> pl.Expr:
    """The bin of a duration (s); everything under one second is bin 0."""
    log_bin = (seconds.clip(lower_bound=1).log() / _LOG_GAMMA).floor().cast(pl.Int64) + 1
    return pl.when(seconds < 1).then(0).otherwise(log_bin)


def value_of(index: pl.Expr) -> pl.Expr:
    """The duration (s) a bin stands for: its middle on the log scale."""
    return pl.when(index <= 0).then(0.5).otherwise(((index - 0.5) * _LOG_GAMMA).exp())


def encoded(index: pl.Expr, count: pl.Expr) -> pl.Expr:
    """Bins as text, 'index:count index:count', within a group-by over sorted bins."""
    return pl.concat_str([index, count], separator=":").str.join(" ")


def decoded(parts: pl.DataFrame) -> pl.DataFrame:
    """One row per bin of each row: the text column `bins` becomes `bin` and `count`."""
    pair = pl.col("bins").str.split_exact(":", 1)
    return (
        parts.filter(pl.col("bins").is_not_null() & (pl.col("bins") != ""))
        .with_columns(pl.col("bins").str.split(" "))
        .explode("bins")
        .with_columns(bin=pair.struct[0].cast(pl.Int64), count=pair.struct[1].cast(pl.Int64))
        .drop("bins")
    )


def quantiles(held: pl.DataFrame, counts: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Each group's quantile with its order-statistic interval.

    Args:
        held: parts with `bins`, labelled by `by` (which includes `kpi`).
        counts: one row per group: `n_open` (not known yet) and whatever is to be kept.
        by: the labels.

    Returns:
        `counts` with n, value, low, high (s) and, where outcomes are open, bound_low (all of them
        at once) and bound_high (none of them ever). Groups without a known outcome: value null.
    """
    wanted = {name: kpi.quantile for name, kpi in KPIS.items() if kpi.quantile is not None}
    groups = counts.with_row_index("group")  # one small integer instead of four labels: sorts ten times as fast
    n, q, n_open, upto = pl.col("n"), pl.col("q"), pl.col("n_open"), pl.col("upto")
    bins = (
        decoded(held.join(groups.select("group", *by), on=by).select("group", "bins"))
        .group_by("group", "bin")
        .agg(pl.col("count").sum())
        .filter(pl.col("count") != 0)
        .sort("group", "bin")
        .with_columns(upto=pl.col("count").cum_sum().over("group"))
    )
    half = Z95 * (n * q * (1 - q)).sqrt()
    all_rank = ((n + n_open) * q).ceil()
    ranks = (
        bins.group_by("group")
        .agg(n=pl.col("count").sum())
        .join(groups.select("group", "n_open", "kpi"), on="group")
        .with_columns(q=pl.col("kpi").replace_strict(wanted, return_dtype=pl.Float64))
        .select(
            "group", "n", "n_open",
            value=(n * q).ceil(), low=(n * q - half).floor(), high=pl.min_horizontal((n * q + half).floor() + 1, n),
            bound_low=all_rank - n_open, bound_high=all_rank,
        )
    )  # fmt: skip

    def at(rank: str) -> pl.Expr:
        """The first bin that holds the wanted rank."""
        return value_of(pl.col("bin").filter(upto >= pl.col(rank).clip(lower_bound=1)).first())

    some_open = n_open.first() > 0
    found = (
        bins.join(ranks, on="group", maintain_order="left")
        .group_by("group", maintain_order=True)
        .agg(
            n=n.first(), value=at("value"), low=at("low"), high=at("high"),
            bound_low=pl.when(some_open).then(at("bound_low")),
            bound_high=pl.when(some_open).then(at("bound_high").fill_null(UNBOUNDED_S)),
        )
    )  # fmt: skip
    return groups.join(found, on="group", how="left").drop("group").with_columns(pl.col("n").fill_null(0))
