"""Which known events a benchmark's chart shows: those that its number can have felt."""

from collections.abc import Sequence

from domain.kpis import KPIS
from domain.roadmap import Benchmark, Event, Roadmap, events_of
from domain.scopes import parsed
from tasks.report.standing import Marker, SeriesPoint

MOST_MARKERS = 3
_OF_ALL_CONTACTS = ("count", "per_100", "level", "age")
"""Statistics of how many contacts there are, whatever they are about."""


def markers_of(roadmap: Roadmap, benchmark: Benchmark, series: Sequence[SeriesPoint]) -> tuple[Marker, ...]:
    """The latest known events within the series' days, oldest first; at most three."""
    if not series:
        return ()
    first, last = series[0].period_end, series[-1].period_end
    felt = [
        event for event in events_of(roadmap, benchmark.scope_key)
        if first <= event.on < last and _is_felt(event, benchmark, roadmap)
    ]  # fmt: skip
    return tuple(Marker(event.title, event.on) for event in felt[-MOST_MARKERS:])


def _is_felt(event: Event, benchmark: Benchmark, roadmap: Roadmap) -> bool:
    """A KPI of the whole relationship feels what happens at any touchpoint; one of service only its own."""
    scope = parsed(benchmark.scope_key)
    elsewhere = event.touches.keys() - scope.keys()
    if not elsewhere or benchmark.kpi in event.breaks:
        return True
    return "survey" not in elsewhere and not _is_of_service(benchmark, roadmap)


def _is_of_service(benchmark: Benchmark, roadmap: Roadmap) -> bool:
    """It says how single contacts went."""
    kpi = KPIS[benchmark.kpi]
    survey = roadmap.surveys.plans.get(parsed(benchmark.scope_key).get("survey", ""))
    is_after = survey is not None and survey.after is not None
    return is_after or (kpi.fact == "tickets" and kpi.statistic not in _OF_ALL_CONTACTS)
