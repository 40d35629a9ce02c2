import numpy as np
import pytest

from tasks.detect.cusum import arl, false_alarm_chance, first_alarms, step, threshold

SE_NPS = 100 * np.sqrt((0.65 - 0.25**2) / 200)
"""NPS 25 (45 / 35 / 20) of 200 answers."""


@pytest.mark.parametrize(("h", "shift", "weeks"), [(4, 0, 335.4), (5, 0, 930.9), (4, 1, 8.38), (5, 1, 10.4)])
def test_mean_weeks_to_an_alarm_are_those_of_the_textbook(h, shift, weeks):
    assert arl(h, shift=shift) == pytest.approx(weeks, rel=0.01)


@pytest.mark.parametrize("arl0", [26, 156, 867])
def test_the_threshold_gives_back_the_promise_it_was_solved_for(arl0):
    assert arl(threshold(arl0)) == pytest.approx(arl0, rel=0.01)


def test_a_series_without_change_alarms_once_in_156_weeks_or_rarer(rng):
    alarms = first_alarms(rng.normal(size=(2500, 4000)), threshold(156))
    assert np.where(alarms == 0, 2500, alarms).mean() == pytest.approx(156, rel=0.05)
    assert (alarms[alarms > 0] <= 52).mean() == pytest.approx(false_alarm_chance(threshold(156)), abs=0.02)


@pytest.mark.parametrize(("drop", "at_most"), [(5, 8.0), (10, 3.3)])
def test_a_drop_in_a_known_series_is_found_within_the_weeks_promised(rng, drop, at_most):
    weeks = 60 + 150
    z = rng.normal(size=(weeks, 8000))
    z[60:] += drop / SE_NPS
    alarms = first_alarms(z, threshold(156))
    late = alarms[alarms > 60] - 60
    assert late.mean() <= at_most


def test_a_learnt_baseline_raises_the_threshold_the_less_is_known():
    known, *learnt = (threshold(156, m_baseline=m) for m in (None, 52, 39, 26))
    assert [known, *learnt] == sorted([known, *learnt])
    assert known < learnt[0]


@pytest.mark.parametrize("m", [26, 52])
def test_with_a_learnt_level_and_spread_the_first_year_keeps_its_promise(rng, m):
    series = 6000
    quiet = rng.normal(size=(m, series))
    scores = (rng.normal(size=(52, series)) - quiet.mean(axis=0)) / (quiet.std(axis=0, ddof=1) * np.sqrt(1 + 1 / m))
    promised = false_alarm_chance(threshold(156))
    assert (first_alarms(scores, threshold(156, m_baseline=m)) > 0).mean() == pytest.approx(promised, abs=0.02)
    assert (first_alarms(scores, threshold(156)) > 0).mean() > promised + 0.02


def test_what_follows_from_counts_needs_no_correction_for_learning():
    assert threshold(156) <= threshold(156, m_baseline=52, known_share=0.75) < threshold(156, m_baseline=52)


def test_a_better_week_never_makes_the_sum_grow():
    assert step(0.0, -3.0) == 0.0
    assert step(2.0, 0.4) == pytest.approx(1.9)
    assert step(2.0, 1.5) == pytest.approx(3.0)
