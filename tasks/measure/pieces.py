"""Which facts of a long history are measured at once, so that memory does not grow with it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from domain.key_blocks import KeyBlock
from domain.stretches import stretch_of
from domain.windows import Window, month_of, next_month

Counting = Callable[[Window], int]
"""How many facts are booked within some days."""
Cutting = Callable[[Window, int], Sequence[KeyBlock | None]]
"""The blocks of some days with so many facts; one None: they are not too many."""


class Slice(NamedTuple):
    """Facts that are measured at once.

    Attributes:
        window: booked on which days; None: on any, where things last.
        block: which of them; None: all.
    """

    window: Window | None
    block: KeyBlock | None = None

    @property
    def days(self) -> list[date] | None:
        """The days of its window."""
        window = self.window
        return None if window is None else [window.start + timedelta(days=i) for i in range(window.days)]


def pieces(months: Iterable[tuple[Window, int]], most: int, count: Counting, cut: Cutting) -> Iterator[list[Slice]]:
    """Whole months with at most so many facts each, one after the other; the stretches of a month that has more.

    Neighbours are joined as long as they stay within it. A stretch (at most a week) is never cut by days: its parts
    add up within one piece. One that has more itself is cut into blocks, whose parts are added up.

    Args:
        months: each month that has facts, in order, and how many it has.
        most: facts to be measured at once.
        count: how many there are within some days.
        cut: the blocks of what cannot be cut by days any more.

    Returns:
        The slices of each piece.

    >>> march, april = Window(date(2026, 3, 1), date(2026, 4, 1)), Window(date(2026, 4, 1), date(2026, 5, 1))
    >>> found = pieces([(march, 4), (april, 9)], 10, lambda _: 2, lambda *_: [None])
    >>> [str(piece.window.end) for slices in found for piece in slices]
    ['2026-04-01', '2026-05-01']
    """
    for window, n in _joined(_cut(months, most, count), most):
        yield [Slice(window, block) for block in cut(window, n)]


def blocks(columns: tuple[str, ...], keys: Sequence[str], n_blocks: int) -> list[KeyBlock | None]:
    """So many blocks, or fewer, of about as many rows each; one None where there is nothing to cut by.

    Args:
        columns: what makes the key.
        keys: the keys of some rows drawn from all of them, in the database's order.
        n_blocks: how many are wanted.

    >>> [(block.low, block.high) for block in blocks(("id",), ["a", "b", "b", "c"], 3)]
    [(None, 'b'), ('b', None)]
    """
    wanted = (keys[i * len(keys) // n_blocks] for i in range(1, n_blocks)) if keys else ()
    edges = [edge for edge in dict.fromkeys(wanted) if edge != keys[0]]
    if not edges:
        return [None]
    return [KeyBlock(columns, low, high) for low, high in zip([None, *edges], [*edges, None], strict=True)]


def _cut(months: Iterable[tuple[Window, int]], most: int, count: Counting) -> Iterator[tuple[Window, int]]:
    for month, n in months:
        if n <= most:
            yield month, n
            continue
        for stretch in stretches_of(month):
            yield stretch, count(stretch)


def _joined(counted: Iterable[tuple[Window, int]], most: int) -> Iterator[tuple[Window, int]]:
    held: tuple[Window, int] | None = None
    for window, n in counted:
        if held is not None and held[0].end == window.start and held[1] + n <= most:
            held = Window(held[0].start, window.end), held[1] + n
            continue
        if held is not None:
            yield held
        held = window, n
    if held is not None:
        yield held


def stretches_of(month: Window) -> Iterator[Window]:
    """The stretches of a month, in order."""
    day = month.start
    while day < month.end:
        stretch = stretch_of(day)
        yield stretch
        day = stretch.end


def month_at(day: date) -> Window:
    """The month that holds `day`."""
    return Window(month_of(day), next_month(day))
