"""Parts added up by series and period, with small integers for both."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from domain.histogram import MOST_BINS, merged
from domain.sums import added_up

SUMS = ["n_items", "n", "total", "total_sq"]
_CELL = ["kpi", "scope", "booked_day", "known_day"]
_NUMBER = pl.int_range(pl.len(), dtype=pl.Int64)


def in_order(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Neighbours added up, one after the other, so that fractions come out the same each time.

    Args:
        rows: SUMS and `by`; rows with the same of these stand together.
        by: what tells rows apart.

    Returns:
        `by` and SUMS, a row for each run of rows with the same `by`, in the order in which they come.

    >>> rows = pl.DataFrame({"day": [1, 1, 2], "n_items": 1, "n": 1, "total": [0.5, 1.0, 4.0], "total_sq": 1.0})
    >>> in_order(rows, ["day"]).rows()
    [(1, 2, 2, 1.5, 2.0), (2, 1, 1, 4.0, 1.0)]
    """
    is_first = rows.select(pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in by))
    starts = is_first.to_series().to_numpy(writable=True)
    starts[:1] = True
    run, firsts = np.cumsum(starts) - 1, np.flatnonzero(starts)
    # one after the other, as `bincount` does it: `sum` splits large frames, each time elsewhere
    sums = [
        pl.Series(name, np.bincount(run, rows[name].to_numpy(), len(firsts))).cast(rows.schema[name]) for name in SUMS
    ]
    return rows.select(pl.col(by).gather(firsts)).with_columns(sums)


def summed(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Parts of the same days, made from different facts, added up in the order they are given.

    Args:
        parts: PARTS_SCHEMA each.

    Returns:
        PARTS_SCHEMA, sorted by kpi, scope, booked_day, known_day; rows that add nothing are left out.
    """
    held = pl.concat(parts).sort(_CELL, maintain_order=True)
    if held.is_empty():
        return held
    held = held.with_columns(group=pl.struct(_CELL).rle_id().cast(pl.Int64))
    bins = merged(held["group"], held["bins"])
    return (
        in_order(held, ["group", *_CELL])
        .lazy()
        .join(bins.lazy(), on="group", how="left", maintain_order="left")
        .filter(pl.any_horizontal(pl.col(SUMS) != 0) | pl.col("bins").is_not_null())
        .select(parts[0].columns)
        .collect(engine="in-memory")
    )


class Groups:
    """The series in some parts and the periods wanted, numbered: group = series × number of periods + period.

    Numbers sort and add up ten times as fast as texts.
    """

    def __init__(self, parts: pl.DataFrame, wanted: pl.DataFrame) -> None:
        # numbered once and for all: the order of `unique` differs from one collect to the next
        self._series = parts.select("kpi", "scope").unique(maintain_order=True).with_columns(series=_NUMBER).lazy()
        self._parts = parts.lazy().join(self._series, on=["kpi", "scope"])
        self._periods = wanted.lazy().with_columns(span=_NUMBER)
        self._labels = ["kpi", "scope", *wanted.columns]
        self._group = pl.col("series") * wanted.height + pl.col("span")
        self._edges = pl.concat([wanted["period_start"], wanted["period_end"]]).unique().sort()

    def totals(self) -> pl.LazyFrame:
        """Every group with something in it: group, its labels (kpi, scope, period_start, period_end), sums, n_open.

        Added up day by day and in order, so that fractions come out the same to the last bit, whichever
        periods are asked for.
        """
        days = self._days().sort("series", "span", "booked_day").collect(engine="in-memory")
        return (
            in_order(days, ["series", "span"])
            .lazy()
            .join(self._series, on="series")
            .join(self._periods, on="span")
            .select(*self._labels, *SUMS, group=self._group, n_open=pl.col("n_items") - pl.col("n"))
        )

    def _days(self) -> pl.LazyFrame:
        """The sums of every day of each group: series, period, booked_day, sums."""
        rows = self._parts.sort("series", "booked_day", "known_day").collect(engine="in-memory")
        days = in_order(rows, ["series", "booked_day"]).lazy()
        return days.join(self._holding(days.select(day="booked_day")), left_on="booked_day", right_on="day")

    def binned(self, bins: pl.DataFrame) -> pl.LazyFrame:
        """Every group's histogram: group, bin, count.

        Days are first added up to stretches between the periods' edges (for 28 days that end on Mondays:
        weeks), so that a day that lies in many periods is not added up for each.

        Args:
            bins: place (of a part), bin, count.
        """
        n = len(self._edges) + 1  # stretch 0 lies before the first edge
        stretch = pl.lit(self._edges).search_sorted(pl.col("booked_day"), side="right")
        slots = self._parts.select("place", slot=(pl.col("series") * n + stretch) * MOST_BINS).collect().sort("place")
        keys, counts = added_up(
            slots["slot"].to_numpy()[bins["place"].to_numpy()] + bins["bin"].to_numpy(), bins["count"].to_numpy()
        )
        slot, bin_ = keys // MOST_BINS, keys % MOST_BINS
        edges = self._edges.alias("day").to_frame().lazy()
        spans = self._holding(edges).join(edges.with_columns(stretch=_NUMBER + 1), on="day").collect()
        if spans["span"].is_unique().all() and spans["stretch"].is_unique().all():  # each period is one stretch
            span_of = np.full(n, -1)
            span_of[spans["stretch"].to_numpy()] = spans["span"].to_numpy()
            span = span_of[slot % n]
            held = pl.LazyFrame({"series": slot // n, "span": span, "bin": bin_, "count": counts})
            return held.filter(pl.col("span") >= 0).select("count", "bin", group=self._group)
        stretches = pl.LazyFrame({"series": slot // n, "stretch": slot % n, "bin": bin_, "count": counts})
        return (
            stretches.join(spans.lazy(), on="stretch")
            .group_by(key=self._group * MOST_BINS + pl.col("bin"))
            .agg(pl.col("count").sum())
            .select("count", group=pl.col("key") // MOST_BINS, bin=pl.col("key") % MOST_BINS)
        )

    def _holding(self, days: pl.LazyFrame) -> pl.LazyFrame:
        """(day, period) for each period that holds a day."""
        return (
            days.unique()
            .join_where(self._periods, pl.col("day") >= pl.col("period_start"), pl.col("day") < pl.col("period_end"))
            .select("day", "span")
        )


class AtEnd(Groups):
    """The same as it was when each period ended: what was taken back later still counts in it."""

    def _days(self) -> pl.LazyFrame:
        by = ["series", "booked_day"]
        rows = self._parts.sort(*by, "known_day").collect(engine="in-memory")
        holding = self._holding(self._parts.select(day="booked_day"))
        days = (
            in_order(rows, [*by, "known_day"])
            .lazy()
            .join(holding, left_on="booked_day", right_on="day")
            .join(self._periods.select("span", "period_end"), on="span")
            .filter(pl.col("known_day") < pl.col("period_end"))
            .sort(*by, "span", "known_day")
            .collect(engine="in-memory")
        )
        return in_order(days, [*by, "span"]).lazy()


class Seen(Groups):
    """The same as it was known at a moment: a period is wanted once for each look at it, with its `as_of`."""

    def __init__(self, parts: pl.DataFrame, wanted: pl.DataFrame) -> None:
        super().__init__(parts, wanted)
        self._moments = wanted["as_of"].unique().sort()

    def _days(self) -> pl.LazyFrame:
        by = ["series", "booked_day"]
        running = self._parts.sort(*by, "known_day").with_columns(pl.col(SUMS).cum_sum().over(by))
        looks = self._holding(running.select(day="booked_day")).join(self._periods.select("span", "as_of"), on="span")
        return (
            running.select(by)
            .unique()
            .join(looks, left_on="booked_day", right_on="day")
            .sort("as_of")
            .join_asof(
                running.select(*by, "known_day", *SUMS).sort("known_day"),
                left_on="as_of", right_on="known_day", by=by, allow_exact_matches=False, check_sortedness=False,
            )
            .filter(pl.col("known_day").is_not_null())
        )  # fmt: skip

    def binned(self, bins: pl.DataFrame) -> pl.LazyFrame:
        """Every group's histogram of what was known by then; the same columns."""
        n, m = len(self._edges) + 1, len(self._moments)
        stretch = pl.lit(self._edges).search_sorted(pl.col("booked_day"), side="right")
        first_seen = pl.lit(self._moments).search_sorted(pl.col("known_day"), side="right")
        slots = self._parts.select("place", slot=(pl.col("series") * n + stretch) * m + first_seen, seen=first_seen < m)
        place, bin_ = pl.col("key") // MOST_BINS, pl.col("key") % MOST_BINS
        stretches = (
            bins.lazy()
            .join(slots.filter("seen"), on="place")
            .group_by(key=pl.col("slot") * MOST_BINS + pl.col("bin"))
            .agg(pl.col("count").sum())
            .select("count", bin=bin_, series=place // m // n, stretch=place // m % n, first_seen=place % m)
        )
        edges = self._edges.alias("day").to_frame().lazy()
        seen = pl.lit(self._moments).search_sorted(pl.col("as_of")).cast(pl.Int64)
        looks = (
            self._holding(edges)
            .join(edges.with_columns(stretch=_NUMBER + 1), on="day")
            .join(self._periods.select("span", seen=seen), on="span")
        )
        return (
            stretches.join(looks, on="stretch")
            .filter(pl.col("first_seen") <= pl.col("seen"))
            .group_by(key=self._group * MOST_BINS + pl.col("bin"))
            .agg(pl.col("count").sum())
            .select("count", group=place, bin=bin_)
        )
