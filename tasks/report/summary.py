"""The weekly summary as neutral data: what is told, before anybody decides how it looks."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tasks.report.care import Care
from tasks.report.episodes import Alert, Alerts, Board
from tasks.report.friction import Journey
from tasks.report.progress import Progress
from tasks.report.sayings import Words
from tasks.report.small_print import SmallPrint
from tasks.report.standing import BenchmarkRow, Later, Standing, ValueRow


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
