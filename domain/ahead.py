"""Prepare the next item while one is dealt with."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Prepared = TypeVar("Prepared")


def one_ahead(items: Iterable[Item], begin: Callable[[Item], Prepared]) -> Iterator[tuple[Item, Prepared]]:
    """Each item with its preparation; that of the next item has begun by then, and of none further.

    >>> begun = []
    >>> for item, _ in one_ahead("abc", begun.append):
    ...     print(item, begun)
    a ['a', 'b']
    b ['a', 'b', 'c']
    c ['a', 'b', 'c']
    """
    held: deque[tuple[Item, Prepared]] = deque()
    for item in items:
        held.append((item, begin(item)))
        if len(held) > 1:
            yield held.popleft()
    yield from held
