"""Make the next items while one is dealt with."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import repeat
from typing import TypeVar, cast

Item = TypeVar("Item")


def ahead(items: Iterable[Item], n_ahead: int = 1) -> Iterator[Item]:
    """Each item, as soon as so many after it have been taken, and no more: what begins work is begun ahead.

    >>> begun = []
    >>> for item in ahead(begun.append(name) or name for name in "abc"):
    ...     print(item, begun)
    a ['a', 'b']
    b ['a', 'b', 'c']
    c ['a', 'b', 'c']
    """
    held: deque[Item] = deque()
    for item in items:
        held.append(item)
        if len(held) > n_ahead:
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
        due = (pool.submit(copy_context().run, next, held, end) for _ in repeat(None))
        for one in ahead(due, n_ahead):
            if (item := one.result()) is end:
                break
            yield cast("Item", item)
    finally:
        pool.shutdown(cancel_futures=True)
