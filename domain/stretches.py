"""Daily parts added up to stretches, of which weeks, months and four weeks are made without looking at days again.

A stretch is a week cut where a month begins: it starts on a Monday or on the first of a month. Stretches add up to
calendar years, of which all time is made.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

import polars as pl

from domain.groups import SUMS, in_order
from domain.histogram import merged
from domain.windows import Window, month_of, next_month, week_of


def stretch_of(day: date) -> Window:
    """The stretch that holds `day`."""
    monday = week_of(day)
    return Window(max(monday, month_of(day)), min(monday + timedelta(days=7), next_month(day)))


def rest_of(days: Collection[date]) -> list[date]:
    """The other days of the stretches that hold `days`, in order."""
    windows = {stretch_of(day) for day in days}
    held = {window.start + timedelta(days=i) for window in windows for i in range(window.days)}
    return sorted(held.difference(days))


def stretched(parts: pl.DataFrame) -> pl.DataFrame:
    """One row per series and stretch, in the shape of parts: booked and known on the stretch's first day.

    Args:
        parts: PARTS_SCHEMA; all parts of the stretches they lie in.

    Returns:
        PARTS_SCHEMA; as the latest state, so what was known when is lost.
    """
    return _added_from(parts, {stretch_of(day).start for day in parts["booked_day"].unique()})


def year_of(day: date) -> date:
    """The first day of a day's year."""
    return day.replace(month=1, day=1)


def yearly(stretches: pl.DataFrame) -> pl.DataFrame:
    """One row per series and calendar year, in the shape of parts: booked and known on the first of January.

    Args:
        stretches: as `stretched` gives them; all of the years they lie in.
    """
    return _added_from(stretches, {year_of(day) for day in stretches["booked_day"].unique()})


def _added_from(parts: pl.DataFrame, starting: Iterable[date]) -> pl.DataFrame:
    """Parts added up from each of some days to before the next."""
    if parts.is_empty():
        return parts
    starts = sorted(starting)
    series = parts.select("kpi", "scope").unique(maintain_order=True).with_row_index("series")
    stretch = pl.lit(pl.Series(starts)).search_sorted(pl.col("booked_day"), side="right").cast(pl.Int64) - 1
    numbered = parts.join(series, on=["kpi", "scope"], maintain_order="left").select(
        "booked_day", "known_day", *SUMS, group=pl.col("series").cast(pl.Int64) * len(starts) + stretch
    )
    bins = merged(numbered["group"], parts["bins"])
    days = in_order(numbered.sort("group", "booked_day", "known_day"), ["group", "booked_day"])
    sums = in_order(days, ["group"]).lazy()
    start = pl.lit(pl.Series(starts)).gather(pl.col("group") % len(starts))
    labels = (pl.lit(series[name]).gather(pl.col("group") // len(starts)).alias(name) for name in ("kpi", "scope"))
    return (
        sums.join(bins.lazy(), on="group", how="left")
        .select(*labels, start.alias("booked_day"), start.alias("known_day"), *SUMS, "bins")
        .sort("kpi", "booked_day", "scope")
        .collect(engine="in-memory")
    )
