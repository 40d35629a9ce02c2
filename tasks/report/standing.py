"""Where benchmarks stand, and what other KPIs are worth, as a summary tells it."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from domain.kpis import Direction, Unit
from domain.records import Point
from domain.weighting import Beside
from tasks.report.change import Change


class Standing(Enum):
    """Where a benchmark stands; the value is the word shown."""

    BEHIND = "behind"
    UNSURE = "below plan, not sure"
    ON_PLAN = "on plan"
    AHEAD = "ahead of plan"
    TOO_FEW = "too few to say"
    COMING = "still coming in"
    NO_DATA = "no data"

    @property
    def is_good(self) -> bool:
        """Whether it counts as on plan."""
        return self in (Standing.ON_PLAN, Standing.AHEAD)


@dataclass(frozen=True)
class SeriesPoint:
    """One period of a benchmark's series.

    Attributes:
        value, low, high: in the KPI's unit; `low` and `high` include outcomes not known yet. None: no value.
        expected, line: the path on the period's last day, and the path less the tolerance.
        n: outcomes known. n_open: not known yet.
    """

    period_start: date
    period_end: date
    n: int
    n_open: int
    value: float | None
    low: float | None
    high: float | None
    expected: float | None
    line: float | None


@dataclass(frozen=True)
class Marker:
    """A known event on a chart."""

    title: str
    on: date


@dataclass(frozen=True)
class BenchmarkRow:
    """One benchmark against the roadmap.

    Attributes:
        point: the period that was judged; None: nothing known.
        expected: where the path is on that period's last day. line: less the tolerance.
        n_needed: below this many outcomes no verdict is given.
        change: against the nearest earlier period that does not overlap; None: nothing to compare with.
        is_new: its alert fired this week.
        task: number of the open task, `CX-41`; empty: none.
        series: at most the last 26 periods, oldest first; a missing period is missing here too.
        markers: events of the roadmap that touch it.
        breaks: days on which the series breaks: nothing before is compared with anything after.
        note: what else is to be said in one sentence; empty: nothing.
        beside: the value weighted to the population that the roadmap declares; None: none is declared.
    """

    id: str
    title: str
    kpi: str
    scope: str
    unit: Unit
    better: Direction
    window: str
    point: Point | None
    expected: float | None
    line: float | None
    target: float
    target_on: date
    standing: Standing
    owner: str
    n_needed: int = 0
    change: Change | None = None
    is_new: bool = False
    task: str = ""
    note: str = ""
    series: tuple[SeriesPoint, ...] = ()
    markers: tuple[Marker, ...] = ()
    breaks: tuple[date, ...] = ()
    beside: Beside | None = None


@dataclass(frozen=True)
class ValueRow:
    """One KPI that no benchmark watches: its latest value."""

    title: str
    kpi: str
    scope: str
    unit: Unit
    better: Direction
    window: str
    point: Point
    change: Change | None


@dataclass(frozen=True)
class Later:
    """A later week that is over and that no benchmark could be judged for yet: its rows are still coming in.

    `last_day`: its Sunday. `share_in`: share of the usual rows that is in. `fact`: which rows.
    """

    last_day: date
    share_in: float
    fact: str
