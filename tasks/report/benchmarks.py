"""Each benchmark as one row: what the loop found, what it was before, and the last 26 periods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from domain.breaks import begun_on, is_across
from domain.kpis import KPIS, Kpi
from domain.maturity import Waiting, coming_in, last_period
from domain.records import Point
from domain.roadmap import Benchmark, Roadmap, breaks_of, expected, line
from domain.scopes import WHOLE, parsed
from domain.shown import day_shown
from domain.windows import TRAILING_DAYS, week_of
from tasks.report.change import Change, change_of, sure_range
from tasks.report.markers import markers_of
from tasks.report.standing import BenchmarkRow, Later, SeriesPoint, Standing, ValueRow
from tasks.report.words import sentence, title_of

N_POINTS = 26
STEP_DAYS = {"week": 7, "month": 31, **dict.fromkeys(TRAILING_DAYS, 7)}
"""Days from one period of a window to the next, at most."""
SPAN_DAYS = {"week": 7, "month": 31, **TRAILING_DAYS}
"""Days that a window covers, at most."""

_STANDINGS = {
    "surely behind": Standing.BEHIND, "behind, not sure": Standing.UNSURE, "on track": Standing.ON_PLAN,
    "ahead": Standing.AHEAD, "not enough evidence": Standing.TOO_FEW, "no data": Standing.NO_DATA,
}  # fmt: skip
_POINT = ("period_start", "period_end", "n", "value", "low", "high", "n_open", "bound_low", "bound_high")
_BY_SURVEY = ("survey_answers", "survey_sends")
_SETTLED_WINDOWS = ("28d", "90d", "month", "all")
"""Where a KPI without benchmark is looked up, first that holds enough."""


@dataclass(frozen=True)
class Watch:
    """What the loop does about a benchmark: an alert of this week, an open task (`CX-41`)."""

    is_new: bool = False
    task: str = ""


def benchmark_rows(
    roadmap: Roadmap,
    findings: pl.DataFrame,
    values: pl.DataFrame,
    watched: Mapping[str, Watch],
    moment: date,
    waiting: Waiting | None = None,
) -> tuple[BenchmarkRow, ...]:
    """The benchmarks in the roadmap's order.

    Args:
        roadmap: as it was then.
        findings: one row per (rule, kpi, scope, benchmark, moment), columns of the table `findings`.
        values: one row per (kpi, period, period_start, scope) as known at `moment` (POINTS_SCHEMA).
        watched: by benchmark.
        moment: the Monday before which all is judged; later rows are not looked at.
        waiting: which periods are still coming in; None: none.

    Returns:
        One row each. A benchmark that was not judged at `moment` has 'no data', with what was known last.
    """
    pace = findings.filter(pl.col("rule") == "pace", pl.col("moment") <= moment).sort("moment")
    last = {row["benchmark"]: row for row in pace.iter_rows(named=True)}
    known = values.filter(pl.col("period_end") <= moment, pl.col("n") + pl.col("n_open") > 0)
    return tuple(
        _row(benchmark, roadmap, last.get(name), known, watched.get(name, Watch()), moment, waiting or Waiting())
        for name, benchmark in roadmap.benchmarks.items()
    )


def later_of(
    roadmap: Roadmap, through: Mapping[str, date], waiting: Waiting, moment: date, known_to: date
) -> Later | None:
    """The last week behind `moment` that is over, and that some benchmark waits in for late rows.

    Args:
        roadmap: its benchmarks; none of them was judged after `moment`.
        through: by fact table the last complete day.
        waiting: which periods are still coming in.
        moment: the Monday before which all is judged.
        known_to: the day of the run.
    """
    found: list[Later] = []
    for benchmark in roadmap.benchmarks.values():
        kpi = KPIS[benchmark.kpi]
        complete = min(through.get(fact, date.min) for fact in kpi.facts)
        if kpi.better == "none" or complete < moment:
            continue
        last = week_of(min(known_to, complete + timedelta(days=1)))
        share = waiting.share_in(kpi, benchmark.scope_key, *last_period(benchmark.window, last))
        if last > moment and share is not None:
            found.append(Later(last - timedelta(days=1), share, kpi.fact))
    return max(found, key=lambda later: (later.last_day, -later.share_in), default=None)


def _row(
    benchmark: Benchmark,
    roadmap: Roadmap,
    finding: Mapping[str, Any] | None,
    values: pl.DataFrame,
    watch: Watch,
    moment: date,
    waiting: Waiting,
) -> BenchmarkRow:
    kpi = KPIS[benchmark.kpi]
    breaks = breaks_of(roadmap, benchmark.kpi, benchmark.scope_key)
    points = _points(values, benchmark.kpi, benchmark.scope_key, benchmark.window, breaks)
    point = _judged(finding) or (points[-1] if points else None)
    if point and (begun := begun_on(breaks, moment)) and point.period_start < begun:
        point = None  # of what is measured now nothing is known yet
    last_day = (point.period_end if point else moment) - timedelta(days=1)
    start, end = last_period(benchmark.window, moment)
    share_in = waiting.share_in(kpi, benchmark.scope_key, start, end)
    coming = "" if share_in is None else f"{sentence(coming_in(share_in, kpi.fact))}."
    standing, note = _standing(finding, moment, coming)
    first_end = moment - timedelta(days=N_POINTS * STEP_DAYS[benchmark.window])
    series = tuple(_series_point(p, benchmark, kpi) for p in points if p.period_end > first_end)
    return BenchmarkRow(
        id=benchmark.id, title=benchmark.title, kpi=benchmark.kpi, scope=benchmark.scope_key, unit=kpi.unit,
        better=kpi.better, window=benchmark.window, point=point,
        expected=expected(benchmark, last_day), line=line(benchmark, kpi, last_day),
        target=benchmark.target, target_on=benchmark.by, standing=standing, owner=benchmark.owner,
        n_needed=kpi.min_n, change=_change(points, point, kpi, benchmark.window, breaks),
        is_new=watch.is_new, task=watch.task, note=note, series=series[-N_POINTS:],
        markers=markers_of(roadmap, benchmark, series), breaks=tuple(breaks),
    )  # fmt: skip


def _standing(finding: Mapping[str, Any] | None, moment: date, coming: str) -> tuple[Standing, str]:
    """Where it stands, and what else is to be said; `coming`: how much of the last period is in, empty: it is ripe."""
    if finding is None:
        return (Standing.COMING, coming) if coming else (Standing.NO_DATA, "Not judged yet.")
    standing = _STANDINGS[finding["verdict"]]
    if finding["moment"] < moment:
        through = day_shown(finding["moment"] - timedelta(days=1), moment)
        if coming:
            return Standing.COMING, f"{coming} To {through} it was {standing.value}."
        return Standing.NO_DATA, f"Nothing complete since {through}; then it was {standing.value}."
    return standing, finding["note"] or ""


def _judged(finding: Mapping[str, Any] | None) -> Point | None:
    """The period that the finding rests on."""
    if finding is None or finding["period_start"] is None:
        return None
    known: dict[str, Any] = {name: finding[name] for name in _POINT}
    known.update(n=finding["n"] or 0, n_open=finding["n_open"] or 0)
    return Point(**known)


def _points(values: pl.DataFrame, kpi: str, scope: str, window: str, breaks: Sequence[date]) -> list[Point]:
    """The periods of one series, but for those that hold days before and after a break."""
    mine = values.filter(pl.col("kpi") == kpi, pl.col("scope") == scope, pl.col("period") == window)
    rows = mine.sort("period_start").select(_POINT).iter_rows(named=True)
    return [Point(**row) for row in rows if not is_across(row["period_start"], row["period_end"], breaks)]


def _series_point(point: Point, benchmark: Benchmark, kpi: Kpi) -> SeriesPoint:
    low, value, high = sure_range(point)
    last_day = point.period_end - timedelta(days=1)
    has_path = last_day >= benchmark.on
    return SeriesPoint(
        point.period_start, point.period_end, point.n, point.n_open, value, low, high,
        expected(benchmark, last_day) if has_path else None,
        line(benchmark, kpi, last_day) if has_path and benchmark.tolerance else None,
    )  # fmt: skip


def _change(
    points: Sequence[Point], now: Point | None, kpi: Kpi, window: str, breaks: Sequence[date] = ()
) -> Change | None:
    """Against the nearest earlier period that shares no day with this one."""
    if now is None or now.value is None or window not in SPAN_DAYS:
        return None
    oldest = now.period_start - timedelta(days=STEP_DAYS[window])
    earlier = [p for p in points if oldest < p.period_end <= now.period_start]
    if not earlier or any(earlier[-1].period_start < broken < now.period_end for broken in breaks):
        return None
    return change_of(earlier[-1], now, kpi.better, kpi.min_n, kpi.max_open_share)


def value_rows(roadmap: Roadmap, values: pl.DataFrame, moment: date, known_to: date) -> tuple[ValueRow, ...]:
    """Measured KPIs that no benchmark watches, in the catalogue's order.

    Args:
        roadmap: names what is watched.
        values: one row per (kpi, period, period_start, scope) as known today (POINTS_SCHEMA).
        moment: the Monday after the week.
        known_to: periods that end later are not looked at.

    Returns:
        One row per KPI of the whole company; survey KPIs one per survey, since surveys are never pooled, and ratings
        of reviews on several scales one per source.
        The latest 4 weeks, else 90 days, else the last month with enough outcomes, else all that is known.
    """
    watched = {(b.kpi, b.scope_key) for b in roadmap.benchmarks.values()}
    known = values.filter(pl.col("period_end") <= known_to, pl.col("n") > 0, pl.col("value").is_not_null())
    rows: list[ValueRow] = []
    for kpi in KPIS.values():
        mine = known.filter(pl.col("kpi") == kpi.name)
        for scope in _scopes(kpi, mine["scope"].unique().sort().to_list()):
            if (kpi.name, scope) not in watched:
                rows.extend(_value_row(kpi, scope, mine, moment, breaks_of(roadmap, kpi.name, scope)))
    return tuple(rows)


def _scopes(kpi: Kpi, scopes: Sequence[str]) -> list[str]:
    whole = [scope for scope in scopes if scope == WHOLE]
    if kpi.fact == "reviews" and not whole:
        return [scope for scope in scopes if parsed(scope).keys() == {"source"}]
    surveys = [scope for scope in scopes if parsed(scope).keys() == {"survey"}]
    return surveys if kpi.fact in _BY_SURVEY and (len(surveys) > 1 or not whole) else whole


def _value_row(kpi: Kpi, scope: str, values: pl.DataFrame, moment: date, breaks: Sequence[date]) -> list[ValueRow]:
    for window in _SETTLED_WINDOWS:
        points = _points(values, kpi.name, scope, window, breaks)
        if window in TRAILING_DAYS:
            points = [p for p in points if p.period_end <= moment]
            fit = [p for p in points[-1:] if p.period_end == moment and p.n >= kpi.min_n]
        else:
            fit = [p for p in points if p.n >= kpi.min_n or window == "all"]
        if fit:
            change = _change(points, fit[-1], kpi, window, breaks)
            return [ValueRow(title_of(kpi.name, scope), kpi.name, scope, kpi.unit, kpi.better, window, fit[-1], change)]
    return []
