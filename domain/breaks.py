"""Days on which a series breaks for good: another survey tool, another wording; nothing is compared across them."""

from collections.abc import Iterable
from datetime import date


def is_across(start: date, end: date, breaks: Iterable[date]) -> bool:
    """Whether [start, end) holds days before and after a break.

    >>> is_across(date(2026, 2, 2), date(2026, 3, 2), [date(2026, 2, 9)])
    True
    >>> is_across(date(2026, 2, 9), date(2026, 3, 9), [date(2026, 2, 9)])
    False
    """
    return any(start < day < end for day in breaks)


def begun_on(breaks: Iterable[date], moment: date) -> date | None:
    """First day of the series as it is before `moment`: the last break before it; None: it never broke."""
    return max((day for day in breaks if day < moment), default=None)
