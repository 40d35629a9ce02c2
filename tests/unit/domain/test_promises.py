from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendars import ALWAYS, DAY, Calendar, Hours, Schedule, business_seconds, open_after, openings
from domain.promises import MOST_DAYS, Promise, days_awaited, due_at
from domain.roadmap.durations import Duration

INSTANT = pl.Datetime("us", "UTC")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Auckland"]
WEEKDAYS = tuple(Hours(day * DAY + 9 * 60, day * DAY + 17 * 60) for day in range(5))
NIGHTS = tuple(Hours(day * DAY + 22 * 60, (day + 1) * DAY + 6 * 60) for day in range(6))
OFFICE, EVER = Schedule("Europe/Berlin", WEEKDAYS), Schedule("UTC", ALWAYS)
UNTIL = datetime(2026, 6, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """An instant by the clock on the wall in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def due(start: str, within: str, calendar: Calendar = OFFICE, until: datetime = UNTIL) -> datetime | None:
    promise = Promise(Duration.parsed(within), calendar, "Europe/Berlin")
    return due_at(pl.Series([at(start), at("2026-01-01 12:00")], dtype=INSTANT), promise, until)[0]


@pytest.mark.parametrize(
    ("start", "within", "end"),
    [
        ("2026-03-09 10:00", "2 min", "2026-03-09 10:02"),
        ("2026-03-13 16:30", "1 h", "2026-03-16 09:30"),  # over the weekend
        ("2026-03-13 16:30", "30 min", "2026-03-13 17:00"),  # to the last minute of the day
        ("2026-03-14 12:00", "8 h", "2026-03-16 17:00"),  # when nobody is there
        ("2026-03-27 16:00", "2 h", "2026-03-30 10:00"),  # the clocks go forward in between
        ("2026-03-13 16:30", "1 working day", "2026-03-16 17:00"),
        ("2026-03-14 12:00", "2 working days", "2026-03-17 17:00"),
        ("2026-03-09 08:00", "2 working days", "2026-03-11 17:00"),
        ("2026-03-28 16:00", "1 day", "2026-03-29 17:00"),  # on the clock: 24 hours
    ],
)
def test_a_promise_ends_in_our_hours_on_our_days_or_on_the_clock(start: str, within: str, end: str) -> None:
    assert due(start, within) == at(end)


def test_who_is_always_there_has_no_weekend() -> None:
    assert due("2026-03-13 16:30", "1 h", EVER) == at("2026-03-13 17:30")
    assert due("2026-03-13 16:30", "2 working days", EVER) == at("2026-03-16 00:00")


@pytest.mark.parametrize("within", ["1 h", "1 working day", "2 days"])
def test_what_is_due_later_than_anybody_looks_has_no_end_yet(within: str) -> None:
    assert due("2026-03-13 16:30", within, until=at("2026-03-14 00:00")) is None


@pytest.mark.parametrize(
    ("within", "n_days"),
    [
        ("1 h", 3),  # of a Monday: Friday evening, and the weekend
        ("1 working day", 3),
        ("2 working days", 4),
        ("9 h", 4),  # Thursday's last ones are due on Monday
        ("1 min", 3),
    ],
)
def test_promises_of_the_days_before_are_waited_for_as_long_as_they_may_last(within: str, n_days: int) -> None:
    assert days_awaited(Promise(Duration.parsed(within), OFFICE, "Europe/Berlin"), date(2026, 3, 16), BERLIN) == n_days


def test_where_it_is_always_open_a_promise_is_over_by_the_clock() -> None:
    monday, held = date(2026, 3, 16), Promise(Duration.parsed("24 h"), EVER, "UTC")
    assert days_awaited(held, monday, ZoneInfo("UTC")) == 1
    assert days_awaited(Promise(Duration.parsed("30 days"), EVER, "UTC"), monday, ZoneInfo("UTC")) == 30


def test_what_never_ends_is_not_waited_for_for_ever() -> None:
    closed = Schedule("UTC", ALWAYS, valid_to=datetime(2020, 1, 1, tzinfo=UTC))
    assert days_awaited(Promise(Duration.parsed("1 h"), closed, "UTC"), date(2026, 3, 16), BERLIN) == MOST_DAYS


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    within=st.sampled_from(["1 min", "4 h", "30 h", "1 working day", "3 working days", "2 days"]),
    hours=st.sampled_from([WEEKDAYS, NIGHTS, ALWAYS]),
    since=st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    ago_s=st.integers(1, 20 * 86_400),
)
def test_a_promise_that_is_not_over_is_of_a_day_that_is_waited_for(
    zone: str, within: str, hours: tuple[Hours, ...], since: date, ago_s: int
) -> None:
    promise, place = Promise(Duration.parsed(within), Schedule(zone, hours), zone), ZoneInfo(zone)
    begin = datetime(since.year, since.month, since.day, tzinfo=place).astimezone(UTC)
    made = begin - timedelta(seconds=ago_s)
    end = due_at(pl.Series([made], dtype=INSTANT), promise, begin + timedelta(days=60))[0]
    if end is None or end >= begin:
        n_days = (since - made.astimezone(place).date()).days
        assert n_days <= days_awaited(promise, since, place)


def test_nothing_gives_nothing() -> None:
    promise = Promise(Duration.parsed("2 h"), OFFICE, "Europe/Berlin")
    assert due_at(pl.Series([], dtype=INSTANT), promise, UNTIL).to_list() == []
    assert due_at(pl.Series([None], dtype=INSTANT), promise, UNTIL).to_list() == [None]
    assert due_at(pl.Series([None, at("2026-03-09 10:00")], dtype=INSTANT), promise, UNTIL)[0] is None


@settings(deadline=None, max_examples=60)
@given(
    zone=st.sampled_from(ZONES), hours=st.sampled_from([WEEKDAYS, NIGHTS]),
    minutes=st.lists(st.integers(0, 400 * 1440), min_size=1, max_size=20), seconds=st.integers(1, 200_000),
)  # fmt: skip
def test_it_is_the_inverse_of_business_time(
    zone: str, hours: tuple[Hours, ...], minutes: list[int], seconds: int
) -> None:
    schedule, first = Schedule(zone, hours), datetime(2025, 9, 1, tzinfo=UTC)
    starts = pl.Series([first + timedelta(minutes=n) for n in sorted(minutes)], dtype=INSTANT)
    ends = open_after(starts, seconds, openings(schedule, first, first + timedelta(days=600)))
    assert ends.null_count() == 0
    assert business_seconds(starts, ends, schedule).to_list() == [float(seconds)] * len(starts)
    just_before = pl.select(ends - timedelta(microseconds=1)).to_series()
    assert (business_seconds(starts, just_before, schedule) < seconds).all()
