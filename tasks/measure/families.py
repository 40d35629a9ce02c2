"""Which KPIs come from which facts, and their entries, one KPI at a time."""

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from tasks.measure import answers, customers, tickets
from tasks.measure.service_levels import with_outcomes

FAMILIES: dict[str, tuple[str, ...]] = {
    "tickets": (
        "ticket_volume", "contact_rate", "first_reply_time", "full_resolution_time", "full_resolution_time_p90",
        "sla_attainment", "reopen_rate", "backlog",
    ),
    "survey_answers": ("nps", "csat", "ces"),
    "survey_sends": ("survey_response_rate",),
    "reviews": ("review_rating",),
    "subscriptions": ("active_customers",),
}  # fmt: skip
"""KPIs kept as daily parts, by the fact table whose changes make them dirty."""

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "tickets": tickets.DIMENSIONS, "survey_answers": answers.ANSWER_DIMENSIONS,
    "survey_sends": answers.SEND_DIMENSIONS, "reviews": answers.REVIEW_DIMENSIONS,
    "subscriptions": customers.DIMENSIONS,
}  # fmt: skip
"""Labels of the rows of each family's facts."""

FIELDS: dict[str, tuple[str, ...]] = {
    "tickets": (
        "ticket_id", "status", "opened_at", "first_reply_at", "resolved_at", "closed_at", "n_reopens", "sla_met",
        "sla_known_at", "excluded_as", "deleted_at",
    ),
    "survey_answers": (
        "measure", "score", "scale_low", "scale_high", "direction", "satisfied_from", "answered_at", "deleted_at",
    ),
    "survey_sends": ("sent_at", "answered_at", "deleted_at"),
    "reviews": ("rating", "about", "reviewed_at", "deleted_at"),
    "subscriptions": (
        "subscription_id", "customer_id", "started_at", "ended_at", *customers.ATTRIBUTES, "deleted_at",
    ),
}  # fmt: skip
"""What else is read of them."""

BOOKED_AT = {"survey_answers": "answered_at", "survey_sends": "sent_at", "reviews": "reviewed_at"}
"""The instant on whose day a row is booked, where it is one instant of the row itself."""


Entries = Iterator[tuple[tuple[str, ...], pl.DataFrame]]


def entries_of(family: str, facts: Mapping[str, pl.DataFrame], zone: str, through: date) -> Entries:
    """(KPIs, the entries that make them) until all KPIs of a family are made.

    Args:
        family: name of the fact table.
        facts: its fact table; for `tickets` also `ticket_events`.
        zone: reporting zone.
        through: last day the facts are complete for.
    """
    rows = facts[family]
    match family:
        case "tickets":
            yield from _tickets(rows, facts["ticket_events"], zone)
        case "survey_answers":
            for name, made in (("nps", answers.nps), ("csat", answers.csat), ("ces", answers.ces)):
                yield (name,), made(rows, zone)
        case "survey_sends":
            yield ("survey_response_rate",), answers.responses(rows, zone, through)
        case "reviews":
            yield ("review_rating",), answers.ratings(rows, zone)
        case _:
            yield ("active_customers",), customers.active(customers.spells(rows, zone))


def _tickets(rows: pl.DataFrame, events: pl.DataFrame, zone: str) -> Entries:
    held, events = tickets.numbered(tickets.contacts(rows), events)
    turned = tickets.turns(held, events)
    yield ("ticket_volume", "contact_rate"), tickets.volume(held, zone)
    yield ("first_reply_time",), tickets.first_reply(held, events, zone)
    yield ("full_resolution_time", "full_resolution_time_p90"), tickets.full_resolution(held, turned, zone)
    yield ("sla_attainment",), tickets.sla(with_outcomes(held, events), events, zone)
    yield ("reopen_rate",), tickets.reopens(held, turned, events, zone)
    yield ("backlog",), tickets.backlog(held, turned, zone)
