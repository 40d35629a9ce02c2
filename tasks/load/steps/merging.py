"""Put the states that a batch of an event log told beside those that other batches did."""

from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from domain.event_logs import STATES
from sql.queries.history import held_states, replace_states, whole_rows
from tasks.load.histories import Mended, mended_events, mended_tickets, merged
from tasks.load.staged import good_rows
from tasks.load.steps.tables import Place

_NONE = pl.DataFrame(schema={**STATES, "told": pl.String()})


def merge_states(connection: Connection, folder: Path, place: Place) -> dict[str, Mended]:
    """Keep the states of a batch; how its tables come out, given what other batches told of its tickets.

    Args:
        connection: within the loading transaction.
        folder: where it is laid out; its states too, where its mapping has a history.
        place: the batch.

    Returns:
        Nothing where no other batch told of its tickets: its tables are right as they are.
    """
    path = folder / "ticket_states.parquet"
    if not (path.is_file() or place.older):
        return {}
    told = pl.read_parquet(path) if path.is_file() else _NONE
    held = held_states(connection, told["ticket_id"], place.older)
    found = merged(held, told, place.batch_id, place.older)
    replace_states(connection, place.older, found.states)
    if found.events.is_empty():
        return {}
    mended = {"ticket_events": mended_events(found)}
    if path.is_file():
        there = whole_rows(connection, "tickets", found.earlier["ticket_id"])
        there = there.filter(~pl.col("batch_id").is_in(place.older))
        mended["tickets"] = mended_tickets(found, good_rows(folder, "tickets"), there, place.batch_id)
    return mended
