"""How long things last when many still run and some were met only on their way: Kaplan and Meier's estimate.

Source: Kaplan and Meier (1958); variance by Greenwood (1926); bounds on the log(-log) scale, which stay within
[0, 1], by Kalbfleisch and Prentice (2002, 1.4); the median's bounds by Brookmeyer and Crowley (1982); delayed
entry as in Klein and Moeschberger (2003, 4.6).
"""

from collections.abc import Sequence

import polars as pl

from domain.intervals import Z95

FIGURES = ("survival", "low", "high")
_SINCE_BIRTH = -1
"""Stands for 'watched from its beginning', so that an end at time 0 counts."""


def survival(spans: pl.DataFrame, by: Sequence[str], *, least_at_risk: int = 1) -> pl.DataFrame:
    """The share that lasts beyond each time, per group, with 95 % bounds.

    Args:
        spans: one row per span: entered (integer; its age when it was first watched; 0: watched from its
            beginning), left (integer; its age when it ended or was last seen), has_ended (boolean; false: it
            was still there then), and the columns `by`. A span that was watched for no time (met on its way
            and not seen later) says nothing and is left out.
        by: what makes a group; at least one column.
        least_at_risk: where spans were met on their way, few are watched at young ages, and one end among them
            would bring the whole curve down. So it begins behind the last end with fewer at risk than this
            after which more came. A group that never has as many has no curve.

    Returns:
        One row per (group, time) at which a span ended or was last seen, sorted: n_at_risk (watched just before),
        n_ended, n_total (spans of the group), from_time (the curve is of those who reached this age; 0: of all),
        survival (share, 0-1), low, high. While nobody has ended, the lower bound is Wilson's for n of n at risk;
        once all have, the upper is Wilson's for 0 of n or the one before, if that is lower. Empty gives empty.
    """
    met = pl.when(pl.col("entered") > 0).then(pl.col("entered")).otherwise(_SINCE_BIRTH).cast(pl.Int64)
    watched = spans.select(*by, "has_ended", met.alias("entered"), pl.col("left").cast(pl.Int64)).filter(
        pl.col("left") > pl.col("entered")
    )
    ends = watched.group_by(*by, time="left").agg(n_ended=pl.col("has_ended").sum(), n_left=pl.len())
    entries = watched.group_by(*by, time="entered").agg(n_entered=pl.len())
    counts = [pl.col(name).sum().cast(pl.Int64) for name in ("n_ended", "n_left", "n_entered")]
    after = pl.col("n_entered").cum_sum() - pl.col("n_left").cum_sum()
    changes = (
        pl.concat([ends, entries], how="diagonal")
        .group_by(*by, "time")
        .agg(counts)
        .sort(*by, "time")
        # who enters at a time is at risk just behind it
        .with_columns(n_after=after.over(by), n_at_risk=(after - pl.col("n_entered") + pl.col("n_left")).over(by))
        .with_columns(n_total=pl.col("n_entered").sum().over(by), start=_start(by, least_at_risk))
        .filter((pl.col("n_at_risk").max() >= least_at_risk).over(by))
        .filter(pl.col("time") > pl.col("start"), pl.col("n_left") > 0)
    )
    return _bounded(_estimated(changes, by), by).select(
        *by, "time", "n_at_risk", "n_ended", "n_total", pl.col("start").clip(lower_bound=0).alias("from_time"), *FIGURES
    )  # fmt: skip


def _start(by: Sequence[str], least: int) -> pl.Expr:
    """The time behind which the curve begins: the last weak spot that more come after, else the first entry."""
    n, ended, after = pl.col("n_at_risk"), pl.col("n_ended"), pl.col("n_after")
    more_later = (n >= least).reverse().cum_max().reverse().shift(-1, fill_value=False)
    is_weak = (after == 0) | ((ended > 0) & ((n < least) | (n == ended)))
    reach = pl.when(after == 0).then(pl.col("time").shift(-1)).otherwise(pl.col("time"))
    return pl.coalesce(reach.filter(is_weak & more_later).max(), pl.col("time").min()).over(by)


def _estimated(table: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The product of the shares that passed each time, and the sum of Greenwood's terms."""
    n, ended = pl.col("n_at_risk").cast(pl.Float64), pl.col("n_ended").cast(pl.Float64)
    term = pl.when(n > ended).then(ended / (n * (n - ended))).otherwise(0.0)
    return table.with_columns(survival=((n - ended) / n).cum_prod().over(by), greenwood=term.cum_sum().over(by))


def _bounded(table: pl.DataFrame, by: Sequence[str], z: float = Z95) -> pl.DataFrame:
    """Bounds beside each estimate; where log(-log) has none, those of a share of the ones at risk."""
    share = pl.col("survival")
    inner = pl.when((share > 0) & (share < 1)).then(share)
    power = (z * pl.col("greenwood").sqrt() / inner.log().abs()).exp()
    all_stay = unended_low(pl.col("n_at_risk"), z)
    none_stay = 1 - all_stay
    bounded = table.with_columns(
        low=pl.when(share >= 1).then(all_stay).when(share <= 0).then(0.0).otherwise(inner**power),
        high=pl.when(share >= 1).then(1.0).otherwise(inner ** (1 / power)),
    )
    before = pl.col("high").forward_fill().over(by)
    return bounded.with_columns(high=pl.coalesce("high", pl.min_horizontal(before, none_stay)))


def unended_low(n_at_risk: pl.Expr, z: float = Z95) -> pl.Expr:
    """The lower bound (Wilson) of a share of which all n are still there."""
    n = n_at_risk.cast(pl.Float64)
    return n / (n + z * z)


def survival_at(curves: pl.DataFrame, by: Sequence[str], times: Sequence[int]) -> pl.DataFrame:
    """Each curve read at some times.

    Args:
        curves: what `survival` gives.
        by: what makes a group.
        times: the ages to read it at.

    Returns:
        One row per (group, time), sorted: n_total, n_at_risk (watched just before the next end or last sight at or
        behind that time; 0: nobody was watched as long), from_time, survival, low, high: null where nobody was
        watched as long and some were left, and before from_time.
    """
    asked = pl.DataFrame({"time": sorted(times)}, schema={"time": pl.Int64})
    marks = curves.select(*by, "n_total", "from_time").unique().join(asked, how="cross").sort("time")
    ordered = curves.sort("time")
    behind = marks.join_asof(
        ordered.select(*by, "time", *FIGURES), on="time", by=list(by), strategy="backward", check_sortedness=False
    )
    ahead = behind.join_asof(
        ordered.select(*by, "time", "n_at_risk"), on="time", by=list(by), strategy="forward", check_sortedness=False
    )
    is_seen = pl.col("n_at_risk").is_not_null() & (pl.col("time") >= pl.col("from_time"))
    is_over = pl.col("survival") == 0
    untouched = {"survival": pl.lit(1.0), "low": unended_low(pl.col("n_at_risk")), "high": pl.lit(1.0)}
    return ahead.with_columns(
        pl.when(is_seen).then(pl.coalesce(name, untouched[name])).when(is_over).then(pl.col(name)).alias(name)
        for name in FIGURES
    ).select(
        *by, "time", "n_total", pl.col("n_at_risk").fill_null(0), "from_time", *FIGURES
    ).sort(*by, "time")  # fmt: skip


def median_time(curves: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The age that half do not pass, per group.

    Args:
        curves: what `survival` gives.
        by: what makes a group.

    Returns:
        One row per group, sorted: n_total, from_time, median (the first time with half or fewer left; null: not
        reached), median_low, median_high (the first times at which the lower and the upper bound are so low; null: not
        reached).
    """
    first = {"median": "survival", "median_low": "low", "median_high": "high"}
    return (
        curves.group_by(*by)
        .agg(
            pl.col("n_total", "from_time").first(),
            **{name: pl.col("time").filter(pl.col(bound) <= 0.5).min() for name, bound in first.items()},
        )
        .sort(*by)
    )
