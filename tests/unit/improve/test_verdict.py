from datetime import date
from math import sqrt

import numpy as np
import polars as pl
import pytest

from domain.intervals import wilson
from domain.kpis import KPIS
from domain.records import Point
from domain.windows import Window
from tasks.improve.spans import after, judge_on, spans
from tasks.improve.task_text import sight
from tasks.improve.verdict import change_between, verdict

MONDAY = date(2016, 5, 2)
CSAT, NPS, TIME = KPIS["csat"], KPIS["nps"], KPIS["first_reply_time"]


def _share(satisfied: int, n: int) -> Point:
    low, high = wilson(pl.lit(satisfied), pl.lit(n))
    bounds = pl.select(low=low, high=high).row(0)
    return Point(MONDAY, MONDAY, n, satisfied / n, *bounds)


def _judge(before, after, kpi=CSAT, **options):
    return verdict("task-1", MONDAY, kpi, before, after, **options)


def test_newcombes_own_example():
    # Newcombe 1998, table II, case (a), method 10: 56/70 - 48/80 is 0.2, 0.0524 to 0.3339
    change = change_between(_share(48, 80), _share(56, 70), CSAT)
    assert change.value == pytest.approx(0.2)
    assert (change.low, change.high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_a_difference_of_two_nps_is_normal():
    # half widths 10 and 15 of two independent estimates: √(10² + 15²) = 18.03
    change = change_between(Point(MONDAY, MONDAY, 300, 10, 0, 20), Point(MONDAY, MONDAY, 150, 35, 20, 50), NPS)
    assert (change.low, change.high) == (pytest.approx(25 - sqrt(325)), pytest.approx(25 + sqrt(325)))
    assert change.detectable == pytest.approx(2.8 * sqrt(10**2 + 15**2) / 1.959964)


def test_it_worked_only_if_the_whole_interval_is_on_the_good_side():
    assert _judge(_share(300, 600), _share(420, 600)).outcome == "worked"
    assert _judge(_share(300, 600), _share(320, 600)).outcome == "no change seen"
    assert _judge(_share(420, 600), _share(300, 600)).outcome == "made worse"


def test_lower_is_better_where_it_is():
    before, faster = Point(MONDAY, MONDAY, 500, 7200, 6800, 7600), Point(MONDAY, MONDAY, 500, 3600, 3400, 3800)
    assert _judge(before, faster, TIME).outcome == "worked"
    assert _judge(faster, before, TIME).outcome == "made worse"


def test_no_change_says_what_would_have_been_seen():
    found = _judge(_share(300, 600), _share(320, 600))
    assert found.detectable == pytest.approx(2.8 * sqrt(2 * 0.25 / 600), rel=0.01)
    assert "8.0 points would have been seen" in found.reason


@pytest.mark.parametrize(("before", "after"), [(None, "some"), ("some", None), ("few", "some"), ("some", "few")])
def test_too_few_cannot_be_judged(before, after):
    held = {None: None, "few": _share(10, 29), "some": _share(300, 600)}
    found = _judge(held[before], held[after])
    assert found.outcome == "cannot be judged"
    assert "30 are needed" in found.reason
    assert found.change is None


def test_the_window_that_raised_the_alarm_asks_for_more():
    before, after = _share(240, 600), _share(300, 600)
    assert _judge(before, after).outcome == "worked"
    found = _judge(before, after, alarm_line=0.65)
    assert found.outcome == "no change seen"
    assert "the very window that raised the alarm" in found.reason
    assert _judge(before, _share(480, 600), alarm_line=0.65).outcome == "worked"


def test_the_same_judgement_has_the_same_id():
    assert _judge(None, None).verdict_id == _judge(_share(1, 40), None).verdict_id


def test_of_actions_without_effect_few_are_called_improved_or_worse_also_after_an_extreme_week():
    """1,000 made-up actions: the true level is the line itself, the alarm week was surely below it."""
    random, n, line = np.random.default_rng(1), 400, 0.65
    moved = 0
    for _ in range(1_000):
        while True:  # until a week raises an alarm by chance
            alarm = _share(int(random.binomial(n, line)), n)
            if alarm.high < line:
                break
        between, later = (_share(int(random.binomial(n, line)), n) for _ in range(2))
        is_short = random.random() < 0.5  # fixed at once, or after a week of its own
        found = _judge(alarm, later, alarm_line=line) if is_short else _judge(between, later)
        moved += found.outcome in ("worked", "made worse")
    assert 0.01 <= moved / 1_000 <= 0.07


def test_before_is_what_came_between_alarm_and_fix():
    alarm = Window(date(2016, 2, 29), date(2016, 3, 7))
    found = spans(date(2016, 3, 28), alarm, date(2016, 4, 6), "week")
    assert (found.before, found.is_alarm_window) == (Window(date(2016, 3, 30), date(2016, 4, 6)), False)
    assert found.after == Window(date(2016, 4, 11), date(2016, 4, 18))
    quick = spans(date(2016, 3, 28), alarm, date(2016, 3, 31), "week")
    assert (quick.before, quick.is_alarm_window) == (alarm, True)


@pytest.mark.parametrize(
    ("window", "start", "end", "judged"),
    [
        ("week", date(2016, 4, 11), date(2016, 4, 18), date(2016, 4, 25)),
        ("28d", date(2016, 4, 11), date(2016, 5, 9), date(2016, 5, 16)),
        ("90d", date(2016, 4, 11), date(2016, 7, 10), date(2016, 7, 18)),
        ("month", date(2016, 5, 1), date(2016, 6, 1), date(2016, 6, 13)),
    ],
)
def test_a_fix_is_judged_by_the_first_full_window_after_it_and_its_late_answers(window, start, end, judged):
    done = date(2016, 4, 6)
    assert after(done, window) == Window(start, end)
    assert judge_on(done, window) == judged


def test_what_can_be_seen_shrinks_with_the_root_of_time():
    # NPS with a half width of 9.3 × 1.96 a week: s = 9.3, two windows: 2.8 × √2 × 9.3 = 36.8 points
    found = sight(-18.228, 18.228, 7, 12)
    assert found.change == pytest.approx(36.83, abs=0.01)
    assert found.weeks_for_gap == 10  # (36.83 / 12)² = 9.4
    assert sight(-18.228, 18.228, 7, None).weeks_for_gap is None
