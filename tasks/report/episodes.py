"""Alerts and the tasks that they opened, as a summary tells them."""

from dataclasses import dataclass
from datetime import date

from domain.kpis import Unit


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
