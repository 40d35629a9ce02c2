"""Days that a vendor no longer shows."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tasks.extract.gaps import Gap, missed

WHOLE = datetime(2026, 3, 2, 8, tzinfo=UTC)
WEEK, ZONE = timedelta(days=7), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("after", [timedelta(), timedelta(days=1), WEEK])
def test_who_comes_back_in_time_has_missed_nothing(after: timedelta) -> None:
    assert missed(WHOLE, WHOLE + after, WEEK, ZONE) is None


def test_the_days_between_the_last_fetch_and_the_first_shown_are_missed() -> None:
    assert missed(WHOLE, WHOLE + timedelta(days=10), WEEK, ZONE) == Gap(date(2026, 3, 2), date(2026, 3, 5))


def test_an_hour_too_late_has_missed_a_part_of_one_day() -> None:
    assert missed(WHOLE, WHOLE + WEEK + timedelta(hours=1), WEEK, ZONE) == Gap(date(2026, 3, 2), date(2026, 3, 2))


def test_the_days_are_those_of_the_reporting_zone() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    gap = missed(late, late + timedelta(days=8), WEEK, ZONE)
    assert gap == Gap(date(2026, 3, 3), date(2026, 3, 4))


def test_a_first_fetch_and_a_vendor_that_keeps_everything_miss_nothing() -> None:
    assert missed(None, WHOLE, WEEK, ZONE) is None
    assert missed(WHOLE, WHOLE + timedelta(days=900), None, ZONE) is None
