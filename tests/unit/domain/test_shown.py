from datetime import date

import pytest

from domain.ids import derived
from domain.shown import counted, due_shown, period_shown, shown, shown_change, shown_range, window_shown

MONDAY = date(2026, 3, 16)


@pytest.mark.parametrize(
    ("value", "unit", "step", "words"),
    [
        (0.0406, "share", None, "4.1 %"), (0.907, "share", 0.005, "90.7 %"), (0.882, "share", 0.02, "88 %"),
        (1.0, "share", None, "100 %"), (0.0, "share", None, "0 %"), (15.5, "points", None, "16"),
        (-0.4, "points", None, "0"), (-12.4, "points", 3, "−12"), (45, "seconds", None, "45 s"),
        (1_500, "seconds", None, "25 min"), (21_240, "seconds", None, "5.9 h"), (187_200, "seconds", None, "52 h"),
        (12.44, "per_100", 0.5, "12.4"), (4.123, "score", 0.05, "4.12"), (18_240, "count", None, "18,240"),
        (None, "share", None, "not known"),
    ],
)  # fmt: skip
def test_a_value_reads_as_people_write_it(value, unit, step, words):
    assert shown(value, unit, step) == words


def test_a_range_says_its_unit_once():
    assert shown_range(0.441, 0.591, "share") == "44 to 59 %"
    assert shown_range(6.3, 24.5, "points", word="and") == "6 and 25"
    assert shown_range(172_800, 198_000, "seconds") == "48 to 55 h"
    assert shown_range(None, 1, "points") == "not known"


def test_a_change_has_a_sign_unless_it_is_none():
    assert shown_change(-0.122, "share") == "−12 points"
    assert shown_change(0.004, "share") == "+0.4 points"
    assert shown_change(0.2, "points") == "0"
    assert shown_change(-3_600, "seconds") == "−60 min"


def test_days_and_periods_read_as_people_write_them():
    assert period_shown(date(2026, 3, 9), MONDAY, MONDAY) == "the week of 9 Mar"
    assert period_shown(date(2026, 2, 1), date(2026, 3, 1), MONDAY) == "February 2026"
    assert period_shown(date(2026, 2, 16), MONDAY, MONDAY) == "4 weeks to 15 Mar"
    assert period_shown(date(2025, 9, 30), date(2025, 12, 29), MONDAY) == "90 days to 28 Dec 2025"
    assert (window_shown("28d"), window_shown("90d"), window_shown("month")) == ("4 weeks", "90 days", "month")
    assert due_shown(date(2026, 3, 25), MONDAY) == "Wed 25 Mar"
    assert counted(1_858) == "1,858"


def test_an_id_comes_from_all_its_parts():
    assert derived("task", "a", "bc") != derived("task", "ab", "c")
    assert derived("task", "a") == derived("task", "a")
    assert derived("task", "a") != derived("event", "a")
