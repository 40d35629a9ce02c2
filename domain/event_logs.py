"""Event logs of tickets: each row tells a ticket's state at an instant; a change of state is an event.

A log comes in one file or in many, in any order, and files may overlap: the events of a ticket are those of
all its states, whichever file told them. So the states are what is kept, and events are made of them.
"""

import json
from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Final

import polars as pl

from domain.facts import TICKET_EVENTS

STATES: Final[dict[str, pl.DataType]] = {
    "state_id": pl.String(), "source": pl.String(), "ticket_id": pl.String(), "at": pl.Datetime("us", "UTC"),
    "file": pl.String(), "row": pl.Int64(), "state": pl.String(),
}  # fmt: skip
"""One state of one ticket. `file`, `row`: where it was told; `state`: JSON of the followed fields, as texts."""

TOLD: Final = ("sla_known_at", "resolved_at", "closed_at")
"""Instants of a ticket that the events of its status tell."""

_SOLVED: Final = ("solved", "closed")
_LINE: Final = "_line"
_NEVER_TOLD: Final[dict[str, pl.DataType]] = {
    "actor": pl.String(), "actor_role": pl.String(), "is_public": pl.Boolean()
}  # fmt: skip


def states_of(log: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """The states that the rows of a log tell, as STATES, in its order.

    Args:
        log: one row per log row, in the files' order: source, ticket_id, at, file, row and the fields.
        fields: what is followed.

    Returns:
        A state per row. Equal rows of one file stay apart, by their occurrence; an equal row of another file
        is the same state told again: it has the same id.
    """
    state = pl.struct(pl.col(name).cast(pl.String) for name in fields).struct.json_encode()
    told = log.select("source", "ticket_id", "at", "file", "row", state=state if fields else pl.lit("{}"))
    different = told["state"].unique()
    digests = pl.Series([blake2b(text.encode(), digest_size=8).hexdigest() for text in different], dtype=pl.String)
    digest = told["state"].replace_strict(different, digests, return_dtype=pl.String)
    stem = pl.format("{}:{}:{}", "ticket_id", pl.col("at").dt.epoch("us"), digest)
    return told.with_columns(state_id=occurrences(told.select("file", stem=stem))).select(*STATES)


def in_order(states: pl.DataFrame) -> pl.DataFrame:
    """Each state once, by ticket and time; of the same instant by file and row, where it was told first."""
    ordered = states.sort("ticket_id", "at", "file", "row", maintain_order=True)
    return ordered.unique("state_id", keep="first", maintain_order=True)


def changes_of(states: pl.DataFrame) -> pl.DataFrame:
    """The events of tickets: an event per change of a field, the first value included (its `old` is empty).

    Args:
        states: all states of these tickets, as `in_order` gives them.

    Returns:
        Columns as `ticket_events`, then `file`, `row` and whatever else the states carry, of the state that
        changed. Ids are made of ticket, field, instant and occurrence; `sequence` counts within ticket and instant.
    """
    fields = _fields(states)
    values = pl.col("state").str.json_decode(pl.Struct(dict.fromkeys(fields, pl.String()))).alias("_values")
    log = states.with_row_index(_LINE).with_columns(values)
    parts = [_changes(log, name, place) for place, name in enumerate(fields)]
    nothing = _changes(log.clear().with_columns(_values=pl.struct(status=pl.lit(None, pl.String))), "status", 0)
    changes = pl.concat([nothing, *parts]).sort(_LINE, "_place")
    place = pl.int_range(pl.len(), dtype=pl.Int64)
    is_new = pl.col("ticket_id").ne_missing(pl.col("ticket_id").shift(1)) | pl.col("at").ne_missing(
        pl.col("at").shift(1)
    )
    carried = [name for name in states.columns if name not in {*TICKET_EVENTS.names, "state_id", "state"}]
    return changes.with_columns(
        sequence=place - pl.when(is_new).then(place).forward_fill(),
        event_id=event_ids(changes),
        **{name: pl.lit(None, dtype) for name, dtype in _NEVER_TOLD.items()},
    ).select(*TICKET_EVENTS.names, *carried)


def _fields(states: pl.DataFrame) -> list[str]:
    """Every field that any of them tells: a mapping may have changed from one file to the next."""
    told = (json.loads(text) for text in states["state"].unique(maintain_order=True))
    return list(dict.fromkeys(name for state in told for name in state))


def _changes(log: pl.DataFrame, name: str, place: int) -> pl.DataFrame:
    """Rows at which one field changed, with its value before and after."""
    told = log.filter(pl.col("state").str.contains(f'"{name}":', literal=True))
    new, ticket = pl.col("_values").struct.field(name), pl.col("ticket_id")
    return told.with_columns(
        field=pl.lit(name), old=pl.when(ticket == ticket.shift(1)).then(new.shift(1)), new=new,
        _place=pl.lit(place),
    ).drop("_values").filter(pl.col("new").ne_missing(pl.col("old")))  # fmt: skip


def event_ids(events: pl.DataFrame, *within: str) -> pl.Series:
    """Ids of events without a key: ticket, field, instant, and the how-manieth such event.

    Args:
        events: ticket_id, field and at (UTC), in their order.
        within: columns within whose values such events are counted, as `_file`.
    """
    stem = pl.format("{}:{}:{}", "ticket_id", "field", pl.col("at").dt.epoch("us"))
    return occurrences(events.select(*within, stem=stem))


def occurrences(named: pl.DataFrame) -> pl.Series:
    """Each `stem` with the how-manieth row it is that has it, and the same in every other column: `stem:1`."""
    is_twice = named["stem"].is_duplicated()
    if not is_twice.any():
        return named.select(pl.col("stem") + ":1").to_series()
    # numbering is slow, and hardly anything comes twice
    numbered = (
        named.with_row_index("_place")
        .filter(is_twice)
        .with_columns(nth=pl.int_range(1, pl.len() + 1).over(named.columns).cast(pl.String))
        .select("_place", "nth")
    )
    all_rows = named.with_row_index("_place").join(numbered, on="_place", how="left", maintain_order="left")
    return all_rows.select(pl.col("stem") + ":" + pl.col("nth").fill_null("1")).to_series()


def with_told(tickets: pl.DataFrame, changes: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """Tickets with the instants that their events tell.

    Args:
        tickets: ticket_id, status, and the columns that are told.
        changes: all events of these tickets, in order, as `changes_of` gives them.
        names: which of TOLD; the others are left as they are.

    Returns:
        `sla_known_at` is the first change to closed; `resolved_at` and `closed_at` are the last change
        to solved or closed, and to closed, while that still holds.
    """
    status = changes.filter(pl.col("field") == "status")
    to_solved = pl.col("new").is_in(_SOLVED) & ~pl.col("old").is_in(_SOLVED).fill_null(value=False)
    to_closed = pl.col("new") == "closed"
    told = status.group_by("ticket_id").agg(
        first_closed=pl.col("at").filter(to_closed).min(),
        last_solved=pl.col("at").filter(to_solved).last(),
        last_closed=pl.col("at").filter(to_closed).last(),
    )
    values = {
        "sla_known_at": pl.col("first_closed"),
        "resolved_at": pl.when(pl.col("status").is_in(_SOLVED)).then("last_solved"),
        "closed_at": pl.when(pl.col("status") == "closed").then("last_closed"),
    }
    joined = tickets.join(told, on="ticket_id", how="left", maintain_order="left")
    return joined.with_columns(**{name: values[name] for name in TOLD if name in names}).select(tickets.columns)
