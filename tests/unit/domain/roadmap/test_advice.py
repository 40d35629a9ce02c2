"""Advice from the data: tolerances finer than what so many answers can show."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.roadmap import warnings_of, weeks_until_seen

NPS_DEVIATION = 78.0


def test_a_tolerance_finer_than_the_data_is_told_with_one_that_is_not(acme):
    (line,) = [line for line in warnings_of(acme, {"nps-office": 316}) if "nps-office" in line]
    assert line == (
        "acme_roadmap.yaml:49  nps-office: about 79 answers a week will come (last 4 weeks). A move of 3 points is "
        "then seen after about 25 weeks; the tolerance is finer than the data. Consider 6, or window: 90d."
    )


def test_few_contracts_move_in_steps(acme):
    (line,) = [line for line in warnings_of(acme, {"renewal-office": 131}) if "renewal-office" in line]
    assert line == (
        "acme_roadmap.yaml:55  renewal-office: 131 contracts count in 90 days; one is 0.8 points. "
        "Fine, but expect steps."
    )


def test_many_contracts_are_no_matter(acme):
    assert not any("churn-home" in line for line in warnings_of(acme, {"churn-home": 18_240}))


def test_too_few_answers_for_any_verdict_is_told_first(acme):
    (line,) = [line for line in warnings_of(acme, {"csat-support": 12}) if "csat-support" in line]
    assert "12 answers came in a week; under 30 no verdict is given. Consider window: 90d, or a wider scope." in line


def test_a_tolerance_of_nothing_is_finer_than_any_data(edited):
    roadmap = edited(("tolerance: 3, owner: cs-lead", "owner: cs-lead"))
    assert any(
        "A tolerance of 0 is finer than any data. Consider 6" in line
        for line in warnings_of(roadmap, {"nps-office": 316})
    )


def test_kpis_not_measured_yet_are_told_but_no_error(acme):
    lines = warnings_of(acme, {})
    assert "acme_roadmap.yaml:6  one-owner: handoffs_per_ticket is not measured yet." in lines
    assert not any("first_reply_hours" in line for line in lines)


def test_a_benchmark_that_is_gone_gets_no_advice(acme):
    assert warnings_of(acme, {"no-such": 5}) == warnings_of(acme, {})


@pytest.mark.parametrize(("change", "weeks"), [(3, 25), (5, 13), (12, 4)])
def test_weeks_until_a_change_of_nps_is_seen_at_79_answers_a_week(change, weeks):
    assert round(weeks_until_seen(change, NPS_DEVIATION, 79)) == weeks


@pytest.mark.parametrize(
    ("n", "drop", "simulated"),
    [(50, 5, 16.8), (50, 10, 7.0), (100, 5, 10.8), (200, 5, 6.9), (200, 10, 2.7), (500, 5, 3.7)],
)
def test_the_formula_is_within_a_tenth_of_simulation(n, drop, simulated):
    # NPS 25 from 45 / 35 / 20 %, likelihood-ratio CUSUM, mean delay after 60 quiet weeks
    deviation = 100 * (0.65 - 0.0625) ** 0.5
    assert weeks_until_seen(drop, deviation, n) == pytest.approx(simulated, rel=0.1)


def test_no_change_and_no_answers_are_never_seen():
    assert weeks_until_seen(0, NPS_DEVIATION, 79) == float("inf")
    assert weeks_until_seen(5, NPS_DEVIATION, 0) == float("inf")


@settings(deadline=None)
@given(st.floats(0.1, 100), st.floats(1, 10_000))
def test_more_answers_are_never_slower(change, n):
    assert weeks_until_seen(change, NPS_DEVIATION, 2 * n) <= weeks_until_seen(change, NPS_DEVIATION, n) + 1e-9
