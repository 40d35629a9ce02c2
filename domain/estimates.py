"""From daily parts to values with n and interval: the one place where a KPI becomes a number.

Parts are changes: a row says what became known on `known_day` about things booked on `booked_day`.
The state as of a day T is the sum of the rows with `known_day < T`; an outcome that is counted in
`n_items` and not yet in `n` is open.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

import polars as pl

from domain.ages import ages
from domain.groups import AtEnd, Groups, Seen
from domain.histogram import decoded, quantiles
from domain.intervals import count_bounds, mean_bounds, nps_bounds, ratio_bounds, wilson
from domain.kpis import KPIS, Statistic
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
_BY = ["kpi", "scope", "period", "period_start", "period_end"]
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
_AS_AT_END = pl.col("kpi").is_in([name for name, kpi in KPIS.items() if kpi.is_as_at_end])


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
        parts: PARTS_SCHEMA, any number of KPIs; levels (`active_customers`, `backlog`) and ages need their
            parts from the beginning; what is told per another KPI (`contact_rate`) needs the parts of that one too.
        kind: which periods.
        as_of: outcomes known before this day count.
        through: the last complete day; periods that end later are left out. None: the last day
            on which anything is booked (only for `all`, which counts every row, it means that).
        spans: periods to give, when not all of them are wanted: (first day, day after the last).

    Returns:
        POINTS_SCHEMA, sorted by kpi, scope, period_start; only periods with something in them,
        for levels every period since the first, for `contact_rate` every one between the first contact and the last
        or `through`, if customers are known on all its days.
    """
    known = parts.filter(pl.col("known_day") < as_of)
    if known.is_empty():
        return pl.DataFrame(schema=POINTS_SCHEMA)
    whole = _complete(known, kind, as_of, through) if spans is None else spans
    return points_within(known, {kind: whole}, through=through)


def points_within(
    parts: pl.DataFrame,
    spans: Mapping[PeriodKind, Sequence[tuple[date, date]]],
    alike: Sequence[str] = (),
    *,
    through: date | None = None,
) -> pl.DataFrame:
    """Values of every KPI and scope in `parts` over periods of several kinds, in one pass.

    Args:
        parts: as for `points`; everything in them counts as known.
        spans: by kind: (first day, day after the last) of each period.
        alike: KPIs that are another quantile of the one duration in `parts`: their points are given too.
        through: as for `points`: up to there no contact is none, and not one that is yet to come.

    Returns:
        POINTS_SCHEMA, sorted by kpi, scope, period, period_start.
    """
    asked = [(kind, *span) for kind, of_kind in spans.items() for span in of_kind]
    if not asked or parts.is_empty():
        return pl.DataFrame(schema=POINTS_SCHEMA)
    wanted = pl.DataFrame(
        asked, schema={"period": pl.String(), "period_start": pl.Date(), "period_end": pl.Date()}, orient="row"
    )
    near = _near(parts, wanted)
    quantile, level = near.filter(_is("quantile")).with_row_index("place"), parts.filter(_is("level"))
    frames = [
        pl.LazyFrame(schema=POINTS_SCHEMA),
        *_summed(near.filter(_is("share", "mean", "nps", "count"), ~_AS_AT_END), wanted),
        *_summed(near.filter(_AS_AT_END), wanted, AtEnd),
        *_quantiles(quantile, wanted, alike),
        *_levels(level, wanted),
        *_ages(parts.filter(_is("age")), wanted),
        *_per_100(parts, wanted, through),
    ]
    return pl.concat(frames).sort(_BY).collect(engine="in-memory")


def points_seen(parts: pl.DataFrame, kind: PeriodKind, looks: pl.DataFrame) -> pl.DataFrame:
    """Values of periods as they were known at one moment and another: what `points` gives for each, in one pass.

    Args:
        parts: PARTS_SCHEMA of KPIs that are shares, means, NPS, counts or quantiles.
        kind: which periods.
        looks: period_start, period_end, as_of: once each; outcomes known before `as_of` count.

    Returns:
        POINTS_SCHEMA and as_of.
    """
    wanted = looks.with_columns(period=pl.lit(kind))
    frames = [
        pl.LazyFrame(schema={**POINTS_SCHEMA, "as_of": pl.Date()}),
        *_summed(parts.filter(_is("share", "mean", "nps", "count")), wanted, Seen),
        *_quantiles(parts.filter(_is("quantile")).with_row_index("place"), wanted, (), Seen),
    ]
    return pl.concat(frames).collect(engine="in-memory")


def _is(*statistics: Statistic) -> pl.Expr:
    """Parts of KPIs with one of these statistics."""
    return pl.col("kpi").is_in([kpi.name for kpi in KPIS.values() if kpi.statistic in statistics])


def _complete(known: pl.DataFrame, kind: PeriodKind, as_of: date, through: date | None) -> list[tuple[date, date]]:
    """Every complete period of one kind since the first day; of `all`, the one up to the last day."""
    first, last = known["booked_day"].min(), known["booked_day"].max()
    assert isinstance(first, date) and isinstance(last, date)  # noqa: S101, PT018
    if first.year < 1980:  # levels begin with what was there before the first day we know
        later = known.filter(pl.col("booked_day") >= date(1980, 1, 1))["booked_day"].min()
        first = later if isinstance(later, date) else last
    if kind == "all":
        return [(first, last + timedelta(days=1))]
    return periods(kind, first, min(as_of, (through or last) + timedelta(days=1)))


def valued(totals: Frame) -> Frame:
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
    # the scale of a mean is not known: what is open could be anything
    is_open = (is_share | is_nps) & (n_open > 0)
    scale, at_worst = pl.when(is_nps).then(100.0).otherwise(1.0), pl.when(is_nps).then(-n_open).otherwise(0)
    return totals.with_columns(
        value=pl.when(is_nps).then(100 * total / some).when(is_share | is_mean).then(total / some).otherwise(n),
        low=pl.when(is_nps).then(nps_low).when(is_share).then(share_low).when(is_mean).then(mean_low).otherwise(count_low),
        high=pl.when(is_nps).then(nps_high).when(is_share).then(share_high).when(is_mean).then(mean_high)
        .otherwise(count_high),
        bound_low=pl.when(is_open).then(scale * (total + at_worst) / (n + n_open)),
        bound_high=pl.when(is_open).then(scale * (total + n_open) / (n + n_open)),
    )  # fmt: skip


def _summed(parts: pl.DataFrame, wanted: pl.DataFrame, groups: type[Groups] = Groups) -> Iterator[pl.LazyFrame]:
    if parts.is_empty():
        return
    statistics = {name: kpi.statistic for name, kpi in KPIS.items()}
    totals = (
        groups(parts, wanted)
        .totals()
        .filter((pl.col("n_items") != 0) | (pl.col("n") != 0))
        .with_columns(statistic=pl.col("kpi").replace_strict(statistics, return_dtype=pl.String))
    )
    fewest = {name: kpi.fewest for name, kpi in KPIS.items()}
    is_enough = pl.col("n") >= pl.col("kpi").replace_strict(fewest, return_dtype=pl.Int64)
    figures = ("value", "low", "high", "bound_low", "bound_high")
    yield _shaped(valued(totals).with_columns(pl.when(is_enough).then(name).alias(name) for name in figures), wanted)


def _quantiles(
    parts: pl.DataFrame, wanted: pl.DataFrame, alike: Sequence[str], groups: type[Groups] = Groups
) -> Iterator[pl.LazyFrame]:
    if parts.is_empty():
        return
    held = groups(parts, wanted)
    totals = held.totals().drop("n_items", "n").collect(engine="in-memory")
    asked = pl.concat([totals, *(totals.with_columns(kpi=pl.lit(name)) for name in alike)])
    yield _shaped(quantiles(held.binned(decoded(parts["bins"])), asked), wanted)


def _levels(parts: pl.DataFrame, wanted: pl.DataFrame) -> Iterator[pl.LazyFrame]:
    if parts.is_empty():
        return
    lasts = wanted.lazy().with_columns(day=pl.col("period_end") - pl.duration(days=1))
    ends = _level_at(parts.lazy(), lasts.select("day").unique())
    level = ends.join(lasts, on="day").filter(pl.col("level").is_not_null())
    count = pl.col("level").cast(pl.Int64)
    yield _shaped(
        level.with_columns(
            n=count, n_open=pl.lit(0), total=pl.col("level"), total_sq=pl.col("level"), value=pl.col("level"),
            low=pl.col("level"), high=pl.col("level"),
            bound_low=pl.lit(None, pl.Float64), bound_high=pl.lit(None, pl.Float64),
        ),
        wanted,
    )  # fmt: skip


def _ages(parts: pl.DataFrame, wanted: pl.DataFrame) -> Iterator[pl.LazyFrame]:
    if parts.is_empty():
        return
    lasts = wanted.lazy().with_columns(day=pl.col("period_end") - pl.duration(days=1))
    found = ages(parts, lasts.select("day").unique().collect()["day"]).lazy().join(lasts, on="day")
    unknown = pl.lit(None, pl.Float64)
    yield _shaped(found.with_columns(n_open=pl.lit(0), bound_low=unknown, bound_high=unknown), wanted)


def _level_at(parts: pl.LazyFrame, days: pl.LazyFrame) -> pl.LazyFrame:
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


def _per_100(parts: pl.DataFrame, wanted: pl.DataFrame, through: date | None) -> Iterator[pl.LazyFrame]:
    for name in parts.filter(_is("per_100"))["kpi"].unique().sort():
        kpi = KPIS[name]
        assert kpi.per is not None  # noqa: S101
        counted, others = parts.filter(pl.col("kpi") == name), parts.filter(pl.col("kpi") == kpi.per)
        is_level = KPIS[kpi.per].kind == "stock"
        others = others if is_level else _near(others, wanted)
        if others.is_empty():
            continue
        held = _mean_levels(others, wanted) if is_level else Groups(others, wanted).totals()
        base = held.select("scope", *wanted.columns, base=pl.col("base" if is_level else "n").cast(pl.Float64))
        totals = _counted(counted, base.filter(pl.col("base") > 0), wanted, through)
        n, base_n, times = pl.col("n"), pl.col("base"), 100.0 if kpi.unit == "per_100" else 1.0
        low, high = (end / base_n for end in count_bounds(n)) if is_level else ratio_bounds(n, base_n)
        yield _shaped(
            totals.with_columns(
                n_open=pl.lit(0), total=n.cast(pl.Float64), total_sq=base_n,
                value=n / base_n * times, low=low * times, high=high * times,
                bound_low=pl.lit(None, pl.Float64), bound_high=pl.lit(None, pl.Float64),
            ),
            wanted,
        )  # fmt: skip


def _counted(counted: pl.DataFrame, base: pl.LazyFrame, wanted: pl.DataFrame, through: date | None) -> pl.LazyFrame:
    """(kpi, scope, period, base, n): how often one KPI's things came; 0 too, from the first of them to the last day."""
    day = pl.col("booked_day")
    told = counted.lazy().group_by("kpi", "scope").agg(
        since=day.min(), until=pl.max_horizontal(day.max(), pl.lit(through, pl.Date))
    )  # fmt: skip
    return (
        base.join(told, on="scope")
        .filter(pl.col("period_end") > pl.col("since"), pl.col("period_start") <= pl.col("until"))
        .join(Groups(_near(counted, wanted), wanted).totals().select(*_BY, "n"), on=_BY, how="left")
        .with_columns(pl.col("n").fill_null(0))
    )


def _near(parts: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Parts that are booked within any of the periods, or between two of them."""
    day = pl.col("booked_day")
    return parts.filter(day >= wanted["period_start"].min(), day < wanted["period_end"].max())


def _mean_levels(parts: pl.DataFrame, wanted: pl.DataFrame) -> pl.LazyFrame:
    """(scope, period, base): the mean of a level over the days of each period, of those alone that it is known for.

    One day without known customers, and the mean would be of fewer than there were.
    """
    spans = wanted.lazy()
    days = spans.select(day=pl.date_ranges("period_start", "period_end", closed="left")).explode("day").unique()
    return (
        _level_at(parts.lazy(), days)
        .join_where(spans, pl.col("day") >= pl.col("period_start"), pl.col("day") < pl.col("period_end"))
        .group_by("scope", *wanted.columns)
        .agg(base=pl.col("level").mean(), is_known=pl.col("level").is_not_null().all())
        .filter("is_known")
    )


def _shaped(frame: pl.LazyFrame, wanted: pl.DataFrame) -> pl.LazyFrame:
    """The columns of points, and what else the wanted periods carry."""
    schema = {**POINTS_SCHEMA, **wanted.schema}
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
