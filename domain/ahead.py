"""Prepare the next item while one is dealt with."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar, cast

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


def beside(items: Iterable[Item], n_ahead: int = 1) -> Iterator[Item]:
    """The same items, made in a thread of their own while others are dealt with.

    Args:
        items: made one after the other.
        n_ahead: how many may be made beyond the one that is dealt with.

    >>> list(beside(n * n for n in range(4)))
    [0, 1, 4, 9]
    """
    held, end = iter(items), object()
    pool = ThreadPoolExecutor(1)
    try:
        due = deque(pool.submit(copy_context().run, next, held, end) for _ in range(n_ahead))
        while due:
            due.append(pool.submit(copy_context().run, next, held, end))
            if (item := due.popleft().result()) is end:
                break
            yield cast("Item", item)
    finally:
        pool.shutdown(cancel_futures=True)
