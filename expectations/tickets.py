"""What must hold for a batch of tickets before it is loaded."""

from domain.facts import TICKETS
from expectations.library import ExpectationSuite
from expectations.rules import every_table, not_before, not_negative, one_of


def tickets_suite() -> ExpectationSuite:
    """Row and table rules for `tickets`."""
    return ExpectationSuite(
        name="tickets",
        expectations=[
            *every_table(TICKETS),
            one_of("status", "new", "open", "pending", "hold", "solved", "closed", "deleted"),
            one_of("handler", "people", "bot"),
            not_before("resolved_at", "opened_at", "resolved-before-opened"),
            not_before("closed_at", "opened_at", "closed-before-opened"),
            not_before("first_reply_at", "opened_at", "reply-before-opened"),
            not_negative("n_reopens"),
        ],
    )
