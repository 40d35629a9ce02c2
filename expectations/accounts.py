"""What must hold for a batch of accounts before it is loaded."""

from domain.facts import ACCOUNTS
from expectations.library import ExpectationSuite
from expectations.rules import every_table


def accounts_suite() -> ExpectationSuite:
    """Row and table rules for `accounts`."""
    return ExpectationSuite(name="accounts", expectations=every_table(ACCOUNTS))
