"""An event log replayed: each change of a field becomes an event, the last row of a key its ticket."""

from dataclasses import dataclass

import polars as pl

from domain.event_logs import TOLD, changes_of, in_order, states_of, with_told
from domain.source_specs import TableMapping
from tasks.extract.fact_columns import AT, LATEST
from tasks.extract.parsed import FILE, ROW


@dataclass(frozen=True)
class Replayed:
    """What a log says.

    Attributes:
        tickets: one row per ticket: its last row in the log; columns as `tickets`, then `_file`, `_row`.
        ticket_events: one row per changed field; columns as `ticket_events`, then `_file`, `_row`.
        states: one row per log row, as `domain.event_logs.STATES`, then `told`: the instants of its ticket, one
            after another, that are not mapped and so come from its events, which other files may complete.
        n_superseded: log rows that are an earlier state of a ticket: rows in = tickets + n_superseded.
    """

    tickets: pl.DataFrame
    ticket_events: pl.DataFrame
    states: pl.DataFrame
    n_superseded: int


def replay_history(rows: pl.DataFrame, mapping: TableMapping) -> Replayed:
    """Tickets and their states from a log.

    Args:
        rows: one row per log row, as `MappedTable.rows` of a mapping with `history` (has `_at`), in the
            files' order. Rows of a ticket are read by `_at`; of the same instant, by file and row.
        mapping: says which `fields` are followed.

    Returns:
        Where not mapped, a ticket's `version_at` is its last row, and the instants of TOLD are what its events tell.
    """
    fields = mapping.history.fields if mapping.history else ()
    told = [name for name in TOLD if "status" in fields and name not in mapping.columns]
    log = rows.drop(LATEST, strict=False).sort("ticket_id", AT, FILE, ROW, maintain_order=True)
    states = states_of(log.rename({AT: "at", FILE: "file", ROW: "row"}), fields)
    events = events_of(states)
    once = log.with_columns(states["state_id"]).unique("state_id", keep="first", maintain_order=True)
    last = once.filter(pl.col("ticket_id").ne_missing(pl.col("ticket_id").shift(-1)))
    if "version_at" not in mapping.columns:
        last = last.with_columns(version_at=AT)
    tickets = with_told(last.drop(AT, "state_id"), events, told)
    states = states.with_columns(told=pl.lit(" ".join(told)))
    return Replayed(tickets, events, states, rows.height - tickets.height)


def events_of(states: pl.DataFrame) -> pl.DataFrame:
    """Rows of `ticket_events`, then `_file`, `_row`: what changed from state to state."""
    told = states.drop("told", strict=False)
    return changes_of(in_order(told)).rename({"file": FILE, "row": ROW})
