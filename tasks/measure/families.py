"""Which KPIs come from which facts, and their entries, one KPI at a time."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import polars as pl

from domain.calendars import Calendar
from domain.kpis import KPIS
from domain.promises import Promise
from domain.roadmap.company import Reopening
from domain.windows import start_of
from tasks.measure.contacts import comebacks, handling, help_center, reply_times, tickets
from tasks.measure.contacts.conversations import conversation
from tasks.measure.contacts.kept_promises import answered_in_time
from tasks.measure.contacts.reopenings import WHENEVER, reopens
from tasks.measure.contacts.service_levels import with_outcomes
from tasks.measure.contacts.service_targets import timed
from tasks.measure.customers import orders, spells
from tasks.measure.feedback import answers, mentions, remarks

FAMILIES: dict[str, tuple[str, ...]] = {
    "tickets": (
        "ticket_volume", "contact_rate", "contacts_per_100_orders", "first_reply_time", "first_reply_time_p90",
        "full_resolution_time",
        "full_resolution_time_p90", "sla_attainment", "reopen_rate", "backlog", "backlog_age", "backlog_age_p90",
        "first_reply_time_business", "first_reply_time_business_p90", "full_resolution_time_business",
        "full_resolution_time_business_p90", "first_reply_time_people", "first_reply_time_people_p90",
        "next_reply_time", "next_reply_time_p90", "one_touch_rate", "multi_touch_rate", "zero_touch_rate",
        "first_resolution_time", "transfers", "ping_pong_rate",
        "waiting_on_us", "waiting_on_them",
    ),
    "outcomes": ("bot_containment", "first_contact_resolution"),
    "promises": ("answered_in_time",),
    "comebacks": ("repeat_contact_rate", "repeat_contact_rate_30d", "channel_switch_rate"),
    "reopenings": ("reopen_rate",),
    "survey_answers": ("nps", "csat", "csat_first", "ces"),
    "survey_sends": ("survey_response_rate",),
    "reviews": ("review_rating",),
    "remarks": ("sentiment",),
    "mentions": ("mentions_answered",),
    "purchases": ("repeat_purchase_rate",),
    "orders": ("order_volume",),
    "help_center_days": ("failed_search_rate", "self_service_rate", "help_center_visits_per_ticket"),
    "subscriptions": ("active_customers", "renewal_rate", "winback_rate"),
}  # fmt: skip
"""KPIs kept as daily parts, by the fact table whose changes make them dirty, or a name of their own (`LATER`)."""

LATER = {
    "outcomes": "tickets", "promises": "tickets", "comebacks": "tickets", "reopenings": "tickets",
    "purchases": "orders",
}  # fmt: skip
"""Families of KPIs for which the days after count too, so that fewer facts are read of more days; by their facts."""

ALONE = frozenset({"reopenings", "promises"})
"""Those of them whose rows wait for time to go by alone: no row touches another one's day."""

OPENED = frozenset({"promises"})
"""Those of tickets that book everything on the day of the contact."""

SHARING: dict[str, tuple[str, ...]] = {
    "tickets": (), "outcomes": ("tickets",), "promises": ("outcomes", "tickets"), "reopenings": ("tickets",)
}  # fmt: skip
"""Families that read contacts with their events, and those of them, if any, whose contacts they take in the same run:
of the first that has some. They read no column, event or word of which those know nothing, but for `FIELDS`."""

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "tickets": tickets.DIMENSIONS, "outcomes": tickets.DIMENSIONS, "promises": tickets.DIMENSIONS,
    "comebacks": tickets.DIMENSIONS, "reopenings": tickets.DIMENSIONS,
    "survey_answers": answers.ANSWER_DIMENSIONS,
    "survey_sends": answers.SEND_DIMENSIONS, "reviews": answers.REVIEW_DIMENSIONS,
    "remarks": remarks.DIMENSIONS, "mentions": mentions.DIMENSIONS,
    "purchases": orders.DIMENSIONS, "orders": orders.DIMENSIONS, "help_center_days": help_center.DIMENSIONS,
    "subscriptions": spells.DIMENSIONS,
}  # fmt: skip
"""Labels of the rows of each family's facts."""

FIELDS: dict[str, tuple[str, ...]] = {
    "tickets": (
        "ticket_id", "status", "opened_at", "first_reply_at", "resolved_at", "closed_at", "n_reopens", "sla_met",
        "sla_known_at", "handler", "excluded_as", "deleted_at",
    ),
    "outcomes": (
        "ticket_id", "customer_id", "status", "opened_at", "first_reply_at", "resolved_at", "closed_at", "handler",
        "excluded_as", "deleted_at",
    ),
    "promises": (
        "ticket_id", "status", "opened_at", "first_reply_at", "resolved_at", "closed_at", "handler", "excluded_as",
        "deleted_at",
    ),
    "comebacks": ("customer_id", "status", "opened_at", "excluded_as", "deleted_at"),
    "reopenings": (
        "ticket_id", "status", "opened_at", "resolved_at", "closed_at", "n_reopens", "excluded_as", "deleted_at",
    ),
    "survey_answers": (
        "measure", "score", "scale_low", "scale_high", "direction", "satisfied_from", "answered_at", "deleted_at",
    ),
    "survey_sends": ("sent_at", "answered_at", "deleted_at"),
    "reviews": ("rating", "about", "reviewed_at", "deleted_at"),
    "remarks": ("fact", "row_id", "response_id", "text_hash", "tone", "written_at"),
    "mentions": ("about", "mentioned_at", "answered_at", "deleted_at"),
    "purchases": ("customer_id", "ordered_at", "quantity", "deleted_at"),
    "orders": ("customer_id", "ordered_at", "quantity", "deleted_at"),
    "help_center_days": ("day_at", "n_visits", "n_searches", "n_failed_searches", "n_solved", "deleted_at"),
    "subscriptions": (
        "subscription_id", "customer_id", "started_at", "ended_at", "term_ends_at", "notice_at", "paused_at",
        "resumed_at", *spells.ATTRIBUTES, "mrr_minor", "currency", "deleted_at",
    ),
}  # fmt: skip
"""What else is read of them."""

BOOKED_AT = {
    "comebacks": "opened_at", "survey_answers": "answered_at", "survey_sends": "sent_at", "reviews": "reviewed_at",
    "remarks": "written_at", "mentions": "mentioned_at",
    "purchases": "ordered_at", "orders": "ordered_at", "help_center_days": "day_at",
}  # fmt: skip
"""The instant on whose day a row is booked, where it is one instant of the row itself."""


WAITS = {
    "bot_containment": comebacks.HOURS_72, "first_contact_resolution": comebacks.WEEK,
    "repeat_contact_rate": comebacks.WEEK, "repeat_contact_rate_30d": comebacks.MONTH,
    "channel_switch_rate": comebacks.HOURS_72,
}  # fmt: skip
"""KPIs of which nothing is known until a time is over, counted from the instant on whose day a thing is booked: until
then nothing that happens on another day changes anything of this one."""

IN_HOURS = frozenset({
    "first_reply_time_business", "first_reply_time_business_p90", "full_resolution_time_business",
    "full_resolution_time_business_p90",
})  # fmt: skip
"""KPIs in business time: other opening hours make other numbers."""

TIMED = frozenset({"sla_attainment"})
"""KPIs in business time where a helpdesk tells targets instead of outcomes."""

PROMISED = frozenset({"answered_in_time"})
"""KPIs of what channels promise: another promise makes other numbers."""


AGED = frozenset({"backlog_age", "backlog_age_p90"})
"""KPIs of how old what waits is."""

ASSIGNED_IN = frozenset({"transfers", "ping_pong_rate"})
"""KPIs that read who had a ticket."""

TOLD = {
    "first_reply_time": "first_reply_time", "first_reply_time_business": "first_reply_time",
    "first_reply_time_people": "first_reply_time_people",
}  # fmt: skip
"""KPIs that are open where nobody replied, unless the helpdesk tells no replies at all; by the KPI that shows it."""

BY_PERSON = frozenset({"outcomes", "comebacks", "purchases"})
"""Families of what a customer does again: one who is known by several ids is one person."""

REPLIED_BY: dict[str, tuple[str, ...]] = {
    "first_reply_time": ("agent", "bot"), "first_reply_time_people": ("agent",)
}  # fmt: skip
"""Whose replies show it."""

RENEWED = "renewal_rate"
"""Open where a term has just ended, unless nobody ever renewed."""

KEYS: dict[str, tuple[str, ...]] = {
    "tickets": ("ticket_id",), "promises": ("ticket_id",), "reopenings": ("ticket_id",),
    "outcomes": ("customer_id", "ticket_id"), "comebacks": ("customer_id", "ticket_id"),
    "survey_answers": ("account_id", "answer_id"), "survey_sends": ("send_id",), "reviews": ("review_id",),
    "remarks": ("response_id", "row_id"), "mentions": ("mention_id",), "purchases": ("customer_id",),
    "orders": ("customer_id",),
    "help_center_days": ("help_center_day_id",),
    "subscriptions": ("customer_id",),
}  # fmt: skip
"""What a family's facts may be cut by: rows with different keys know nothing of each other. Of several columns, the
first that has a value."""

_FIRST_REPLIES = {
    "first_reply_time": "replied_at", "first_reply_time_business": "replied_at",
    "first_reply_time_people": "person_replied_at",
}  # fmt: skip
"""KPIs of the first reply, and whose reply it is that counts."""

SPOKEN_IN = frozenset({
    "next_reply_time", "one_touch_rate", "multi_touch_rate", "zero_touch_rate", "first_contact_resolution"
})  # fmt: skip
"""KPIs that read what customers said."""


def members(family: str, reopening: Reopening) -> tuple[str, ...]:
    """The KPIs of a family: what is reopened is of `tickets`, and by itself where it waits for a declared time."""
    if family == "reopenings":
        return FAMILIES[family] if reopening.within else ()
    apart = FAMILIES["reopenings"] if reopening.within else ()
    return tuple(name for name in FAMILIES[family] if name not in apart)


def reach_of(family: str, reopening: Reopening) -> int:
    """Days around its own that a changed row can touch, or that it waits for at most, in any KPI of a family."""
    if family == "reopenings" and reopening.within:
        return ceil(reopening.within.days) + 1
    return max(KPIS[name].reach_days for name in FAMILIES[family])


AGAIN = "rated_again"
"""Beside answers: all those about tickets that have several."""
RATING = frozenset({"csat", "csat_first"})
"""KPIs of which one of a ticket's answers counts."""

MEASURED_AS = {"csat_first": "csat"}
"""KPIs of answers that are not called as what is asked."""

Entries = Iterator[tuple[tuple[str, ...], pl.DataFrame]]


@dataclass(frozen=True)
class Terms:
    """What entries are made by, besides facts.

    Attributes:
        zone: reporting zone.
        through: last day the facts are complete for.
        wanted: the KPIs.
        by_account: segments in whose answers an account is one voice.
        hours: opening hours by channel.
        promises: what is promised, by channel.
        reopening: when a solved contact counts as reopened.
        win_back_days: within how many days a customer who left is won back.
        told: KPIs of TOLD of which it is known that they have outcomes, be it in other facts than these.
    """

    zone: str
    through: date
    wanted: Collection[str]
    by_account: Collection[str] = ()
    hours: Mapping[str, Calendar] = field(default_factory=dict[str, Calendar])
    promises: Mapping[str, Promise] = field(default_factory=dict[str, Promise])
    reopening: Reopening = WHENEVER
    win_back_days: int = 90
    told: Collection[str] = ()

    def asks(self, names: Collection[str]) -> bool:
        """Whether any of these KPIs is wanted."""
        return not set(names).isdisjoint(self.wanted)


def entries_of(family: str, facts: dict[str, pl.DataFrame], terms: Terms) -> Entries:
    """(KPIs, the entries that make them) until all KPIs of a family that are wanted are made, a few more at most.

    Args:
        family: one of FAMILIES.
        facts: its fact table; for those of contacts also `ticket_events`. They are taken out of it, so that
            their memory is free once the entries are made.
        terms: what else they are made by.
    """
    if LATER.get(family, family) == "tickets" and family not in BOOKED_AT:
        yield from _of_contacts(family, facts, terms)
        return
    zone, through = terms.zone, terms.through
    rows = facts.pop(LATER.get(family, family))
    match family:
        case "comebacks":
            backs = comebacks.back_at(tickets.contacts(rows))
            yield ("repeat_contact_rate",), comebacks.repeats(backs, zone, through, comebacks.WEEK)
            yield ("repeat_contact_rate_30d",), comebacks.repeats(backs, zone, through, comebacks.MONTH)
            yield ("channel_switch_rate",), comebacks.switches(backs, zone, through)
        case "purchases":
            yield ("repeat_purchase_rate",), orders.repeat_purchases(orders.purchases(rows, zone), through)
        case "help_center_days":
            yield ("failed_search_rate",), help_center.failed_searches(rows, zone)
            yield ("self_service_rate",), help_center.solved_alone(rows, zone)
            yield ("help_center_visits_per_ticket",), help_center.visits(rows, zone)
        case "orders":
            yield ("order_volume",), orders.volume(orders.purchases(rows, zone))
        case "subscriptions":
            yield from _contracts(rows, terms)
        case _:
            yield from _heard(family, rows, facts.pop(AGAIN, None), terms)


def _heard(family: str, rows: pl.DataFrame, again: pl.DataFrame | None, terms: Terms) -> Entries:
    """What customers say, asked or not, and whether they are answered."""
    zone, through = terms.zone, terms.through
    match family:
        case "survey_answers":
            yield ("nps",), answers.nps(rows, zone, terms.by_account)
            yield ("csat",), answers.csat(rows, zone, terms.by_account, again)
            if terms.asks({"csat_first"}):
                yield ("csat_first",), answers.csat_first(rows, zone, again)
            yield ("ces",), answers.ces(rows, zone, terms.by_account)
        case "survey_sends":
            yield ("survey_response_rate",), answers.responses(rows, zone, through)
        case "reviews":
            yield ("review_rating",), answers.ratings(rows, zone)
        case "remarks":
            yield ("sentiment",), remarks.sentiment(rows, zone)
        case _:
            yield ("mentions_answered",), mentions.answered(rows, zone, through)


def _contracts(rows: pl.DataFrame, terms: Terms) -> Entries:
    """Who is there, who stays on, who comes back."""
    held, there = spells.spells(rows, terms.zone), spells.unpaused(rows)
    running = held if there is rows else spells.spells(there, terms.zone)
    yield ("active_customers",), spells.active(spells.stints(running, there, terms.zone))
    is_told = RENEWED in terms.told
    yield (RENEWED,), spells.renewals(rows, held, terms.zone, terms.through, is_told=is_told)
    if terms.asks({"winback_rate"}):
        yield ("winback_rate",), spells.win_backs(held, terms.through, terms.win_back_days)


def _of_contacts(family: str, facts: dict[str, pl.DataFrame], terms: Terms) -> Entries:
    """Families that read tickets together with their events."""
    held, events = tickets.numbered(tickets.contacts(facts.pop("tickets")), facts.pop("ticket_events"))
    match family:
        case "tickets":
            yield from _tickets(held, events, terms)
        case "reopenings":
            if terms.wanted:
                made = reopens(held, tickets.turns(held, events), events, terms.zone, terms.through, terms.reopening)
                yield ("reopen_rate",), made
        case "outcomes":
            yield from _outcomes(held, events, terms)
        case _:
            replied, turned = reply_times.with_replies(held, events), tickets.turns(held, events)
            made = answered_in_time(replied, turned, terms.zone, terms.through, terms.promises)
            yield ("answered_in_time",), made


def _tickets(held: pl.DataFrame, events: pl.DataFrame, terms: Terms) -> Entries:
    zone, turned = terms.zone, tickets.turns(held, events)
    # durations take longest to write: others are made meanwhile
    solved = tickets.resolutions(held, turned)
    yield ("full_resolution_time", "full_resolution_time_p90"), tickets.full_resolution(solved, zone)
    if terms.asks({"full_resolution_time_business"}):
        solved = reply_times.in_hours(solved, "opened_at", "at", terms.hours)
        yield (
            ("full_resolution_time_business", "full_resolution_time_business_p90"),
            tickets.full_resolution(solved, zone),
        )
    del solved
    if terms.asks({"first_resolution_time"}):
        yield ("first_resolution_time",), tickets.first_resolution(held, turned, zone)
    yield from _replies(held, turned, events, terms)
    yield ("ticket_volume", "contact_rate"), tickets.volume(held, zone)
    if terms.asks({"contacts_per_100_orders"}):
        yield ("contacts_per_100_orders",), tickets.volume(held, zone)
    clocks = timed(held, turned, events, terms.hours, start_of(terms.through + timedelta(days=1), ZoneInfo(zone)))
    yield ("sla_attainment",), tickets.sla(with_outcomes(held, clocks), events, zone)
    if terms.asks({"reopen_rate"}):
        yield ("reopen_rate",), reopens(held, turned, events, zone, terms.through, terms.reopening)
    yield ("backlog",), tickets.backlog(held, turned, zone)
    if terms.asks(AGED):
        aged = tickets.backlog_age(held, turned, zone)
        yield ("backlog_age",), aged
        yield ("backlog_age_p90",), aged
    if terms.asks(ASSIGNED_IN):
        assigned = handling.assignments(events)
        yield ("transfers",), handling.transfers(held, turned, assigned, zone)
        yield ("ping_pong_rate",), handling.ping_pong(held, turned, assigned, zone)
    if terms.asks({"waiting_on_us", "waiting_on_them"}):
        waits = handling.waiting(held, turned, events)
        yield ("waiting_on_us",), handling.waited_for_us(held, waits, zone)
        yield ("waiting_on_them",), handling.waited_for_them(held, waits, zone)


def _replies(held: pl.DataFrame, turned: pl.DataFrame, events: pl.DataFrame, terms: Terms) -> Entries:
    """KPIs of who said what."""
    zone, replied = terms.zone, reply_times.with_replies(held, events)
    for name, chosen in _FIRST_REPLIES.items():
        if terms.asks({name}):
            hours = terms.hours if name in IN_HOURS else None
            made = reply_times.first_reply(replied, turned, zone, hours, by=chosen, is_told=name in terms.told)
            yield (name, f"{name}_p90"), made
    if terms.asks(SPOKEN_IN):
        spoken = conversation(held, events)
        waits = reply_times.next_reply(replied, turned, spoken, zone)
        yield ("next_reply_time", "next_reply_time_p90"), waits
        yield ("one_touch_rate",), handling.one_touch(held, turned, spoken, zone)
        yield ("multi_touch_rate",), handling.multi_touch(held, turned, spoken, zone)
        yield ("zero_touch_rate",), handling.zero_touch(held, turned, spoken, events, zone)


def _outcomes(held: pl.DataFrame, events: pl.DataFrame, terms: Terms) -> Entries:
    backs = comebacks.back_at(reply_times.with_replies(held, events))
    yield ("bot_containment",), comebacks.containment(backs, terms.zone, terms.through)
    if terms.asks({"first_contact_resolution"}):
        turned, spoken = tickets.turns(held, events), conversation(held, events)
        found = comebacks.first_contact_resolution(backs, turned, spoken, terms.zone, terms.through)
        yield ("first_contact_resolution",), found
