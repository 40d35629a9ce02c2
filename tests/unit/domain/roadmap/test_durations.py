"""Spans of time as people write them."""

import pytest

from domain.roadmap.durations import Duration


@pytest.mark.parametrize(
    ("text", "seconds", "shown"),
    [
        ("60 s", 60, "60 s"),
        ("2 min", 120, "2 min"),
        ("1.5h", 5_400, "1.5 h"),
        ("7 days", 604_800, "7 days"),
        ("1 day", 86_400, "1 day"),
        ("2 working days", 172_800, "2 working days"),
        ("6 months", 15_778_476, "6 months"),
    ],
)
def test_a_span_is_read_and_shown(text, seconds, shown):
    assert Duration.parsed(text).seconds == seconds
    assert str(Duration.parsed(text)) == shown


@pytest.mark.parametrize("text", ["", "soon", "2", "days", "2 dys", "-2 h"])
def test_what_is_no_span_is_told(text):
    with pytest.raises(ValueError, match="is no span of time"):
        Duration.parsed(text)
