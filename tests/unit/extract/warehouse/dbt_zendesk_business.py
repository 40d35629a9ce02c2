"""Business minutes as fivetran/dbt_zendesk counts them: weeks of a span laid over a schedule's weekly hours in UTC.

Source: fivetran/dbt_zendesk, int_zendesk__schedule_spine, __ticket_work_time_business and
__ticket_full_resolution_time_business, of July 2026.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

WEEK = 7 * 24 * 60


@dataclass(frozen=True)
class Offset:
    """A zone's minutes from UTC on the days from `first` until `until`."""

    minutes: int
    first: date
    until: date


def business_minutes(
    start: datetime, end: datetime, schedule: Sequence[Mapping[str, str | None]], offsets: Sequence[Offset]
) -> float:
    """Minutes of a span within a schedule; 0 where its zone is in no table: its rows are then joined to nothing.

    Args:
        start: UTC.
        end: UTC.
        schedule: rows with start_time and end_time, in minutes since Sunday of the zone.
        offsets: the zone's.
    """
    sunday = datetime.combine(start.date() - timedelta(days=start.isoweekday() % 7), datetime.min.time(), UTC)
    begun = (start - sunday).total_seconds() / 60
    lasts = (end - start).total_seconds() / 60
    counted = 0.0
    for week in range(int((begun + lasts) // WEEK) + 1):
        first, last = max(0.0, begun - week * WEEK), min(begun + lasts - week * WEEK, WEEK)
        days = [(sunday + timedelta(minutes=int(week * WEEK + minute))).date() for minute in (first, last)]
        for offset in offsets:
            if days[1] <= offset.first or days[0] >= offset.until:
                continue
            for row in schedule:
                opens, closes = (int(row[name] or 0) - offset.minutes for name in ("start_time", "end_time"))
                if first <= closes and last >= opens:
                    counted += min(last, closes) - max(first, opens)
    return counted
