from datetime import date
from zoneinfo import ZoneInfo

import pytest

from domain.scopes import WHOLE, canonical, described, parsed
from domain.windows import Window, day_of, mondays, periods, start_of
from tests.factories import at

BERLIN = ZoneInfo("Europe/Berlin")
D = date


def test_a_window_that_ends_before_it_starts_is_a_fault() -> None:
    with pytest.raises(ValueError, match="ends before it starts: 2026-03-02 to 2026-03-01"):
        Window(D(2026, 3, 2), D(2026, 3, 1))


def test_mondays_include_both_ends() -> None:
    assert mondays(D(2026, 3, 2), D(2026, 3, 16)) == [D(2026, 3, 2), D(2026, 3, 9), D(2026, 3, 16)]
    assert mondays(D(2026, 3, 3), D(2026, 3, 8)) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-03-29 00:30", D(2026, 3, 29)), ("2026-03-29 22:30", D(2026, 3, 30)), ("2026-10-25 22:59", D(2026, 10, 25)),
     ("2026-10-25 23:00", D(2026, 10, 26))],
)  # fmt: skip
def test_days_are_cut_in_the_reporting_zone_on_nights_that_change_the_clock_too(text: str, day: date) -> None:
    assert day_of(at(text), BERLIN) == day


def test_a_day_of_23_hours_begins_where_the_one_before_ends() -> None:
    hours = (start_of(D(2026, 3, 30), BERLIN) - start_of(D(2026, 3, 29), BERLIN)).total_seconds() / 3600
    assert hours == 23


def test_periods_are_complete_and_do_not_overlap_but_for_those_that_trail() -> None:
    assert periods("week", D(2026, 3, 4), D(2026, 3, 17)) == [
        (D(2026, 3, 2), D(2026, 3, 9)), (D(2026, 3, 9), D(2026, 3, 16))
    ]  # fmt: skip
    assert periods("month", D(2025, 12, 5), D(2026, 2, 1)) == [
        (D(2025, 12, 1), D(2026, 1, 1)), (D(2026, 1, 1), D(2026, 2, 1))
    ]  # fmt: skip
    assert periods("28d", D(2026, 2, 2), D(2026, 3, 10)) == [
        (D(2026, 2, 2), D(2026, 3, 2)), (D(2026, 2, 9), D(2026, 3, 9))
    ]  # fmt: skip
    assert periods("day", D(2026, 2, 28), D(2026, 3, 2)) == [
        (D(2026, 2, 28), D(2026, 3, 1)), (D(2026, 3, 1), D(2026, 3, 2))
    ]  # fmt: skip


def test_a_scope_is_the_same_text_in_whatever_order_it_was_written() -> None:
    one, other = {"segment": "Büro", "channel": "chat"}, {"channel": "chat", "segment": "Büro"}
    assert canonical(one) == canonical(other) == '{"channel":"chat","segment":"Büro"}'
    assert parsed(canonical(one)) == one
    assert (described(WHOLE), described(canonical(one))) == ("whole company", "chat · Büro")
