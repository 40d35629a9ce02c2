"""Keep what customers were, and which segment that makes, up to date; mark the days that count otherwise."""

from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import Connection

from domain.facts import FACT_TABLES
from domain.ids import derived
from domain.roadmap import Roadmap
from domain.segments import STAMPED, STATED
from sql.queries.facts import booking, ticket_instants
from sql.queries.kpis import is_anything_valued
from sql.queries.segments import (
    derived_history,
    ever_held,
    given_history,
    last_segments,
    persons,
    remember_segments,
    replace_history,
    replace_spells,
    rows_now,
    spells_of,
    state_of_attributes,
    states_of,
    unstamped,
)
from sql.store import Store
from sql.tables import dirty_days
from tasks.identify.attributes import changes, over_time, shared, spells, with_given
from tasks.identify.segments import changed_customers, counted_otherwise, never_held, segment_spells


@dataclass(frozen=True)
class Look:
    """What one look at every customer found.

    Attributes:
        mark: of what it saw.
        history: rows of `customer_history` to write.
        gone: keys of those to take away.
        before: spells as they are kept. after: as they are to be.
        customers: whose spells differ.
    """

    mark: str
    history: pl.DataFrame
    gone: pl.Series
    before: pl.DataFrame
    after: pl.DataFrame
    customers: pl.Series


@dataclass(frozen=True)
class Kept:
    """What was kept: customers whose spells changed, days that count otherwise, segments and personas nobody has."""

    n_changed: int = 0
    n_days: int = 0
    unused: tuple[str, ...] = ()


def keep_changed(store: Store, run_id: str | None, roadmap: Roadmap) -> Kept:
    """Make history and spells again if a rule or a customer is not as it was, and write what differs.

    Args:
        store: the project's.
        run_id: the run.
        roadmap: its rules.

    Returns:
        What changed; nothing where all is as it was.
    """
    rules = roadmap.rules.fingerprint(roadmap.zone.key)
    with store.reading() as connection:
        if last_segments(connection) == state_of_attributes(connection, rules):
            return Kept()
        look = look_at_all(connection, roadmap)
    with store.transaction(run_id) as connection:
        mark = state_of_attributes(connection, rules)
        if last_segments(connection) == mark:
            return Kept()
        look = look if look.mark == mark else look_at_all(connection, roadmap)
        replace_history(connection, look.gone, look.history)
        days = days_counted_otherwise(connection, look, roadmap)
        if not look.customers.is_empty():
            mine = pl.col("customer_id").is_in(look.customers.implode())
            replace_spells(connection, look.customers, look.after.filter(mine))
        store.put(connection, dirty_days, days, on_conflict="ignore")
        remember_segments(connection, mark)
        unused = never_held(roadmap.rules, ever_held(connection, "segment"), ever_held(connection, "persona"))
    return Kept(look.customers.len(), len(days), tuple(unused[0] + unused[1]))


def look_at_all(connection: Connection, roadmap: Roadmap) -> Look:
    """What everybody was and is by all that is known now."""
    rules = roadmap.rules
    mark = state_of_attributes(connection, rules.fingerprint(roadmap.zone.key))
    given = given_history(connection)
    customers = rows_now(connection, "customers", changed_only=rules.is_empty)
    customers, accounts = (
        spells(now, states_of(connection, fact), FACT_TABLES[fact].key, STATED[fact])
        for fact, now in {"customers": customers, "accounts": rows_now(connection, "accounts")}.items()
    )
    held = over_time(with_given(customers, given), accounts, roadmap.zone.key)
    history, gone = _history(connection, changes(held, given))
    before = spells_of(connection)
    if not rules.is_empty:
        held = shared(held, persons(connection))
    after = segment_spells(held, rules)
    return Look(mark, history, gone, before, after, changed_customers(before, after))


def _history(connection: Connection, found: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Rows of `customer_history` that are new or differ, and keys of those that are no more."""
    names = FACT_TABLES["customer_history"].names
    which = ("customer_id", "attribute", "valid_from")
    ids = [derived("history", *row) for row in found.select(which).iter_rows()]
    held = derived_history(connection)
    none = pl.lit(None, pl.Datetime("us", "UTC"))
    rows = found.with_columns(
        pl.Series("history_id", ids, dtype=pl.String), pl.col("source").fill_null("cxloop"),
        version_at=none, deleted_at=none,
    ).select(names)  # fmt: skip
    new = rows.join(held, on=list(names), how="anti", nulls_equal=True)
    return new, held.join(rows, on="history_id", how="anti")["history_id"]


def days_counted_otherwise(connection: Connection, look: Look, roadmap: Roadmap) -> list[dict[str, object]]:
    """Rows of `dirty_days`: days on which something is booked that counts under another segment or persona now.

    What was never measured will be measured whole, and needs no mark.
    """
    if look.customers.is_empty() or not is_anything_valued(connection):
        return []
    mine = pl.col("customer_id").is_in(look.customers.implode())
    before, after = look.before.filter(mine), look.after.filter(mine)
    marks: list[dict[str, object]] = []
    for fact, at in STAMPED.items():
        instants = [at, *booking(fact)]
        has_personas = roadmap.rules.tells_personas
        rows = unstamped(connection, fact, look.customers, instants, has_personas=has_personas)
        moved = counted_otherwise(rows, before, after, at)
        booked = [moved[name] for name in booking(fact)]
        if fact == "tickets":
            booked.append(ticket_instants(connection, moved[FACT_TABLES[fact].key]))
        marks.extend({"fact": fact, "day": day} for day in _days(pl.concat(booked), roadmap.zone.key))
    return marks


def _days(instants: pl.Series, zone: str) -> list[date]:
    return instants.drop_nulls().dt.convert_time_zone(zone).dt.date().unique().sort().to_list()
