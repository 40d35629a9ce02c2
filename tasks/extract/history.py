"""An event log replayed: each change of a field becomes an event, the last row of a key its ticket."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from domain.facts import TICKET_EVENTS
from domain.source_specs import TableMapping
from tasks.extract.fact_columns import AT, LATEST
from tasks.extract.keys import event_ids
from tasks.extract.parsed import FILE, ROW
from tasks.extract.typing_columns import FACT_TYPES

_SOLVED: Final = ("solved", "closed")
_LINE: Final = "_line"


@dataclass(frozen=True)
class Replayed:
    """What a log says.

    Attributes:
        tickets: one row per ticket: its last row in the log; columns as `tickets`, then `_file`, `_row`.
        ticket_events: one row per changed field; columns as `ticket_events`, then `_file`, `_row`.
        n_superseded: log rows that are an earlier state of a ticket: rows in = tickets + n_superseded.
    """

    tickets: pl.DataFrame
    ticket_events: pl.DataFrame
    n_superseded: int


def replay_history(rows: pl.DataFrame, mapping: TableMapping) -> Replayed:
    """Tickets and their events from a log.

    Args:
        rows: one row per log row, as `MappedTable.rows` of a mapping with `history` (has `_at`), in the
            files' order. Rows of a ticket are read by `_at`; of the same instant, in the files' order.
        mapping: says which `fields` are followed.

    Returns:
        An event per change of a field, the first value included (its `old` is empty); ids are made of
        ticket, field, instant and occurrence. Where not mapped, a ticket's `sla_known_at` is its first
        closing event; `resolved_at` and `closed_at` are its last change to solved or closed and to
        closed, while that still holds; `version_at` is its last row.
    """
    log = rows.drop(LATEST, strict=False).sort("ticket_id", AT, maintain_order=True).with_row_index(_LINE)
    fields = mapping.history.fields if mapping.history else ()
    is_first = pl.col("ticket_id").ne_missing(pl.col("ticket_id").shift(1))
    log = log.with_columns(_is_first=is_first)
    parts = [_changes(log, name, place) for place, name in enumerate(fields)]
    changes = pl.concat(parts).sort(_LINE, "_place") if parts else _changes(log.clear(), "status", 0)
    last = log.filter(pl.col("ticket_id").ne_missing(pl.col("ticket_id").shift(-1)))
    known = [name for name in rows.columns if name not in (AT, LATEST)]
    tickets = _with_outcomes(last, changes, mapping).select(known)
    return Replayed(tickets, _events(changes), rows.height - tickets.height)


def _changes(log: pl.DataFrame, name: str, place: int) -> pl.DataFrame:
    """Rows at which one field changed, with its value before and after as texts."""
    new = pl.col(name)
    old = pl.when(~pl.col("_is_first")).then(new.shift(1))
    return log.select(
        "source", "ticket_id", pl.col(AT).alias("at"), pl.lit(name).alias("field"),
        old.cast(pl.String).alias("old"), new.cast(pl.String).alias("new"),
        _LINE, pl.lit(place).alias("_place"), FILE, ROW,
    ).filter(pl.col("new").ne_missing(pl.col("old")))  # fmt: skip


def _events(changes: pl.DataFrame) -> pl.DataFrame:
    """Changes, in order, as rows of `ticket_events`; `sequence` counts within ticket and instant."""
    place = pl.int_range(pl.len(), dtype=pl.Int64)
    is_new = pl.col("ticket_id").ne_missing(pl.col("ticket_id").shift(1)) | pl.col("at").ne_missing(
        pl.col("at").shift(1)
    )
    numbered = changes.with_columns(sequence=place - pl.when(is_new).then(place).forward_fill())
    made = numbered.with_columns(event_ids(numbered.with_columns(pl.lit("").alias(FILE))))
    return made.select(
        *(
            pl.col(column.name) if column.name in made.columns
            else pl.lit(None, FACT_TYPES[column.type]).alias(column.name)
            for column in TICKET_EVENTS.columns
        ),
        FILE, ROW,
    )  # fmt: skip


def _with_outcomes(tickets: pl.DataFrame, changes: pl.DataFrame, mapping: TableMapping) -> pl.DataFrame:
    """Instants that the status' events tell, for columns that are not mapped."""
    status = changes.filter(pl.col("field") == "status")
    to_solved = pl.col("new").is_in(_SOLVED) & ~pl.col("old").is_in(_SOLVED).fill_null(value=False)
    to_closed = pl.col("new") == "closed"
    told = status.group_by("ticket_id").agg(
        first_closed=pl.col("at").filter(to_closed).min(),
        last_solved=pl.col("at").filter(to_solved).last(),
        last_closed=pl.col("at").filter(to_closed).last(),
    )
    outcomes = {
        "sla_known_at": pl.col("first_closed"),
        "resolved_at": pl.when(pl.col("status").is_in(_SOLVED)).then("last_solved"),
        "closed_at": pl.when(pl.col("status") == "closed").then("last_closed"),
    }
    if "status" not in (mapping.history.fields if mapping.history else ()):
        outcomes = {}
    outcomes["version_at"] = pl.col(AT)
    missing = {name: value for name, value in outcomes.items() if name not in mapping.columns}
    return tickets.join(told, on="ticket_id", how="left", maintain_order="left").with_columns(**missing)
