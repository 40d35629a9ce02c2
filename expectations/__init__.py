"""What must hold, one suite per fact table; importing this imports Great Expectations, which takes seconds."""

from collections.abc import Callable
from typing import Final

from expectations.accounts import accounts_suite
from expectations.agents import agents_suite
from expectations.customer_history import customer_history_suite
from expectations.customers import customers_suite
from expectations.feedback_notes import feedback_notes_suite
from expectations.help_center_days import help_center_days_suite
from expectations.identities import identities_suite
from expectations.library import ExpectationSuite
from expectations.mentions import mentions_suite
from expectations.orders import orders_suite
from expectations.reviews import reviews_suite
from expectations.subscriptions import subscriptions_suite
from expectations.survey_answers import survey_answers_suite
from expectations.survey_sends import survey_sends_suite
from expectations.ticket_events import ticket_events_suite
from expectations.tickets import tickets_suite

SUITES: Final[dict[str, Callable[[], ExpectationSuite]]] = {
    "accounts": accounts_suite,
    "customers": customers_suite,
    "identities": identities_suite,
    "tickets": tickets_suite,
    "ticket_events": ticket_events_suite,
    "survey_answers": survey_answers_suite,
    "survey_sends": survey_sends_suite,
    "reviews": reviews_suite,
    "customer_history": customer_history_suite,
    "agents": agents_suite,
    "mentions": mentions_suite,
    "subscriptions": subscriptions_suite,
    "orders": orders_suite,
    "help_center_days": help_center_days_suite,
    "feedback_notes": feedback_notes_suite,
}
"""By fact table: makes a fresh suite, since a suite belongs to one validation."""
