"""Great Expectations, imported without a word and without telemetry: it takes seconds, so import it late."""

import os
import warnings

from domain.cycles import unsearched
from expectations.postponed import postponed

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # read once, when the library is imported
# charts and distributions, of which no suite of ours asks anything, are a third of the time and of the memory
with warnings.catch_warnings(), unsearched(), postponed("altair", "scipy.stats"):
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports modules that Python is to drop
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.core import ExpectationSuite
    from great_expectations.expectations.expectation import Expectation

__all__ = ["Expectation", "ExpectationSuite", "gx", "gxe"]
