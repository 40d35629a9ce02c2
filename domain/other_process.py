"""Work in a process of its own: what goes through rows one by one holds Python's lock, and all threads wait for it."""

import atexit
import gc
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from threading import Thread
from types import TracebackType
from typing import ParamSpec, TypeVar

from domain.errors import CxLoopError

P = ParamSpec("P")
T = TypeVar("T")


class OtherProcess:
    """A process beside this one, for one piece of work at a time; until it has begun, work is done here.

    It ends with the context, and with this process, however that one ends. When it has ended before, or could not
    prepare itself, work is done here again, until another one is begun.
    """

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._ready: Future[object] | None = None

    def __enter__(self) -> "OtherProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _prepared(self) -> ProcessPoolExecutor | None:
        """The process once it is prepared; none where it could not be: what ails it will be told by the work itself."""
        pool, ready = self._pool, self._ready
        if pool is not None and ready is not None and ready.exception() is not None:
            self._let_go(pool)
            return None
        return pool

    def _let_go(self, pool: ProcessPoolExecutor) -> None:
        pool.shutdown(wait=False, cancel_futures=True)
        if self._pool is pool:  # another thread may have begun a new one
            self._pool = None

    @property
    def has_begun(self) -> bool:
        """Whether work is done there."""
        return self._pool is not None

    def begin(self, prepare: Callable[[], object]) -> None:
        """Start it, and have it prepare itself while this process goes on; a second call does nothing.

        Where a machine allows no second process or has no semaphores to share, all is done here.

        Args:
            prepare: called there, before any work.
        """
        if self._pool is not None:
            return
        with suppress(OSError, NotImplementedError):
            pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_follow_parent)
            self._ready = pool.submit(prepare)
            self._pool = pool

    def call_now(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `call`, but done here while the other process prepares itself."""
        is_ready = self._ready is not None and self._ready.done()
        return self.call(work, *args, **kwargs) if is_ready else work(*args, **kwargs)

    def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the work gives; what it raises is raised here.

        Args:
            work: a function of a module; it, its arguments and what it gives can be pickled.
            *args: its arguments.
            **kwargs: its arguments.

        Raises:
            CxLoopError: the process was ended by somebody else while it did this; the next work is done here.
        """
        pool = self._prepared()
        if pool is None:
            return work(*args, **kwargs)
        try:
            return pool.submit(work, *args, **kwargs).result()
        except BrokenProcessPool:
            self._let_go(pool)
            raise CxLoopError(
                "the process beside this one was ended, by hand or for want of memory; nothing of its batch was "
                "published. Run again: the run goes on where it stopped."
            ) from None


def _follow_parent() -> None:
    """Let the parent take interrupts, and end when it has ended; a pool's process would wait for work for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit.register(gc.freeze)  # else Python goes through all that was imported once more, which takes a second
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
