"""A KPI's weeks as arrays: what drift is judged on, whole or split into strata of a mix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import exp
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.intervals import Z95
from domain.kpis import Kpi
from domain.records import Point
from domain.windows import Window
from tasks.detect.points import points_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_NUMBERS = ("n", "n_open", "total_sq", "value", "low", "high")
_SMALLEST_CELL = 10
"""Below this a quantile of one stratum in one week says nothing about the stratum."""


@dataclass(frozen=True)
class Series:
    """Weeks of one series in order of time: T rows, S strata (S = 1: not split).

    Attributes:
        start, end: first day, and first day after.
        size: (T, S) items that a value rests on; 1 per week for counts and levels; 0: no value.
        x: (T, S) value on the working scale (log for quantiles); 0 where `size` is 0.
        squares: (T, S) total of squares. spread: (T, S) variance per item seen from the interval.
        n: (T,) outcomes known over all. points: the weeks as they are shown, not standardised.
        segment: (T,) goes up by one at each declared break.
        kept_out: (T,) weeks that no baseline may learn from.
    """

    start: Sequence[date]
    end: Sequence[date]
    size: Floats
    x: Floats
    squares: Floats
    spread: Floats
    n: Ints
    points: Sequence[Point]
    segment: Ints
    kept_out: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.start)

    def only(self, rows: npt.NDArray[np.bool_]) -> Self:
        """The weeks picked."""
        picked: list[int] = np.flatnonzero(rows).tolist()
        return replace(
            self,
            start=[self.start[i] for i in picked],
            end=[self.end[i] for i in picked],
            points=[self.points[i] for i in picked],
            **{name: getattr(self, name)[rows] for name in ("size", "x", "squares", "spread", "n")},
            segment=self.segment[rows],
            kept_out=self.kept_out[rows],
        )


def series_of(
    points: pl.DataFrame,
    kpi: Kpi,
    strata: pl.DataFrame | None = None,
    breaks: Sequence[date] = (),
    kept_out: Sequence[Window] = (),
) -> Series:
    """The weeks that can be judged, merged until each holds enough.

    Args:
        points: one row per week of one series; period_start, period_end (date), n, n_open (int),
            total_sq, value, low, high (float, the KPI's unit); further columns are not looked at.
        kpi: what the weeks measure.
        strata: the same per (week, stratum), with `stratum` (str); None: the series is not split.
        breaks: days that start a new series: a week across one is left out.
        kept_out: spans whose weeks are judged but never learnt from.

    Returns:
        Weeks with a value and at most `kpi.max_open_share` of their outcomes open. Neighbours are
        merged until they hold `kpi.min_n`; a last group that does not yet is left out.
    """
    points = points if points["period_start"].is_sorted() else points.sort("period_start")
    start, end = _dates(points, "period_start"), _dates(points, "period_end")
    total = _columns(points, points["period_start"].to_numpy(), None)
    parts = total
    if strata is not None:
        parts = _columns(strata, points["period_start"].to_numpy(), strata["stratum"].to_numpy())
    n, n_open = total["n"][:, 0], total["n_open"][:, 0]
    usable = (n > 0) & np.isfinite(total["value"][:, 0]) & (n_open <= kpi.max_open_share * (n + n_open))
    size, x, spread = _on_working_scale(parts, kpi, is_split=strata is not None)
    days = np.array(start, dtype="datetime64[D]"), np.array(end, dtype="datetime64[D]")
    segment, is_out = np.zeros(len(start), dtype=np.int64), np.zeros(len(start), dtype=np.bool_)
    for day in map(np.datetime64, breaks):
        segment += days[0] >= day
        usable &= (days[0] >= day) | (days[1] <= day)
    for span in kept_out:
        is_out |= (days[0] < np.datetime64(span.end)) & (days[1] > np.datetime64(span.start))
    series = Series(
        start, end, size, x, np.nan_to_num(parts["total_sq"]), spread, n.astype(np.int64),
        points_of(points), segment, is_out,
    )  # fmt: skip
    return merged(series.only(usable & (size.sum(axis=1) > 0)), kpi)


def merged(series: Series, kpi: Kpi) -> Series:
    """Neighbouring weeks joined until each group holds `kpi.min_n`; never across a break.

    Only earlier weeks decide where a group ends, so what was judged stays judged when weeks are added.
    """
    if not len(series) or kpi.statistic in ("count", "level") or int(series.n.min()) >= kpi.min_n:
        return series
    groups: list[tuple[int, int]] = []
    first, held = 0, 0
    for i in range(len(series)):
        if series.segment[i] != series.segment[first]:
            first, held = i, 0
        held += int(series.n[i])
        if held >= kpi.min_n:
            groups.append((first, i + 1))
            first, held = i + 1, 0
        if first == len(series):
            break
    spans = [slice(*group) for group in groups]
    size = _stacked(series.size, spans)
    safe = np.where(size > 0, size, 1)
    x = _stacked(series.size * series.x, spans) / safe
    spread = _stacked(series.size * series.spread, spans) / safe
    return Series(
        [series.start[a] for a, _ in groups], [series.end[b - 1] for _, b in groups], size, x,
        _stacked(series.squares, spans), spread, np.array([series.n[s].sum() for s in spans], dtype=np.int64),
        [_merged_point(series, s, kpi, i, x, spread, size) for i, s in enumerate(spans)],
        np.array([series.segment[s][0] for s in spans], dtype=np.int64),
        np.array([bool(series.kept_out[s].any()) for s in spans], dtype=np.bool_),
    )  # fmt: skip


def _stacked(values: Floats, spans: Sequence[slice]) -> Floats:
    return np.array([values[span].sum(axis=0) for span in spans]).reshape(len(spans), values.shape[1])


def _merged_point(series: Series, span: slice, kpi: Kpi, i: int, x: Floats, spread: Floats, size: Floats) -> Point:
    """A group of weeks as one point; one week alone stays as it was."""
    points = series.points[span]
    if len(points) == 1:
        return points[0]
    n = sum(point.n for point in points)
    if size.shape[1] > 1:
        value, half = sum(p.n * (p.value or 0.0) for p in points) / n, float("nan")
    else:
        value = float(x[i, 0])
        half = Z95 * float(np.sqrt(max(0.0, spread[i, 0]) / max(1.0, size[i, 0])))
    shown = [exp(v) if kpi.statistic == "quantile" and size.shape[1] == 1 else v
             for v in (value, value - half, value + half)]  # fmt: skip
    low, high = (None, None) if np.isnan(half) else (shown[1], shown[2])
    return Point(points[0].period_start, points[-1].period_end, n, shown[0], low, high,
                 sum(point.n_open for point in points))  # fmt: skip


def _dates(frame: pl.DataFrame, column: str) -> list[date]:
    return frame[column].to_list()


def _columns(
    frame: pl.DataFrame, weeks: npt.NDArray[np.datetime64], strata: npt.NDArray[np.object_] | None
) -> dict[str, Floats]:
    """Each number as (weeks, strata); NaN (n, n_open: 0) where a stratum has no row in a week."""
    held = {name: frame[name].cast(pl.Float64).to_numpy() for name in _NUMBERS}
    if strata is None:
        return {name: np.nan_to_num(v)[:, None] if name in ("n", "n_open") else v[:, None] for name, v in held.items()}
    members, column = np.unique(strata.astype(str), return_inverse=True)
    days = frame["period_start"].to_numpy()
    row = np.searchsorted(weeks, days)
    known = (row < len(weeks)) & (weeks[np.minimum(row, max(0, len(weeks) - 1))] == days) if len(weeks) else row < 0
    out: dict[str, Floats] = {}
    for name, values in held.items():
        grid = np.full((len(weeks), max(1, len(members))), 0.0 if name in ("n", "n_open") else np.nan)
        grid[row[known], column[known]] = values[known]
        out[name] = np.nan_to_num(grid) if name in ("n", "n_open") else grid
    return out


def _on_working_scale(numbers: dict[str, Floats], kpi: Kpi, *, is_split: bool) -> tuple[Floats, Floats, Floats]:
    """Size, value and variance per item; quantiles as logarithms, since durations are skewed."""
    value, low, high, n = numbers["value"], numbers["low"], numbers["high"], numbers["n"]
    has_value = (n > 0) & np.isfinite(value)
    if kpi.statistic == "quantile":
        has_value &= value > 0
        if is_split:
            has_value &= n >= _SMALLEST_CELL
        value, low, high = (np.log(np.where(v > 0, v, np.nan)) for v in (value, low, high))
    size = np.where(has_value, 1.0 if kpi.statistic in ("count", "level") else n, 0.0)
    error = (high - low) / (2 * Z95)
    return size, np.where(has_value, value, 0.0), np.where(has_value, error**2 * size, 0.0)
