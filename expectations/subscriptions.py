"""What must hold for a batch of subscriptions before it is loaded."""

from domain.facts import SUBSCRIPTIONS
from expectations.consequences import WARN
from expectations.library import ExpectationSuite
from expectations.rules import every_table, mostly_there, not_before


def subscriptions_suite() -> ExpectationSuite:
    """Row and table rules for `subscriptions`."""
    return ExpectationSuite(
        name="subscriptions",
        expectations=[
            *every_table(SUBSCRIPTIONS),
            not_before("ended_at", "started_at", "ended-before-started"),
            not_before("resumed_at", "paused_at", "resumed-before-paused"),
            mostly_there("started_at", WARN),
        ],
    )
