"""Days that a vendor no longer shows: it keeps so many, and nobody asked in time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.windows import day_of


@dataclass(frozen=True)
class Gap:
    """Days that are missing, wholly or in part; both belong to it."""

    first_day: date
    last_day: date


def missed(whole_at: datetime | None, now: datetime, keeps: timedelta | None, zone: ZoneInfo) -> Gap | None:
    """What was missed since a stream was last read to its end.

    Args:
        whole_at: when that fetch began; None: there was none, so nothing was promised.
        now: when it is read again.
        keeps: how far back the vendor shows; None: as far as one likes.
        zone: reporting zone.

    Returns:
        From the day of the last whole fetch to the day that the vendor begins to show; None: nothing is missing.
    """
    if whole_at is None or keeps is None or now - keeps <= whole_at:
        return None
    return Gap(day_of(whole_at, zone), day_of(now - keeps, zone))
