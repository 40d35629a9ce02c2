"""Days of instants: the same told many at once as told one by one, in zones of every kind."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.days import days_of

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
    "Asia/Tehran", "America/St_Johns", "Africa/Casablanca",
)  # fmt: skip


def around(start: datetime, minutes: int, n: int) -> pl.Series:
    instants = [start + timedelta(minutes=minutes * i / n) for i in range(n)]
    return pl.Series("at", instants, pl.Datetime("us", "UTC"))


@pytest.mark.parametrize("zone", ZONES)
@settings(deadline=None, max_examples=20)
@given(
    minutes=st.integers(0, 60 * 24 * 365 * 67), hours=st.integers(1, 300), blank=st.integers(0, 399),
)  # fmt: skip
def test_many_close_together_are_told_as_each_alone(zone: str, minutes: int, hours: int, blank: int) -> None:
    instants = around(datetime(1973, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes), hours * 10, 400)
    with_blank = pl.Series("at", [None if i == blank else at for i, at in enumerate(instants)], instants.dtype)
    told = [None if at is None else at.astimezone(ZoneInfo(zone)).date() for at in with_blank]
    assert days_of(with_blank, zone).to_list() == told


@pytest.mark.parametrize("zone", ZONES)
def test_two_years_of_every_five_minutes(zone: str) -> None:
    instants = around(datetime(2024, 1, 1, tzinfo=UTC), 60 * 24 * 730, 12 * 24 * 730)
    assert days_of(instants, zone).equals(instants.dt.convert_time_zone(zone).dt.date())


def test_clocks_of_seconds_are_asked_one_by_one() -> None:
    instants = around(datetime(1971, 6, 1, tzinfo=UTC), 3_000, 4_000)
    assert days_of(instants, "Africa/Monrovia").to_list() == [
        at.astimezone(ZoneInfo("Africa/Monrovia")).date() for at in instants
    ]


def test_a_clock_that_changed_at_a_minute_past_midnight_is_asked_one_by_one() -> None:
    """Newfoundland until 2011: at 00:01 the clock went back to 23:01 of the day before."""
    instants = around(datetime(2010, 11, 7, 2, tzinfo=UTC), 120, 720)
    zone = ZoneInfo("America/St_Johns")
    assert days_of(instants, zone.key).to_list() == [at.astimezone(zone).date() for at in instants]


def test_none_and_nothing_known() -> None:
    at = pl.Datetime("us", "UTC")
    assert days_of(pl.Series("at", [], at), "Europe/Berlin").to_list() == []
    assert days_of(pl.Series("at", [None], at), "Europe/Berlin").to_list() == [None]
    assert days_of(pl.Series("at", [datetime(2026, 3, 29, 22, 30, tzinfo=UTC)]), "Europe/Berlin").to_list() == [
        date(2026, 3, 30)
    ]
