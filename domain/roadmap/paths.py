"""Where a benchmark should be on a day.

Linear: baseline + (target − baseline) × (days since `on`) / (days from `on` to `by`).
Step: the value of the latest step. Points: straight lines through the given points.
Before `on` it is the baseline, from `by` on the target.
"""

from datetime import date
from itertools import pairwise

from domain.kpis import Kpi
from domain.roadmap.benchmark import Benchmark


def expected(benchmark: Benchmark, day: date) -> float:
    """The value planned for `day`, in the KPI's unit: 24 → 35 over 548 days is 29.16 after 257."""
    if day <= benchmark.on:
        return benchmark.baseline
    if day >= benchmark.by:
        return benchmark.target
    if benchmark.path == "step":
        passed = [step for step in sorted(benchmark.steps) if step <= day]
        return benchmark.steps[passed[-1]] if passed else benchmark.baseline
    corners = [(benchmark.on, benchmark.baseline), *sorted(benchmark.points.items()), (benchmark.by, benchmark.target)]
    for (start, low), (end, high) in pairwise(corners):
        if day <= end:
            return low + (high - low) * (day - start).days / (end - start).days
    return benchmark.target


def line(benchmark: Benchmark, kpi: Kpi, day: date) -> float:
    """The value beyond which a period is surely behind: the plan, shifted by the tolerance to the worse side."""
    return expected(benchmark, day) + (benchmark.tolerance if kpi.better == "down" else -benchmark.tolerance)
