"""The friction map: every touchpoint of the journey by what is measured there, and what personas expect."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from domain.kpis import KPIS, Direction, Kpi
from domain.records import Point
from domain.roadmap import Roadmap
from domain.roadmap.expectations import Expected
from domain.scopes import TOUCHPOINT, WHOLE, canonical, parsed
from tasks.report.change import sure_range
from tasks.report.friction import PERSONA, Cell, Column, Group, Journey, Promise, Row
from tasks.report.friction_marks import with_marks

READ_BY = (TOUCHPOINT, PERSONA, "segment", "survey")
"""Dimensions whose members are needed: of surveys, whether one KPI is asked for in several."""
_ASKED = "survey_answers"
_POINT = ("period_start", "period_end", "n", "value", "low", "high", "n_open", "bound_low", "bound_high")


def kpis_of(roadmap: Roadmap) -> list[str]:
    """KPIs that the map needs values of: those that know touchpoints, and those that personas expect something of."""
    known = [name for name, kpi in KPIS.items() if name in roadmap.measured and TOUCHPOINT in kpi.dimensions]
    return sorted({*known, *(expected.kpi for expected in roadmap.expectations)})


def journey_of(roadmap: Roadmap, points: pl.DataFrame, start: date, end: date) -> Journey | None:
    """The friction map of one window.

    Args:
        roadmap: journey, personas, benchmarks.
        points: one row per (kpi, scope) of the window (POINTS_SCHEMA): the whole, each touchpoint, each persona, and
            each persona (or segment) at each touchpoint.
        start: the window's first day.
        end: the day after its last.

    Returns:
        The map; None where the roadmap has no journey. KPIs that nobody is heard of are no column.
    """
    if not roadmap.journey:
        return None
    found = {(row["kpi"], row["scope"]): _point(row) for row in points.iter_rows(named=True)}
    kpis = [kpi for kpi in KPIS.values() if TOUCHPOINT in kpi.dimensions and _is_judged(kpi)]
    places = {scope: parsed(scope) for _, scope in found}
    at_touchpoints = {kpi for kpi, scope in found if [*places[scope]] == [TOUCHPOINT]}
    columns = tuple(_column(kpi, roadmap, found) for kpi in kpis if kpi.name in at_touchpoints)
    rows = tuple(_rows(roadmap, columns, found))
    apart = tuple(_apart(kpis, found, at_touchpoints, points))
    promises = tuple(_promise(each, roadmap, found, apart) for each in roadmap.expectations)
    heard = {place[TOUCHPOINT] for place in places.values() if [*place] == [TOUCHPOINT]}
    elsewhere = tuple(sorted(heard - roadmap.touchpoints.keys()))
    told_by, _ = roadmap.groups
    return with_marks(Journey(start, end, columns, rows, promises, elsewhere, apart, told_by), roadmap)


def _is_judged(kpi: Kpi) -> bool:
    """Levels and counts grow with the touchpoint: they say how many are there, not how well it goes."""
    return kpi.better != "none" and _adds_up(kpi) and kpi.unit != "count"


def _adds_up(kpi: Kpi) -> bool:
    """Its days add up to a window."""
    return kpi.kind in ("sum", "sketch") and kpi.per is None


def _point(row: Mapping[str, Any]) -> Point:
    return Point(**{name: row[name] for name in _POINT})


Found = Mapping[tuple[str, str], Point]


def _column(kpi: Kpi, roadmap: Roadmap, found: Found) -> Column:
    tolerances = [b.tolerance for b in roadmap.benchmarks.values() if b.kpi == kpi.name]
    return Column(
        kpi.name, kpi.title, kpi.unit, kpi.better, _cell(kpi, found.get((kpi.name, WHOLE)), roadmap),
        kpi.name in roadmap.named, min(tolerances, default=None),
    )  # fmt: skip


def _rows(roadmap: Roadmap, columns: Sequence[Column], found: Found) -> Iterator[Row]:
    heard = {scope for _, scope in found}
    for stage, touchpoints in roadmap.journey.items():
        for touchpoint, owner in touchpoints.items():
            place = {TOUCHPOINT: touchpoint}
            groups = tuple(_groups(roadmap, columns, found, place))
            cells = _cells(roadmap, columns, found, place)
            yield Row(stage, touchpoint, owner, cells, canonical(place) in heard, groups)


def _groups(roadmap: Roadmap, columns: Sequence[Column], found: Found, place: Mapping[str, str]) -> Iterator[Group]:
    """Personas, or segments, who are heard at a touchpoint."""
    dimension, members = roadmap.groups
    for member in members:
        cells = _cells(roadmap, columns, found, {**place, dimension: member})
        if not all(cell.is_blank for cell in cells):
            yield Group(member, cells)


def _cells(roadmap: Roadmap, columns: Sequence[Column], found: Found, place: Mapping[str, str]) -> tuple[Cell, ...]:
    scope = canonical(place)
    return tuple(_cell(KPIS[column.kpi], found.get((column.kpi, scope)), roadmap) for column in columns)


def _cell(kpi: Kpi, point: Point | None, roadmap: Roadmap) -> Cell:
    if point is None:
        return Cell()
    if point.n < roadmap.people.smallest_group:
        return Cell(point.n, point.n_open, is_too_few=True)
    low, value, high = sure_range(point)
    return Cell(point.n, point.n_open, value, low, high, point.n < kpi.min_n)


def _promise(expected: Expected, roadmap: Roadmap, found: Found, apart: Sequence[str]) -> Promise:
    kpi = KPIS[expected.kpi]
    scope = canonical({PERSONA: expected.persona}) if expected.is_counted else WHOLE
    is_told = _adds_up(kpi) and (not expected.is_counted or PERSONA in kpi.dimensions) and kpi.name not in apart
    cell = _cell(kpi, found.get((kpi.name, scope)), roadmap) if is_told else None
    verdict = "not measured apart" if cell is None else _kept(cell, expected.value, kpi.better)
    return Promise(expected.persona, kpi.name, kpi.title, kpi.unit, expected.value, cell, verdict)


def _kept(cell: Cell, expected: float, better: Direction) -> str:
    if cell.is_blank:
        return "nobody is heard"
    if cell.is_too_few or cell.value is None or cell.low is None or cell.high is None:
        return "too few to say"
    if better == "none" or cell.low <= expected <= cell.high:
        return "not sure"
    return "kept" if (cell.low > expected) == (better == "up") else "not kept"


def _apart(kpis: Iterable[Kpi], found: Found, at_touchpoints: set[str], points: pl.DataFrame) -> Iterator[str]:
    """Survey KPIs that are kept for segments alone, or not at all: several surveys ask for them."""
    asked = set(points["kpi"].unique())
    for kpi in kpis:
        if kpi.fact == _ASKED and kpi.name in asked - at_touchpoints and (kpi.name, WHOLE) not in found:
            yield kpi.name
