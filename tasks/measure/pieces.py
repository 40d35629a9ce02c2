"""Which days of a long history are measured at once, so that memory does not grow with it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from domain.stretches import stretch_of
from domain.windows import Window, month_of, next_month

Counting = Callable[[Window], int]
"""How many facts are booked within some days."""


def pieces(months: Iterable[tuple[Window, int]], most: int, count: Counting) -> Iterator[Window]:
    """Whole months with at most so many facts each, one after the other; the stretches of a month that has more.

    Neighbours are joined as long as they stay within it. A stretch (at most a week) is never cut: its parts add up
    within one piece.

    Args:
        months: each month that has facts, in order, and how many it has.
        most: facts to be measured at once.
        count: how many there are within some days.

    >>> march, april = Window(date(2026, 3, 1), date(2026, 4, 1)), Window(date(2026, 4, 1), date(2026, 5, 1))
    >>> [str(piece.end) for piece in pieces([(march, 4), (april, 9)], 10, lambda _: 2)]
    ['2026-04-01', '2026-05-01']
    """
    return _joined(_cut(months, most, count), most)


def _cut(months: Iterable[tuple[Window, int]], most: int, count: Counting) -> Iterator[tuple[Window, int]]:
    for month, n in months:
        if n <= most:
            yield month, n
            continue
        for stretch in stretches_of(month):
            yield stretch, count(stretch)


def _joined(counted: Iterable[tuple[Window, int]], most: int) -> Iterator[Window]:
    held: tuple[Window, int] | None = None
    for window, n in counted:
        if held is not None and held[0].end == window.start and held[1] + n <= most:
            held = Window(held[0].start, window.end), held[1] + n
            continue
        if held is not None:
            yield held[0]
        held = window, n
    if held is not None:
        yield held[0]


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
