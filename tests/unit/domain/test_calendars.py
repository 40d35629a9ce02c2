import os
from csv import DictReader
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.calendars import WAYS, spans
from domain.calendars import (
    ALWAYS,
    DAY,
    WEEK,
    Calendar,
    Hours,
    Schedule,
    assigned_business_seconds,
    business_seconds,
    following,
    from_sunday,
    openings,
)

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Auckland"]
MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
OFFICE = tuple(Hours(day * DAY + 9 * 60, day * DAY + 17 * 60) for day in range(5))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def seconds(start: datetime, end: datetime, calendar: Calendar) -> float:
    instants = pl.Series([start, end], dtype=pl.Datetime("us", "UTC"))
    return business_seconds(instants[:1], instants[1:], calendar).item()


def minutes_one_by_one(start: datetime, end: datetime, schedules: list[Schedule]) -> int:
    """The oracle: looks at the clock on the wall at each minute."""
    return sum(any(_is_open(start + n * MINUTE, each) for each in schedules) for n in range((end - start) // MINUTE))


def _is_open(instant: datetime, schedule: Schedule) -> bool:
    wall = instant.astimezone(ZoneInfo(schedule.zone))
    minute = wall.weekday() * DAY + wall.hour * 60 + wall.minute
    return (
        (schedule.valid_from is None or instant >= schedule.valid_from)
        and (schedule.valid_to is None or instant < schedule.valid_to)
        and not any(first <= wall.date() <= last for first, last in schedule.holidays)
        and any(span.start <= minute < span.end for span in schedule.hours)
    )


hours = st.builds(
    lambda start, length: Hours(start, min(start + length, WEEK)), st.integers(0, WEEK - 1), st.integers(1, 3 * DAY)
)
nights = st.sampled_from(
    # clock changes of the five zones, ends of years, a leap day
    ["2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-04-04", "2026-10-03", "2026-09-26", "2025-12-31",
     "2024-02-28", "2026-06-10"]
)  # fmt: skip
instants = st.builds(lambda day, minute: at(day) + minute * MINUTE, nights, st.integers(-DAY, 3 * DAY))
holidays = st.lists(
    st.builds(
        lambda day, n, length: (day + n * ONE_DAY, day + (n + length) * ONE_DAY),
        nights.map(date.fromisoformat), st.integers(-1, 2), st.integers(0, 1),
    ), max_size=2,
).map(tuple)  # fmt: skip
schedules = st.builds(
    Schedule, st.sampled_from(ZONES), st.lists(hours, max_size=4).map(tuple), holidays,
    st.none() | instants, st.none() | instants,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(start=instants, length=st.integers(0, 2 * DAY), several=st.lists(schedules, min_size=1, max_size=2))
def test_business_time_is_what_a_look_at_the_clock_each_minute_gives(
    start: datetime, length: int, several: list[Schedule]
) -> None:
    end = start + length * MINUTE
    assert seconds(start, end, several) == 60 * minutes_one_by_one(start, end, several)


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    microseconds=st.integers(0, 60 * 365 * 86_400_000_000),
    length=st.timedeltas(timedelta(0), timedelta(days=3000)),
)
def test_a_schedule_that_is_always_open_gives_calendar_time_exactly(
    zone: str, microseconds: int, length: timedelta
) -> None:
    begun = at("1975-01-01") + timedelta(microseconds=microseconds)
    assert seconds(begun, begun + length, Schedule(zone, ALWAYS)) == length / timedelta(seconds=1)


@settings(max_examples=30, deadline=None)
@given(schedule=schedules, cuts=st.lists(instants, min_size=3, max_size=5))
def test_parts_of_a_span_add_up_to_it(schedule: Schedule, cuts: list[datetime]) -> None:
    ordered = sorted(cuts)
    parts = [seconds(one, other, schedule) for one, other in pairwise(ordered)]
    assert sum(parts) == seconds(ordered[0], ordered[-1], schedule)


def test_an_hour_that_the_clock_skips_is_not_worked() -> None:
    night = Schedule("Europe/Berlin", (Hours(6 * DAY + 60, 6 * DAY + 240),))  # Sundays, 1:00 to 4:00
    assert seconds(at("2026-03-22"), at("2026-03-23"), night) == 3 * 3600
    assert seconds(at("2026-03-28T20:00"), at("2026-03-30"), night) == 2 * 3600


def test_an_hour_that_the_clock_shows_twice_is_worked_twice() -> None:
    night = Schedule("Europe/Berlin", (Hours(6 * DAY + 60, 6 * DAY + 240),))
    assert seconds(at("2026-10-24T20:00"), at("2026-10-26"), night) == 4 * 3600


def test_public_holidays_of_a_region_are_closed_in_every_year_and_there_alone() -> None:
    week = (Hours(8 * 60, 18 * 60),)  # Mondays
    berlin, bavaria, nobody = (Schedule("Europe/Berlin", week, region=region) for region in ("DE-BE", "DE-BY", ""))
    women = at("2027-03-08"), at("2027-03-09")  # a Monday, a holiday in Berlin and not in Bavaria
    assert [seconds(*women, each) for each in (berlin, bavaria, nobody)] == [0, 36_000, 36_000]
    easter = [seconds(at(f"{year}"), at(f"{year}") + ONE_DAY, berlin) for year in ("2024-04-01", "2025-04-21")]
    assert easter == [0, 0]
    assert seconds(at("2027-03-01"), at("2027-03-31"), berlin) == 3 * 36_000  # of five Mondays; Easter's is closed too


def test_a_holiday_of_the_new_year_is_closed_where_the_old_one_is_not_over_yet() -> None:
    fridays = Schedule("Pacific/Auckland", (Hours(4 * DAY, 5 * DAY),), region="NZ")
    assert seconds(at("2026-12-31T10:00"), at("2026-12-31T23:00"), fridays) == 0  # there it is 1 January, a Friday


def test_own_closed_days_and_public_holidays_hold_together() -> None:
    own = (date(2027, 3, 15), date(2027, 3, 15))
    berlin = Schedule("Europe/Berlin", (Hours(8 * 60, 18 * 60),), (own,), region="DE-BE")
    assert seconds(at("2027-03-01"), at("2027-03-31"), berlin) == 2 * 36_000


def test_a_holiday_is_closed_from_midnight_to_midnight_of_its_zone() -> None:
    always = Schedule("Pacific/Auckland", ALWAYS, ((date(2026, 12, 25), date(2026, 12, 26)),))
    (before, after) = openings(always, at("2026-12-20"), at("2026-12-31")).rows()
    assert (before[1], after[0]) == (at("2026-12-24T11:00"), at("2026-12-26T11:00"))


def test_a_changed_schedule_counts_from_its_change_on() -> None:
    short = Schedule("UTC", tuple(Hours(day * DAY + 9 * 60, day * DAY + 10 * 60) for day in range(5)))
    versions = following([(at("2026-03-11"), short), (at("2026-01-01"), Schedule("UTC", OFFICE))])
    assert seconds(at("2026-03-09"), at("2026-03-14"), versions) == (2 * 8 + 3 * 1) * 3600
    assert seconds(at("2025-06-02"), at("2025-06-03"), versions) == 8 * 3600


def test_what_two_teams_cover_at_once_counts_once() -> None:
    assert seconds(at("2026-03-09"), at("2026-03-10"), [Schedule("UTC", OFFICE), Schedule("UTC", OFFICE)]) == 8 * 3600


def test_a_span_of_years_is_not_cut_short() -> None:
    assert seconds(at("2020-01-06"), at("2026-01-05"), Schedule("Europe/Berlin", OFFICE)) == 313 * 5 * 8 * 3600


def test_what_is_not_known_is_not_counted() -> None:
    starts = pl.Series([at("2026-03-09"), None, at("2026-03-10"), at("2026-03-10")], dtype=pl.Datetime("us", "UTC"))
    ends = pl.Series([None, at("2026-03-10"), at("2026-03-09"), at("2026-03-10T10:30")], dtype=pl.Datetime("us", "UTC"))
    assert business_seconds(starts, ends, Schedule("UTC", OFFICE)).to_list() == [None, None, 0.0, 5400.0]


def test_nothing_gives_nothing() -> None:
    none = pl.Series([], dtype=pl.Datetime("us", "UTC"))
    assert business_seconds(none, none, Schedule("UTC", OFFICE)).to_list() == []
    assert seconds(at("2026-03-09"), at("2026-03-10"), []) == 0
    assert seconds(at("2026-03-09"), at("2026-03-10"), Schedule("UTC", ())) == 0


def test_the_ways_that_are_timed_against_each_other_give_the_same() -> None:
    held = spans(2_000)
    own, by_numpy, by_loop = (way(held) for way in WAYS.values())
    assert own.to_list() == pytest.approx(by_numpy.to_list(), abs=1e-3)
    assert own.to_list() == pytest.approx(by_loop.to_list(), abs=1e-3)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (0, WEEK + 1)])
def test_hours_lie_within_one_week(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"from minute {start} to {end}"):
        Hours(start, end)


def test_minutes_since_sunday_become_ours() -> None:
    assert from_sunday(0, DAY) == (Hours(6 * DAY, WEEK),)
    assert from_sunday(0, WEEK) == (Hours(6 * DAY, WEEK), Hours(0, 6 * DAY))
    assert from_sunday(6 * DAY + 1320, WEEK + 120) == (Hours(5 * DAY + 1320, 6 * DAY + 120),)
    with pytest.raises(ValueError, match="since Sunday"):
        from_sunday(5, 4)


# ---- the ticket worked in fivetran/dbt_zendesk's decision log --------------------------------------------------------

CHICAGO = Schedule("America/Chicago", tuple(Hours(day * DAY + 7 * 60, day * DAY + 21 * 60) for day in range(7)))
SAN_FRANCISCO = Schedule("America/Los_Angeles", tuple(Hours(d * DAY + 480, d * DAY + 1050) for d in range(5)))
LEVELS = {"Level 1 Chicago": CHICAGO, "Level 2 San Francisco": SAN_FRANCISCO}
IN_UTC = {
    "Level 1 Chicago": [(day * DAY + 720, day * DAY + 1560) for day in range(7)],
    "Level 2 San Francisco": [(2340, 2910), (3780, 4350), (5220, 5790), (6660, 7230), (8100, 8670)],
}  # fmt: skip


def worked_ticket(
    opened: datetime, moved: datetime, replied: datetime, calendars: dict[str, Calendar]
) -> tuple[float, float]:
    """Business minutes to the first reply: over each schedule while assigned, and by the last one."""
    spans = pl.DataFrame({"item": [941606], "start": [opened], "end": [replied]})
    given = pl.DataFrame({"item": [941606] * 2, "at": [moved, opened], "schedule": list(reversed(LEVELS))})
    each, last = (assigned_business_seconds(spans, given, calendars, how=how).item() / 60 for how in ("each", "last"))
    return each, last


@pytest.mark.parametrize("is_in_utc", [True, False])
def test_the_worked_ticket_takes_959_46_minutes_over_all_schedules_and_689_46_by_the_last(*, is_in_utc: bool) -> None:
    in_utc = {name: Schedule("UTC", sum((from_sunday(*span) for span in spans), ())) for name, spans in IN_UTC.items()}
    # the log rounds the opening to 17:02, and reads 19:01:25 and 19:01:46 as minutes 1.25 and 1.46
    opened, moved, replied = at("2020-09-29T17:02"), at("2020-09-30T19:01:15"), at("2020-09-30T19:01:27.6")
    each, last = worked_ticket(opened, moved, replied, in_utc if is_in_utc else LEVELS)
    assert each == pytest.approx(959.46, abs=1e-9)
    assert last == pytest.approx(689.46, abs=1e-9)


def test_the_worked_tickets_own_instants_give_two_thirds_of_a_minute_more() -> None:
    opened, moved, replied = at("2020-09-29T17:01:38"), at("2020-09-30T19:01:25"), at("2020-09-30T19:01:46")
    each, last = worked_ticket(opened, moved, replied, LEVELS)
    assert each == pytest.approx(538 + 22 / 60 + 421 + 25 / 60 + 21 / 60)
    assert last == pytest.approx(448 + 22 / 60 + 241 + 46 / 60)


def test_items_without_a_schedule_have_the_default_or_are_not_known() -> None:
    spans = pl.DataFrame(
        {"item": ["a", "b", "b"], "start": [at("2026-03-09")] * 3, "end": [at("2026-03-10"), at("2026-03-11"), None]},
        schema_overrides={"end": pl.Datetime("us", "UTC")},
    )
    given = pl.DataFrame({"item": ["a"], "at": [at("2026-03-09T12:00")], "schedule": ["office"]})
    calendars: dict[str, Calendar] = {"office": Schedule("UTC", OFFICE), "always": Schedule("UTC", ALWAYS)}
    assert assigned_business_seconds(spans, given, calendars).to_list() == [28800.0, None, None]
    assert assigned_business_seconds(spans, given, calendars, default="always").to_list() == [28800.0, 172800.0, None]
    assert assigned_business_seconds(spans[:1], given, calendars, how="last").to_list() == [28800.0]


if os.environ.get("CXLOOP_DATA"):

    def test_fivetrans_zendesk_schedules_open_when_their_utc_columns_say() -> None:
        path = Path(os.environ["CXLOOP_DATA"]) / "zendesk_fivetran" / "schedule_data.csv"
        with path.open(newline="") as file:
            rows = list(DictReader(file))
        spans = sum((from_sunday(int(row["start_time"]), int(row["end_time"])) for row in rows), ())
        opened = openings(Schedule("America/Los_Angeles", spans), at("2026-07-05"), at("2026-07-12"))  # in summer
        sunday = at("2026-07-05")
        found = [((one - sunday) // MINUTE, (other - sunday) // MINUTE) for one, other in opened.rows()]
        assert found == sorted((int(row["start_time_utc"]), int(row["end_time_utc"])) for row in rows)
