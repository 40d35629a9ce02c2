"""Bring a database to this version's tables."""

from pathlib import Path

from domain.errors import StoreError
from sql.store import Store, revision_of

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"
"""The newest revision; a test compares it with the migrations."""


def prepare(store: Store) -> None:
    """Make or upgrade the tables; nothing to do when they are up to date.

    Raises:
        StoreError: the database was made by a newer version, or cannot be reached.
    """
    database = store.engine.url.database
    if store.engine.url.get_backend_name() == "sqlite" and database:
        try:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"database {database}: its folder cannot be made ({error.strerror}). "
                "Give this user the right to write there."
            ) from None
    found = revision_of(store)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise StoreError(
            f"the database is at revision {found}, this version knows {HEAD}: it was used by a newer cxloop. "
            "Use that version, or restore a backup made before."
        )
    migrate(store, HEAD)


def migrate(store: Store, revision: str) -> None:
    """Run migrations up or down to a revision (`base`: no tables), in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.transaction() as connection:
        if connection.dialect.name == "postgresql":  # two first runs at once
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20260321)")
        config.attributes["connection"] = connection
        (command.downgrade if revision == "base" else command.upgrade)(config, revision)
