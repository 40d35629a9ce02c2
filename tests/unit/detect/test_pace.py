from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from domain.records import Point
from domain.scopes import WHOLE
from domain.untold import BOUND
from tasks.detect.pace import Target, judge_pace

# SLA attainment of a service desk by week of opening, bounds in % as known on each Monday
WEEKS = [date(2016, 2, 29) + timedelta(weeks=i) for i in range(9)]
ITEMS = [1858, 2073, 1975, 1686, 2174, 2008, 1995, 1401, 2046]
BOUNDS = {
    date(2016, 3, 7): [(7.3, 99.6)],
    date(2016, 3, 14): [(43.3, 97.6), (0.6, 100)],
    date(2016, 3, 21): [(43.4, 97.3), (1.1, 99.6), (0.4, 99.9)],
    date(2016, 3, 28): [(44.1, 59.1), (4.2, 24.7), (33.1, 65.3), (20.6, 99.8)],
    date(2016, 4, 4): [(44.1, 55.3), (4.2, 16.8), (34.4, 49.2), (59.7, 90.5), (21.6, 99.7)],
    date(2016, 4, 11): [(44.1, 55.3), (4.2, 16.8), (34.4, 42.9), (60.6, 74.7), (69.7, 91.2), (26.3, 99.9)],
    date(2016, 4, 18): [
        (44.1, 55.3), (4.2, 16.8), (34.4, 42.9), (60.8, 69.4), (71.7, 81.4), (74.0, 92.7), (21.9, 99.7),
    ],
    date(2016, 4, 25): [
        (44.1, 55.3), (4.2, 16.8), (34.4, 42.9), (60.8, 67.1), (71.7, 78.1), (75.6, 85.3), (77.9, 94.7), (33.3, 99.1),
    ],
    date(2016, 7, 4): [
        (44.1, 44.1), (4.2, 4.2), (34.4, 34.4), (60.8, 60.8), (71.7, 71.7), (75.6, 75.6), (77.9, 77.9), (65.7, 65.7),
    ],
}  # fmt: skip

SLA = Target(
    benchmark="sla", kpi="sla_attainment", scope=WHOLE, window="week", better="up", min_n=30, fire_after=(1, 1),
    recover_after=1, expected=lambda day: 0.70, tolerance=0.05, on=date(2016, 2, 29),
)  # fmt: skip


def as_known(items: int, low: float, high: float, start: date) -> Point:
    """A week whose bounds are these: (known hits) to (known hits + open) of all items."""
    hits, n_open = round(low / 100 * items), round((high - low) / 100 * items)
    n = items - n_open
    value = hits / n if n else None
    margin = None if value is None else 1.96 * (value * (1 - value) / n) ** 0.5
    return Point(
        start, start + timedelta(weeks=1), n, value,
        None if margin is None else value - margin, None if margin is None else value + margin, n_open,
        low / 100 if n_open else None, high / 100 if n_open else None,
    )  # fmt: skip


def known_on(moment: date) -> list[Point]:
    return [
        as_known(n, *bounds, start) for n, bounds, start in zip(ITEMS, BOUNDS[moment], WEEKS, strict=False)
    ]  # fmt: skip


def week(start: date, value: float, *, half: float = 0.01, n: int = 500, n_open: int = 0) -> Point:
    bounds = (None, None) if not n_open else (value * n / (n + n_open), (value * n + n_open) / (n + n_open))
    return Point(start, start + timedelta(weeks=1), n, value, value - half, value + half, n_open, *bounds)


def weeks(*values: float, **more) -> list[Point]:
    return [week(WEEKS[0] + timedelta(weeks=i), value, **more) for i, value in enumerate(values)]


def after(points: list[Point]) -> date:
    return points[-1].period_end


@pytest.mark.parametrize("moment", [date(2016, 3, 7), date(2016, 3, 14), date(2016, 3, 21)])
def test_while_outcomes_are_open_nothing_is_told(moment):
    finding = judge_pace(known_on(moment), SLA, moment)
    assert (finding.verdict, finding.is_breach, finding.is_recovered) == ("not enough evidence", False, False)
    assert "outcomes are not known yet" in finding.note


def test_a_week_is_told_on_the_monday_from_which_it_cannot_be_saved():
    moment = date(2016, 3, 28)
    finding = judge_pace(known_on(moment), SLA, moment)
    assert (finding.verdict, finding.is_breach, finding.is_recovered) == ("surely behind", True, False)
    assert finding.since == date(2016, 2, 29)
    assert finding.point is not None
    assert finding.point.period_start == date(2016, 3, 7)
    assert (finding.expected, finding.line) == (0.70, pytest.approx(0.65))


@pytest.mark.parametrize("moment", [date(2016, 4, 4), date(2016, 4, 11)])
def test_it_stays_behind_until_a_later_week_is_surely_back(moment):
    finding = judge_pace(known_on(moment), SLA, moment)
    assert (finding.is_breach, finding.is_recovered, finding.since) == (True, False, date(2016, 2, 29))


@pytest.mark.parametrize("moment", [date(2016, 4, 18), date(2016, 4, 25)])
def test_it_is_over_once_the_path_itself_is_reached_whatever_is_open(moment):
    finding = judge_pace(known_on(moment), SLA, moment)
    assert (finding.is_breach, finding.is_recovered) == (False, True)


def test_a_later_week_inside_the_tolerance_is_no_new_breach():
    points = known_on(date(2016, 7, 4))
    finding = judge_pace(points, SLA, after(points))
    assert points[-1].value == pytest.approx(0.657, abs=0.001)
    assert (finding.verdict, finding.is_breach, finding.is_recovered) == ("on track", False, True)


def test_two_of_three_waits_for_the_second_week():
    target = replace(SLA, fire_after=(2, 3))
    one, two = weeks(0.75, 0.70, 0.50), weeks(0.75, 0.50, 0.66, 0.50)
    assert judge_pace(one, target, after(one)).verdict == "surely behind"
    assert not judge_pace(one, target, after(one)).is_breach
    assert judge_pace(two, target, after(two)).is_breach


def test_a_second_recovered_week_is_waited_for_where_two_are_wanted():
    target = replace(SLA, recover_after=2)
    one, two = weeks(0.50, 0.75), weeks(0.50, 0.75, 0.68, 0.75)
    assert not judge_pace(one, target, after(one)).is_recovered
    assert judge_pace(two, target, after(two)).is_recovered


def test_since_is_the_first_behind_week_after_the_last_recovered_one():
    points = weeks(0.50, 0.72, 0.67, 0.60, 0.67, 0.55)
    assert judge_pace(points, SLA, after(points)).since == points[3].period_start


def test_few_items_say_nothing_however_bad():
    points = weeks(0.10, half=0.05, n=29)
    finding = judge_pace(points, SLA, after(points))
    assert (finding.verdict, finding.note) == ("not enough evidence", "29 items, 30 needed.")
    assert not finding.is_breach
    assert judge_pace(weeks(0.10, half=0.05, n=30), SLA, after(points)).is_breach


def test_no_items_are_no_data_and_never_a_recovery():
    points = weeks(0.50, 0.75)
    empty = Point(after(points), after(points) + timedelta(weeks=1), 0, None, None, None)
    for held in (points, [*points, empty], [*points, replace(empty, value=1.0)]):
        finding = judge_pace(held, SLA, empty.period_end)
        assert (finding.verdict, finding.is_breach, finding.is_recovered) == ("no data", False, False)
    assert judge_pace([], SLA, empty.period_end).verdict == "no data"


def test_what_is_below_plan_but_could_be_chance_is_not_sure():
    points = weeks(0.62, half=0.05)
    assert judge_pace(points, SLA, after(points)).verdict == "behind, not sure"


def test_clearly_better_than_planned_is_ahead():
    points = weeks(0.80)
    assert judge_pace(points, SLA, after(points)).verdict == "ahead"
    assert judge_pace(weeks(0.755), SLA, after(points)).verdict == "on track"


def test_periods_before_the_benchmark_began_are_not_judged():
    points = weeks(0.10, 0.10)
    assert judge_pace(points, replace(SLA, on=after(points)), after(points)).verdict == "not enough evidence"
    finding = judge_pace(points, replace(SLA, on=WEEKS[1]), after(points))
    assert finding.since == WEEKS[1]


def test_where_lower_is_better_all_is_mirrored():
    churn = replace(SLA, kpi="churn_rate", better="down", expected=lambda day: 0.030, tolerance=0.002)
    high, low = weeks(0.041, half=0.003), weeks(0.041, 0.029, half=0.003)
    assert judge_pace(high, churn, after(high)).is_breach
    assert judge_pace(high, churn, after(high)).line == pytest.approx(0.032)
    assert judge_pace(low, churn, after(low)).is_recovered
    assert not judge_pace(weeks(0.034, half=0.003), churn, after(high)).is_breach


def test_the_path_is_read_on_the_last_day_of_the_period():
    days = []
    target = replace(SLA, expected=lambda day: days.append(day) or 0.70)
    points = weeks(0.70)
    judge_pace(points, target, after(points))
    assert days == [points[0].period_end - timedelta(days=1)]


def test_of_trailing_windows_the_latest_decides():
    target = replace(SLA, window="28d", expected=lambda day: 29.16, tolerance=3, kpi="nps")
    ends = [date(2016, 4, 4) + timedelta(weeks=i) for i in range(3)]
    held = [
        Point(end - timedelta(days=28), end, 316, value, value - 9.2, value + 9.0)
        for end, value in zip(ends, [15.5, 15.5, 24.0], strict=True)
    ]
    behind = judge_pace(held[:2], target, ends[1])
    assert (behind.is_breach, behind.since) == (True, held[0].period_start)
    unsure = judge_pace(held, target, ends[2])
    assert (unsure.verdict, unsure.is_breach, unsure.is_recovered) == ("behind, not sure", False, False)


def test_months_are_judged_once_they_are_complete():
    month = Point(date(2016, 3, 1), date(2016, 4, 1), 900, 0.50, 0.47, 0.53)
    target = replace(SLA, window="month")
    assert judge_pace([month], target, date(2016, 3, 28)).verdict == "no data"
    assert judge_pace([month], target, date(2016, 4, 25)).is_breach
    assert judge_pace([month], target, date(2016, 5, 2)).verdict == "no data"


def test_a_frame_gives_what_its_points_give_and_other_series_in_it_are_not_looked_at():
    points = known_on(date(2016, 3, 28))
    rows = [{"kpi": "sla_attainment", "scope": WHOLE, "period": "week", **vars(point)} for point in points]
    others = [
        {**row, **other, "value": 0.99, "bound_low": 0.99}
        for row in rows
        for other in ({"kpi": "csat"}, {"scope": '{"channel":"chat"}'}, {"period": "month"})
    ]
    frame = pl.DataFrame(rows + others, infer_schema_length=None)
    assert judge_pace(frame, SLA, date(2016, 3, 28)) == judge_pace(points, SLA, date(2016, 3, 28))


def test_later_periods_are_not_looked_at():
    points = weeks(0.50, 0.90)
    assert judge_pace(points, SLA, points[0].period_end).is_breach


def test_sampling_keeps_a_small_week_from_being_surely_behind():
    # 60 of 100 known, all others open: at best 64 %, but 100 items could do that by chance
    point = Point(WEEKS[0], WEEKS[1], 96, 0.625, 0.525, 0.715, 4, 0.60, 0.64)
    assert judge_pace([point], SLA, WEEKS[1]).verdict == "behind, not sure"


def test_a_value_without_an_interval_is_surely_nothing():
    same = replace(week(WEEKS[0], 0.4), low=None, high=None)  # 500 times the same answer
    found = judge_pace([same], SLA, WEEKS[0] + timedelta(days=7))
    assert (found.verdict, found.is_breach) == ("behind, not sure", False)


@pytest.mark.parametrize(("n_open", "verdict"), [(100, "not enough evidence"), (5, "surely behind")])
def test_open_outcomes_that_have_no_bounds_keep_a_verdict_from_being_given(n_open: int, verdict: str):
    mean = replace(week(WEEKS[0], 0.4, n=200), n_open=n_open)
    assert judge_pace([mean], replace(SLA, kpi="ces"), WEEKS[0] + timedelta(days=7)).verdict == verdict


def test_where_customers_are_bound_by_their_terms_the_reason_is_told_and_not_that_outcomes_are_open():
    churn = replace(SLA, kpi="churn_rate", better="down")
    bound = replace(week(WEEKS[0], 0.03), value=None, low=None, high=None)
    found = judge_pace([bound], churn, WEEKS[0] + timedelta(days=7))
    assert (found.verdict, found.note) == ("not enough evidence", BOUND)


def test_periods_before_a_break_and_across_it_are_judged_no_more():
    """Two weeks behind, then another survey tool: they count neither towards a breach nor against a recovery."""
    monday = date(2026, 3, 2)
    weeks = [week(monday + timedelta(weeks=i), value) for i, value in enumerate((0.5, 0.5, 0.5, 0.9))]
    target = replace(SLA, on=monday, fire_after=(2, 3))
    assert judge_pace(weeks[:3], target, monday + timedelta(weeks=3)).is_breach
    broken = replace(target, breaks=(monday + timedelta(weeks=2),))
    after = judge_pace(weeks[:3], broken, monday + timedelta(weeks=3))
    assert (after.verdict, after.is_breach, after.since) == ("surely behind", False, monday + timedelta(weeks=2))
    across = replace(target, breaks=(monday + timedelta(weeks=2, days=3),))
    none = judge_pace(weeks[:3], across, monday + timedelta(weeks=3))
    assert (none.verdict, none.point) == ("not enough evidence", None)
    assert none.note == "No complete period since the series broke on 2026-03-19."
    assert judge_pace(weeks, across, monday + timedelta(weeks=4)).is_recovered
    assert judge_pace(
        weeks[:3], replace(target, breaks=(monday + timedelta(weeks=3),)), monday + timedelta(weeks=3)
    ).is_breach


def test_a_trailing_window_says_nothing_until_it_lies_behind_the_break():
    first, broke = date(2026, 1, 5), date(2026, 2, 9)
    target = replace(SLA, window="28d", on=first, breaks=(broke,))
    points = [
        replace(week(first + timedelta(weeks=i), 0.5), period_end=first + timedelta(weeks=i + 4)) for i in range(7)
    ]
    verdicts = [judge_pace(points, target, first + timedelta(weeks=i)).verdict for i in range(4, 11)]
    assert verdicts == ["surely behind"] * 2 + ["not enough evidence"] * 3 + ["surely behind"] * 2
