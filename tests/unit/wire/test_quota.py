"""Our share of a vendor's rate."""

from datetime import UTC, datetime, time

import pytest

from domain.connectors import Rate
from domain.source_specs import Quota
from tests.fakes.clock import FakeClock
from wire.quota import Spacing, shared_spacing

TEN_A_MINUTE = Rate(10, 60)
NIGHT = Quota(0.5, night_share=0.9, night_from=time(22), night_to=time(6))


def test_the_first_call_waits_for_nothing():
    assert Spacing(Quota(), FakeClock()).turn([TEN_A_MINUTE]) == 0


def test_half_of_ten_a_minute_is_one_every_twelve_seconds():
    clock = FakeClock()
    spacing = Spacing(Quota(0.5), clock)
    spacing.turn([TEN_A_MINUTE])
    clock.sleep(5)
    assert spacing.turn([TEN_A_MINUTE]) == 7
    assert spacing.turn([TEN_A_MINUTE]) == 19


def test_a_rest_is_not_saved_up_for_a_burst():
    clock = FakeClock()
    spacing = Spacing(Quota(0.5), clock)
    spacing.turn([TEN_A_MINUTE])
    clock.sleep(600)
    assert [spacing.turn([TEN_A_MINUTE]), spacing.turn([TEN_A_MINUTE])] == [0, 12]


def test_rates_are_waited_for_each_by_itself():
    spacing = Spacing(Quota(1), FakeClock())
    spacing.turn([TEN_A_MINUTE, Rate(1, 1)])
    assert [spacing.turn([Rate(1, 1)]), spacing.turn([TEN_A_MINUTE, Rate(1, 1)]), spacing.turn([Rate(9, 9)])] == [
        1,
        6,
        0,
    ]


def test_a_pause_that_the_vendor_asks_for_holds_every_rate_and_is_never_shortened():
    clock = FakeClock()
    spacing = Spacing(Quota(), clock)
    spacing.hold(30)
    spacing.hold(10)
    assert (spacing.turn([Rate(9, 9)]), spacing.held()) == (30, 30)
    clock.sleep(40)
    assert (spacing.turn([Rate(8, 8)]), spacing.held()) == (0, 0)


def test_the_streams_of_a_source_share_its_spacing():
    assert shared_spacing("desk", Quota(), "UTC") is shared_spacing("desk", Quota(), "UTC")
    assert shared_spacing("desk", Quota(), "UTC") is not shared_spacing("reviews", Quota(), "UTC")


@pytest.mark.parametrize(
    ("hour", "zone", "share"),
    [
        (20, "UTC", 0.5), (22, "UTC", 0.9), (3, "UTC", 0.9), (6, "UTC", 0.5),
        (20, "Europe/Helsinki", 0.9), (4, "Europe/Helsinki", 0.5),
    ],
)  # fmt: skip
def test_night_is_where_the_company_is(hour, zone, share):
    assert Spacing(NIGHT, FakeClock(datetime(2026, 1, 5, hour, tzinfo=UTC)), zone).share() == share


def test_a_nights_share_may_lie_within_one_day():
    quota = Quota(0.5, night_share=1.0, night_from=time(1), night_to=time(5))
    shares = [Spacing(quota, FakeClock(datetime(2026, 1, 5, hour, tzinfo=UTC))).share() for hour in (0, 1, 4, 5)]
    assert shares == [0.5, 1.0, 1.0, 0.5]


def test_without_a_nights_share_the_night_is_as_the_day():
    assert Spacing(Quota(0.3), FakeClock(datetime(2026, 1, 5, 23, tzinfo=UTC))).share() == 0.3
