"""Read the facts that make the parts of some days."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from domain.key_blocks import KeyBlock
from domain.own_kpis import OwnKpi
from domain.roadmap import Roadmap
from domain.segments import STAMPED
from domain.windows import Window, start_of
from sql.queries.facts import ASSIGNED, CHANGES, REPLYING, has_targets, ticket_rows
from sql.queries.intake import fact_frame
from sql.queries.key_blocks import in_block
from sql.queries.segments import has_spells, spells_of
from sql.tables import FACTS, MEASURED
from tasks.measure.families import (
    ALONE,
    ASSIGNED_IN,
    BOOKED_AT,
    DIMENSIONS,
    FIELDS,
    LATER,
    OPENED,
    SPOKEN_IN,
    reach_of,
)
from tasks.measure.feedback.voices import FIELDS as VOICES
from tasks.measure.feedback.voices import read_beside
from tasks.measure.spans import after, ranges
from tasks.measure.stamping import stamped, unsaid

PERSONA = "persona"
_NO_PERSONA = pl.lit(None, pl.Categorical).alias(PERSONA)
"""Where no persona is declared it costs next to nothing: it is not even read."""
MANY_RANGES = 50
"""Above this, the whole stretch is read instead of its pieces."""


def read_facts(
    connection: Connection,
    family: str,
    days: Sequence[date] | None,
    roadmap: Roadmap,
    by_account: Sequence[str] = (),
    block: KeyBlock | None = None,
) -> dict[str, pl.DataFrame]:
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
    at, needed = STAMPED.get(fact), (*FIELDS[family], *DIMENSIONS[family], *(VOICES if by_account else ()))
    if days is not None:
        is_wider = family in LATER and family not in ALONE
        days = (
            read_beside(days) if by_account else after(days, reach_of(family, roadmap.reopening)) if is_wider else days
        )
    rules = roadmap.rules
    columns = [name for name in needed if name != PERSONA or rules.tells_personas]
    has_stamp = at is not None and (has_spells(connection) or rules.tells_personas)
    columns = dict.fromkeys((*columns, "customer_id") if has_stamp else columns)
    found = _read_some(connection, family, days, roadmap, tuple(columns), block)
    if at is not None and has_stamp:
        found[fact] = stamped(found[fact], spells_of(connection, unsaid(found[fact])), at, rules)
    if PERSONA in needed and PERSONA not in columns:
        found[fact] = found[fact].with_columns(_NO_PERSONA)
    return found


def _read_some(
    connection: Connection,
    family: str,
    days: Sequence[date] | None,
    roadmap: Roadmap,
    columns: Sequence[str],
    block: KeyBlock | None,
) -> dict[str, pl.DataFrame]:
    spans = None if days is None else _spans(days, roadmap)
    words, fact = set(DIMENSIONS[family]) & set(columns), LATER.get(family, family)
    if family not in BOOKED_AT and fact == "tickets":
        tickets, events = ticket_rows(
            connection, spans, columns, words, changes_of(family, roadmap),
            roles_of(family, roadmap, has_targets=family == "tickets" and has_targets(connection)),
            has_next=family == "outcomes" and "first_contact_resolution" in roadmap.measured,
            by_opening=family in OPENED, block=block,
        )  # fmt: skip
        return {"tickets": tickets, "ticket_events": events}
    table = MEASURED[fact]
    near = [] if spans is None else [_within(table.c[BOOKED_AT[family]], spans)]
    mine = [] if block is None else [in_block(table, block)]
    return {fact: fact_frame(connection, fact, *near, *mine, columns=columns, words=words)}


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
