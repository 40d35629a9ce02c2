"""The one door to the database: transactions, frames in and out."""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import RLock
from typing import Any

import polars as pl
from sqlalchemy import (
    Connection,
    Delete,
    Engine,
    Executable,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    create_engine,
    event,
    text,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from domain.errors import LeaseLostError, StoreError
from domain.project import Project
from domain.settings import Settings, load_settings
from sql import frames
from sql.tables import runs

BUSY_SECONDS = 30


class Store:
    """One project's database.

    Reads see one consistent state; writes are one transaction each, and check that the run that
    writes still holds the project.

    Attributes:
        engine: the database's.
        lease: for how long a run that writes holds the project from each time its lease is renewed; None: it is not.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.lease: timedelta | None = None
        self._turn = RLock() if engine.dialect.name == "sqlite" else nullcontext()
        # by itself each statement of PostgreSQL sees what was committed before it; SQLite's see what the first one did
        self._snapshot: dict[str, Any] = (
            {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        )

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A read-only snapshot: one state, whatever others write meanwhile. Each reading has its own, of its beginning.

        Pieces that other processes measure are read by as many: of what a run only reads they see the same, as it alone
        may write.
        """
        with (
            self._told(),
            self.engine.connect().execution_options(**self._snapshot) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def transaction(self, run_id: str | None = None) -> Generator[Connection]:
        """One transaction, all or nothing.

        Args:
            run_id: the run that writes; LeaseLostError if another took over. None: people's own
                changes (accepting a task), which need no lease.
        """
        with (
            self._turn,  # SQLite has one writer: a thread waits for another one's large batch as long as it takes
            self._told(),
            self.engine.connect().execution_options(cxloop_writes=True) as connection,
            connection.begin(),
        ):
            if run_id is None:
                yield connection
            else:
                until = _checked_lease(connection, run_id)
                yield connection
                self._keep_lease(connection, run_id, until)

    def _keep_lease(self, connection: Connection, run_id: str, until: datetime) -> None:
        """Renew a lease with a transaction that the thread that renews it had to wait for, as SQLite has one writer."""
        if self.lease is None or isinstance(self._turn, nullcontext):
            return
        if until < datetime.now(UTC) + self.lease * 2 / 3:
            renew_lease(connection, run_id, self.lease)

    def is_taken(self) -> bool:
        """Whether another thread is writing, so that a transaction would wait; with PostgreSQL none does."""
        if isinstance(self._turn, nullcontext):
            return False
        if is_free := self._turn.acquire(blocking=False):
            self._turn.release()
        return not is_free

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreError(_in_words(error.orig or error, self.engine.url)) from error
        except self.engine.dialect.loaded_dbapi.Error as error:  # from the driver that frames are written with
            raise StoreError(_in_words(error, self.engine.url)) from error

    @staticmethod
    def frame(connection: Connection, select: Select[Any]) -> pl.DataFrame:
        """The rows of a select, typed as its tables declare."""
        return frames.read(connection, select)

    @staticmethod
    def rows(connection: Connection, select: Select[Any]) -> list[dict[str, Any]]:
        """A few rows as dicts."""
        return [dict(row) for row in connection.execute(select).mappings()]

    @staticmethod
    def write(connection: Connection, table: Table, frame: pl.DataFrame, *, on_conflict: str = "replace") -> None:
        """Write a frame; rows with the same key are replaced, ignored, or a fault."""
        frames.write(connection, table, frame, on_conflict=on_conflict)

    @staticmethod
    def put(
        connection: Connection, table: Table, rows: Sequence[dict[str, Any]], *, on_conflict: str = "replace"
    ) -> None:
        """Write a few rows given as dicts."""
        if rows:
            frames.put(connection, table, rows, on_conflict=on_conflict)

    @staticmethod
    def execute(connection: Connection, statement: Delete | Update | Insert | Executable) -> int:
        """Run a statement; the number of rows it touched."""
        return connection.execute(statement).rowcount


_HELD = runs.select().where(runs.c.run_id == bindparam("run_id")).with_for_update(read=True, key_share=True)
"""Made once: it is asked with each page that lands. Who takes over waits for it; who renews the lease does not."""


def _checked_lease(connection: Connection, run_id: str) -> datetime:
    """Hold the run's row for this transaction, so that nobody takes over in the middle of it; until when the lease is.

    Raises:
        LeaseLostError: another run took over.
    """
    row = connection.execute(_HELD, {"run_id": run_id}).one_or_none()
    if row is None or row.state != "running":
        raise LeaseLostError(
            f"run {run_id} no longer holds the project (state: {row.state if row else 'gone'}): "
            "another run took over while this one was stalled. Nothing was written; the other run does the work."
        )
    return row.lease_until


def renew_lease(connection: Connection, run_id: str, lease: timedelta) -> None:
    """The run holds the project for so long from now on."""
    connection.execute(update(runs).where(runs.c.run_id == run_id).values(lease_until=datetime.now(UTC) + lease))


def open_store(url: str) -> Store:
    """Open a database; its tables are made by `sql.migrations`.

    Raises:
        StoreError: the address is no database address, or a driver is missing.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return Store(_sqlite(parsed))
        if parsed.get_backend_name() == "postgresql":
            return Store(create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            f"CXLOOP_DATABASE_URL is no database that can be opened ({type(error).__name__}). Expected "
            "sqlite:///path/to/file.db or postgresql://user:password@host/name (needs the extra 'postgres')."
        ) from None
    raise StoreError(f"CXLOOP_DATABASE_URL names {parsed.get_backend_name()}; expected sqlite or postgresql.")


def store_of(project: Project, settings: Settings) -> Store:
    """The store of a project: the one in its folder, unless a setting names another."""
    return open_store(settings.database_url.get_secret_value() if settings.database_url else project.database_url)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN, not the driver
        connection.execute(
            "PRAGMA page_size = 8192"
        )  # of a new file; pages written are what a large load takes long for
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -65536")
        # a page that several transactions write is moved from the log into the file once, not after each of them
        connection.execute("PRAGMA wal_autocheckpoint = 16384")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        # a transaction that reads first and then writes fails at once when another wrote in between
        writes = connection.get_execution_options().get("cxloop_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _in_words(error: BaseException, url: URL) -> str:
    found = (str(error).strip() or type(error).__name__).splitlines()[0]
    where = url.database if url.get_backend_name() == "sqlite" else f"{url.host or 'localhost'}/{url.database}"
    advice = {
        "no such table": "It was never set up: run `cxloop run` once.",
        "does not exist": "It was never set up: run `cxloop run` once.",
        "database is locked": "Another program has held it for 30 s: end that program, then run again.",
        "disk is full": "Free some space, then run again: nothing is lost.",
        "disk I/O": "The disk failed or is full: free some space, then run again.",
        "unable to open": "Check that the folder is there and may be written.",
        "readonly": "Check that the file and its folder may be written.",
        "connection": "Check that the server runs and that CXLOOP_DATABASE_URL is right.",
    }
    what = next((words for part, words in advice.items() if part in found), "See `cxloop doctor`.")
    return f"database {where}: {found}. {what}"


def revision_of(store: Store) -> str | None:
    """The schema's revision; None when the database was never set up."""
    try:
        with store.engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except DBAPIError:
        return None


@lru_cache(maxsize=8)
def store_at(folder: str) -> Store:
    """The store of the project in a folder; one engine per process and project."""
    project = Project.at(folder)
    return store_of(project, load_settings(project))


@lru_cache(maxsize=8)
def store_under(url: str) -> Store:
    """The store at an address; one engine per process and address."""
    return open_store(url)
