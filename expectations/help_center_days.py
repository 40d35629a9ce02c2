"""What must hold for a batch of help-center days before it is loaded."""

from domain.facts import HELP_CENTER_DAYS
from expectations.library import ExpectationSuite
from expectations.rules import every_table, not_negative


def help_center_days_suite() -> ExpectationSuite:
    """Row and table rules for `help_center_days`."""
    return ExpectationSuite(
        name="help_center_days",
        expectations=[
            *every_table(HELP_CENTER_DAYS),
            not_negative("n_visits"),
            not_negative("n_searches"),
            not_negative("n_failed_searches"),
            not_negative("n_solved"),
        ],
    )
