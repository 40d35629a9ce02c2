"""Numbers of one row are written alike."""

from datetime import date

import pytest

from tasks.report.words import Scale, days_between, few, listed, month_and_year, outcomes, spelt, title_of


@pytest.mark.parametrize(
    ("scale", "told", "span"),
    [
        (Scale("share", 0.002), "4.1 %", "3.8 … 4.4 %"),
        (Scale("share", 0.02), "4 %", "4 … 4 %"),
        (Scale("share"), "4.1 %", "3.8 … 4.4 %"),
    ],
)
def test_decimals_of_a_share_follow_the_tolerance(scale, told, span):
    assert (scale.told(0.0406), scale.span(0.0379, 0.0436)) == (told, span)


def test_a_share_changes_by_tenths_of_a_point_whatever_the_tolerance():
    assert Scale("share", 0.02).change(0.004, -0.026, 0.034) == "+0.4 points (−2.6 … +3.4)"


def test_durations_of_one_row_share_a_unit():
    scale = Scale("seconds", None, 9_000)
    assert (scale.told(7_200), scale.span(5_760, 9_000)) == ("2.0 h", "1.6 … 2.5 h")
    assert scale.change(-6_360, -9_720, -3_360) == "−1.8 h (−2.7 … −0.9)"
    assert Scale("seconds", None, 45).told(41) == "41 s"
    assert Scale("seconds", None, 45).change(0, -5, 5) == "0 s (−5 … +5)"


def test_a_level_has_no_range_and_nothing_known_is_a_dash():
    assert Scale("count").span(41, 41) == ""
    assert Scale("points").told(None) == "–"


def test_a_tolerance_is_a_size_without_sign():
    assert (Scale("share", 0.02).size(-0.02), Scale("per_100", 0.5).size(0.5)) == ("2 points", "0.5")


def test_days_of_a_week_are_told_without_saying_the_month_twice():
    assert days_between(date(2026, 3, 9), date(2026, 3, 15)) == "9 to 15 March 2026"
    assert days_between(date(2026, 3, 30), date(2026, 4, 5)) == "30 March to 5 April 2026"
    assert days_between(date(2025, 12, 29), date(2026, 1, 4)) == "29 December 2025 to 4 January 2026"
    assert month_and_year(date(2026, 12, 31)) == "Dec 26"


def test_small_numbers_are_spelt_and_long_lists_cut():
    assert (spelt(0), spelt(12), spelt(1300)) == ("no", "twelve", "1,300")
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert few("abcde") == "a, b, c and two more"
    assert few([]) == ""


def test_a_series_is_named_by_its_scope_and_a_survey_keeps_its_name():
    assert title_of("nps", '{"segment":"office"}') == "Office NPS"
    assert title_of("csat", '{"survey":"sfo-2017"}') == "CSAT (sfo-2017)"
    assert title_of("sla_attainment", '{"channel":"chat","segment":"office"}') == "SLA attainment (chat · office)"
    assert title_of("sla_attainment", "{}") == "SLA attainment"


def test_what_is_counted_is_called_by_its_name():
    assert (outcomes("csat", 24), outcomes("sla_attainment", 1), outcomes("unheard_of", 2)) == (
        "24 answers", "1 contact", "2 outcomes",
    )  # fmt: skip
