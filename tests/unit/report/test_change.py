"""A change is said only when the interval of the difference leaves zero out."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.records import Point
from tasks.report.change import change_of, changed

START = date(2026, 2, 16)
WEEK = timedelta(days=7)


def a_week(week: int, value: float | None, low: float | None, high: float | None, n: int = 100, **more) -> Point:
    return Point(START + week * WEEK, START + (week + 1) * WEEK, n, value, low, high, **more)


def test_the_interval_of_two_shares_is_newcombes():
    # Newcombe (1998), table II, example a, method 10: 56/70 against 48/80 gives 0.2000 (0.0524 to 0.3339)
    before = a_week(0, 48 / 80, 0.4904, 0.7004, 80)
    now = a_week(1, 56 / 70, 0.6918, 0.8769, 70)
    change = change_of(before, now, "up")
    assert (change.by, change.low, change.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=2e-3)
    assert change.word == "clearly better"


def test_more_is_worse_where_less_is_better():
    before, now = a_week(0, 0.03, 0.028, 0.032), a_week(1, 0.041, 0.038, 0.044)
    assert changed(before, now, "down") == "clearly worse"
    assert changed(before, now, "up") == "clearly better"
    assert changed(before, now, "none") == "clearly changed"


def test_a_small_move_is_no_clear_change():
    assert changed(a_week(0, 0.88, 0.85, 0.91), a_week(1, 0.87, 0.84, 0.90), "up") == "no clear change"


def test_outcomes_not_known_yet_take_the_sureness_away():
    before = a_week(0, 0.60, 0.58, 0.62)
    now = a_week(1, 0.90, 0.88, 0.92, n_open=80, bound_low=0.50, bound_high=0.94)
    assert changed(before, now, "up") == "no clear change"
    assert changed(before, replace(now, n_open=0, bound_low=None, bound_high=None), "up") == "clearly better"


@pytest.mark.parametrize("now", [a_week(1, None, None, None, 0), a_week(1, 0.9, 0.8, 1.0, 12)])
def test_too_few_outcomes_say_nothing(now):
    assert change_of(a_week(0, 0.5, 0.4, 0.6), now, "up", min_n=30).word == "too few"


def test_a_period_half_known_is_not_compared_with_one_that_is_known():
    before = a_week(0, 0.45, 0.43, 0.47)
    now = a_week(1, 0.62, 0.60, 0.64, n_open=40, bound_low=0.45, bound_high=0.73)
    change = change_of(before, now, "up", max_open_share=0.05)
    assert (change.word, change.by, change.n_open) == ("open", None, 40)
    assert change_of(before, replace(now, n_open=5), "up", max_open_share=0.05).word != "open"
    assert change_of(replace(before, n_open=40), replace(now, n_open=0), "up", max_open_share=0.05).n_open == 40


def test_a_level_has_no_interval_and_gets_no_verdict():
    change = change_of(a_week(0, 41, 41, 41), a_week(1, 45, 45, 45), "down")
    assert (change.word, change.by, change.low) == ("level", 4, None)


def test_periods_that_share_a_day_are_never_compared():
    first = a_week(0, 0.5, 0.4, 0.6)
    with pytest.raises(ValueError, match="overlap"):
        change_of(first, replace(first, period_start=START + timedelta(days=6), period_end=START + WEEK * 2), "up")


@given(st.tuples(*[st.floats(-100, 100) for _ in range(6)]))
def test_a_sure_change_leaves_zero_out_and_turns_with_the_direction(numbers):
    low_0, value_0, high_0 = sorted(numbers[:3])
    low_1, value_1, high_1 = sorted(numbers[3:])
    before, now = a_week(0, value_0, low_0, high_0), a_week(1, value_1, low_1, high_1)
    up, down = change_of(before, now, "up"), change_of(before, now, "down")
    if up.low is not None and up.high is not None:
        assert up.low <= up.by <= up.high
        assert up.word.startswith("clearly") == (up.low > 0 or up.high < 0)
        assert {up.word, down.word} in ({"no clear change"}, {"clearly better", "clearly worse"})
