"""What must hold for a batch of survey invitations before it is loaded."""

from domain.facts import SURVEY_SENDS
from expectations.library import ExpectationSuite
from expectations.rules import every_table, not_before


def survey_sends_suite() -> ExpectationSuite:
    """Row and table rules for `survey_sends`."""
    return ExpectationSuite(
        name="survey_sends",
        expectations=[
            *every_table(SURVEY_SENDS),
            not_before("answered_at", "sent_at", "answered-before-sent"),
        ],
    )
