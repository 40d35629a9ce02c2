"""The weekly summary as neutral data: what is told, before anybody decides how it looks."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from domain.kpis import Direction, Unit
from domain.records import Point
from domain.weighting import Beside
from tasks.report.change import Change
from tasks.report.journey import Journey
from tasks.report.restated import Restated
from tasks.report.sayings import Words


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
class Alert:
    """One episode.

    Attributes:
        title: the series, in a reader's words. said: the line told when it fired; empty: none kept.
        state: as in `incidents`. opened_on: the Monday it fired.
        since: when the trouble began: first day of the first bad period. window: the periods it judges.
    """

    title: str
    said: str
    rule: str
    state: str
    opened_on: date
    resolved_on: date | None = None
    since: date | None = None
    task: str = ""
    owner: str = ""
    window: str = "week"


@dataclass(frozen=True)
class Alerts:
    """What fired, what is asleep, what is over, what goes on; and the record since a day.

    Attributes:
        n_since: episodes told since then. n_before: episodes that were over when the past was first read.
    """

    new: tuple[Alert, ...] = ()
    snoozed: tuple[Alert, ...] = ()
    over: tuple[Alert, ...] = ()
    going_on: tuple[Alert, ...] = ()
    since: date | None = None
    n_since: int = 0
    n_before: int = 0
    n_acted_on: int = 0


@dataclass(frozen=True)
class TaskLine:
    """One improvement task on the board. `number` is `CX-41`."""

    number: str
    title: str
    owner: str
    state: str
    opened_on: date
    due_on: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class Judged:
    """What a finished task did; `change` is after less before, in the KPI's unit."""

    number: str
    title: str
    kpi: str
    unit: Unit
    outcome: str
    change: float | None
    low: float | None
    high: float | None
    detectable: float | None
    reason: str


@dataclass(frozen=True)
class Board:
    """Tasks: how many, which are due, which were judged this week."""

    n_open: int = 0
    new: tuple[TaskLine, ...] = ()
    overdue: tuple[TaskLine, ...] = ()
    due: tuple[TaskLine, ...] = ()
    judged: tuple[Judged, ...] = ()
    n_ever: int = 0


@dataclass(frozen=True)
class MilestoneLine:
    """One milestone. `standing`: hit | hit late | due | coming | slipped."""

    title: str
    due: date
    done: date | None
    standing: str


@dataclass(frozen=True)
class InitiativeLine:
    """One initiative; money in the company's currency. `end`: when it should be through."""

    title: str
    horizon: str
    owner: str
    milestones: tuple[MilestoneLine, ...] = ()
    end: date | None = None
    planned: float | None = None
    spent: float | None = None

    @property
    def is_done(self) -> bool:
        """Every milestone is done."""
        return bool(self.milestones) and all(m.done for m in self.milestones)

    @property
    def next_milestone(self) -> MilestoneLine | None:
        """The earliest one not done."""
        return min((m for m in self.milestones if not m.done), key=lambda m: m.due, default=None)


@dataclass(frozen=True)
class CapabilityLine:
    """One capability below the level wanted (1 ad hoc … 5 leading)."""

    name: str
    now: int
    want: int
    by: date
    owner: str


@dataclass(frozen=True)
class Coming:
    """A review that comes up."""

    title: str
    on: date
    who: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """The roadmap: initiatives, capabilities behind, what changed in the file, what comes up."""

    initiatives: tuple[InitiativeLine, ...] = ()
    capabilities: tuple[CapabilityLine, ...] = ()
    changed: tuple[str, ...] = ()
    coming: tuple[Coming, ...] = ()


@dataclass(frozen=True)
class SourceDay:
    """How far one source is complete."""

    source: str
    through: date | None


@dataclass(frozen=True)
class SetAside:
    """Rows waiting in quarantine by source, table and rule."""

    source: str
    table: str
    rule: str
    n: int


@dataclass(frozen=True)
class Gap:
    """Days of a stream that a source no longer showed when it was read again; both days belong to it."""

    source: str
    stream: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Listened:
    """One survey against the listening plan: invitations in four weeks, and what broke it (empty: nothing)."""

    survey: str
    n: int
    said: str = ""


@dataclass(frozen=True)
class SmallPrint:
    """What the numbers rest on.

    Attributes:
        n_rows: rows read from all sources, ever. left_out: by table, left out by a declared `where`.
        n_ambiguous_times: local times that came twice. n_swapped_dates: whose day and month were swapped.
        n_without_score: answers with a word that is no score.
        excluded: tickets of the week that are no contacts, by reason.
        rejected: `source: file` of batches of which nothing was published.
        restated: series with figures that are other ones than they were told to be, most important first.
        n_settled: figures that moved as open outcomes became known, within what was told to be possible.
        gaps: that touch the week. listening: by survey, on the Monday after the week.
    """

    sources: tuple[SourceDay, ...] = ()
    n_rows: int = 0
    set_aside: tuple[SetAside, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    excluded: tuple[tuple[str, int], ...] = ()
    rejected: tuple[str, ...] = ()
    restated: tuple[Restated, ...] = ()
    n_settled: int = 0
    n_ambiguous_times: int = 0
    n_swapped_dates: int = 0
    n_without_score: int = 0
    gaps: tuple[Gap, ...] = ()
    listening: tuple[Listened, ...] = ()


@dataclass(frozen=True)
class Later:
    """A later week that is over and that no benchmark could be judged for yet: its rows are still coming in.

    `last_day`: its Sunday. `share_in`: share of the usual rows that is in. `fact`: which rows.
    """

    last_day: date
    share_in: float
    fact: str


@dataclass(frozen=True)
class Leaver:
    """A customer surely likelier to leave than usual: masked id, chance, its sure range, why, what it pays a month.

    `revenue`: amount in minor units and currency; either may not be known.
    """

    customer_id: str
    risk: float
    low: float
    high: float
    reasons: tuple[str, ...]
    revenue: tuple[tuple[int | None, str | None], ...]


@dataclass(frozen=True)
class Stake:
    """Recurring revenue of a year, in minor units: expected to leave, its sure range, and all of theirs.

    `currency` None: of `n` customers it is not known.
    """

    currency: str | None
    n: int
    expected: int | None
    low: int | None
    high: int | None
    whole: int | None


@dataclass(frozen=True)
class Care:
    """Who may leave.

    Attributes:
        as_of: last day that counts. why_not: why nothing can be told; empty: it can.
        base_share: share of the cases learned from who left; n_cases: these cases, n_left: who left.
        separation: how often who left had the higher chance than who stayed, 0.5-1.
        n_customers: who stay as far as anybody knows. n_watched: of these, surely likelier to leave than usual.
        stakes: by currency. reasons: signal and how many it speaks of, the commonest first. first: the likeliest.
    """

    as_of: date
    why_not: str = ""
    base_share: float = 0.0
    n_cases: int = 0
    n_left: int = 0
    separation: float = 0.5
    n_customers: int = 0
    n_watched: int = 0
    stakes: tuple[Stake, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    first: tuple[Leaver, ...] = ()


@dataclass(frozen=True)
class Summary:
    """One week of one company.

    Attributes:
        week_start: Monday of the week told. as_of: the Monday after it, before which all is judged.
        today: the day on which it is told; tasks are due from it on.
        sentences: the verdict in one minute, most important first.
        is_quiet: nothing fired, ended, was opened, judged, is due or overdue.
        is_first_look: the loop first met the data at `as_of`, and told then all that was open.
        journey: where it hurts; None: the roadmap has no journey.
        later: a week after this one that waits for late rows; None: this is the last that can be told.
        care: who may leave; None: the roadmap does not ask for it, or no contract is known.
    """

    company: str
    currency: str
    week_start: date
    as_of: date
    today: date
    sentences: tuple[str, ...] = ()
    benchmarks: tuple[BenchmarkRow, ...] = ()
    alerts: Alerts = field(default_factory=Alerts)
    board: Board = field(default_factory=Board)
    values: tuple[ValueRow, ...] = ()
    progress: Progress = field(default_factory=Progress)
    small_print: SmallPrint = field(default_factory=SmallPrint)
    words: Words = field(default_factory=Words)
    is_quiet: bool = False
    is_first_look: bool = False
    journey: Journey | None = None
    care: Care | None = None
    later: Later | None = None

    @property
    def told_first(self) -> tuple[Alert, ...]:
        """The alerts told for the first time: what fired in the week; at the first look all that is open."""
        return (*self.alerts.new, *(self.alerts.going_on if self.is_first_look else ()))

    @property
    def week(self) -> str:
        """The ISO week, `2026-W11`."""
        year, week, _ = self.week_start.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def last_day(self) -> date:
        """The Sunday of the week."""
        return self.week_start + timedelta(days=6)

    @property
    def is_empty(self) -> bool:
        """Nothing was measured yet."""
        return not self.values and not any(row.point for row in self.benchmarks)

    def standing(self, *standings: Standing) -> tuple[BenchmarkRow, ...]:
        """The benchmarks that stand so."""
        return tuple(row for row in self.benchmarks if row.standing in standings)
