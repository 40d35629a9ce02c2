"""By when a contact was to be answered, as a channel promises: counted in its hours, its open days, or on the clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from domain.calendars import Calendar, open_after, openings
from domain.roadmap.durations import SECONDS, Duration
from domain.windows import start_of

_INSTANT = pl.Datetime("us", "UTC")
_DAY = timedelta(days=1)
MOST_DAYS = 400
"""Longer than this no promise is waited for."""


@dataclass(frozen=True)
class Promise:
    """An answer within a span.

    Attributes:
        within: seconds, minutes and hours count while the calendar is open; working days are open days, and end when
            the last of them does; longer spans count on the clock.
        calendar: the opening hours.
        zone: IANA name of the zone whose days are counted.
    """

    within: Duration
    calendar: Calendar
    zone: str


def due_at(starts: pl.Series, promise: Promise, until: datetime) -> pl.Series:
    """When a promise made at each instant ends.

    Args:
        starts: instants (UTC).
        promise: the promise.
        until: how far to look.

    Returns:
        As many instants (UTC); null: after `until`, or the start is null.
    """
    at = starts.cast(_INSTANT)
    first, within = at.min(), promise.within
    if not isinstance(first, datetime):
        return at
    if within.is_working:
        due = _days_later(at, promise, first, until)
    elif SECONDS[within.unit] <= SECONDS["h"]:
        due = open_after(at, within.seconds, openings(promise.calendar, first, until))
    else:
        due = pl.select(at + timedelta(seconds=within.seconds)).to_series()
    return pl.select(pl.when(due <= until).then(due)).to_series().alias(starts.name)


def days_awaited(promise: Promise, since: date, zone: ZoneInfo) -> int:
    """On how many days before `since` it was made where it may end on that day or later, the day before it the first.

    At most MOST_DAYS, where the hours are closed for longer.

    >>> from domain.calendars import ALWAYS, Schedule
    >>> promise = Promise(Duration.parsed("25 h"), Schedule("UTC", ALWAYS), "UTC")
    >>> days_awaited(promise, date(2026, 3, 16), ZoneInfo("UTC"))
    2
    """
    begin = start_of(since, zone)
    ends = [start_of(since - timedelta(days=i), zone) - timedelta(microseconds=1) for i in range(MOST_DAYS)]
    due = due_at(pl.Series(ends, dtype=_INSTANT), promise, begin)
    return int((due.is_null() | (due == begin)).sum())


def _days_later(at: pl.Series, promise: Promise, first: datetime, until: datetime) -> pl.Series:
    """The end of the last of so many open days, of which the day of the start itself is none."""
    zone = ZoneInfo(promise.zone)
    ends = _open_days(openings(promise.calendar, first - _DAY, until + _DAY), zone)
    days = pl.Series(sorted(ends), dtype=pl.Date())
    place = days.search_sorted(at.dt.convert_time_zone(zone.key).dt.date(), side="right").cast(pl.Int64)
    last = place + max(1, round(promise.within.amount)) - 1
    held = pl.select(pl.when(last < len(days)).then(last)).to_series()
    return pl.Series([ends[day] for day in days], dtype=_INSTANT).gather(held)


def _open_days(opened: pl.DataFrame, zone: ZoneInfo) -> dict[date, datetime]:
    """Each day on which it is open, with when it closes, at midnight at the latest."""
    found: dict[date, datetime] = {}
    for start, end in opened.select("start", "end").iter_rows():
        day = start.astimezone(zone).date()
        while (midnight := start_of(day + _DAY, zone)) < end:
            found[day] = midnight
            day += _DAY
        found[day] = end
    return found
