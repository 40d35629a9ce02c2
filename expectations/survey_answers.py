"""What must hold for a batch of survey answers before it is loaded."""

from domain.facts import SURVEY_ANSWERS
from expectations.consequences import WARN
from expectations.library import ExpectationSuite
from expectations.rules import every_table, mostly_there, one_of, within_scale


def survey_answers_suite() -> ExpectationSuite:
    """Row and table rules for `survey_answers`."""
    return ExpectationSuite(
        name="survey_answers",
        expectations=[
            *every_table(SURVEY_ANSWERS),
            one_of("measure", "nps", "csat", "ces", "other"),
            one_of("direction", "up", "down"),
            *within_scale("score"),
            mostly_there("score", WARN, 0.05),
        ],
    )
