"""Measure a long history piece by piece: each a task of its own that reads its facts and gives back their parts."""

import logging
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from importlib import import_module
from os import cpu_count
from typing import Any, Self, cast

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from sqlalchemy import Connection

from domain.ahead import ahead
from domain.context import RunContext
from domain.errors import ConfigError
from domain.estimates import PARTS_SCHEMA
from domain.kpis import KPIS
from domain.own_kpis import OwnKpi
from domain.settings import Settings, load_settings
from domain.stretches import stretched
from domain.windows import Window, day_of, start_of
from sql.queries.kpis import has_outcomes, replace_parts, replace_stretches
from sql.queries.pieces import n_booked, n_facts, next_booked
from tasks.measure.families import LATER, TOLD
from tasks.measure.pieces import month_at, pieces
from tasks.measure.steps.making import CONTACTS, Asked, Made, Piece, alike_of, parts_of_piece

IN_ONE_PIECE = ("subscriptions", "remarks")
"""Families that are read together: a customer's contracts, and what was read in texts, which is no source's table."""
PIECES_IN_LIMIT = 3
"""Pieces are this many times smaller than what may be read at once: some are read side by side."""


def pieces_of(connection: Connection, asked: Asked, most: int) -> list[Window]:
    """The pieces a family's whole history is measured in; none: it is short enough for one.

    Args:
        connection: to count with.
        asked: the family.
        most: facts that may be measured at once.
    """
    fact, zone = LATER.get(asked.family, asked.family), asked.roadmap.zone
    if asked.family in IN_ONE_PIECE or n_facts(connection, fact) <= most:
        return []

    def count(window: Window) -> int:
        return n_booked(connection, fact, (start_of(window.start, zone), start_of(window.end, zone)))

    def months() -> Iterator[tuple[Window, int]]:
        since = start_of(date(1, 1, 2), zone)
        while (first := next_booked(connection, fact, since)) is not None:
            month = month_at(day_of(first, zone))
            yield month, count(month)
            since = start_of(month.end, zone)

    return list(pieces(months(), most // PIECES_IN_LIMIT, count))


class Helpers:
    """What runs the pieces of all families: begun when the first piece is there, ended with the `with`."""

    def __init__(self, context: RunContext) -> None:
        """Nothing is begun yet."""
        self._settings = load_settings(context.project)
        self._begun: tuple[TaskRunner[PrefectFuture[Any]], int] | None = None
        self._stack = ExitStack()
        self.folder = context.folder
        self.most = self._settings.rows_at_once

    def __enter__(self) -> Self:
        """See `begun`."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what was begun."""
        self._stack.close()

    def begun(self) -> tuple[TaskRunner[PrefectFuture[Any]], int]:
        """The runner, and how many pieces it measures at a time."""
        if self._begun is None:
            self._begun = self._stack.enter_context(runner_of(self._settings))
        return self._begun


def measure_history(connection: Connection, helpers: Helpers, asked: Asked, windows: Sequence[Window]) -> int:
    """Replace all parts and stretches of a family's KPIs by those of all pieces; the number of parts.

    The pieces are read beside this transaction, which alone writes: killed in the middle, nothing has changed.
    """
    n_made, empty = 0, pl.DataFrame(schema=PARTS_SCHEMA)
    for alike in alike_of(asked.wanted):
        replace_parts(connection, alike[0], None, empty)
        replace_stretches(connection, alike[0], None, empty)
    everywhere = replace(asked, told=tuple(TOLD))
    for piece in _in_order(helpers, everywhere, windows):
        for alike, made in piece:
            replace_parts(connection, alike[0], (), made)
            n_made += made.height
            if alike[0] != CONTACTS and not asked.by_account:
                replace_stretches(connection, alike[0], (), stretched(made))
    for name in [name for name, shows in TOLD.items() if name in asked.wanted and not has_outcomes(connection, shows)]:
        n_made -= replace_parts(connection, name, None, empty)
        replace_stretches(connection, name, None, empty)
    return n_made


def _in_order(helpers: Helpers, asked: Asked, windows: Iterable[Window]) -> Iterator[list[Made]]:
    """What each piece gives, in order; a few are under way at once, so that what is made does not pile up."""
    own = tuple(kpi for kpi in KPIS.values() if isinstance(kpi, OwnKpi))
    runner, n_workers = helpers.begun()
    due = (
        runner.submit(measure_piece, {"folder": helpers.folder, "piece": Piece(asked, own, window)})
        for window in windows
    )
    for made in ahead(due, n_workers):
        yield made.result()


@task(name="measure-piece", cache_policy=NO_CACHE, persist_result=False, retries=2)
def measure_piece(folder: str, piece: Piece) -> list[Made]:
    """The parts of some days of a family's history; it writes nothing, so that it may be done again anywhere.

    Args:
        folder: the project's; on another machine than the run's it need not be there, if the environment says where
            the database is.
        piece: which days of what.
    """
    # in a function of its own: a Dask worker gets this one by value, with all that it names
    return parts_of_piece(folder, piece)


@contextmanager
def runner_of(settings: Settings) -> Generator[tuple[TaskRunner[PrefectFuture[Any]], int]]:
    """What runs the pieces, and how many at a time.

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
        yield runner, len(runner.client.scheduler_info(n_workers=-1)["workers"]) or 1
