"""The friction map as neutral data: every touchpoint of the journey by what is measured there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from domain.kpis import Direction, Unit

PERSONA = "persona"
MOST_COLUMNS = 7
"""As many KPIs as can be read side by side."""


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
