"""Which days are read again and which periods are valued again."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.windows import PeriodKind, Window, day_of, periods, start_of

KEPT: tuple[PeriodKind, ...] = ("week", "month", "28d")
"""Periods kept as values, besides `all`; any other is made from the daily parts when it is asked for."""

NEAR_DAYS = 3
"""Days at most this far apart are read as one range."""


def ranges(days: Iterable[date]) -> list[Window]:
    """Days as few half-open ranges; neighbours within NEAR_DAYS are joined."""
    found: list[Window] = []
    for day in sorted(days):
        if found and (day - found[-1].end).days < NEAR_DAYS:
            found[-1] = Window(found[-1].start, day + timedelta(days=1))
        else:
            found.append(Window(day, day + timedelta(days=1)))
    return found


def before(days: Iterable[date], reach: int) -> set[date]:
    """The days, and as many as `reach` before each."""
    return {day - timedelta(days=i) for day in days for i in range(reach + 1)}


def passed(valued: date, through: date, reach: int) -> set[date]:
    """Days of which something may be known by now, after `valued`, that is waited for `reach` days at most.

    >>> len(passed(date(2026, 3, 8), date(2026, 3, 9), 3)), passed(date(2026, 3, 9), date(2026, 3, 9), 3)
    (4, set())
    """
    n = (through - valued).days + reach if valued < through else 0
    return {through - timedelta(days=i) for i in range(n)}


def decided(
    changed: Collection[date], days: Iterable[date], wait: timedelta, zone: ZoneInfo, through: date
) -> set[date]:
    """Of some days those that changed themselves, and those on which the first outcomes are known.

    Args:
        changed: days of which rows changed.
        days: days near them.
        wait: how long an outcome is waited for.
        zone: reporting zone.
        through: last complete day.

    >>> days = [date(2026, 3, day) for day in (5, 6, 7, 8)]
    >>> found = decided({date(2026, 3, 8)}, days, timedelta(days=3), ZoneInfo("Europe/Berlin"), date(2026, 3, 9))
    >>> sorted(day.day for day in found)
    [5, 6, 8]
    """
    return {day for day in days if day in changed or day_of(start_of(day, zone) + wait, zone) <= through}


def after(days: Iterable[date], reach: int) -> list[date]:
    """The days, and as many as `reach` after each, in order."""
    return sorted({day + timedelta(days=i) for day in days for i in range(reach + 1)})


def touched(
    kind: PeriodKind,
    first: date,
    through: date,
    days: Iterable[date],
    *,
    later: bool,
    valued_through: date | None,
    valued_from: date | None = None,
) -> list[tuple[date, date]]:
    """Complete periods to value again.

    Args:
        kind: which periods.
        first: first day with anything in it.
        through: last complete day.
        days: days whose parts changed.
        later: whether every period after a changed day changes too (levels do).
        valued_through: periods that end after this day were not complete when last valued; None: none was.
        valued_from: periods that start before this day were not valued: nothing was known then. None: all were.
    """
    spans = periods(kind, first, through + timedelta(days=1))
    changed = sorted(days)
    if valued_through is None:
        return spans
    fresh = [
        (start, end)
        for start, end in spans
        if end > valued_through + timedelta(days=1) or (valued_from is not None and start < valued_from)
    ]
    if not changed:
        return fresh
    if later:
        return [span for span in spans if span[1] > changed[0] or span in fresh]
    marks = set(changed)
    return [
        (start, end)
        for start, end in spans
        if (start, end) in fresh or any(start + timedelta(days=i) in marks for i in range((end - start).days))
    ]
