"""What runs the pieces of a long history: threads of this process, or the processes of a Dask cluster."""

import logging
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from os import cpu_count
from typing import Any, Self, TypeVar, cast

from prefect import Task
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from pydantic import SecretStr

from domain.ahead import ahead
from domain.context import RunContext
from domain.errors import ConfigError
from domain.settings import Settings, load_settings
from sql.store import Store, store_at, store_under

PIECES_IN_LIMIT = 3
"""Pieces are this many times smaller than what may be read at once: some are read side by side."""
AHEAD_OF_EACH = 2
"""Pieces that each worker of a cluster is given: it measures the next while the last waits to be written."""

Result = TypeVar("Result")


class Whence:
    """Where a piece reads its facts; no dataclass: Prefect and Dask go through these in search of futures."""

    def __init__(self, folder: str, url: SecretStr | None = None) -> None:
        """Set the project's folder, and for other processes, which may not have it, the database's address."""
        self._folder = folder
        self._url = url

    def store(self) -> Store:
        """The project's store. The address that a worker's own environment gives goes before the run's."""
        if self._url is None:
            return store_at(self._folder)
        return store_under((Settings().database_url or self._url).get_secret_value())  # pyright: ignore[reportCallIssue]


class Helpers:
    """What runs the pieces of all families: begun when the first piece is there, ended with the `with`."""

    def __init__(self, context: RunContext) -> None:
        """Nothing is begun yet."""
        self._settings = load_settings(context.project)
        self._begun: tuple[TaskRunner[PrefectFuture[Any]], int] | None = None
        self._stack = ExitStack()
        is_here = self._settings.task_runner == "threads"
        self._whence = Whence(context.folder, None if is_here else self._settings.database_url)
        self.most = self._settings.rows_at_once

    def __enter__(self) -> Self:
        """See `begun`."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what was begun."""
        self._stack.close()

    def in_order(self, measured: Task[[Whence, Any], Result], every: Iterable[Any]) -> Iterator[Result]:
        """What a task gives for each of some pieces; a few are under way at once, so that nothing piles up."""
        runner, n_ahead = self.begun()
        due = (runner.submit(measured, {"whence": self._whence, "piece": piece}) for piece in every)
        for made in ahead(due, n_ahead):
            yield made.result()

    def begun(self) -> tuple[TaskRunner[PrefectFuture[Any]], int]:
        """The runner, and how many pieces are given to it ahead."""
        if self._begun is None:
            self._begun = self._stack.enter_context(runner_of(self._settings))
        return self._begun


@contextmanager
def runner_of(settings: Settings) -> Generator[tuple[TaskRunner[PrefectFuture[Any]], int]]:
    """What runs the pieces, and how many are given to it ahead of the one that is dealt with.

    Raises:
        ConfigError: Dask is asked for and is not there, or has no PostgreSQL to read from.
    """
    if settings.task_runner == "threads":
        n_threads = min(PIECES_IN_LIMIT - 1, cpu_count() or 1)
        with cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner[Any](n_threads)) as runner:
            yield runner, n_threads
        return
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    if not url.startswith("postgresql"):
        raise ConfigError(
            "CXLOOP_TASK_RUNNER asks for Dask, whose processes read from PostgreSQL; the project is kept in SQLite. "
            "Set CXLOOP_DATABASE_URL to a PostgreSQL database, or CXLOOP_TASK_RUNNER=threads."
        )
    try:
        dask = import_module("prefect_dask")
    except ModuleNotFoundError:
        raise ConfigError(
            "CXLOOP_TASK_RUNNER asks for Dask, which is not installed. "
            "Install cxloop with the extra 'dask', or set CXLOOP_TASK_RUNNER=threads."
        ) from None
    logging.getLogger("distributed").setLevel(logging.WARNING)
    address = settings.task_runner.removeprefix("dask").removeprefix("://")
    here = {"n_workers": cpu_count() or 1, "threads_per_worker": 1, "dashboard_address": None}
    place = {"address": f"tcp://{address}"} if address else {"cluster_kwargs": here}
    with ExitStack() as stack:
        try:
            runner = stack.enter_context(dask.DaskTaskRunner(**place))
        except (OSError, RuntimeError) as error:
            where = f"the Dask cluster at {address} does not answer" if address else "no Dask cluster could be started"
            raise ConfigError(
                f"CXLOOP_TASK_RUNNER: {where} ({str(error).splitlines()[0] if str(error) else type(error).__name__}). "
                "See that its scheduler runs and can be reached, or set CXLOOP_TASK_RUNNER=threads."
            ) from None
        n_workers = len(runner.client.scheduler_info(n_workers=-1)["workers"]) or 1
        yield runner, AHEAD_OF_EACH * n_workers
