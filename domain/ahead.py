"""Make the next items while one is dealt with."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import repeat
from queue import SimpleQueue
from threading import Event, Thread
from typing import Final, TypeVar, cast

Item = TypeVar("Item")

_LEFT_ALONE_S: Final = 10


class UnwantedError(Exception):
    """Nobody takes any more what is given."""


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


def given(work: Callable[[Callable[[Item], None]], None]) -> Generator[Item]:
    """What `work` gives, in its order, as soon as it gives it; the work goes on in a thread of its own meanwhile.

    After the last item, what the work raised is raised here. Whoever stops taking ends the work where it gives next.

    Args:
        work: called once, with what takes an item.

    Raises:
        UnwantedError: within the work, when nothing is taken any more.

    >>> list(given(lambda give: [give(n * n) for n in range(4)] and None))
    [0, 1, 4, 9]
    """
    end, items, problems, is_over = object(), SimpleQueue[object](), list[BaseException](), Event()

    def give(item: Item) -> None:
        if is_over.is_set():
            raise UnwantedError
        items.put(item)

    def worked() -> None:
        try:
            work(give)
        except BaseException as problem:  # noqa: BLE001 - whatever it is, it is raised where the items are taken
            problems.append(problem)
        finally:
            items.put(end)

    thread = Thread(target=copy_context().run, args=(worked,), daemon=True)
    thread.start()
    try:
        while (item := items.get()) is not end:
            yield cast("Item", item)
        if problems:
            raise problems[0]
    finally:
        is_over.set()
        thread.join(_LEFT_ALONE_S)  # it may wait for somebody else, who is not waited for
