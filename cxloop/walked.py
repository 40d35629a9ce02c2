"""The ways that contacts went, from the facts that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from domain.errors import ConfigError
from domain.roadmap import Roadmap
from domain.segments import STAMPED, WHICH, Rules
from domain.windows import start_of
from sql.queries.intake import fact_frame, watermarks
from sql.queries.paths import events_before, solved_tickets
from sql.queries.persons import as_persons
from sql.queries.segments import spells_of
from sql.tables import FACTS
from tasks.measure.contacts.tickets import contacts, turns
from tasks.measure.journey.path_sums import WITHIN, commonest, detours, switches, whole
from tasks.measure.journey.paths import ARROW, first_solved_in, ways
from tasks.measure.stamping import stamped, unsaid

if TYPE_CHECKING:
    from sqlalchemy import Connection

DAYS = 28
SCOPES = (
    "channel",
    "touchpoint",
    "segment",
    "persona",
    "team",
    "product",
    "source",
    "topic",
    "language",
    "country",
    "brand",
)
"""Dimensions that a scope may name."""
_TICKETS = ("ticket_id", "customer_id", "status", "opened_at", "resolved_at", "closed_at", "excluded_as", "deleted_at")
_MATTERS = ("ticket_id", "customer_id", "topic", "status", "opened_at", "excluded_as", "deleted_at")

Row = dict[str, Any]


@dataclass(frozen=True)
class Looked:
    """Which contacts are looked at: first solved in [start, end), by what was known when the day `known` began."""

    start: date
    end: date
    known: date


def looked_at(connection: "Connection", start: date | None, end: date | None, as_of: date | None) -> Looked | None:
    """The window asked for; None: no contact is known. Without an end it is all that is complete, without a start DAYS.

    Raises:
        ConfigError: it ends before it begins.
    """
    through = watermarks(connection).get("tickets")
    if through is None:
        return None
    complete = through + timedelta(days=1)
    known = min(as_of or complete, complete)
    last = min(end or known, known)
    first = start or last - timedelta(days=DAYS)
    if first >= last:
        raise ConfigError(f"nothing lies between {first} and {last}: contacts are complete to {through}.")
    return Looked(first, last, known)


def walked(connection: "Connection", roadmap: Roadmap, looked: Looked, scope: Mapping[str, str]) -> Row:
    """What became of contacts until they were first solved.

    Args:
        connection: to read with.
        roadmap: zone, and the smallest group that is told of.
        looked: which contacts.
        scope: members by dimension, as the contact is now; its segment and persona as they were when it came.

    Returns:
        window_start, window_end (not included), as_of, scope, all (as `whole` has it), paths (rows of `commonest`,
        `path` as a list), n_other (contacts of paths that too few went), detours, switches.

    Raises:
        ConfigError: a dimension that contacts do not have.
    """
    for name in scope:
        if name not in SCOPES:
            raise ConfigError(f"--scope {name}=…: contacts have {', '.join(SCOPES)}.")
    zone, smallest = roadmap.zone, roadmap.people.smallest_group
    span, known = (start_of(looked.start, zone), start_of(looked.end, zone)), start_of(looked.known, zone)
    columns = tuple(dict.fromkeys((*_TICKETS, "channel", "team", "segment", *scope)))
    held = contacts(solved_tickets(connection, span, columns)).filter(pl.col("opened_at") < known)
    held = _within(connection, held, scope, roadmap.rules)
    changes, acts = events_before(connection, held["ticket_id"], known)
    held, changes, acts = _numbered(held, changes, acts)
    turned = turns(held, changes).filter(pl.col("at") < known)
    turned = turned.with_columns(until=pl.when(pl.col("until") < known).then("until"))
    solved = first_solved_in(turned).filter(pl.col("solved_at") >= span[0], pl.col("solved_at") < span[1])
    mine = held.join(solved, on="ticket_id", maintain_order="left")
    went, taken = ways(mine, changes.join(mine.select("ticket_id"), on="ticket_id"), acts)
    paths = commonest(went, smallest)
    return {
        "window_start": looked.start, "window_end": looked.end, "as_of": looked.known, "scope": dict(scope),
        "all": whole(went, smallest),
        "paths": [{**row, "path": row["path"].split(ARROW)} for row in paths.iter_rows(named=True)],
        "n_other": went.height - int(paths["n"].sum()),
        "detours": detours(taken, went.height, smallest).to_dicts(),
        "switches": switches(_matters(connection, roadmap, looked, scope), smallest).to_dicts(),
    }  # fmt: skip


def _within(connection: "Connection", tickets: pl.DataFrame, scope: Mapping[str, str], rules: Rules) -> pl.DataFrame:
    """The tickets of a scope."""
    if not scope.keys().isdisjoint(WHICH):
        tickets = stamped(tickets, spells_of(connection, unsaid(tickets)), STAMPED["tickets"], rules)
    return tickets.filter(*(pl.col(name) == member for name, member in scope.items())) if scope else tickets


def _numbered(tickets: pl.DataFrame, *others: pl.DataFrame) -> list[pl.DataFrame]:
    """All with small integers as ticket_id, which join and sort several times as fast."""
    ids = tickets.select("ticket_id", number=pl.int_range(pl.len(), dtype=pl.Int64))
    numbered = (other.join(ids, on="ticket_id").with_columns(ticket_id="number").drop("number") for other in others)
    return [tickets.with_columns(ticket_id=ids["number"]), *numbered]


def _matters(connection: "Connection", roadmap: Roadmap, looked: Looked, scope: Mapping[str, str]) -> pl.DataFrame:
    """Contacts that came in the window and whose time for coming again is over, and those that may follow them."""
    zone, opened = roadmap.zone, FACTS["tickets"].c.opened_at
    start, end, known = (start_of(day, zone) for day in (looked.start, looked.end, looked.known))
    columns = tuple(dict.fromkeys((*_MATTERS, "channel", "segment", *scope)))
    rows = contacts(
        fact_frame(
            connection, "tickets", opened >= start, opened < min(end + WITHIN, known), columns=columns
        )
    )  # fmt: skip
    mine = _within(connection, rows, scope, roadmap.rules).select("ticket_id", is_mine=pl.lit(value=True))
    at = pl.col("opened_at")
    return (
        as_persons(connection, rows)
        .join(mine, on="ticket_id", how="left", maintain_order="left")
        .with_columns(is_counted=pl.col("is_mine").fill_null(value=False) & (at < end) & (at + WITHIN <= known))
    )
