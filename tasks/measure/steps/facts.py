"""Read the facts that make the parts of some days."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from domain.key_blocks import KeyBlock
from domain.own_kpis import OwnKpi
from domain.roadmap import Roadmap
from domain.segments import STAMPED
from domain.windows import Window, start_of
from sql.queries.facts import (
    ASSIGNED,
    CHANGES,
    FOLLOWED,
    REPLYING,
    asked_since,
    has_targets,
    tells_answers,
    ticket_rows,
)
from sql.queries.intake import fact_frame
from sql.queries.key_blocks import in_block
from sql.queries.persons import all_ids, as_persons
from sql.queries.ratings import rated_again
from sql.queries.segments import has_spells, spells_of
from sql.tables import FACTS, MEASURED
from tasks.measure.families import (
    AGAIN,
    ALONE,
    ASSIGNED_IN,
    BOOKED_AT,
    BY_PERSON,
    DIMENSIONS,
    FIELDS,
    LATER,
    OPENED,
    RATING,
    SHARING,
    SPOKEN_IN,
    members,
    reach_of,
)
from tasks.measure.feedback.voices import FIELDS as VOICES
from tasks.measure.feedback.voices import RATED, read_beside
from tasks.measure.spans import after, ranges
from tasks.measure.stamping import stamped, unsaid

PERSONA = "persona"
_NO_PERSONA = pl.lit(None, pl.Categorical).alias(PERSONA)
"""Where no persona is declared it costs next to nothing: it is not even read."""
Facts = dict[str, pl.DataFrame]
"""Rows of fact tables by their name."""
MANY_RANGES = 50
"""Above this, the whole stretch is read instead of its pieces."""


@dataclass(frozen=True)
class There:
    """Contacts with their events that are read for a family, and of which another one may take its own.

    Attributes:
        days: whatever is booked on them is among them.
        contacts: gives them as soon as they are read: `tickets`, and `ticket_events` of all of these.
    """

    days: Collection[date]
    contacts: Callable[[], Facts]


def read_facts(
    connection: Connection,
    family: str,
    days: Sequence[date] | None,
    roadmap: Roadmap,
    by_account: Sequence[str] = (),
    block: KeyBlock | None = None,
) -> Facts:
    """The facts that make the parts of some days (None: of all), each with its segment and persona at the time.

    Args:
        connection: to read with.
        family: the family.
        days: the days.
        roadmap: the roadmap.
        by_account: segments in whose answers an account is one voice.
        block: those of a block alone (of tickets: with days); None: all.
    """
    fact = LATER.get(family, family)
    near = None if days is None else days_read(family, days, roadmap, by_account)
    columns = _columns(connection, family, roadmap, VOICES if by_account else ())
    found = _read_some(connection, family, near, roadmap, columns, block)
    if near and _asks_since(family, roadmap):
        found[fact] = pl.concat([found[fact], _asked_since(connection, family, near, roadmap, found[fact], columns)])
    if family == "survey_answers" and not RATING.isdisjoint(roadmap.measured):
        spans = None if near is None else _spans(near, roadmap)
        every = tuple(dict.fromkeys((*columns, *RATED)))
        again = rated_again(connection, spans, every, set(DIMENSIONS[family]) & {*every}, block)
        found[AGAIN] = again if again.is_empty() else _stamped(connection, family, again, roadmap)
    rows = _stamped(connection, family, found[fact], roadmap)
    return found | {fact: as_persons(connection, rows) if family in BY_PERSON else rows}


def read_contacts(
    connection: Connection, family: str, days: Sequence[date], roadmap: Roadmap, there: There | None = None
) -> tuple[Facts, Facts]:
    """The facts of a family of contacts that make the parts of some days; what is not there yet is read.

    Args:
        connection: to read with.
        family: the family, one of SHARING.
        days: the days.
        roadmap: the roadmap.
        there: what is read for one of the families that it takes from.

    Returns:
        The facts, as `read_facts` gives them or a few more, and those of them that others may take.
    """
    near = days_read(family, days, roadmap)
    others = [name for other, taken in SHARING.items() if family in taken for name in _fields_of(other, roadmap)]
    columns = _columns(connection, family, roadmap, others)
    beyond = near if there is None else [day for day in near if day not in there.days]
    found = _read_some(connection, family, beyond, roadmap, columns, None)
    found["tickets"] = _stamped(connection, family, found["tickets"], roadmap)
    shared = found if there is None else _together(found, _of_family(there.contacts(), family, near, roadmap))
    tickets = shared["tickets"]
    if near and _asks_since(family, roadmap):
        since = _asked_since(connection, family, near, roadmap, tickets, columns)
        tickets = pl.concat([tickets, _stamped(connection, family, since, roadmap)])
    return {**shared, "tickets": as_persons(connection, tickets) if family in BY_PERSON else tickets}, shared


def _of_family(contacts: Facts, family: str, near: Sequence[date], roadmap: Roadmap) -> Facts:
    """Of contacts and events those that a family reads."""
    tickets, told = contacts["tickets"], [*changes_of(family, roadmap), "comment", FOLLOWED]
    events = contacts["ticket_events"].filter(pl.col("field").is_in(told))
    if family not in OPENED:
        return {"tickets": tickets, "ticket_events": events}
    spans = _spans(near, roadmap)
    is_opened = (pl.col("opened_at").is_between(start, end, closed="left") for start, end in spans)
    tickets = tickets.filter(pl.any_horizontal(pl.lit(value=False), *is_opened))
    return {"tickets": tickets, "ticket_events": events.join(tickets, on="ticket_id", how="semi")}


def _together(read: Facts, taken: Facts) -> Facts:
    """Contacts and events of both, each once, with the columns that were read."""
    ids = taken["tickets"].select("ticket_id")
    return {
        name: pl.concat([taken[name].select(rows.columns), rows.join(ids, on="ticket_id", how="anti")])
        for name, rows in read.items()
    }


def days_read(family: str, days: Sequence[date], roadmap: Roadmap, by_account: Sequence[str] = ()) -> Sequence[date]:
    """The days whose facts make the parts of some days."""
    if by_account:
        return read_beside(days)
    is_wider = family in LATER and family not in ALONE
    return after(days, reach_of(family, roadmap.reopening)) if is_wider else days


def _fields_of(family: str, roadmap: Roadmap) -> Sequence[str]:
    """Columns of a family, if any of its KPIs is measured."""
    return FIELDS[family] if roadmap.measured.intersection(members(family, roadmap.reopening)) else ()


def _columns(connection: Connection, family: str, roadmap: Roadmap, others: Sequence[str]) -> tuple[str, ...]:
    """Columns of its facts that a family reads, `others` among them, and those that a stamp is found by."""
    needed = (*FIELDS[family], *DIMENSIONS[family], *others)
    columns = [name for name in needed if name != PERSONA or roadmap.rules.tells_personas]
    stamp = ["customer_id"] if _has_stamp(connection, family, roadmap) else []
    return tuple(dict.fromkeys([*columns, *stamp]))


def _has_stamp(connection: Connection, family: str, roadmap: Roadmap) -> bool:
    is_told = roadmap.rules.tells_personas
    return LATER.get(family, family) in STAMPED and (has_spells(connection) or is_told)


def _stamped(connection: Connection, family: str, rows: pl.DataFrame, roadmap: Roadmap) -> pl.DataFrame:
    """A family's facts with the segment and persona of their customers at the time."""
    at = STAMPED.get(LATER.get(family, family))
    if at is not None and _has_stamp(connection, family, roadmap):
        rows = stamped(rows, spells_of(connection, unsaid(rows)), at, roadmap.rules)
    needed = (*FIELDS[family], *DIMENSIONS[family])
    return rows if PERSONA not in needed or PERSONA in rows.columns else rows.with_columns(_NO_PERSONA)


def _asks_since(family: str, roadmap: Roadmap) -> bool:
    """Whether a family needs what customers asked while an older contact of theirs waited."""
    return family == "outcomes" and "first_contact_resolution" in roadmap.measured


def _asked_since(
    connection: Connection,
    family: str,
    near: Sequence[date],
    roadmap: Roadmap,
    held: pl.DataFrame,
    columns: Sequence[str],
) -> pl.DataFrame:
    words = set(DIMENSIONS[family]) & set(columns)
    return asked_since(connection, held, _spans(near, roadmap), columns, words, partial(all_ids, connection))


def _read_some(
    connection: Connection,
    family: str,
    days: Sequence[date] | None,
    roadmap: Roadmap,
    columns: Sequence[str],
    block: KeyBlock | None,
) -> Facts:
    spans = None if days is None else _spans(days, roadmap)
    words, fact = set(DIMENSIONS[family]) & set(columns), LATER.get(family, family)
    if family not in BOOKED_AT and fact == "tickets":
        tickets, events = ticket_rows(
            connection, spans, columns, words, changes_of(family, roadmap),
            roles_of(family, roadmap, has_targets=family == "tickets" and has_targets(connection)),
            by_opening=family in OPENED, block=block,
        )  # fmt: skip
        return {"tickets": tickets, "ticket_events": events}
    table = MEASURED[fact]
    near = [] if spans is None else [_within(table.c[BOOKED_AT[family]], spans)]
    mine = [] if block is None else [in_block(table, block)]
    told = [tells_answers()] if family == "mentions" else []
    return {fact: fact_frame(connection, fact, *near, *mine, *told, columns=columns, words=words)}


def changes_of(family: str, roadmap: Roadmap) -> tuple[str, ...]:
    """Fields of tickets whose changes a family's KPIs read."""
    match family:
        case "tickets":
            return (*CHANGES, *ASSIGNED) if roadmap.measured & ASSIGNED_IN else CHANGES
        case "reopenings":
            return ("status", "n_reopens")
        case _:
            return ("status",)


def roles_of(family: str, roadmap: Roadmap, *, has_targets: bool = False) -> tuple[str, ...]:
    """Whose public comments a family's KPIs of tickets read: those of customers only where they count."""
    are_heard = roadmap.measured & SPOKEN_IN or roadmap.reopening.thanks == "ignored" or has_targets
    return (*REPLYING, "customer") if are_heard and family != "promises" else REPLYING


def read_own(
    connection: Connection, kpi: OwnKpi, days: Sequence[date] | None, roadmap: Roadmap, block: KeyBlock | None = None
) -> pl.DataFrame:
    """The rows that an own KPI counts on some days (None: on all), each with its segment and persona at the time."""
    columns, rules = dict.fromkeys((*kpi.columns, *kpi.dimensions)), roadmap.rules
    is_told = PERSONA in columns and rules.tells_personas
    has_stamp = is_told or ("segment" in columns and has_spells(connection))
    at = STAMPED.get(kpi.fact) if has_stamp else None
    needed = [*dict.fromkeys([*columns, at, "customer_id", "segment"])] if at else [*columns]
    table = FACTS[kpi.fact]
    near = [] if days is None else [_within(table.c[kpi.booked_at], _spans(days, roadmap))]
    mine = [] if block is None else [in_block(table, block)]
    rows = fact_frame(connection, kpi.fact, *near, *mine, columns=needed)
    return stamped(rows, spells_of(connection, unsaid(rows)), at, rules) if at else rows


def n_held(connection: Connection, kpi: OwnKpi, days: Sequence[date], roadmap: Roadmap) -> int:
    """How many rows an own KPI would read on some days."""
    table = FACTS[kpi.fact]
    near = _within(table.c[kpi.booked_at], _spans(days, roadmap))
    return connection.execute(select(func.count()).select_from(table).where(near)).scalar_one()


def _spans(days: Sequence[date], roadmap: Roadmap) -> list[tuple[datetime, datetime]]:
    """Days as few [start, end) instants."""
    windows = ranges(days)
    windows = windows if len(windows) <= MANY_RANGES else [Window(windows[0].start, windows[-1].end)]
    return [(start_of(window.start, roadmap.zone), start_of(window.end, roadmap.zone)) for window in windows]


def _within(booked: ColumnElement[Any], spans: Sequence[tuple[datetime, datetime]]) -> ColumnElement[bool]:
    return or_(false(), *(and_(booked >= start, booked < end) for start, end in spans))
