"""A read-only connection to somebody else's database, and its errors in words; the URL is never in them."""

import re
import sqlite3
from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from domain.errors import SourceChangedError, SourceError, SourcesError, SourceUnavailableError

_PACKAGES: Final = {
    "postgresql": "cxloop[postgres]", "redshift": "sqlalchemy-redshift", "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery", "databricks": "databricks-sqlalchemy", "mysql": "pymysql", "mariadb": "pymysql",
    "mssql": "pyodbc", "oracle": "oracledb", "duckdb": "duckdb-engine", "trino": "trino[sqlalchemy]",
}  # fmt: skip
"""What to install where a database's driver is missing."""
_REFUSED: Final = re.compile(
    r"password authentication failed|authentication fail|access denied|login failed|incorrect username or password|"
    r"invalid username|no password supplied|role \"[^\"]*\" does not exist|invalid authorization",
    re.IGNORECASE,
)
_FORBIDDEN: Final = re.compile(r"permission denied|not authorized|insufficient privilege", re.IGNORECASE)
_MISSING: Final = re.compile(r"database \"[^\"]*\" does not exist|unknown database", re.IGNORECASE)
_STATEMENT: Final = ("DataError", "ProgrammingError", "NotSupportedError", "InternalError")
"""Drivers' errors (PEP 249) that trying again does not mend."""
_BUSY: Final = re.compile(r"locked|busy|timeout|timed out|cancel", re.IGNORECASE)
_CONNECT_SECONDS: Final = 20


@contextmanager
def reading(url: str, ours: Collection[Path] = ()) -> Generator[Connection]:
    """One read-only transaction that sees one state of the database, rolled back at its end.

    Args:
        url: of any database SQLAlchemy knows; a SQLite file is opened read-only.
        ours: files that are refused: a project's own live database.

    Raises:
        SourcesError: no URL, no driver, no such file or database, wrong user or password, no right to read.
        SourceUnavailableError: the database does not answer.
    """
    engine = _engine(url, ours)
    try:
        with told(engine):
            connection = engine.connect()
        try:
            with told(engine):
                connection = _begun(connection)
            yield connection
        finally:
            connection.close()  # rolls back
    finally:
        engine.dispose()


@contextmanager
def told(engine: Engine) -> Generator[None]:
    """Turns the driver's errors into ours: without the URL, and without the statement and its values."""
    try:
        yield
    except DBAPIError as error:
        raise in_words(error.orig or error, engine.url) from None
    except engine.dialect.loaded_dbapi.Error as error:  # rows are fetched past SQLAlchemy
        raise in_words(error, engine.url) from None


def is_about_the_statement(error: DBAPIError, engine: Engine) -> bool:
    """The database is there and may be read; it is the statement that it cannot run."""
    problem = in_words(error.orig or error, engine.url)
    is_away = error.connection_invalidated or _BUSY.search(str(error.orig)) is not None
    return not isinstance(problem, SourcesError) and not is_away


def first_line(error: BaseException, url: URL) -> str:
    """What the driver says, in one line, with the password taken out should it be in it."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    password = str(url.password) if url.password is not None else ""
    for secret in (url.render_as_string(hide_password=False), password, quote(password, safe="")):
        said = said.replace(secret, "***") if secret else said
    return said


def _engine(url: str, ours: Collection[Path]) -> Engine:
    try:
        made = make_url(url.strip())
    except (ArgumentError, ValueError):
        raise SourcesError(
            "the warehouse's address is no database URL. Expected e.g. postgresql://user:password@host/database, "
            "in the environment variable that sources.yaml names. In a password write %40 for '@', %3A for ':' and "
            "%2F for '/'."
        ) from None
    if made.drivername in ("postgres", "postgresql"):
        made = made.set(drivername="postgresql+psycopg")
    kind = made.get_backend_name()
    if kind == "sqlite":
        return _sqlite(made, ours)
    arguments = {"connect_timeout": _CONNECT_SECONDS} if made.drivername == "postgresql+psycopg" else {}
    arguments = {name: value for name, value in arguments.items() if name not in made.query}
    try:
        return create_engine(made, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    except (NoSuchModuleError, ImportError):
        package = _PACKAGES.get(kind, f"its SQLAlchemy dialect ('{kind}')")
        raise SourcesError(
            f"the warehouse is a {kind} database, and its driver is not installed: pip install '{package}'."
        ) from None


def _sqlite(url: URL, ours: Collection[Path]) -> Engine:
    path = Path(url.database or "")
    if not url.database or url.database == ":memory:":
        raise SourcesError("the warehouse's URL names no SQLite file. Expected sqlite:////whole/path/to/file.db.")
    if not path.is_file():
        raise SourcesError(
            f"there is no SQLite file {path}. Mend the warehouse's URL: four slashes begin a whole path."
        )
    if any(other.exists() and path.samefile(other) for other in ours):
        raise SourcesError(
            f"{path} is this project's own database; it cannot be its own source. Name the warehouse's URL instead."
        )
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    return create_engine(
        "sqlite://", poolclass=NullPool, hide_parameters=True,
        creator=lambda: sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False),
    )  # fmt: skip


def _begun(connection: Connection) -> Connection:
    match connection.dialect.name:
        case "postgresql":
            return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        case "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.exec_driver_sql("BEGIN")
        case "mysql" | "mariadb":
            connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        case _:  # the rights of the user that the URL names are what there is
            pass
    return connection


def in_words(error: BaseException, url: URL) -> SourcesError | SourceError:
    """The error by what the reader should do: mend the settings, or try again."""
    said = first_line(error, url)
    if _REFUSED.search(said):
        return SourcesError(
            f"the warehouse refused the user '{url.username or ''}' ({said}). Mend the user or password in its URL."
        )
    if _MISSING.search(said):
        return SourcesError(f"the warehouse's server has no such database ({said}). Mend its name in the URL.")
    if "file is not a database" in said:
        return SourcesError("the warehouse's file is no SQLite database. Mend its URL.")
    if _FORBIDDEN.search(said):
        return SourcesError(
            f"the warehouse's user may not read this ({said}). Grant it SELECT on the tables and USAGE on the schema."
        )
    if any(kind.__name__ in _STATEMENT for kind in type(error).__mro__):
        return SourceChangedError(f"the warehouse cannot run the stream's query ({said}). Mend it in sources.yaml.")
    return SourceUnavailableError(f"the warehouse did not answer ({said}). It is tried again with the next run.")
