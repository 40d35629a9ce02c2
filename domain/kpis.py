"""The KPI catalogue: one row per KPI, what it asks and how it is kept."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["sum", "sketch", "stock", "cohort"]
Statistic = Literal["share", "mean", "nps", "count", "quantile", "level", "per_100"]
Direction = Literal["up", "down", "none"]
Unit = Literal["share", "points", "seconds", "count", "score", "per_100"]


@dataclass(frozen=True)
class Kpi:
    """One KPI.

    Attributes:
        name: its name in files and commands.
        question: what it answers, in a reader's words.
        unit: of its value. Shares are 0-1, durations seconds, NPS points -100 to 100.
        better: which way is better; `none` is never judged on its own.
        fact: the fact table it comes from.
        kind: how it is kept: `sum` and `sketch` as daily parts that add, `stock` as daily
            changes of a level, `cohort` as one value per period.
        statistic: how parts become a value with an interval.
        booked: the date it is booked on, in a reader's words.
        reach_days: days around its own that a changed row can touch.
        min_n: below this no verdict is given.
        dimensions: whose members are kept beside the whole.
        quantile: for `quantile`: which one.
        mix: dimension held constant when drift is judged, so that a change of mix is no drift.
        max_open_share: drift judges periods with at most this share of outcomes open.
        watches_drift: judged against its own past without being asked; levels and counts grow with
            the company, and one quantile of a duration is enough.
        parts: the KPI under which its daily parts are kept; None: its own. Quantiles of one duration share them.
    """

    name: str
    title: str
    question: str
    unit: Unit
    better: Direction
    fact: str
    kind: Kind
    statistic: Statistic
    booked: str
    reach_days: int = 0
    min_n: int = 30
    dimensions: tuple[str, ...] = ()
    quantile: float | None = None
    mix: str | None = None
    max_open_share: float = 0.05
    watches_drift: bool = True
    parts: str | None = None

    @property
    def kept_as(self) -> str:
        """The KPI under which its daily parts are kept."""
        return self.parts or self.name

    @property
    def docs(self) -> str:
        """Where its definition is documented."""
        return f"docs/kpis.md#{self.name.replace('_', '-')}"


_TICKET = ("channel", "touchpoint", "segment", "team", "product", "source")
_SURVEY = ("survey", "channel", "touchpoint", "segment", "team", "product", "source")

_CATALOGUE = (
    Kpi("nps", "NPS", "Would customers recommend us?", "points", "up", "survey_answers", "sum", "nps",
        "the day of the answer", dimensions=_SURVEY),
    Kpi("csat", "CSAT", "Which share of answers is satisfied?", "share", "up", "survey_answers", "sum", "share",
        "the day of the answer", dimensions=_SURVEY),
    Kpi("ces", "CES", "How easy did customers find it?", "score", "up", "survey_answers", "sum", "mean",
        "the day of the answer", dimensions=_SURVEY),
    Kpi("churn_rate", "churn", "Which share of customers left?", "share", "down", "subscriptions", "cohort", "share",
        "the day the contract ended", dimensions=("segment", "product", "source")),
    Kpi("first_reply_time", "first reply time", "How long until a person or bot first answers (median)?", "seconds",
        "down", "tickets", "sketch", "quantile", "the day of the contact", dimensions=_TICKET, quantile=0.5),
    Kpi("full_resolution_time", "full resolution time", "How long until it is solved for good (median)?", "seconds",
        "down", "tickets", "sketch", "quantile", "the day it was solved", dimensions=_TICKET, quantile=0.5,
        mix="topic"),
    Kpi("full_resolution_time_p90", "full resolution time (p90)", "How long do the slowest tenth take at least?",
        "seconds", "down", "tickets", "sketch", "quantile", "the day it was solved", dimensions=_TICKET,
        quantile=0.9, mix="topic", watches_drift=False, parts="full_resolution_time"),
    Kpi("sla_attainment", "SLA attainment", "Which share of contacts kept its service level?", "share", "up",
        "tickets", "sum", "share", "the day of the contact", dimensions=_TICKET, mix="topic"),
    Kpi("reopen_rate", "reopen rate", "Which share of solved contacts was reopened?", "share", "down", "tickets",
        "sum", "share", "the day it was first solved", dimensions=_TICKET),
    Kpi("ticket_volume", "ticket volume", "How many contacts came?", "count", "none", "tickets", "sum", "count",
        "the day of the contact", min_n=0, dimensions=_TICKET),
    Kpi("contact_rate", "contacts per 100 customers", "How often do customers need us?", "per_100", "down",
        "tickets", "sum", "per_100", "the day of the contact", dimensions=("segment",)),
    Kpi("active_customers", "active customers", "How many customers do we have?", "count", "none", "subscriptions",
        "stock", "level", "the end of the day", min_n=0, dimensions=("segment", "product", "source")),
    Kpi("backlog", "backlog", "How many contacts wait unsolved at the end of the day?", "count", "down", "tickets",
        "stock", "level", "the end of the day", min_n=0, dimensions=_TICKET, watches_drift=False),
    Kpi("review_rating", "review rating", "How do public reviews rate us?", "score", "up", "reviews", "sum", "mean",
        "the day of the review", dimensions=("channel", "product", "source")),
    Kpi("survey_response_rate", "survey response rate", "Which share of invitations is answered?", "share", "up",
        "survey_sends", "sum", "share", "the day of the invitation", reach_days=14,
        dimensions=("survey", "channel", "segment", "language")),
)  # fmt: skip

KPIS: dict[str, Kpi] = {kpi.name: kpi for kpi in _CATALOGUE}
