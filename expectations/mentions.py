"""What must hold for a batch of mentions before it is loaded."""

from domain.facts import MENTIONS
from expectations.library import ExpectationSuite
from expectations.rules import every_table, not_before, not_negative


def mentions_suite() -> ExpectationSuite:
    """Row and table rules for `mentions`."""
    return ExpectationSuite(
        name="mentions",
        expectations=[
            *every_table(MENTIONS),
            not_before("answered_at", "mentioned_at", "answered-before-mentioned"),
            not_negative("reach"),
        ],
    )
