"""What we do to get there: principles, goals, initiatives, the capabilities they need, known events."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from domain.roadmap.part import Id, Level, Money, Part, Scope, Text


class Principle(Part):
    """What we promise; watched by KPIs, or it is only a poster."""

    id: Id
    we: Text
    """The promise, in one sentence."""
    seen_in: Annotated[tuple[Text, ...], Field(min_length=1)]
    """The KPIs in which it shows."""


class Goal(Part):
    """A business goal that all this serves."""

    id: Id
    title: Text
    kpi: Text
    """The measure; it need not be one of the catalogue."""
    target: float
    by: date


class Serves(Part):
    """What an initiative is for."""

    touchpoint: Text | None = None
    segment: Text | None = None
    principle: Id | None = None
    goal: Id | None = None


class Outcome(Part):
    """What it shall do to a benchmark."""

    benchmark: Id
    by: float
    """The change expected, in the benchmark's unit; negative is lower."""


class Budget(Part):
    """Money, in the company's currency."""

    planned: Money
    spent: Money = 0.0


class BusinessCase(Part):
    """What it is worth."""

    benefit_per_year: float
    counted_as: Text
    """How the benefit is counted."""


class Milestone(Part):
    """A date at which something visible is there."""

    id: Id | None = None
    title: Text
    due: date
    done: date | None = None


class Initiative(Part):
    """Work that is meant to move benchmarks."""

    id: Id
    title: Text
    horizon: Literal["quick win", "next", "long term"]
    """quick win: weeks; next: this year; long term: up to 36 months."""
    owner: Id
    sponsor: Id | None = None
    """The role that pays."""
    by: date | None = None
    """The end, where milestones do not say it."""
    serves: Annotated[Serves, Field(alias="for")] = Serves()
    """Touchpoint, segment, principle or goal it is for."""
    outcomes: tuple[Outcome, ...] = ()
    budget: Budget | None = None
    business_case: BusinessCase | None = None
    needs: tuple[Id, ...] = ()
    """Capabilities it cannot do without."""
    milestones: tuple[Milestone, ...] = ()


class Capability(Part):
    """What we must be able to do: level 1 ad hoc … 5 leading."""

    kind: Literal["data", "technology", "training", "process", "people"]
    now: Level
    want: Level
    by: date
    owner: Id


class Event(Part):
    """What is known to move the numbers: kept out of baselines, shown on charts."""

    title: Text
    on: date
    until: date | None = None
    """The last day, for events that last."""
    touches: Scope = Field(default={})
    """The part it touches; without it the whole."""
    breaks: tuple[Text, ...] = ()
    """KPIs whose values before and after are never compared."""
