"""Pace: is a KPI where its roadmap path says it should be by now?

A period is surely behind when all that it may still turn out to be, sampling included, is worse than the
line (the path less the tolerance). It is recovered when the path itself is reached whatever the open
outcomes become. Outcomes become known later, so at each moment all periods since the benchmark began are
looked at again, and the latest that is sure either way decides; windows that trail hold the past already,
so there the latest one decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from math import inf, sqrt
from typing import Literal

import polars as pl

from domain.breaks import begun_on
from domain.intervals import Z95
from domain.kpis import KPIS
from domain.records import Finding, PaceVerdict, Point
from domain.untold import BOUND
from domain.windows import TRAILING_DAYS, month_of, week_of
from tasks.detect.points import points_of

_SETTLED = 0.05
"""With at most this share of outcomes open, the value speaks for the period."""


@dataclass(frozen=True)
class Target:
    """What a benchmark asks of one KPI and scope, as plain values.

    Attributes:
        benchmark: its id. kpi, scope: what it is about; the scope canonical.
        window: week | month | 28d | 90d.
        better: which way is better.
        min_n: items (known and open) below which a period says nothing.
        fire_after: (m, n): a breach is m surely behind of the last n periods that say something.
        recover_after: recovered periods in a row, among those that are sure, before it is over.
        expected: the path's value on a day.
        tolerance: how far on the worse side of the path is still no breach; not negative.
        on: first day of the path; periods that start earlier are not judged.
        breaks: days on which the series breaks; periods that start before the last one are not judged either.
    """

    benchmark: str
    kpi: str
    scope: str
    window: str
    better: Literal["up", "down"]
    min_n: int
    fire_after: tuple[int, int]
    recover_after: int
    expected: Callable[[date], float]
    tolerance: float
    on: date
    breaks: tuple[date, ...] = ()


@dataclass(frozen=True)
class JudgedPeriod:
    """One period against the path.

    Attributes:
        expected, line: the path, and the path less the tolerance, on the period's last day.
        is_recovered: the path itself is reached, whatever becomes of open outcomes.
    """

    point: Point
    verdict: PaceVerdict
    expected: float
    line: float
    is_recovered: bool

    @property
    def says_something(self) -> bool:
        """There was enough to tell."""
        return self.verdict not in ("no data", "not enough evidence")

    @property
    def is_sure(self) -> bool:
        """Nothing that is still open can change which side it is on."""
        return self.is_recovered or self.verdict == "surely behind"


def judge_pace(points: pl.DataFrame | Sequence[Point], target: Target, moment: date) -> Finding:
    """What pace says of one benchmark at one moment.

    Args:
        points: the benchmark's periods as known at `moment`, one each; a frame may also hold other
            KPIs, scopes and periods (columns of `domain.estimates.POINTS_SCHEMA`).
        target: the benchmark.
        moment: the day before which all is judged; periods that end later are not looked at.

    Returns:
        One finding. 'surely behind' with `is_breach` once `fire_after` is met; `is_recovered` once
        `recover_after` is. `point`, `expected` and `line` are those of the period that decides: the
        latest sure one while behind, else the latest that says something. `since` is the first day of
        the first surely-behind period after the last recovered one. 'no data' when the last complete
        period holds no item: neither a breach nor a recovery.
    """
    held = points_of(_of(points, target)) if isinstance(points, pl.DataFrame) else points
    complete = sorted((p for p in held if p.period_end <= moment), key=lambda p: p.period_start)
    last_end = month_of(moment) if target.window == "month" else week_of(moment)
    if not complete or complete[-1].period_end < last_end or _items(complete[-1]) == 0:
        return _finding(target, moment, "no data", note="No items in the last complete period.")
    begun = begun_on(target.breaks, moment)
    first = max(target.on, begun or target.on)
    judged = [judge_period(point, target) for point in complete if point.period_start >= first]
    if not judged:
        why = "the series broke on " if begun == first else ""
        return _finding(target, moment, "not enough evidence", note=f"No complete period since {why}{first}.")
    is_trailing = target.window in TRAILING_DAYS
    sure = [period for period in judged if period.is_sure]
    if is_trailing and not judged[-1].is_sure:
        sure = []
    if sure and sure[-1].verdict == "surely behind":
        return _behind(target, moment, judged)
    n_recovered = sum(1 for _ in takewhile(lambda period: period.is_recovered, reversed(sure)))
    telling = [period for period in judged if period.says_something]
    shown = judged[-1] if is_trailing or not telling else telling[-1]
    is_recovered = n_recovered >= max(1, target.recover_after)
    return _finding(target, moment, shown.verdict, shown, is_recovered=is_recovered, note=_why(shown, target))


def judge_period(point: Point, target: Target) -> JudgedPeriod:
    """One complete period against the path on its last day."""
    sign = 1.0 if target.better == "up" else -1.0
    expected = target.expected(point.period_end - timedelta(days=1))
    line = expected - sign * target.tolerance

    def of(verdict: PaceVerdict, *, is_recovered: bool = False) -> JudgedPeriod:
        return JudgedPeriod(point, verdict, expected, line, is_recovered)

    items = _items(point)
    if items == 0:
        return of("no data")
    ends = [end for end in (point.bound_low, point.bound_high) if end is not None] if point.n_open else []
    if not ends and point.n_open > _SETTLED * items:
        return of("not enough evidence")
    ends = ends or ([point.value] if point.value is not None else [])
    if items < target.min_n or not ends:
        return of("not enough evidence")
    # from here on larger is better
    worst, best = sorted((sign * ends[0], sign * ends[-1]))
    at_most = _reach(point, target.kpi, sign * best, upward=sign > 0) * sign
    at_least = _reach(point, target.kpi, sign * worst, upward=sign < 0) * sign
    value, mark, floor = sign * (point.value if point.value is not None else ends[0]), sign * expected, sign * line
    is_recovered = worst >= mark
    if at_most < floor:
        return of("surely behind")
    if at_least > mark + target.tolerance:
        return of("ahead", is_recovered=is_recovered)
    if worst >= floor:
        return of("on track", is_recovered=is_recovered)
    if best < floor:
        return of("behind, not sure")
    if point.n_open > _SETTLED * items:
        return of("not enough evidence")
    return of("on track" if value >= floor else "behind, not sure")


def _reach(point: Point, kpi: str, value: float, *, upward: bool) -> float:
    """The end of the 95 % interval around `value`, were all open outcomes known and gave it; none: infinity."""
    items = _items(point)
    known = KPIS.get(kpi)
    if point.n_open and known is not None and known.statistic == "share":
        share = min(1.0, max(0.0, value))
        z2 = Z95 * Z95 / items
        half = Z95 * sqrt(share * (1 - share) / items + z2 / (4 * items))
        return (share + z2 / 2 + (half if upward else -half)) / (1 + z2)
    end = point.high if upward else point.low
    if point.value is None:
        return value
    if end is None:
        return inf if upward else -inf
    return value + (end - point.value) * sqrt(point.n / items)


def _behind(target: Target, moment: date, judged: Sequence[JudgedPeriod]) -> Finding:
    """A spell of surely-behind periods: is it long enough, and when did it begin?"""
    spell = list(takewhile(lambda period: not period.is_recovered, reversed(judged)))
    behind = [period for period in spell if period.verdict == "surely behind"]
    last, since = behind[0], behind[-1].point.period_start
    m, n = target.fire_after
    up_to_last = [p for p in judged if p.says_something and p.point.period_start <= last.point.period_start]
    is_breach = sum(period.verdict == "surely behind" for period in up_to_last[-n:]) >= m
    note = "" if is_breach else f"{m} of {n} periods must be surely behind."
    return _finding(target, moment, "surely behind", last, since=since, is_breach=is_breach, note=note)


def _why(period: JudgedPeriod, target: Target) -> str:
    """What keeps a verdict from being given, in a reader's words."""
    if period.verdict != "not enough evidence":
        return ""
    items = _items(period.point)
    if items < target.min_n:
        return f"{items} items, {target.min_n} needed."
    if target.kpi == "churn_rate" and period.point.value is None:
        return BOUND
    return f"{period.point.n_open} of {items} outcomes are not known yet."


def _items(point: Point) -> int:
    return point.n + point.n_open


def _of(points: pl.DataFrame, target: Target) -> pl.DataFrame:
    wanted = {"kpi": target.kpi, "scope": target.scope, "period": target.window}
    return points.filter(*(pl.col(name) == value for name, value in wanted.items() if name in points.columns))


def _finding(
    target: Target,
    moment: date,
    verdict: PaceVerdict,
    period: JudgedPeriod | None = None,
    *,
    since: date | None = None,
    is_breach: bool = False,
    is_recovered: bool = False,
    note: str = "",
) -> Finding:
    return Finding(
        rule="pace", kpi=target.kpi, scope=target.scope, benchmark=target.benchmark, moment=moment, verdict=verdict,
        point=period.point if period else None, expected=period.expected if period else None,
        line=period.line if period else None, since=since, is_breach=is_breach, is_recovered=is_recovered, note=note,
    )  # fmt: skip
