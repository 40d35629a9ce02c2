"""What must hold for a batch of feedback notes before it is loaded."""

from domain.facts import FEEDBACK_NOTES
from expectations.library import ExpectationSuite
from expectations.rules import every_table


def feedback_notes_suite() -> ExpectationSuite:
    """Row and table rules for `feedback_notes`."""
    return ExpectationSuite(name="feedback_notes", expectations=every_table(FEEDBACK_NOTES))
