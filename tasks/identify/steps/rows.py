"""What the steps of this room read and write: addresses in, people, review list and log out."""

from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import Connection

from domain.ids import derived
from sql.queries.kpis import is_anything_valued
from sql.queries.people import (
    accounts_of_customers,
    decided_pairs,
    emails_in_accounts,
    events_by_pair,
    forget_people,
    identities_in_use,
    instants_of,
    last_look,
    people_now,
    remember_look,
    replace_waiting,
    runs_of,
    state_of_addresses,
)
from sql.store import Store
from sql.tables import dirty_days, merge_log, people
from tasks.identify.changes import Changes, changes, reasons
from tasks.identify.near import to_review
from tasks.identify.ties import Decisions, tied

OURSELVES = "cxloop"
BY_PERSON = ("tickets", "orders")
"""Fact tables of KPIs that count by person."""


@dataclass(frozen=True)
class Look:
    """What one look at every address and decision found, and the mark of what it saw."""

    mark: str
    found: Changes
    to_review: pl.DataFrame


def tie_changed(store: Store, run_id: str | None, day: date, zone: str) -> tuple[int, int]:
    """Look again if an address, an account or a decision is not as it was at the last look, and write what is new.

    Others may write while it looks: what takes long is done before the transaction, and done again within it only
    if something changed in between.

    Args:
        store: the project's.
        run_id: the run; None: somebody's decision comes next.
        day: the day the log gives it.
        zone: reporting zone.

    Returns:
        How many customers changed their person, and how many pairs are to be looked at, if it looked.
    """
    with store.reading() as connection:
        if last_look(connection) == state_of_addresses(connection):
            return 0, 0
        look = look_at_all(connection)
    with store.transaction(run_id) as connection:
        mark = state_of_addresses(connection)
        if last_look(connection) == mark:
            return 0, 0
        look = look if look.mark == mark else look_at_all(connection)
        log(connection, reasons(look.found.moves), day, OURSELVES)
        write(connection, look, run_id, zone)
    return look.found.moves.height, look.to_review.height


def look_at_all(connection: Connection) -> Look:
    """Who is who by all that is known now, and what that changes."""
    mark = state_of_addresses(connection)
    decisions = Decisions(decided_pairs(connection, "merged"), decided_pairs(connection, "apart"))
    ties = tied(identities_in_use(connection), accounts_of_customers(connection), decisions)
    found = changes(people_now(connection), ties.people)
    return Look(mark, found, to_review(ties, emails_in_accounts(connection), decisions))


def write(connection: Connection, look: Look, run_id: str | None, zone: str) -> None:
    """Write what a look found, and mark the days on which persons count that have other ids now; no log."""
    _write_people(connection, look.found.written, run_id)
    forget_people(connection, look.found.gone)
    replace_waiting(connection, look.to_review, run_id)
    remember_look(connection, look.mark)
    _mark_days(connection, look.found.touched, zone)


def _mark_days(connection: Connection, customers: pl.Series, zone: str) -> None:
    """Days to be measured again. What was never measured will be measured whole, and needs no mark."""
    if customers.is_empty() or not is_anything_valued(connection):
        return
    for fact in BY_PERSON:
        days = instants_of(connection, fact, customers).drop_nulls().dt.convert_time_zone(zone).dt.date().unique()
        Store.put(connection, dirty_days, [{"fact": fact, "day": day} for day in days.sort()], on_conflict="ignore")


def _write_people(connection: Connection, written: pl.DataFrame, run_id: str | None) -> None:
    """Rows of `people`; those whose person is the same keep the run that tied them."""
    kept = written.filter("is_kept")
    since = runs_of(connection, kept["customer_id"]) if kept.height else None
    fresh = pl.lit(run_id, pl.String)
    rows = written if since is None else written.join(since, on="customer_id", how="left")
    held = fresh if since is None else pl.when("is_kept").then("since_run").otherwise(fresh)
    Store.write(connection, people, rows.with_columns(since_run=held).drop("is_kept"))


def log(connection: Connection, moves: pl.DataFrame, day: date, actor: str) -> None:
    """Write merges and undos down.

    Args:
        connection: within the transaction that makes them.
        moves: customer_id, other_id, action, why.
        day: when.
        actor: who.
    """
    if moves.is_empty():
        return
    earlier = events_by_pair(connection, moves["customer_id"])
    rows = moves.join(earlier, on=["customer_id", "other_id"], how="left").select(
        "customer_id", "other_id", "action", "why", nth=pl.col("n").fill_null(0) + 1,
        moment=pl.lit(day), actor=pl.lit(actor),
    )  # fmt: skip
    names = ("customer_id", "other_id", "nth")
    ids = [derived("merge", *row) for row in rows.select(names).iter_rows()]
    Store.write(
        connection, merge_log, rows.with_columns(pl.Series("event_id", ids, dtype=pl.String)), on_conflict="fail"
    )
