"""Where customers may reach us, and who is asked what, how often."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from domain.roadmap.part import Id, OneOrMore, Part, Share, Span, Text


class SharePath(Part):
    """A share that shall grow: from a baseline to a target by a date."""

    baseline: Share
    """The share that was answered in time."""
    on: date
    """The day of the baseline."""
    target: Share
    """The share that shall be."""
    by: date
    """The day of the target."""
    tolerance: Share = 0.02
    """How far below the path is still no matter."""
    why: Text | None = None
    """Why this target; say it again when the target changes."""


class Channel(Part):
    """One way to reach us, and what customers may count on there."""

    owner: Id
    """The role that answers for it."""
    calendar: Id = "always"
    """The calendar of its opening hours, or `always`."""
    answer_within: Span | None = None
    """The promise: a first answer within."""
    share: SharePath | None = None
    """Which share of contacts is answered in time, now and by when; judged as the benchmark `answered-NAME`."""
    contained: Text | None = None
    """For bots: what counts as solved without a person."""


class Survey(Part):
    """One survey: what it measures, whom it asks, when."""

    kpi: Annotated[OneOrMore, Field(min_length=1)]
    """What it measures: one KPI or several."""
    asks: tuple[Text, ...] = ()
    """The segments that are asked; without it everybody."""
    every: Span | None = None
    """For relationship surveys: how often one person is asked."""
    after: Text | None = None
    """For surveys after an event: which event."""
    wait: Span | None = None
    """How long after the event."""
    owner: Id | None = None
    """The role that hears when the plan is not kept; without it `cx-lead`, else the first role there is."""
    response_rate: Share | None = None
    """The share of invitations that should be answered."""
    share: Share | None = None
    """The share of events after which somebody is asked."""


class Surveys(Part):
    """The listening plan: surveys by name, and the rest between any two of them."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Survey] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    rest: Span | None = None
    """Nobody is asked twice within, whatever the survey: `30 days`, `1 month`."""

    @property
    def plans(self) -> dict[str, Survey]:
        """The surveys by name, in the file's order."""
        return self.__pydantic_extra__
