"""What must hold for a batch of orders before it is loaded."""

from domain.facts import ORDERS
from expectations.library import ExpectationSuite
from expectations.rules import every_table, not_negative


def orders_suite() -> ExpectationSuite:
    """Row and table rules for `orders`."""
    return ExpectationSuite(
        name="orders",
        expectations=[
            *every_table(ORDERS),
            not_negative("quantity"),
        ],
    )
