"""Rows set aside: written, read again, corrected."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, cast

import polars as pl
from sqlalchemy import Connection, Select, select, update

from sql.store import Store
from sql.tables import batches, quarantine

WAITING: Final = "waiting"
REPLAYED: Final = "replayed"
CORRECTED: Final = "corrected"
STATES: Final = (WAITING, REPLAYED, CORRECTED)

RowKey = tuple[str, str]
"""A fact table and the key of a row in it."""

_AT_ONCE: Final = 500
"""Ids in one statement; databases take a limited number."""


def batches_with_rows_aside(connection: Connection, source: str) -> list[dict[str, Any]]:
    """Batches of one source that have rows waiting in quarantine."""
    waiting = select(quarantine.c.batch_id).where(quarantine.c.source == source, quarantine.c.state == WAITING)
    wanted = select(batches).where(batches.c.batch_id.in_(waiting)).order_by(batches.c.batch_id)
    return Store.rows(connection, wanted)


def mark_replayed(connection: Connection, batch_ids: Sequence[str]) -> None:
    """Rows of these batches in quarantine have been read again; those that still fail are set aside anew."""
    of_them = quarantine.c.batch_id.in_(batch_ids)
    connection.execute(update(quarantine).where(of_them).values(state=REPLAYED, corrected_by=None))


def corrections(connection: Connection, batch_ids: Sequence[str]) -> dict[RowKey, str]:
    """Rows of these batches that a later batch has corrected: which one."""
    wanted = select(quarantine.c.table_name, quarantine.c.row_key, quarantine.c.corrected_by).where(
        quarantine.c.batch_id.in_(batch_ids), quarantine.c.state == CORRECTED
    )
    return {(row.table_name, row.row_key): row.corrected_by for row in connection.execute(wanted)}


def keep_aside(connection: Connection, rows: Sequence[Mapping[str, Any]], corrected: Mapping[RowKey, str]) -> None:
    """Write rows that are set aside; those of `corrected` wait no more."""
    Store.put(connection, quarantine, [{**row, **_state(row, corrected)} for row in rows])


def _state(row: Mapping[str, Any], corrected: Mapping[RowKey, str]) -> dict[str, str | None]:
    by = corrected.get((row["table_name"], row["row_key"]))
    return {"state": CORRECTED if by else WAITING, "corrected_by": by}


def correct(
    connection: Connection, row: Mapping[str, Any], older: Collection[str], keys: Mapping[str, pl.Series]
) -> int:
    """Rows that earlier batches set aside and that this batch has well wait no more; how many it corrects.

    Args:
        connection: within the loading transaction.
        row: the batch.
        older: batches that it takes the place of: what they had corrected counts no more.
        keys: by fact table: the keys of its good rows.
    """
    taken_back = quarantine.c.corrected_by.in_([*older, row["batch_id"]])
    connection.execute(update(quarantine).where(taken_back).values(state=WAITING, corrected_by=None))
    wanted = (
        select(quarantine.c.quarantine_id, quarantine.c.table_name, quarantine.c.row_key)
        .join(batches, batches.c.batch_id == quarantine.c.batch_id)
        .where(
            quarantine.c.source == row["source"], quarantine.c.state == WAITING, quarantine.c.row_key.is_not(None),
            batches.c.landed_at < row["landed_at"],
        )
    )  # fmt: skip
    waiting = Store.frame(connection, cast("Select[Any]", wanted))
    if waiting.is_empty():
        return 0
    ids = [
        str(each)
        for table, good in keys.items()
        for each in waiting.filter(pl.col("table_name") == table, pl.col("row_key").is_in(good.implode()))[
            "quarantine_id"
        ]
    ]
    for first in range(0, len(ids), _AT_ONCE):
        these = quarantine.c.quarantine_id.in_(ids[first : first + _AT_ONCE])
        connection.execute(update(quarantine).where(these).values(state=CORRECTED, corrected_by=row["batch_id"]))
    return len(ids)
