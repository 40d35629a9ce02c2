"""Where a benchmark should be: the plan of the worked example on Sunday, 15 March 2026."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kpis import KPIS
from domain.roadmap import Benchmark, expected, line

SUNDAY = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("benchmark", "plan"),
    [
        ("nps-office", 29.16),
        ("nps-home", 41.28),
        ("churn-home", 0.03025),
        ("renewal-office", 0.14),
        ("csat-support", 0.8681),
        ("on-time", 0.9511),
        ("contacts", 12.12),
        ("self-service", 0.3044),
    ],
)
def test_the_plan_of_the_worked_example(acme, benchmark, plan):
    assert expected(acme.benchmarks[benchmark], SUNDAY) == pytest.approx(plan, rel=1e-3)


def test_before_the_baseline_and_after_the_target_the_plan_stands_still(acme):
    nps = acme.benchmarks["nps-office"]
    assert expected(nps, date(2020, 1, 1)) == expected(nps, nps.on) == 24
    assert expected(nps, date(2030, 1, 1)) == expected(nps, nps.by) == 35


def test_a_step_holds_from_its_day_on(acme):
    churn = acme.benchmarks["renewal-office"]
    assert [expected(churn, date(2026, *day)) for day in ((6, 30), (7, 1), (12, 30), (12, 31))] == [
        0.14,
        0.12,
        0.12,
        0.09,
    ]


def test_a_point_is_met_on_its_day(acme):
    on_time = acme.benchmarks["on-time"]
    assert expected(on_time, date(2025, 12, 31)) == pytest.approx(0.945)
    assert expected(on_time, date(2026, 6, 30)) == pytest.approx(0.96)


def test_the_line_is_on_the_worse_side_of_the_plan(acme):
    nps, churn = acme.benchmarks["nps-office"], acme.benchmarks["churn-home"]
    assert line(nps, KPIS["nps"], SUNDAY) == pytest.approx(26.16, abs=0.01)
    assert line(churn, KPIS["churn_rate"], SUNDAY) == pytest.approx(0.0322, abs=0.0001)


@settings(deadline=None)
@given(st.integers(-400, 1200), st.floats(-100, 100), st.floats(-100, 100))
def test_a_linear_plan_stays_between_baseline_and_target(days, baseline, target):
    benchmark = Benchmark(
        kpi="nps", window="28d", baseline=baseline, on=date(2025, 7, 1), target=target, by=date(2026, 12, 31), owner="x"
    )
    plan = expected(benchmark, benchmark.on + timedelta(days=days))
    assert min(baseline, target) - 1e-9 <= plan <= max(baseline, target) + 1e-9
