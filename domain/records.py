"""What the rooms hand to the flow and write to tables: small frozen records."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Rule = Literal["pace", "drift", "churn", "listening"]

PaceVerdict = Literal["ahead", "on track", "behind, not sure", "surely behind", "not enough evidence", "no data"]
DriftVerdict = Literal["no change", "drifted", "back to normal", "not enough evidence", "no data"]


@dataclass(frozen=True)
class Point:
    """One KPI value of one scope over one period, as known at one moment.

    Attributes:
        value: over the outcomes known; None: nothing known.
        low, high: 95 % interval of `value` from sampling.
        n: outcomes known (denominator). n_open: not known yet.
        bound_low, bound_high: value if all open outcomes fail / succeed; None if none is open.
    """

    period_start: date
    period_end: date
    n: int
    value: float | None
    low: float | None
    high: float | None
    n_open: int = 0
    bound_low: float | None = None
    bound_high: float | None = None


@dataclass(frozen=True)
class Finding:
    """What one rule says of one series at one moment (a Monday, before which all is judged)."""

    rule: Rule
    kpi: str
    scope: str
    benchmark: str
    moment: date
    verdict: str
    point: Point | None = None
    expected: float | None = None
    line: float | None = None
    since: date | None = None
    is_breach: bool = False
    is_recovered: bool = False
    is_provisional: bool = False
    note: str = ""


IncidentState = Literal["pending", "firing", "acknowledged", "snoozed", "recovering", "resolved", "no data", "error"]
OPEN_STATES: frozenset[str] = frozenset({"pending", "firing", "acknowledged", "snoozed", "recovering"})

TaskState = Literal[
    "proposed", "accepted", "in progress", "blocked", "done", "verifying",
    "worked", "no change seen", "made worse", "cannot be judged", "won't do",
]  # fmt: skip


@dataclass(frozen=True)
class Incident:
    """One episode of one (kpi, scope, rule, benchmark).

    Attributes:
        incident_id: derived from the labels and the moment the episode opened.
        key: the labels alone; the next episode has the same key.
        since: when the trouble began, as far as it can be said.
        figures: the numbers last told, for messages and summaries (see `figures_of`).
        is_told: a message about it was put into the outbox.
    """

    incident_id: str
    key: str
    kpi: str
    scope: str
    rule: Rule
    benchmark: str
    state: IncidentState
    opened_at: date
    resolved_at: date | None = None
    since: date | None = None
    judged_through: date | None = None
    n_breaches: int = 0
    n_recovered: int = 0
    is_told: bool = False
    figures: dict[str, float | int | str | None] = field(default_factory=dict[str, float | int | str | None])


@dataclass(frozen=True)
class IncidentEvent:
    """One transition of one incident, with its reason."""

    event_id: str
    incident_id: str
    moment: date
    old: str
    new: str
    reason: str
    actor: str = "cxloop"


@dataclass(frozen=True)
class Task:
    """One improvement task; found again by its incident's key."""

    task_id: str
    number: int
    incident_key: str
    kpi: str
    scope: str
    rule: Rule
    benchmark: str
    state: TaskState
    title: str
    owner: str
    opened_on: date
    due_on: date | None = None
    done_on: date | None = None
    judge_on: date | None = None
    body: dict[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True)
class TaskEvent:
    """One change of one task: who, when, why."""

    event_id: str
    task_id: str
    moment: date
    old: str
    new: str
    reason: str
    actor: str


@dataclass(frozen=True)
class Verdict:
    """What a finished task did to its KPI: before against after, with an interval."""

    verdict_id: str
    task_id: str
    moment: date
    outcome: Literal["worked", "no change seen", "made worse", "cannot be judged"]
    before: Point | None
    after: Point | None
    change: float | None
    change_low: float | None
    change_high: float | None
    detectable: float | None
    reason: str


@dataclass(frozen=True)
class Message:
    """One message for one channel: words as data, formatted by the sender.

    Attributes:
        key: the same for every edit of the same message.
        body_hash: content; an unchanged message is not sent again.
        kind: post | edit | reply.
    """

    key: str
    channel: str
    kind: Literal["post", "edit", "reply"]
    text: str
    blocks: list[dict[str, object]]
    body_hash: str
    due_at: datetime | None = None
