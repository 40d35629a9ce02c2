"""What must hold for a batch of customer history before it is loaded."""

from domain.facts import CUSTOMER_HISTORY
from expectations.library import ExpectationSuite
from expectations.rules import every_table, not_before


def customer_history_suite() -> ExpectationSuite:
    """Row and table rules for `customer_history`."""
    return ExpectationSuite(
        name="customer_history",
        expectations=[
            *every_table(CUSTOMER_HISTORY),
            not_before("valid_to", "valid_from", "ended-before-started"),
        ],
    )
