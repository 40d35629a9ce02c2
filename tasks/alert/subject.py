"""What a message needs to know beside the numbers: names, people, places, the target."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.kpis import KPIS, Direction, Unit


@dataclass(frozen=True)
class Subject:
    """What an incident is about, in readers' words.

    Attributes:
        title: `Office NPS`. unit, better: of the KPI. items: what is counted: `answers`.
        window: of the benchmark; None: no benchmark.
        target, by: of the benchmark.
        owner: role that owns it; '' if none.
        mentions: Slack handles or ids told when it fires.
        channels: where it is told, the owner's first.
    """

    title: str
    unit: Unit
    better: Direction
    items: str
    window: str | None = None
    target: float | None = None
    by: date | None = None
    owner: str = ""
    mentions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskLine:
    """The improvement task of an incident: `CX-41`, its state, who has it, until when."""

    name: str
    state: str
    mention: str
    due_on: date | None


ITEMS: dict[str, str] = {
    "survey_answers": "answers", "survey_sends": "invitations", "tickets": "contacts", "reviews": "reviews",
    "remarks": "remarks", "mentions": "mentions", "subscriptions": "customers",
}  # fmt: skip
"""What one item of a fact table is called."""


def items_of(kpi: str) -> str:
    """What a KPI counts: `answers`, `contacts`, `items` if it is not known."""
    return ITEMS.get(KPIS[kpi].fact, "items") if kpi in KPIS else "items"


@dataclass(frozen=True)
class Alert:
    """A message as data, before it is made into blocks or plain text. No text in it is escaped.

    Attributes:
        icon: one sign. headline: enough to decide whether to read on.
        status: what became of it. mentions: who is called.
        sentences: how sure, since when. facts: (label, text) lines. footer: small print.
        incident_id: what buttons act on; None: no buttons.
    """

    icon: Literal["🔴", "🟡", "🟢", "⚪", "🟠"]
    headline: str
    status: str = ""
    mentions: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    footer: str = ""
    incident_id: str | None = None
