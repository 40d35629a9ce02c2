"""What the files of an event log say together, where a batch brings one of them.

A ticket's rows may be spread over files that come in any order. Its events, and the instants that they tell, are
those of all its states, held and incoming: so the same as if one file had brought them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from domain.event_logs import STATES, changes_of, in_order, with_told
from domain.facts import TICKET_EVENTS, TICKETS


@dataclass(frozen=True)
class Mended:
    """How one fact table differs from what the batch alone says.

    Attributes:
        keys: of the rows.
        rows: rows as they are to be: the fact table's columns and batch_id.
        superseded: keys of incoming rows that are not to be written as they came.
        withdrawn: keys of rows that are there and no longer hold.
        moved: keys of rows that are there and that another batch tells now.
    """

    keys: pl.Series
    rows: pl.DataFrame
    superseded: pl.Series
    withdrawn: pl.Series
    moved: pl.Series


@dataclass(frozen=True)
class Merged:
    """The states of a batch with those that are held of the same tickets.

    Attributes:
        states: those to be written.
        events: all events of the tickets of which other batches hold states, with batch_id.
        before: event_id and batch_id of the events that such tickets had.
        alone: ids of those that the batch alone would make.
        last: ticket_id and told, of tickets whose last row the batch brought; `earlier` of those where another did.
    """

    states: pl.DataFrame
    events: pl.DataFrame
    before: pl.DataFrame
    alone: pl.Series
    last: pl.DataFrame
    earlier: pl.DataFrame


def merged(held: pl.DataFrame, incoming: pl.DataFrame, batch_id: str, older: Sequence[str]) -> Merged:
    """The batch's states among those that are held.

    Args:
        held: states of its tickets, and of those of `older`, with batch_id.
        incoming: its own, with `told`.
        batch_id: its id.
        older: batches of the same file under earlier mappings; what they told counts no more.
    """
    own = in_order(incoming.with_columns(batch_id=pl.lit(batch_id)))
    others = held.filter(~pl.col("batch_id").is_in([*older, batch_id]))
    both = others["ticket_id"].unique().implode()
    shared = pl.col("ticket_id").is_in(both)
    mine = own.filter(shared)
    told = mine.group_by("ticket_id").agg(pl.col("told").last(), mine=pl.col("state_id").last())
    whole = in_order(pl.concat([others, mine.select(others.columns)]))
    last = told.join(whole.group_by("ticket_id").agg(whole=pl.col("state_id").last()), on="ticket_id")
    is_last = pl.col("mine") == pl.col("whole")
    first_told = own.join(whole.select("state_id", "file", "row", told_by="batch_id"), on="state_id", how="left")
    is_first = pl.col("told_by").is_null() | (pl.col("told_by") == batch_id)
    return Merged(
        states=first_told.filter(is_first).select(*STATES, "batch_id"),
        events=changes_of(whole).select(*TICKET_EVENTS.names, "batch_id"),
        before=changes_of(in_order(held.filter(shared))).select("event_id", "batch_id"),
        alone=changes_of(mine.drop("told"))["event_id"],
        last=last.filter(is_last).select("ticket_id", "told"),
        earlier=last.filter(~is_last).select("ticket_id", "told"),
    )


def mended_events(merged: Merged) -> Mended:
    """Events as all files tell them."""
    events, there = merged.events, merged.events["event_id"].implode()
    return Mended(
        keys=events["event_id"],
        rows=events,
        superseded=merged.alone.filter(~merged.alone.is_in(there)),
        withdrawn=merged.before.join(events, on="event_id", how="anti")["event_id"],
        moved=events.join(merged.before, on=["event_id", "batch_id"], how="anti")["event_id"],
    )


def mended_tickets(merged: Merged, incoming: pl.DataFrame, held: pl.DataFrame, batch_id: str) -> Mended:
    """Tickets as the last of all their rows, with the instants that all their events tell.

    Args:
        merged: the states.
        incoming: the batch's tickets.
        held: tickets of `merged.earlier` as they are there, with batch_id; of those that are not, the batch's is taken.
        batch_id: the batch's id.
    """
    is_there = pl.col("ticket_id").is_in(held["ticket_id"].implode())
    names = pl.concat([merged.last, merged.earlier])
    taken = incoming.join(names, on="ticket_id", how="semi").filter(~is_there).with_columns(batch_id=pl.lit(batch_id))
    columns = [*TICKETS.names, "batch_id"]
    rows = pl.concat([taken.select(columns), held.select(columns)]).join(names, on="ticket_id")
    parts = [
        with_told(part, merged.events, str(told).split()).select(columns)
        for (told,), part in rows.group_by("told", maintain_order=True)
    ]
    earlier = incoming.join(merged.earlier, on="ticket_id", how="semi").filter(is_there)
    whole = pl.concat([rows.select(columns).clear(), *parts])
    none = pl.Series(dtype=pl.String)
    return Mended(keys=whole["ticket_id"], rows=whole, superseded=earlier["ticket_id"], withdrawn=none, moved=none)
