"""Which cells of the friction map are surely worse than the whole company, or than a persona expects.

With a hundred cells some would be by chance: of the cells that are marked one in twenty is, at most (Benjamini &
Hochberg 1995), and a difference within a benchmark's tolerance is no matter. A touchpoint is a part of the whole that
it is compared with: what both have in common is taken out of the interval.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import erfc, sqrt

from domain.chance import surely
from domain.intervals import Z95
from domain.kpis import Direction
from domain.roadmap import Roadmap
from domain.roadmap.expectations import Expected
from tasks.report.friction import PERSONA, Cell, Column, Journey, Row

CHANCE = 0.05
"""Share of the marked cells that may be marked by chance."""


def with_marks(journey: Journey, roadmap: Roadmap) -> Journey:
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
