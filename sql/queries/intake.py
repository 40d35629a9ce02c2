"""Batches, cursors and quarantine."""

from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select, update

from sql.store import Store
from sql.tables import FACTS, batch_tables, batches, cursors, quarantine


def batch(connection: Connection, batch_id: str) -> dict[str, Any]:
    """One batch; KeyError if there is none."""
    rows = Store.rows(connection, select(batches).where(batches.c.batch_id == batch_id))
    if not rows:
        raise KeyError(batch_id)
    return rows[0]


def batches_of(connection: Connection, source: str) -> list[dict[str, Any]]:
    """Every batch of one source."""
    return Store.rows(connection, select(batches).where(batches.c.source == source).order_by(batches.c.batch_id))


def batches_with_rows_aside(connection: Connection, source: str) -> list[dict[str, Any]]:
    """Batches of one source that have rows waiting in quarantine."""
    waiting = select(quarantine.c.batch_id).where(quarantine.c.source == source, quarantine.c.state == "waiting")
    wanted = select(batches).where(batches.c.batch_id.in_(waiting)).order_by(batches.c.batch_id)
    return Store.rows(connection, wanted)


def mark_replayed(connection: Connection, batch_id: str) -> None:
    """The batch's rows in quarantine are read again; those that still fail will be set aside anew."""
    connection.execute(update(quarantine).where(quarantine.c.batch_id == batch_id).values(state="replayed"))


def set_batch(connection: Connection, batch_id: str, **values: object) -> None:
    """Change columns of one batch."""
    connection.execute(update(batches).where(batches.c.batch_id == batch_id).values(**values))


def watermarks(connection: Connection) -> dict[str, date]:
    """Last complete day of each fact table: the earliest of the sources that feed it."""
    feeding = (
        select(batch_tables.c.table_name, batches.c.source, cursors.c.complete_through)
        .join(batches, batches.c.batch_id == batch_tables.c.batch_id)
        .join(cursors, cursors.c.source == batches.c.source)
        .where(batches.c.state == "published")
        .distinct()
        .subquery()
    )
    rows = connection.execute(
        select(feeding.c.table_name, func.min(feeding.c.complete_through)).group_by(feeding.c.table_name)
    )
    return {name: through for name, through in rows if through is not None}


def fact_frame(connection: Connection, name: str, *conditions: Any) -> pl.DataFrame:
    """Rows of a fact table (its own columns) that meet all conditions."""
    table = FACTS[name]
    wanted = [column for column in table.c if column.name not in ("row_hash", "batch_id")]
    return Store.frame(connection, select(*wanted).where(*conditions))
