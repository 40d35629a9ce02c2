"""Which failures of landing are tried again at once."""

import pytest

from domain.errors import ConfigError, SourceChangedError, SourceMissingError, SourceUnavailableError
from tasks.extract.steps.landing import may_pass


def test_what_did_not_answer_may_answer_in_a_moment() -> None:
    assert may_pass(SourceUnavailableError("the share cannot be read"))


@pytest.mark.parametrize(
    "error", [SourceMissingError("no file matches"), SourceChangedError("a column is gone"), ConfigError("no such key")]
)
def test_what_is_not_there_or_wrong_stays_so(error: Exception) -> None:
    assert not may_pass(error)
