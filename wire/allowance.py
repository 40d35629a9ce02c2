"""The calls that a vendor allows in one day: how many of them are ours, and how many are left."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from domain.errors import SourceUnavailableError
from wire.clock import Clock


class DaySpentError(SourceUnavailableError):
    """The day's calls are spent: nothing is wrong, the fetch goes on tomorrow."""


class Book(Protocol):
    """Who keeps count of a source's calls, over all its streams and runs."""

    def spent(self, day: date) -> int:
        """Calls made on this day (UTC)."""
        ...

    def spend(self, day: date, n: int) -> None:
        """Count calls; each before it is made, so that none is forgotten."""
        ...


class Memory:
    """A count that lives as long as this object."""

    def __init__(self) -> None:
        self._days: dict[date, int] = {}

    def spent(self, day: date) -> int:
        """Calls made on this day."""
        return self._days.get(day, 0)

    def spend(self, day: date, n: int) -> None:
        """Count calls."""
        self._days[day] = self.spent(day) + n


class Allowance:
    """Our share of a day's calls. The vendor's day is taken to begin at midnight UTC.

    Args:
        per_day: what the vendor allows.
        share: our share of it at this hour.
        book: keeps count.
    """

    def __init__(self, per_day: int, share: Callable[[], float], clock: Clock, book: Book) -> None:
        self._per_day, self._share, self._clock, self._book = per_day, share, clock, book

    @property
    def ours(self) -> int:
        """Calls that we may make on a day, at this hour's share; at least one."""
        return max(int(self._per_day * self._share()), 1)

    def take(self) -> float:
        """Take one call: 0; or, where none is left, seconds until the next day."""
        day = self._clock.now().date()
        if self._book.spent(day) >= self.ours:
            return self.until_tomorrow()
        self._book.spend(day, 1)
        return 0

    def end(self) -> None:
        """The vendor says that the day is over for us: others share its calls."""
        day = self._clock.now().date()
        self._book.spend(day, max(self._per_day - self._book.spent(day), 0))

    def until_tomorrow(self) -> float:
        """Seconds."""
        now = self._clock.now()
        return (datetime.combine(now.date() + timedelta(days=1), time(), UTC) - now).total_seconds()
