"""What must hold for a batch of agents before it is loaded."""

from domain.facts import AGENTS
from expectations.library import ExpectationSuite
from expectations.rules import every_table, one_of


def agents_suite() -> ExpectationSuite:
    """Row and table rules for `agents`."""
    return ExpectationSuite(
        name="agents",
        expectations=[
            *every_table(AGENTS),
            one_of("role", "agent", "bot"),
        ],
    )
