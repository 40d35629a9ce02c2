"""What must hold for a batch of reviews before it is loaded."""

from domain.facts import REVIEWS
from expectations.consequences import WARN
from expectations.library import ExpectationSuite
from expectations.rules import every_table, mostly_there, within_scale


def reviews_suite() -> ExpectationSuite:
    """Row and table rules for `reviews`."""
    return ExpectationSuite(
        name="reviews",
        expectations=[
            *every_table(REVIEWS),
            *within_scale("rating"),
            mostly_there("rating", WARN),
        ],
    )
