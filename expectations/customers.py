"""What must hold for a batch of customers before it is loaded."""

from domain.facts import CUSTOMERS
from expectations.library import ExpectationSuite
from expectations.rules import every_table


def customers_suite() -> ExpectationSuite:
    """Row and table rules for `customers`."""
    return ExpectationSuite(name="customers", expectations=every_table(CUSTOMERS))
