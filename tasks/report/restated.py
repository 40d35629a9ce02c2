"""Figures that are other ones than they were told to be, as neutral data."""

from dataclasses import dataclass
from datetime import date

from domain.kpis import Unit


@dataclass(frozen=True)
class Reason:
    """One reason why a figure is another one than it was told to be.

    Attributes:
        kind: most important first in the order of `restating.KINDS`.
        part: of a definition: which part of it. source, table: where the rows are from.
        n: rows, or outcomes. first, last: days on which they came.
    """

    kind: str
    part: str = ""
    source: str = ""
    table: str = ""
    n: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Restated:
    """A figure that was told before and is another one today: the latest such period of one series.

    Attributes:
        period_end: the day after its last day.
        before, now: in the KPI's unit; `now` None: nothing is known of it any more.
        reasons: why, most important first.
        n_periods: periods of the series that changed, this one among them. since: first day of the earliest.
    """

    title: str
    unit: Unit
    period_start: date
    period_end: date
    before: float
    now: float | None
    n_before: int = 0
    n_now: int = 0
    reasons: tuple[Reason, ...] = ()
    n_periods: int = 1
    since: date | None = None
    kpi: str = ""
    scope: str = "{}"
    window: str = ""
