"""States of tickets that event logs told, and the rows that were made of them."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, delete, select

from domain.facts import FACT_TABLES
from sql import frames
from sql.queries.facts import booking, with_keys
from sql.tables import FACTS, ticket_states


def held_states(connection: Connection, ticket_ids: pl.Series, batch_ids: Sequence[str]) -> pl.DataFrame:
    """Every state of these tickets, and of those that these batches told of: columns as `ticket_states`."""
    table = ticket_states
    if connection.execute(select(table.c.state_id).limit(1)).first() is None:
        return pl.DataFrame(schema=frames.schema_of(list(table.c)))
    told: Select[Any] = select(table.c.ticket_id).where(table.c.batch_id.in_(batch_ids)).distinct()
    more = [frames.read(connection, told)["ticket_id"]] if batch_ids else []
    wanted = with_keys(connection, pl.concat([ticket_ids, *more]))
    return frames.read(connection, select(*table.c).where(table.c.ticket_id.in_(wanted)))


def replace_states(connection: Connection, batch_ids: Sequence[str], states: pl.DataFrame) -> None:
    """Forget what these batches told, and write these states; one that is held already is told by these now."""
    if batch_ids:
        connection.execute(delete(ticket_states).where(ticket_states.c.batch_id.in_(batch_ids)))
    frames.write(connection, ticket_states, states)


def whole_rows(connection: Connection, name: str, keys: pl.Series) -> pl.DataFrame:
    """Rows of a fact table with these keys: all their columns as facts, and batch_id."""
    fact, table = FACT_TABLES[name], FACTS[name]
    wanted: Select[Any] = select(*(table.c[column] for column in fact.names), table.c.batch_id)
    return frames.read(connection, wanted.where(table.c[fact.key].in_(with_keys(connection, keys))))


def withdraw_events(connection: Connection, event_ids: pl.Series) -> pl.DataFrame:
    """Delete these events; of those that were there: key, booking instants and ticket."""
    events = FACTS["ticket_events"]
    wanted: Select[Any] = select(
        events.c.event_id, *(events.c[at] for at in booking("ticket_events")), events.c.ticket_id
    )
    keys = with_keys(connection, event_ids)
    gone = frames.read(connection, wanted.where(events.c.event_id.in_(keys)))
    connection.execute(delete(events).where(events.c.event_id.in_(keys)))
    return gone
