"""A benchmark: where a KPI stands, where it shall be, by when, and who answers for it."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from domain.kpis import KPIS
from domain.roadmap.part import Amount, Id, Part, Scope, Share, Text, Texts
from domain.scopes import DIMENSIONS, canonical

BenchmarkWindow = Literal["week", "month", "28d", "90d"]
PathKind = Literal["linear", "step", "points"]

_HITS = r"^(\d+) of (\d+)$"


@dataclass(frozen=True)
class Hits:
    """`2 of 3`: so many of the last periods."""

    hits: int = 1
    of: int = 1

    @classmethod
    def parsed(cls, text: object) -> Self:
        """Read `2 of 3`.

        Raises:
            ValueError: no such words, or more hits than periods; the message says how to write it.
        """
        if isinstance(text, cls):
            return text
        found = re.match(_HITS, text) if isinstance(text, str) else None
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise ValueError(f"'{text}' says not how often. Write it as 2 of 3: two of the last three periods")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.hits} of {self.of}"


class Competitor(Part):
    """What somebody else reaches, with its source."""

    who: Text
    value: Amount
    on: date
    n: Annotated[int, Field(ge=1)] | None = None
    """Answers or contacts behind it."""
    source: Text
    """Where it is from."""


class Benchmark(Part):
    """One target: a KPI of one scope, from a baseline to a target by a date."""

    id: SkipJsonSchema[str] = ""
    kpi: Text
    """Name in the KPI catalogue."""
    survey: Text | None = None
    """The survey that asks; surveys are never pooled."""
    scope: Scope = Field(default={})
    """Which part of the company: `{segment: office}`; without it the whole."""
    window: BenchmarkWindow
    """The span each value covers; 28d and 90d trail and end on Mondays."""
    baseline: Amount
    """Where it stood. Shares are 0-1; durations a span of time or seconds."""
    on: date
    """The day of the baseline."""
    target: Amount
    """Where it shall be; the same as the baseline: to be held."""
    by: date
    """The day of the target."""
    path: PathKind = "linear"
    """How it gets there: evenly, in steps, or through given points."""
    steps: dict[date, Amount] = Field(default={})
    """For `path: step`: from this day on, this value."""
    points: dict[date, Amount] = Field(default={})
    """For `path: points`: on this day, this value; straight lines between."""
    tolerance: Annotated[Amount, Field(ge=0)] = 0.0
    """How far on the worse side of the path is still no matter."""
    guard: tuple[Id, ...] = ()
    """Benchmarks that must not suffer for this one."""
    owner: Id
    """The role that answers for it."""
    why: Text | None = None
    """Why this target; say it again when the target changes."""
    compare: tuple[Competitor, ...] = ()
    """What others reach."""
    split: Texts = ()
    """How a change is to be explained: reason, voluntary, topic …"""
    population: dict[Text, Literal["as in customers"] | dict[Text, Share]] = Field(default={})
    """Beside the plain value a weighted one: `{segment: as in customers}`, `{channel: {chat: 0.4, email: 0.6}}`."""
    fire_after: Annotated[
        Hits,
        BeforeValidator(Hits.parsed),
        PlainSerializer(str, return_type=str),
        WithJsonSchema({"type": "string", "pattern": _HITS, "default": "1 of 1"}),
    ] = Hits()
    """How many of the last periods must be surely behind before an alert."""
    recover_after: Annotated[int, Field(ge=1)] = 1
    """How many periods in a row must be back on the path before it is over."""

    @cached_property
    def members(self) -> dict[str, str]:
        """The scope's members by dimension, the survey among them."""
        return {**self.scope, **({"survey": self.survey} if self.survey else {})}

    @cached_property
    def scope_key(self) -> str:
        """The scope as canonical JSON, the survey included when one is named."""
        return canonical(self.members)

    @cached_property
    def title(self) -> str:
        """The reader's name: `Office NPS`, `Home churn`, `Chat SLA attainment`, `CSAT after help`, `NPS`."""
        known = sorted((d for d in self.scope if d in DIMENSIONS), key=("persona", "segment", *DIMENSIONS).index)
        kpi = KPIS[self.kpi].title if self.kpi in KPIS else self.kpi.replace("_", " ")
        words = " ".join([*(self.scope[d] for d in known if d != "survey"), kpi])
        # a survey that says when it asks is part of the name; `relationship` would only be noise
        when = self.survey if self.survey and self.survey.startswith("after-") else ""
        name = f"{words} {when}".strip().replace("-", " ")
        return name[:1].upper() + name[1:]
