"""What must hold for a batch of identities before it is loaded."""

from domain.facts import IDENTITIES
from expectations.library import ExpectationSuite
from expectations.rules import every_table, one_of


def identities_suite() -> ExpectationSuite:
    """Row and table rules for `identities`."""
    return ExpectationSuite(
        name="identities",
        expectations=[
            *every_table(IDENTITIES),
            one_of("kind", "email", "phone", "external", "handle"),
        ],
    )
