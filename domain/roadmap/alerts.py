"""How people are told: budget, quiet hours, escalation, routes."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from domain.roadmap.part import Id, Part, SlackChannel, Span, Text


class AlertBudget(Part):
    """How much may be said; what is over goes into the weekly summary."""

    false_alarms_a_month: Annotated[float, Field(gt=0)] = 1.0
    """Over all KPIs together."""
    messages_a_week: dict[SlackChannel, Annotated[int, Field(ge=1)]] = Field(default={})
    """By channel; without an entry there is no limit."""


class Quiet(Part):
    """When nobody is disturbed."""

    calendar: Id
    """Messages go out in its opening hours."""
    deliver: Literal["next opening"] = "next opening"


class Escalation(Part):
    """Who is told when nobody reacts."""

    seen_within: Span
    then: Id = "deputy"
    """`deputy` (the owner's), or a role."""
    and_after: Span
    to: Id
    """The role that is told last."""


class Route(Part):
    """Alerts that match every condition go to more people."""

    kpi: Text | None = None
    touchpoint: Text | None = None
    segment: Text | None = None
    channel: Text | None = None
    also: SlackChannel | None = None
    """A further Slack channel."""
    to: Id | None = None
    """A further role, told in its channel."""

    def leads(self, kpi: str, members: Mapping[str, str]) -> bool:
        """Whether an alert about this KPI and scope goes this way: every condition named holds."""
        wanted = {"touchpoint": self.touchpoint, "segment": self.segment, "channel": self.channel}
        return self.kpi in {None, kpi} and all(m is None or members.get(d) == m for d, m in wanted.items())


class Alerts(Part):
    """The rules of telling."""

    default_channel: SlackChannel | None = None
    """For roles without a channel, and for KPIs without an owner."""
    budget: AlertBudget = AlertBudget()
    quiet: Quiet | None = None
    escalate: Escalation | None = None
    routes: tuple[Route, ...] = ()
    names_of_customers_in: tuple[SlackChannel, ...] = ()
    """Channels that may show customers' names; elsewhere counts only."""
