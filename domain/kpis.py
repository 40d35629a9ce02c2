"""The KPI catalogue: one row per KPI, what it asks and how it is kept."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from domain.catalogue import Catalogue

Kind = Literal["sum", "sketch", "stock", "cohort"]
Statistic = Literal["share", "mean", "nps", "count", "quantile", "level", "age", "per_100"]
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
            changes of a level, or of whose age it is, `cohort` as one value per period.
        statistic: how parts become a value with an interval.
        booked: the date it is booked on, in a reader's words.
        reach_days: days around its own that a changed row can touch.
        min_n: below this no verdict is given.
        dimensions: whose members are kept beside the whole.
        quantile: for `quantile` and `age`: which one.
        mix: dimension held constant when drift is judged, so that a change of mix is no drift.
        max_open_share: drift judges periods with at most this share of outcomes open.
        watches_drift: judged against its own past without being asked; levels and counts grow with
            the company, and one quantile of a duration is enough.
        parts: the KPI under which its daily parts are kept; None: its own. Quantiles of one duration share them.
        per: for `per_100`: the KPI that it is told per, of a stock the mean of its days, of a count all of the period;
            times 100 where the unit says so. None: not told per anything.
        is_on_request: measured where the roadmap names it, or asks for all; nothing is kept of the others.
        is_as_at_end: a period shows what counted when it ended; what gave way to something later still counts.
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
    per: str | None = None
    is_as_at_end: bool = False
    is_on_request: bool = False

    @property
    def kept_as(self) -> str:
        """The KPI under which its daily parts are kept."""
        return self.parts or self.name

    @property
    def fewest(self) -> int:
        """Under so many customers no value is told: they are listed instead."""
        return self.min_n if self.name in _LISTED else 0

    @property
    def rests_on(self) -> tuple[str, ...]:
        """KPIs whose parts its values are made of: its own, and those of what it is told per."""
        return (self.name,) if self.per is None else (self.name, self.per)

    @property
    def facts(self) -> tuple[str, ...]:
        """The fact tables of these: it is known no further than all of them are."""
        return tuple(dict.fromkeys(KPIS[name].fact for name in self.rests_on))

    @property
    def limits(self) -> tuple[float, float]:
        """Between which values it can lie: a share of what was there can be more than all of it."""
        if self.unit == "share" and self.name != "net_revenue_retention":
            return 0, 1
        return (-100, 100) if self.unit == "points" else (0, inf)

    @property
    def docs(self) -> str:
        """Where its definition is documented."""
        return f"docs/kpis.md#{self.name.replace('_', '-')}"


_LISTED = ("churn_rate", "revenue_churn_rate", "net_revenue_retention", "renewal_rate")
"""Of contracts, which are few in many companies."""
_TICKET = ("channel", "touchpoint", "segment", "persona", "team", "product", "source")
_HANDLED = ("channel", "touchpoint", "segment", "persona", "team")
_SURVEY = ("survey", "channel", "touchpoint", "segment", "persona", "team", "product", "source")

_CATALOGUE = (
    Kpi("nps", "NPS", "Would customers recommend us?", "points", "up", "survey_answers", "sum", "nps",
        "the day of the answer", dimensions=_SURVEY, is_as_at_end=True),
    Kpi("csat", "CSAT", "Which share of answers is satisfied?", "share", "up", "survey_answers", "sum", "share",
        "the day of the answer", dimensions=_SURVEY, is_as_at_end=True),
    Kpi("csat_first", "CSAT of first ratings", "Which share of first ratings is satisfied?", "share", "up",
        "survey_answers", "sum", "share", "the day of the answer", dimensions=_SURVEY, watches_drift=False,
        is_on_request=True),
    Kpi("ces", "CES", "How easy did customers find it?", "score", "up", "survey_answers", "sum", "mean",
        "the day of the answer", dimensions=_SURVEY, is_as_at_end=True),
    Kpi("churn_rate", "churn", "Which share of customers left?", "share", "down", "subscriptions", "cohort", "share",
        "the day the contract ended", min_n=50, dimensions=("segment", "persona", "product", "source")),
    Kpi("revenue_churn_rate", "revenue churn", "Which share of recurring revenue was lost?", "share", "down",
        "subscriptions", "cohort", "mean", "the day the contract ended or shrank", min_n=50,
        dimensions=("segment", "persona", "product", "source"), watches_drift=False),
    Kpi("net_revenue_retention", "net revenue retention",
        "What is left of the revenue of those who were there, growth and all?", "share", "up", "subscriptions",
        "cohort", "mean", "the day the contract ended or changed", min_n=50,
        dimensions=("segment", "persona", "product", "source"), watches_drift=False),
    Kpi("renewal_rate", "renewal rate", "Which share of customers whose term ended went on?", "share", "up",
        "subscriptions", "sum", "share", "the day the term ended", min_n=50,
        dimensions=("segment", "persona", "product", "source"), watches_drift=False),
    Kpi("winback_rate", "win-back rate", "Which share of customers who left came back in time?", "share", "up",
        "subscriptions", "sum", "share", "the day the contract ended",
        dimensions=("segment", "persona", "product", "source"), watches_drift=False,
        is_on_request=True),
    Kpi("first_reply_time", "first reply time", "How long until a person or bot first answers (median)?", "seconds",
        "down", "tickets", "sketch", "quantile", "the day of the contact", dimensions=_TICKET, quantile=0.5),
    Kpi("first_reply_time_p90", "first reply time (p90)",
        "How long does the tenth that waits longest for a first answer wait at least?", "seconds", "down",
        "tickets", "sketch", "quantile", "the day of the contact", dimensions=_TICKET, quantile=0.9,
        watches_drift=False, parts="first_reply_time",
        is_on_request=True),
    Kpi("full_resolution_time", "full resolution time", "How long until it is solved for good (median)?", "seconds",
        "down", "tickets", "sketch", "quantile", "the day it was solved", dimensions=_TICKET, quantile=0.5,
        mix="topic"),
    Kpi("full_resolution_time_p90", "full resolution time (p90)", "How long do the slowest tenth take at least?",
        "seconds", "down", "tickets", "sketch", "quantile", "the day it was solved", dimensions=_TICKET,
        quantile=0.9, mix="topic", watches_drift=False, parts="full_resolution_time"),
    Kpi("first_resolution_time", "first resolution time", "How long until it is solved for the first time (median)?",
        "seconds", "down", "tickets", "sketch", "quantile", "the day it was first solved", dimensions=_HANDLED,
        quantile=0.5, watches_drift=False, is_on_request=True),
    Kpi("sla_attainment", "SLA attainment", "Which share of contacts kept its service level?", "share", "up",
        "tickets", "sum", "share", "the day of the contact", dimensions=_TICKET, mix="topic"),
    Kpi("reopen_rate", "reopen rate", "Which share of solved contacts was reopened?", "share", "down", "tickets",
        "sum", "share", "the day it was first solved", dimensions=_TICKET),
    Kpi("ticket_volume", "ticket volume", "How many contacts came?", "count", "none", "tickets", "sum", "count",
        "the day of the contact", min_n=0, dimensions=_TICKET),
    Kpi("contact_rate", "contacts per 100 customers", "How often do customers need us?", "per_100", "down",
        "tickets", "sum", "per_100", "the day of the contact", dimensions=("segment", "persona"),
        per="active_customers"),
    Kpi("contacts_per_100_orders", "contacts per 100 orders", "How often do those who order need us?", "per_100",
        "down", "tickets", "sum", "per_100", "the day of the contact", dimensions=("segment", "persona"),
        watches_drift=False, per="order_volume", is_on_request=True),
    Kpi("active_customers", "active customers", "How many customers do we have?", "count", "none", "subscriptions",
        "stock", "level", "the end of the day", min_n=0, dimensions=("segment", "persona", "product", "source")),
    Kpi("backlog", "backlog", "How many contacts wait unsolved at the end of the day?", "count", "down", "tickets",
        "stock", "level", "the end of the day", min_n=0, dimensions=_TICKET, watches_drift=False),
    Kpi("backlog_age", "age of the backlog", "How old are the contacts that wait unsolved (median)?", "seconds", "down",
        "tickets", "stock", "age", "the end of the day", dimensions=_HANDLED, quantile=0.5, watches_drift=False,
        is_on_request=True),
    Kpi("backlog_age_p90", "age of the backlog (p90)", "How old is the oldest tenth of what waits unsolved at least?",
        "seconds", "down", "tickets", "stock", "age", "the end of the day", dimensions=_HANDLED, quantile=0.9,
        watches_drift=False,
        is_on_request=True),
    Kpi("first_reply_time_business", "first reply time, in our hours",
        "How long until a person or bot first answers, of the hours we are open (median)?", "seconds", "down",
        "tickets", "sketch", "quantile", "the day of the contact", dimensions=_HANDLED, quantile=0.5,
        watches_drift=False,
        is_on_request=True),
    Kpi("first_reply_time_business_p90", "first reply time, in our hours (p90)",
        "How long does the tenth that waits longest for a first answer wait at least, of the hours we are open?",
        "seconds", "down", "tickets", "sketch", "quantile", "the day of the contact", dimensions=_HANDLED,
        quantile=0.9, watches_drift=False, parts="first_reply_time_business",
        is_on_request=True),
    Kpi("full_resolution_time_business", "full resolution time, in our hours",
        "How long until it is solved for good, of the hours we are open (median)?", "seconds", "down", "tickets",
        "sketch", "quantile", "the day it was solved", dimensions=_HANDLED, quantile=0.5, watches_drift=False,
        is_on_request=True),
    Kpi("full_resolution_time_business_p90", "full resolution time, in our hours (p90)",
        "How long do the slowest tenth take at least, of the hours we are open?", "seconds", "down", "tickets",
        "sketch", "quantile", "the day it was solved", dimensions=_HANDLED, quantile=0.9, watches_drift=False,
        parts="full_resolution_time_business",
        is_on_request=True),
    Kpi("first_reply_time_people", "first reply time by people", "How long until a person first answers (median)?",
        "seconds", "down", "tickets", "sketch", "quantile", "the day of the contact", dimensions=_HANDLED,
        quantile=0.5, watches_drift=False,
        is_on_request=True),
    Kpi("first_reply_time_people_p90", "first reply time by people (p90)",
        "How long does the tenth that waits longest for a person wait at least?", "seconds", "down", "tickets",
        "sketch", "quantile", "the day of the contact", dimensions=_HANDLED, quantile=0.9, watches_drift=False,
        parts="first_reply_time_people",
        is_on_request=True),
    Kpi("next_reply_time", "next reply time", "How long until a person answers what a customer writes then (median)?",
        "seconds", "down", "tickets", "sketch", "quantile", "the day of the contact", dimensions=_HANDLED,
        quantile=0.5, watches_drift=False,
        is_on_request=True),
    Kpi("next_reply_time_p90", "next reply time (p90)",
        "How long does the tenth that waits longest for a further answer wait at least?", "seconds", "down",
        "tickets", "sketch", "quantile", "the day of the contact", dimensions=_HANDLED, quantile=0.9,
        watches_drift=False, parts="next_reply_time",
        is_on_request=True),
    Kpi("one_touch_rate", "one-touch rate", "Which share of solved contacts took a single reply?", "share", "up",
        "tickets", "sum", "share", "the day it was solved", dimensions=_HANDLED, watches_drift=False,
        is_on_request=True),
    Kpi("multi_touch_rate", "multi-touch rate", "Which share of solved contacts took three replies or more?", "share",
        "down", "tickets", "sum", "share", "the day it was solved", dimensions=_HANDLED, watches_drift=False,
        is_on_request=True),
    Kpi("zero_touch_rate", "zero-touch rate", "Which share of solved contacts took no reply by a person?", "share",
        "none", "tickets", "sum", "share", "the day it was solved", dimensions=_HANDLED, watches_drift=False,
        is_on_request=True),
    Kpi("transfers", "hand-offs", "How often is a contact handed on until it is solved?", "score", "down", "tickets",
        "sum", "mean", "the day it was solved", dimensions=_HANDLED, watches_drift=False,
        is_on_request=True),
    Kpi("ping_pong_rate", "ping-pong rate", "Which share of solved contacts came back to who had handed it on?",
        "share", "down", "tickets", "sum", "share", "the day it was solved", dimensions=_HANDLED,
        watches_drift=False,
        is_on_request=True),
    Kpi("waiting_on_us", "waiting on us", "How long does a solved contact wait for us?", "seconds", "down", "tickets",
        "sum", "mean", "the day it was solved", dimensions=_HANDLED, watches_drift=False,
        is_on_request=True),
    Kpi("waiting_on_them", "waiting on customers", "How long does a contact that waits for its customer do so?",
        "seconds", "none", "tickets", "sum", "mean", "the day it was solved", dimensions=_HANDLED, watches_drift=False,
        is_on_request=True),
    Kpi("answered_in_time", "answered in time", "Which share of contacts is answered within what its channel promises?",
        "share", "up", "tickets", "sum", "share", "the day of the contact", reach_days=31, dimensions=_HANDLED,
        watches_drift=False,
        is_on_request=True),
    Kpi("bot_containment", "bot containment", "Which share of the bot's contacts needed no person and no second try?",
        "share", "up", "tickets", "sum", "share", "the day of the contact", reach_days=4, dimensions=_HANDLED,
        watches_drift=False,
        is_on_request=True),
    Kpi("first_contact_resolution", "first contact resolution",
        "Which share of contacts was solved once and for all with one reply?", "share", "up", "tickets", "sum",
        "share", "the day it was first solved", reach_days=8, dimensions=_HANDLED, watches_drift=False,
        is_on_request=True),
    Kpi("repeat_contact_rate", "repeat contact rate", "After which share of contacts is the customer back in 7 days?",
        "share", "down", "tickets", "sum", "share", "the day of the contact", reach_days=8, dimensions=_HANDLED,
        watches_drift=False,
        is_on_request=True),
    Kpi("repeat_contact_rate_30d", "repeat contact rate (30 days)",
        "After which share of contacts is the customer back in 30 days?", "share", "down", "tickets", "sum", "share",
        "the day of the contact", reach_days=31, dimensions=_HANDLED, watches_drift=False,
        is_on_request=True),
    Kpi("channel_switch_rate", "channel switch rate",
        "After which share of contacts does the customer try another channel within 72 hours?", "share", "down",
        "tickets", "sum", "share", "the day of the contact", reach_days=4, dimensions=_HANDLED, watches_drift=False,
        is_on_request=True),
    Kpi("repeat_purchase_rate", "repeat purchase rate",
        "After which share of purchases does the customer buy again within 90 days?", "share", "up", "orders", "sum",
        "share", "the day of the purchase", reach_days=90, dimensions=("segment", "persona", "source"),
        watches_drift=False, is_on_request=True),
    Kpi("purchase_frequency", "purchase frequency", "How often does a customer who buys do so in 90 days?", "score",
        "up", "orders", "cohort", "mean", "the 90 days that end with the period",
        dimensions=("segment", "persona", "source"), watches_drift=False, is_on_request=True),
    Kpi("order_volume", "orders", "How often did customers order?", "count", "none", "orders", "sum", "count",
        "the day of the order", min_n=0, dimensions=("segment", "persona", "source"), watches_drift=False,
        is_on_request=True),
    Kpi("failed_search_rate", "failed search rate", "Which share of searches in the help center finds nothing?",
        "share", "down", "help_center_days", "sum", "share", "the day of the search",
        dimensions=("section", "product", "language", "source"), watches_drift=False,
        is_on_request=True),
    Kpi("self_service_rate", "self-service rate", "Which share of visits to the help center ends without contact?",
        "share", "up", "help_center_days", "sum", "share", "the day of the visit",
        dimensions=("section", "product", "language", "source"), watches_drift=False,
        is_on_request=True),
    Kpi("help_center_visits_per_ticket", "help-center visits per contact",
        "How many visits to the help center come on one contact?", "score", "up", "help_center_days", "sum",
        "per_100", "the day of the visit", dimensions=("product",), watches_drift=False, per="ticket_volume",
        is_on_request=True),
    Kpi("review_rating", "review rating", "How do public reviews rate us?", "score", "up", "reviews", "sum", "mean",
        "the day of the review", dimensions=("channel", "product", "source")),
    Kpi("sentiment", "sentiment", "Do customers write more good than bad?", "points", "up", "remarks", "sum", "nps",
        "the day it was written",
        dimensions=("channel", "touchpoint", "segment", "persona", "product", "language", "source"),
        watches_drift=False, is_on_request=True),
    Kpi("mentions_answered", "mentions answered", "Which share of public mentions of us do we answer within 7 days?",
        "share", "up", "mentions", "sum", "share", "the day of the mention", reach_days=7,
        dimensions=("channel", "source"), watches_drift=False, is_on_request=True),
    Kpi("survey_response_rate", "survey response rate", "Which share of invitations is answered?", "share", "up",
        "survey_sends", "sum", "share", "the day of the invitation", reach_days=14,
        dimensions=("survey", "channel", "segment", "persona", "language")),
)  # fmt: skip

KPIS: Catalogue[Kpi] = Catalogue(_CATALOGUE)
"""Every KPI by name; while a project is at hand, its own too (`domain.own_kpis`)."""
