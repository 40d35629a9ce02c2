"""Keep what customers and accounts were before a batch told something else."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection

from domain.facts import FACT_TABLES
from domain.segments import STATED
from domain.windows import start_of
from sql.queries.history import whole_rows
from sql.queries.segments import batches_seen, forget_states, ids_with_states
from sql.store import Store
from sql.tables import customer_states
from tasks.load.changes import SUPERSEDED, UPDATED

TIME = pl.Datetime("us", "UTC")


def seen_at(batch: dict[str, Any], zone: str) -> datetime:
    """From when on a batch's rows without a version of their own hold: the last day it is complete for, or arrival."""
    through = batch["complete_through"]
    return batch["landed_at"] if through is None else start_of(through, ZoneInfo(zone))


def keep_states(
    connection: Connection, name: str, marked: pl.DataFrame, batch_id: str, older: list[str], seen: datetime, zone: str
) -> None:
    """Keep every state of those rows of which there are several; before the rows are written.

    What is told for the first time needs no place here: it is in the fact table, and holds from the beginning.

    Args:
        connection: within the loading transaction.
        name: the fact table.
        marked: rows of the batch with their `change`.
        batch_id: the batch.
        older: batches of the same file under earlier mappings; what they told counts no more.
        seen: from when on a row without a version holds.
        zone: the reporting zone.
    """
    if name not in STATED:
        return
    key = FACT_TABLES[name].key
    again = ids_with_states(connection, name, marked[key]) if older else pl.Series(dtype=pl.String)
    forget_states(connection, name, older)
    several = marked.filter(pl.col("change").is_in([UPDATED, SUPERSEDED]))
    before = whole_rows(connection, name, several[key]) if several.height else None
    if before is not None:
        before = before.filter(~pl.col("batch_id").is_in([*older, batch_id]))
        days = batches_seen(connection, before["batch_id"].unique().to_list())
        since = {one: seen_at(batch, zone) for one, batch in days.items()}
        held = pl.col("batch_id").replace_strict(since, default=None, return_dtype=TIME)
        _put(connection, name, before.with_columns(held=pl.coalesce(held, pl.lit(seen, TIME))), "ignore")
        again = pl.concat([again, before[key], several.filter(pl.col("change") == SUPERSEDED)[key]])
    told = marked.filter(pl.col(key).is_in(again.implode()))
    told = told.with_columns(held=pl.lit(seen, TIME), batch_id=pl.lit(batch_id))
    _put(connection, name, told, "replace")


def _put(connection: Connection, name: str, rows: pl.DataFrame, on_conflict: str) -> None:
    """Write states: of rows with the fact's columns, batch_id, and `held`, which stands in for a missing version."""
    states = rows.select(
        id=FACT_TABLES[name].key, batch_id="batch_id", at=pl.coalesce("version_at", "held"),
        state=pl.struct(STATED[name]).struct.json_encode(),
    ).with_columns(fact=pl.lit(name))  # fmt: skip
    hashed = states.with_columns(
        row_hash=states.select("at", "state").hash_rows(seed=20_260_101).reinterpret(signed=True)
    )
    Store.write(connection, customer_states, hashed, on_conflict=on_conflict)
