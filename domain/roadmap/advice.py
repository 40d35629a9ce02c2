"""Advice that depends on the data: is the tolerance finer than what so many answers can show?

Weeks until a change is seen: a CUSUM on weekly values, built for a change of `δ` standard errors of
one week and with one false alarm in `ARL0` = 156 weeks (three years). With x solved from
eˣ − x − 1 = ARL0 · δ² / 2, the change takes (e⁻ˣ + x − 1) / (δ² / 2) weeks from a standing start
(Siegmund 1985, the CUSUM as a Brownian motion), a tenth less after a quiet run. Sampling noise only:
what a week adds of its own makes it longer. Simulation gives 6.9 weeks for −5 NPS at 200 answers, this 7.0.

Standard deviation of one answer: share p: √(p(1 − p)); NPS v: 100·√(2/3 − (v/100)²), a third being passive.
"""

from collections.abc import Iterator, Mapping
from math import exp, sqrt

from domain.kpis import KPIS, Kpi
from domain.roadmap.benchmark import Benchmark
from domain.roadmap.expectations import kpi_expected
from domain.roadmap.model import Roadmap
from domain.roadmap.places import Path, Problem
from domain.roadmap.promised import promised
from domain.roadmap.words import closest, number

ARL0_WEEKS = 156
QUARTER_WEEKS = 13
"""A change of the tolerance's size should be seen within a quarter."""
AFTER_A_QUIET_RUN = 0.9
FEW_STEPS = 4
"""Fewer single contracts than this within the tolerance: the series moves in steps."""

WINDOW_DAYS = {"week": 7.0, "28d": 28.0, "month": 30.44, "90d": 90.0}
_COUNTED = {"survey_answers": "answers", "survey_sends": "invitations", "subscriptions": "contracts",
            "tickets": "contacts", "reviews": "reviews", "remarks": "remarks", "mentions": "mentions"}  # fmt: skip
_STEP = {"points": 1.0, "share": 0.005}
"""Tolerances are suggested in steps of this size."""
_POINTS = {"points": 1.0, "share": 100.0}


def weeks_until_seen(change: float, deviation: float, n_a_week: float) -> float:
    """Weeks until a lasting change is seen, at one false alarm in three years.

    Args:
        change: size of the change, in the KPI's unit.
        deviation: standard deviation of one answer, in the same unit.
        n_a_week: answers a week.

    Returns:
        Weeks, at least 1; infinite for no change or no answers.

    >>> round(weeks_until_seen(5, 78.0, 79))
    13
    """
    if change <= 0 or n_a_week <= 0:
        return float("inf")
    half_square = (change / deviation) ** 2 * n_a_week / 2
    low, high = 0.0, 60.0
    for _ in range(80):
        x = (low + high) / 2
        low, high = (x, high) if exp(x) - x - 1 < ARL0_WEEKS * half_square else (low, x)
    return max(1.0, AFTER_A_QUIET_RUN * (exp(-low) + low - 1) / half_square)


def warnings_of(roadmap: Roadmap, evidence: Mapping[str, int]) -> list[str]:
    """What is worth a second thought, one line each, in the file's order.

    Args:
        roadmap: the roadmap.
        evidence: benchmark id → answers (contacts, contracts) in its latest complete window; a benchmark
            without an entry gets no advice.

    Returns:
        `roadmap.yaml:49  nps-office: about 79 answers a week will come …`; nothing for a sound roadmap.
    """
    told = [*_unmeasured(roadmap), *(p for id_, n in evidence.items() for p in _evidence(roadmap, id_, n))]
    ordered = sorted(told, key=lambda problem: roadmap.places.line(problem.path) or 0)
    return [problem.told(roadmap.places) for problem in ordered]


def _unmeasured(roadmap: Roadmap) -> Iterator[Problem]:
    """KPIs that the catalogue lacks, where a roadmap may name them ahead."""
    named: list[tuple[Path, str]] = [(("goals", goal.id, "kpi"), goal.kpi) for goal in roadmap.goals]
    named += [(("principles", p.id, "seen_in"), kpi) for p in roadmap.principles for kpi in p.seen_in]
    named += [
        (("personas", name, "expects"), kpi)
        for name, persona in roadmap.personas.items()
        for kpi in persona.expects
        if kpi_expected(kpi) is None
    ]
    for path, kpi in named:
        if kpi not in KPIS:
            best = closest(kpi, KPIS)
            yield Problem(path, f"{kpi} is not measured yet.{f' Did you mean {best!r}?' if best else ''}")


def _evidence(roadmap: Roadmap, benchmark_id: str, n: int) -> Iterator[Problem]:
    benchmark = roadmap.benchmarks.get(benchmark_id)
    kpi = KPIS.get(benchmark.kpi) if benchmark else None
    if benchmark is None or kpi is None:
        return
    advice = _too_few(benchmark, kpi, n) or _moves_in_steps(benchmark, kpi, n) or _too_fine(benchmark, kpi, n)
    if advice:
        yield Problem(_where(roadmap, benchmark), advice)


def _where(roadmap: Roadmap, benchmark: Benchmark) -> Path:
    """Where the writer finds it: one that a channel declares stands there."""
    if benchmark == promised(roadmap.channels).get(benchmark.id):
        return ("channels", benchmark.scope["channel"], "share")
    return ("benchmarks", benchmark.id)


def _counted(kpi: Kpi) -> str:
    return _COUNTED.get(kpi.fact, "rows")


def _too_few(benchmark: Benchmark, kpi: Kpi, n: int) -> str:
    if n >= kpi.min_n:
        return ""
    came = f"{n} {_counted(kpi)} came in {_a_window(benchmark)}"
    longer = "window: 90d, or a wider scope" if benchmark.window != "90d" else "a wider scope"
    return f"{came}; under {kpi.min_n} no verdict is given. Consider {longer}."


def _moves_in_steps(benchmark: Benchmark, kpi: Kpi, n: int) -> str:
    """Contracts are counted in full: no sampling noise, but few of them move in steps."""
    if kpi.kind != "cohort" or kpi.unit != "share" or benchmark.tolerance * n >= FEW_STEPS:
        return ""
    one = f"one is {100 / n:.1f} points"
    return f"{n} {_counted(kpi)} count in {_a_window(benchmark)}; {one}. Fine, but expect steps."


def _too_fine(benchmark: Benchmark, kpi: Kpi, n: int) -> str:
    if kpi.kind == "cohort" or kpi.unit not in _STEP:
        return ""
    n_a_week = n * 7 / WINDOW_DAYS[benchmark.window]
    deviation = _deviation(benchmark, kpi)
    weeks = weeks_until_seen(benchmark.tolerance, deviation, n_a_week)
    if weeks <= QUARTER_WEEKS:
        return ""
    step = _STEP[kpi.unit]
    enough = next(k for k in range(1, 1000) if weeks_until_seen(k * step, deviation, n_a_week) <= QUARTER_WEEKS) * step
    longer = "" if benchmark.window == "90d" else ", or window: 90d"
    points = benchmark.tolerance * _POINTS[kpi.unit]
    move = f"A move of {number(points)} point{'' if points == 1 else 's'} is then seen after about {weeks:.0f} weeks"
    seen = (
        f"{move}; the tolerance is finer than the data"
        if benchmark.tolerance
        else "A tolerance of 0 is finer than any data"
    )
    came = f"about {n_a_week:.0f} {_counted(kpi)} a week will come (last {_window(benchmark)})"
    return f"{came}. {seen}. Consider {number(enough)}{longer}."


def _deviation(benchmark: Benchmark, kpi: Kpi) -> float:
    """Standard deviation of one answer at the baseline."""
    if kpi.statistic == "nps":
        return 100 * sqrt(max(0.05, 2 / 3 - (benchmark.baseline / 100) ** 2))
    share = min(0.99, max(0.01, benchmark.baseline))
    return sqrt(share * (1 - share))


def _window(benchmark: Benchmark) -> str:
    return {"week": "week", "28d": "4 weeks", "month": "month", "90d": "90 days"}[benchmark.window]


def _a_window(benchmark: Benchmark) -> str:
    words = _window(benchmark)
    return f"a {words}" if words in {"week", "month"} else words
