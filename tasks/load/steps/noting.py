"""Write down what a batch, or a list that no longer showed rows, changed about each day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import Connection, select

from domain.facts import FACT_TABLES
from sql.queries.facts import booking
from sql.store import Store
from sql.tables import day_changes
from tasks.load.day_changes import SCHEMA, SURVEY, How, added, changes_by_day
from tasks.load.steps.tables import Loaded


@dataclass(frozen=True)
class Cause:
    """What changed rows.

    Attributes:
        cause: the batch; of a list that no longer shows rows, its stream.
        source: of which source.
        how: as in the table.
        known_on: the run's day.
    """

    cause: str
    source: str
    how: How
    known_on: date


def note_changes(connection: Connection, loaded: Mapping[str, Loaded], cause: Cause, zone: str) -> None:
    """Add what was written to what the same cause changed on the same run's day before; no summary rests on it yet.

    Args:
        connection: within the transaction that writes the rows.
        loaded: what was written, by fact table.
        cause: of what.
        zone: the reporting zone.
    """
    for name, table in loaded.items():
        fact = FACT_TABLES[name]
        if not table.is_touched:
            continue
        found = changes_by_day(table.changed, table.before, table.gone, fact.key, booking(name), zone)
        if found.is_empty():
            continue
        held = Store.frame(connection, select(*(day_changes.c[column] for column in SCHEMA)).where(
            day_changes.c.cause == cause.cause, day_changes.c.table_name == name,
            day_changes.c.known_on == cause.known_on,
        ))  # fmt: skip
        if not held.is_empty():
            found = added(held.join(found, on=[SURVEY, "day"], how="semi"), found)
        rows = found.with_columns(
            cause=pl.lit(cause.cause), table_name=pl.lit(name), known_on=pl.lit(cause.known_on),
            source=pl.lit(cause.source), how=pl.lit(cause.how), told_on=pl.lit(None, pl.Date),
        )  # fmt: skip
        Store.write(connection, day_changes, rows)
