"""From daily parts to values with n and interval: the one place where a KPI becomes a number.

Parts are changes: a row says what became known on `known_day` about things booked on `booked_day`.
The state as of a day T is the sum of the rows with `known_day < T`; an outcome that is counted in
`n_items` and not yet in `n` is open.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from domain.histogram import quantiles
from domain.intervals import count_bounds, mean_bounds, nps_bounds, wilson
from domain.kpis import KPIS
from domain.windows import NEVER, PeriodKind, periods

PARTS_SCHEMA: dict[str, pl.DataType] = {
    "kpi": pl.String(), "scope": pl.String(), "booked_day": pl.Date(), "known_day": pl.Date(),
    "n_items": pl.Int64(), "n": pl.Int64(), "total": pl.Float64(), "total_sq": pl.Float64(), "bins": pl.String(),
}  # fmt: skip
"""One row per (kpi, scope, booked_day, known_day). `bins`: "index:count …" of a log histogram."""

POINTS_SCHEMA: dict[str, pl.DataType] = {
    "kpi": pl.String(), "scope": pl.String(), "period": pl.String(),
    "period_start": pl.Date(), "period_end": pl.Date(),
    "n": pl.Int64(), "n_open": pl.Int64(), "total": pl.Float64(), "total_sq": pl.Float64(),
    "value": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(),
    "bound_low": pl.Float64(), "bound_high": pl.Float64(),
}  # fmt: skip
"""One row per (kpi, scope, period): what `points` gives and `kpi_values` keeps."""

CUSTOMERS = "active_customers"
_BY = ["kpi", "scope", "period_start", "period_end"]


def points(
    parts: pl.DataFrame,
    kind: PeriodKind,
    *,
    as_of: date = NEVER,
    through: date | None = None,
    spans: Sequence[tuple[date, date]] | None = None,
) -> pl.DataFrame:
    """Values of every KPI and scope in `parts` over every complete period of one kind.

    Args:
        parts: PARTS_SCHEMA, any number of KPIs; levels (`active_customers`, `backlog`) need their
            parts from the beginning; `contact_rate` needs those of `active_customers` too.
        kind: which periods.
        as_of: outcomes known before this day count.
        through: the last complete day; periods that end later are left out. None: the last day
            on which anything is booked (only for `all`, which counts every row, it means that).
        spans: periods to give, when not all of them are wanted: (first day, day after the last).

    Returns:
        POINTS_SCHEMA, sorted by kpi, scope, period_start; only periods with something in them,
        for levels every period since the first.
    """
    known = parts.filter(pl.col("known_day") < as_of)
    if known.is_empty():
        return pl.DataFrame(schema=POINTS_SCHEMA)
    first, last = known["booked_day"].min(), known["booked_day"].max()
    assert isinstance(first, date) and isinstance(last, date)  # noqa: S101, PT018
    if first.year < 1980:  # levels begin with what was there before the first day we know
        later = known.filter(pl.col("booked_day") >= date(1980, 1, 1))["booked_day"].min()
        first = later if isinstance(later, date) else last
    end = min(as_of, (through or last) + timedelta(days=1))
    if spans is None:
        spans = [(first, last + timedelta(days=1))] if kind == "all" else periods(kind, first, end)
    if not spans:
        return pl.DataFrame(schema=POINTS_SCHEMA)
    wanted = pl.DataFrame(spans, schema={"period_start": pl.Date(), "period_end": pl.Date()}, orient="row")
    statistics = {name: kpi.statistic for name, kpi in KPIS.items()}
    known = known.with_columns(statistic=pl.col("kpi").replace_strict(statistics))
    frames = [
        _summed(known.filter(~pl.col("statistic").is_in(["level", "per_100", "quantile"])), wanted),
        _quantiles(known.filter(pl.col("statistic") == "quantile"), wanted),
        _levels(known.filter(pl.col("statistic") == "level"), wanted),
        _per_100(known, wanted),
    ]
    return (
        pl.concat([frame for frame in frames if not frame.is_empty()] or [pl.DataFrame(schema=POINTS_SCHEMA)])
        .with_columns(period=pl.lit(kind))
        .select(list(POINTS_SCHEMA))
        .sort(_BY)
    )


def valued(totals: pl.DataFrame) -> pl.DataFrame:
    """Value, interval and bounds beside the totals of shares, means, NPS and counts.

    Args:
        totals: statistic, n, n_open, total, total_sq beside any labels.

    Returns:
        The same rows with value, low, high, bound_low, bound_high added.
    """
    n, total, total_sq, n_open = pl.col("n"), pl.col("total"), pl.col("total_sq"), pl.col("n_open")
    is_share, is_nps, is_mean = (pl.col("statistic") == name for name in ("share", "nps", "mean"))
    some = pl.when(n > 0).then(n)
    share_low, share_high = wilson(total, n)
    nps_low, nps_high = nps_bounds(total, total_sq, n)
    mean_low, mean_high = mean_bounds(total, total_sq, n)
    count_low, count_high = count_bounds(n)
    is_open = is_share & (n_open > 0)
    return totals.with_columns(
        value=pl.when(is_nps).then(100 * total / some).when(is_share | is_mean).then(total / some).otherwise(n),
        low=pl.when(is_nps).then(nps_low).when(is_share).then(share_low).when(is_mean).then(mean_low).otherwise(count_low),
        high=pl.when(is_nps).then(nps_high).when(is_share).then(share_high).when(is_mean).then(mean_high)
        .otherwise(count_high),
        bound_low=pl.when(is_open).then(total / (n + n_open)),
        bound_high=pl.when(is_open).then((total + n_open) / (n + n_open)),
    )  # fmt: skip


def _in_periods(parts: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Each part beside every period that holds its day."""
    days = parts.select("booked_day").unique()
    held = days.join_where(
        wanted, pl.col("booked_day") >= pl.col("period_start"), pl.col("booked_day") < pl.col("period_end")
    )
    return parts.join(held, on="booked_day")


def _summed(parts: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    if parts.is_empty():
        return pl.DataFrame(schema=POINTS_SCHEMA)
    totals = (
        _in_periods(parts, wanted)
        .group_by(*_BY, "statistic")
        .agg(pl.col("n_items", "n", "total", "total_sq").sum())
        .filter((pl.col("n_items") != 0) | (pl.col("n") != 0))
        .with_columns(n_open=pl.col("n_items") - pl.col("n"))
    )
    return _shaped(valued(totals))


def _quantiles(parts: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    if parts.is_empty():
        return pl.DataFrame(schema=POINTS_SCHEMA)
    held = _in_periods(parts, wanted)
    counts = (
        held.group_by(_BY)
        .agg(n_open=pl.col("n_items").sum() - pl.col("n").sum(), total=pl.col("total").sum(),
             total_sq=pl.col("total_sq").sum())
    )  # fmt: skip
    return _shaped(quantiles(held, counts, _BY))


def _levels(parts: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    if parts.is_empty():
        return pl.DataFrame(schema=POINTS_SCHEMA)
    ends = _level_at(parts, wanted.select(day=pl.col("period_end") - pl.duration(days=1)).unique())
    level = ends.join(wanted.with_columns(day=pl.col("period_end") - pl.duration(days=1)), on="day").filter(
        pl.col("level").is_not_null()
    )
    count = pl.col("level").cast(pl.Int64)
    return _shaped(
        level.with_columns(
            n=count, n_open=pl.lit(0), total=pl.col("level"), total_sq=pl.col("level"), value=pl.col("level"),
            low=pl.col("level"), high=pl.col("level"),
            bound_low=pl.lit(None, pl.Float64), bound_high=pl.lit(None, pl.Float64),
        )
    )  # fmt: skip


def _level_at(parts: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """(kpi, scope, day, level) for each day: the sum of all changes up to its end; null before the first."""
    changes = (
        parts.group_by("kpi", "scope", "booked_day")
        .agg(pl.col("n_items").sum())
        .sort("kpi", "scope", "booked_day")
        .with_columns(level=pl.col("n_items").cum_sum().over("kpi", "scope").cast(pl.Float64))
    )
    series = changes.select("kpi", "scope").unique().join(days.select("day"), how="cross").sort("day")
    return series.join_asof(
        changes.select("kpi", "scope", "booked_day", "level").sort("booked_day"),
        left_on="day", right_on="booked_day", by=["kpi", "scope"], check_sortedness=False,
    ).select("kpi", "scope", "day", "level")  # fmt: skip


def _per_100(parts: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    contacts = parts.filter(pl.col("statistic") == "per_100")
    customers = parts.filter(pl.col("kpi") == CUSTOMERS)
    if contacts.is_empty() or customers.is_empty():
        return pl.DataFrame(schema=POINTS_SCHEMA)
    days = wanted.select(day=pl.date_ranges("period_start", "period_end", closed="left")).explode("day").unique()
    held = (
        _level_at(customers, days)
        .join_where(wanted, pl.col("day") >= pl.col("period_start"), pl.col("day") < pl.col("period_end"))
        .group_by("scope", "period_start", "period_end")
        .agg(customers=pl.col("level").fill_null(0).mean())
    )
    totals = (
        _in_periods(contacts, wanted)
        .group_by(_BY)
        .agg(pl.col("n").sum())
        .join(held, on=["scope", "period_start", "period_end"])
        .filter(pl.col("customers") > 0)
    )
    low, high = count_bounds(pl.col("n"))
    per = 100 / pl.col("customers")
    return _shaped(
        totals.with_columns(
            n_open=pl.lit(0), total=pl.col("n").cast(pl.Float64), total_sq=pl.col("customers"),
            value=pl.col("n") * per, low=low * per, high=high * per,
            bound_low=pl.lit(None, pl.Float64), bound_high=pl.lit(None, pl.Float64),
        )
    )  # fmt: skip


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        pl.col(name).cast(dtype) if name != "period" else pl.lit("").alias("period")
        for name, dtype in POINTS_SCHEMA.items()
    )
