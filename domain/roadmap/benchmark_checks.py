"""What must hold for each benchmark: a KPI that can be better, a target that is, dates in order."""

from collections.abc import Iterator
from datetime import date

from domain.kpis import KPIS, Kpi
from domain.roadmap.benchmark import Benchmark
from domain.roadmap.model import Roadmap
from domain.roadmap.names import Names
from domain.roadmap.places import Path, Problem
from domain.roadmap.promised import promised
from domain.roadmap.words import listed, number
from domain.weighting import WEIGHTED

_PERCENT = 100
_ROUNDED = 0.005
"""How far declared shares may be from 1 together."""


def check_benchmarks(roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    """Everything that does not hold, benchmark by benchmark."""
    derived = promised(roadmap.channels)  # checked where their channels are
    for benchmark in roadmap.benchmarks.values():
        if benchmark == derived.get(benchmark.id):
            continue
        path = ("benchmarks", benchmark.id)
        yield from names.owner((*path, "owner"), benchmark.owner)
        yield from names.kpi((*path, "kpi"), benchmark.kpi)
        yield from names.scope((*path, "scope"), benchmark.scope)
        yield from _guards(path, benchmark, names)
        yield from _dates(path, benchmark)
        yield from _path(path, benchmark)
        if kpi := KPIS.get(benchmark.kpi):
            out_of_range = list(_values(path, benchmark, kpi))
            yield from out_of_range or _target(path, benchmark, kpi)
            yield from _dimensions(path, benchmark, kpi)
            yield from _survey(path, benchmark, kpi, roadmap, names)
            yield from _population(path, benchmark, kpi, names)


def _guards(path: Path, benchmark: Benchmark, names: Names) -> Iterator[Problem]:
    for guard in benchmark.guard:
        yield from names.declared((*path, "guard"), "benchmark", guard)
        if guard == benchmark.id:
            yield Problem((*path, "guard"), "guards itself. Name the benchmark that must not suffer for it")


def _dates(path: Path, benchmark: Benchmark) -> Iterator[Problem]:
    if benchmark.by <= benchmark.on:
        yield Problem((*path, "by"), f"by {benchmark.by} comes not after on {benchmark.on}. Swap them, or move one")
        return
    for kind, days in (("steps", benchmark.steps), ("points", benchmark.points)):
        for day in days:
            if not benchmark.on < day < benchmark.by:
                span = f"between on {benchmark.on} and by {benchmark.by}"
                yield Problem((*path, kind, str(day)), f"the {kind[:-1]} on {day} is outside the path. Put it {span}")


def _path(path: Path, benchmark: Benchmark) -> Iterator[Problem]:
    """Steps and points stand with the path they belong to, and only with it."""
    for kind, key, days in (("step", "steps", benchmark.steps), ("points", "points", benchmark.points)):
        if benchmark.path == kind and not days:
            text = f"path: {kind} has no {key}. Add `{key}: {{{_middle(benchmark)}: …}}`, or write path: linear"
            yield Problem((*path, "path"), text)
        if benchmark.path != kind and days:
            text = f"has {key}, but its path is {benchmark.path}. Write path: {kind}, or take the {key} out"
            yield Problem((*path, key), text)


def _middle(benchmark: Benchmark) -> date:
    return benchmark.on + (benchmark.by - benchmark.on) / 2


def _values(path: Path, benchmark: Benchmark, kpi: Kpi) -> Iterator[Problem]:
    low, high = kpi.limits
    kept = {"baseline": benchmark.baseline, "target": benchmark.target}
    along = {f"{day}": value for day, value in (*benchmark.steps.items(), *benchmark.points.items())}
    for name, value in {**kept, **along}.items():
        if low <= value <= high:
            continue
        what = f"the {name}" if name in kept else f"the value on {name}"
        text = f"{what} {number(value)} is out of range: {_range(kpi, value)}"
        yield Problem((*path, name if name in kept else benchmark.path.rstrip("s") + "s", name), text)
    if kpi.unit == "share" and benchmark.tolerance >= 1:
        text = f"the tolerance {number(benchmark.tolerance)} is out of range: {_range(kpi, benchmark.tolerance)}"
        yield Problem((*path, "tolerance"), text)


def _range(kpi: Kpi, value: float) -> str:
    match kpi.unit:
        case "share":
            meant = f". Did you mean {number(value / _PERCENT)}?" if 1 <= value <= _PERCENT else ""
            return f"{kpi.name} is a share, 0 to 1{meant}"
        case "points":
            return f"{kpi.name} lies between -100 and 100"
        case _:
            return f"{kpi.name} cannot be negative"


def _target(path: Path, benchmark: Benchmark, kpi: Kpi) -> Iterator[Problem]:
    baseline, target = benchmark.baseline, benchmark.target
    if kpi.better == "none":
        judged = [other for other in KPIS.values() if other.fact == kpi.fact and other.better != "none"]
        relative = [other.name for other in judged if other.statistic in {"per_100", "share"}]
        text = f"{kpi.name} has no better direction, so it cannot have a target. Take {listed(relative, 'or')}"
        yield Problem((*path, "kpi"), text)
    elif is_worse(kpi, target, baseline):
        better = "higher" if kpi.better == "up" else "lower"
        meant = _one_digit_off(kpi, target, baseline)
        found = f"the target {number(target)} is worse than the baseline {number(baseline)}"
        text = f"{found} (for {kpi.name} {better} is better)"
        yield Problem(
            (*path, "target"), f"{text}. Swap them{f', or did you mean {number(meant)}?' if meant is not None else '.'}"
        )


def is_worse(kpi: Kpi, value: float, than: float) -> bool:
    """`value` is worse than `than`, by the KPI's direction."""
    return value < than if kpi.better == "up" else value > than


def _one_digit_off(kpi: Kpi, target: float, baseline: float) -> float | None:
    """The target nearest to the one written that differs by one in one digit and is better than the baseline."""
    written = number(abs(target))
    candidates: list[float] = []
    for index, digit in enumerate(written):
        for other in (int(digit) - 1, int(digit) + 1) if digit.isdigit() else ():
            if 0 <= other <= 9:
                value = float(f"{written[:index]}{other}{written[index + 1 :]}") * (-1 if target < 0 else 1)
                low, high = kpi.limits
                if low < value < high and value != baseline and not is_worse(kpi, value, baseline):
                    candidates.append(value)
    return min(candidates, key=lambda value: abs(value - target), default=None)


def _dimensions(path: Path, benchmark: Benchmark, kpi: Kpi) -> Iterator[Problem]:
    for dimension in benchmark.scope:
        known = dimension in {name for other in KPIS.values() for name in other.dimensions}
        if known and dimension not in kpi.dimensions:
            text = f"{kpi.name} is not kept by {dimension}; it is by {listed(kpi.dimensions, 'or')}"
            yield Problem((*path, "scope", dimension), text)


def _survey(path: Path, benchmark: Benchmark, kpi: Kpi, roadmap: Roadmap, names: Names) -> Iterator[Problem]:
    asked = benchmark.survey or benchmark.scope.get("survey")
    if asked is None:
        asking = [name for name, plan in roadmap.surveys.plans.items() if kpi.name in plan.kpi]
        if len(asking) > 1:
            text = f"{kpi.name} is asked by {listed(asking)}, which are never pooled. Name one with `survey:`"
            yield Problem((*path, "survey"), text)
        return
    if benchmark.survey and "survey" in benchmark.scope:
        yield Problem((*path, "scope"), "names its survey twice. Keep `survey:`, take it out of the scope")
    if "survey" not in kpi.dimensions:
        yield Problem((*path, "survey"), f"{kpi.name} is counted, not asked in a survey. Take `survey:` out")
        return
    yield from names.declared((*path, "survey"), "survey", asked)
    plan = roadmap.surveys.plans.get(asked)
    if plan and kpi.fact == "survey_answers" and kpi.name in KPIS.shipped and kpi.name not in plan.kpi:
        text = f"the survey '{asked}' measures {listed(plan.kpi)}, not {kpi.name}. Name another survey or KPI"
        yield Problem((*path, "survey"), text)


def _population(path: Path, benchmark: Benchmark, kpi: Kpi, names: Names) -> Iterator[Problem]:
    """Weights of one dimension that the KPI is kept by, with shares that make a whole."""
    if not benchmark.population:
        return
    where = (*path, "population")
    if kpi.statistic not in WEIGHTED or kpi.kind != "sum":
        yield Problem(where, f"{kpi.name} cannot be weighted: shares, NPS and means of daily counts can. Take it out")
        return
    if len(benchmark.population) > 1:
        yield Problem(where, f"weights by {listed(benchmark.population)}. Weigh by one of them")
    for dimension, shares in benchmark.population.items():
        if dimension not in kpi.dimensions or dimension == "survey":
            kept = listed((name for name in kpi.dimensions if name != "survey"), "or")
            yield Problem((*where, dimension), f"{kpi.name} is not kept by {dimension}. Weigh by {kept}")
        elif dimension in benchmark.members:
            text = f"is of one {dimension} alone: there is nothing to weigh. Take one of the two out"
            yield Problem((*where, dimension), text)
        else:
            yield from _shares((*where, dimension), dimension, shares, names)


def _shares(path: Path, dimension: str, shares: str | dict[str, float], names: Names) -> Iterator[Problem]:
    if isinstance(shares, str):
        if dimension != "segment" or not names.of_kind["segment"]:
            yield Problem(path, "says as in customers, which is known by declared segments alone. Write the shares")
        return
    for member in shares:
        yield from names.member((*path, member), dimension, member)
    if abs(sum(shares.values()) - 1) > _ROUNDED or sum(share > 0 for share in shares.values()) < 2:
        yield Problem(path, f"the shares add up to {number(sum(shares.values()))}. Two or more must make 1 together")
