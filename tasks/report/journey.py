"""The friction map: every touchpoint of the journey by what is measured there, and what personas expect.

A cell is marked where it is surely worse. With a hundred cells some would be by chance: of the cells that are marked
one in twenty is, at most (Benjamini & Hochberg 1995), and a difference within a benchmark's tolerance is no matter.
A touchpoint is a part of the whole that it is compared with: what both have in common is taken out of the interval.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import erfc, sqrt
from typing import Any, NamedTuple

import polars as pl

from domain.chance import surely
from domain.intervals import Z95
from domain.kpis import KPIS, Direction, Kpi, Unit
from domain.records import Point
from domain.roadmap import Roadmap
from domain.roadmap.expectations import Expected
from domain.scopes import TOUCHPOINT, WHOLE, canonical, parsed
from tasks.report.change import sure_range

PERSONA = "persona"
READ_BY = (TOUCHPOINT, PERSONA, "segment", "survey")
"""Dimensions whose members are needed: of surveys, whether one KPI is asked for in several."""
MOST_COLUMNS = 7
"""As many KPIs as can be read side by side."""
CHANCE = 0.05
"""Share of the marked cells that may be marked by chance."""
_ASKED = "survey_answers"
_POINT = ("period_start", "period_end", "n", "value", "low", "high", "n_open", "bound_low", "bound_high")


@dataclass(frozen=True)
class Cell:
    """One KPI at one place.

    Attributes:
        n: outcomes known. n_open: not known yet.
        value, low, high: in the KPI's unit; `low` and `high` include outcomes not known yet. None: nothing is known,
            or of fewer than the roadmap's smallest group.
        is_too_few: under the KPI's `min_n`: nothing is said of it.
        is_worse: surely worse than the whole company.
        missed: personas who surely expect better: of a persona's own cell that one alone, of all customers' cell those
            of whom too few are heard there by themselves.
    """

    n: int = 0
    n_open: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    is_too_few: bool = False
    is_worse: bool = False
    missed: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Nobody is heard."""
        return not (self.n or self.n_open)

    @property
    def is_marked(self) -> bool:
        """Surely worse than something."""
        return self.is_worse or bool(self.missed)


@dataclass(frozen=True)
class Column:
    """One KPI of the map.

    Attributes:
        whole: of the whole company.
        is_named: the roadmap names it: a benchmark, a persona, a principle, a goal or a survey.
        tolerance: the finest of its benchmarks; None: it has none.
    """

    kpi: str
    title: str
    unit: Unit
    better: Direction
    whole: Cell
    is_named: bool
    tolerance: float | None


@dataclass(frozen=True)
class Group:
    """One persona, or segment, at one touchpoint: its cells in the columns' order."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Row:
    """One touchpoint.

    Attributes:
        cells: of all customers, in the columns' order.
        is_heard: anybody came or answered there.
        groups: personas, or segments where there are none, who are heard there, in the roadmap's order.
    """

    stage: str
    touchpoint: str
    owner: str
    cells: tuple[Cell, ...]
    is_heard: bool
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Promise:
    """What one persona expects, and what it gets.

    Attributes:
        cell: of the persona, of the whole company where it only describes somebody; None: it is not measured apart,
            since the KPI knows no personas, does not add up over days, or is asked for in several surveys.
        verdict: kept | not kept | not sure | too few to say | nobody is heard | not measured apart.
    """

    persona: str
    kpi: str
    title: str
    unit: Unit
    expected: float
    cell: Cell | None
    verdict: str


@dataclass(frozen=True)
class Journey:
    """The map over one window, [start, end).

    Attributes:
        rows: the touchpoints in the roadmap's order.
        promises: what personas expect, in the roadmap's order.
        elsewhere: touchpoints that customers name and the roadmap does not.
        apart: KPIs asked for in several surveys, which are never pooled: they have no touchpoints.
        told_by: what the groups of its rows are: persona | segment.
    """

    start: date
    end: date
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    promises: tuple[Promise, ...]
    elsewhere: tuple[str, ...]
    apart: tuple[str, ...]
    told_by: str = PERSONA

    @property
    def unheard(self) -> tuple[str, ...]:
        """Touchpoints at which nobody is heard."""
        return tuple(row.touchpoint for row in self.rows if not row.is_heard)

    @property
    def marked(self) -> tuple["Marked", ...]:
        """Every marked cell with its place, in the map's order."""
        return tuple(
            Marked(row, name, column, cell)
            for row in self.rows
            for name, cells in (("", row.cells), *((group.name, group.cells) for group in row.groups))
            for column, cell in zip(self.columns, cells, strict=True)
            if cell.is_marked
        )

    def narrowed(self, most: int = MOST_COLUMNS) -> "Journey":
        """The same with so many columns: the marked and the named ones first."""
        if len(self.columns) <= most:
            return self
        marked = {found.column.kpi for found in self.marked}
        worth = sorted(self.columns, key=lambda c: (not c.is_named, c.kpi not in marked, self.columns.index(c)))
        kept = [place for place, column in enumerate(self.columns) if column in worth[:most]]
        rows = tuple(_narrowed(row, kept) for row in self.rows)
        return replace(self, columns=tuple(self.columns[place] for place in kept), rows=rows)


class Marked(NamedTuple):
    """A marked cell with its place; `group`: persona or segment, empty: all customers."""

    row: Row
    group: str
    column: Column
    cell: Cell


def _narrowed(row: Row, kept: Sequence[int]) -> Row:
    """A row with some of its columns; groups that are not heard in them are left out."""
    groups = (replace(group, cells=tuple(group.cells[place] for place in kept)) for group in row.groups)
    heard = tuple(group for group in groups if not all(cell.is_blank for cell in group.cells))
    return replace(row, cells=tuple(row.cells[place] for place in kept), groups=heard)


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
    return _marked(Journey(start, end, columns, rows, promises, elsewhere, apart, told_by), roadmap)


def _is_judged(kpi: Kpi) -> bool:
    """Levels and counts grow with the touchpoint: they say how many are there, not how well it goes."""
    return kpi.better != "none" and _adds_up(kpi) and kpi.unit != "count"


def _adds_up(kpi: Kpi) -> bool:
    """Its days add up to a window."""
    return kpi.kind in ("sum", "sketch") and kpi.unit != "per_100"


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


# ---- what is surely worse --------------------------------------------------------------------------------------------


def _marked(journey: Journey, roadmap: Roadmap) -> Journey:
    """The map with its cells marked."""
    chances: dict[tuple[int, str, int, str], float] = {}
    for i, row in enumerate(journey.rows):
        for name, cells in (("", row.cells), *((group.name, group.cells) for group in row.groups)):
            for j, (column, cell) in enumerate(zip(journey.columns, cells, strict=True)):
                if not _is_told(cell):
                    continue
                if (chance := _worse_than_whole(cell, column)) is not None:
                    chances[i, name, j, ""] = chance
                for expected in _held_against(roadmap, row, name, column.kpi, j, journey.told_by):
                    chances[i, name, j, expected.persona] = _worse_than(cell, expected.value, column.better)
    sure = surely(chances, CHANCE / 2)  # only the worse side is looked at

    def told(i: int, name: str, cells: Sequence[Cell]) -> tuple[Cell, ...]:
        return tuple(
            replace(cell, is_worse=(i, name, j, "") in sure,
                    missed=tuple(each for each in roadmap.personas if (i, name, j, each) in sure))
            for j, cell in enumerate(cells)
        )  # fmt: skip

    rows = tuple(
        replace(row, cells=told(i, "", row.cells),
                groups=tuple(replace(group, cells=told(i, group.name, group.cells)) for group in row.groups))
        for i, row in enumerate(journey.rows)
    )  # fmt: skip
    return replace(journey, rows=rows)


def _is_told(cell: Cell) -> bool:
    return not cell.is_too_few and cell.value is not None


def _held_against(roadmap: Roadmap, row: Row, name: str, kpi: str, place: int, told_by: str) -> Iterator[Expected]:
    """What a cell is held against: a persona's own by what it expects; all customers' by what the others do."""
    if name:
        mine = roadmap.expectations if told_by == PERSONA else ()
        yield from (expected for expected in mine if (expected.persona, expected.kpi) == (name, kpi))
        return
    by_itself = {group.name for group in row.groups if told_by == PERSONA and _is_told(group.cells[place])}
    yield from (each for each in roadmap.expectations if each.kpi == kpi and each.persona not in by_itself)


def _worse_than_whole(cell: Cell, column: Column) -> float | None:
    """How likely a cell would look so much worse than the whole by chance; None: it is not compared."""
    whole = column.whole
    if whole.value is None or cell.value is None or whole.is_too_few or whole.n <= cell.n:
        return None
    by = _by(cell.value, whole.value, column.better)
    if by <= (column.tolerance or 0.0):
        return 1.0
    own, all_ = _half(cell, column.better, is_worse=True), _half(whole, column.better, is_worse=False)
    if own is None or all_ is None:
        return None
    share = cell.n / whole.n
    spread = max(own**2 * (1 - 2 * share) + all_**2, (own * (1 - share)) ** 2)
    return _chance(by, sqrt(spread))


def _worse_than(cell: Cell, expected: float, better: Direction) -> float:
    """How likely a cell would look so much worse than what is expected by chance."""
    half = _half(cell, better, is_worse=True)
    if cell.value is None or half is None:
        return 1.0
    return _chance(_by(cell.value, expected, better), half)


def _by(value: float, wanted: float, better: Direction) -> float:
    """How much worse a value is; negative: better."""
    return wanted - value if better == "up" else value - wanted


def _half(cell: Cell, better: Direction, *, is_worse: bool) -> float | None:
    """From the value to the end of its sure range: the better end of what is worse, the worse end of the other."""
    end = cell.high if (better == "up") == is_worse else cell.low
    return None if end is None or cell.value is None else abs(end - cell.value)


def _chance(by: float, half: float) -> float:
    """One-sided; `half` is that of a 95 % interval."""
    if by <= 0:
        return 1.0
    return 0.5 * erfc(Z95 * by / half / sqrt(2)) if half else 0.0
