"""Who may leave: learned anew for each week that a summary tells, where the roadmap asks for it."""

import json
from datetime import date, timedelta
from typing import Any

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection

from domain.context import RunContext
from domain.errors import TooFewPointsError
from domain.ids import derived
from domain.masking import masked
from domain.roadmap import Roadmap, load_roadmap
from sql.queries.intake import fact_frame, watermarks
from sql.queries.persons import as_persons
from sql.queries.watching import forget_watch, last_watched, put_watch_week, watch_week
from sql.queries.weeks import last_told_week
from sql.store import store_at
from sql.tables import FACTS
from tasks.measure.contacts.tickets import turns
from tasks.measure.customers.risk_signals import Known
from tasks.measure.customers.value import at_stake
from tasks.measure.customers.watch import HORIZON_DAYS, Watched, as_known, commonest, watched
from tasks.measure.families import DIMENSIONS, FIELDS
from tasks.measure.steps.buying import buying_told

LOOKED_AT = ("subscriptions", "tickets", "survey_answers", "orders")
"""Facts that risks are learned from."""
MOST_LISTED = 5
"""So many customers are listed in a summary."""
_TICKETS = ("ticket_id", "customer_id", "topic", "opened_at", "resolved_at", "closed_at", "excluded_as", "deleted_at")
_ORDERS = ("customer_id", "ordered_at", "deleted_at")
_SCHEME = 2
"""Counts up when weeks are told otherwise."""


@task(name="watch customers", cache_policy=NO_CACHE, persist_result=False)
def watch_customers(context: RunContext) -> bool:
    """Tell who may leave, for the week that the summary tells; whether anything is told anew.

    Where the roadmap does not ask for it (`churn: {watch: true}`) nothing is read, and nothing kept.
    """
    store, roadmap = store_at(context.folder), load_roadmap(context.project.roadmap)
    with store.reading() as connection:
        if not roadmap.churn.watch:
            row, is_gone = None, last_watched(connection) is not None
        else:
            row, is_gone = _week(connection, roadmap, context.as_of), False
    if row is None and not is_gone:
        return False
    with store.transaction(context.run_id) as connection:
        if row is None:
            forget_watch(connection)
            return True
        put_watch_week(connection, row)
    get_run_logger().info("watched customers: week=%s watched=%d", row["week_start"], row["n_watched"])
    return True


def _week(connection: Connection, roadmap: Roadmap, as_of: date) -> dict[str, Any] | None:
    """The row of the week that a summary of `as_of` tells.

    None: it, or a later one, is told already, or no contract is known.
    """
    marks = watermarks(connection)
    if "subscriptions" not in marks:
        return None
    week_start = last_told_week(connection, as_of)
    if week_start < (last_watched(connection) or week_start):
        return None  # a look back changes nothing
    complete = complete_through(marks)
    through, smallest = min(complete, week_start + timedelta(days=6)), roadmap.people.smallest_group
    mark = derived("watch", _SCHEME, HORIZON_DAYS, through.isoformat(), smallest, roadmap.zone.key)
    before = watch_week(connection, week_start)
    if before is not None and before["mark"] == mark:
        return None
    free = buying_told(connection, roadmap.zone.key, through) if "orders" in marks else None
    row: dict[str, Any] = {
        "week_start": week_start, "as_of": through, "why_not": None, "base_share": None, "n_cases": 0, "n_left": 0,
        "separation": None, "n_customers": 0, "n_watched": 0, "told": _as_json({"buying": free}), "mark": mark,
    }  # fmt: skip
    try:
        seen = watched_at(connection, roadmap.zone.key, through)
    except TooFewPointsError as error:
        return row | {"why_not": str(error)}
    above = seen.customers.filter(pl.col("standing") == "above")
    told = {
        "stakes": at_stake(above.join(seen.revenue, on="customer_id", how="left", maintain_order="left")).to_dicts(),
        "reasons": commonest(above, smallest).to_dicts(),
        "customers": [listed(one, seen.revenue) for one in above.head(MOST_LISTED).iter_rows(named=True)],
        "buying": free,
    }
    return row | {
        "base_share": seen.model.base_share, "n_cases": seen.model.n, "n_left": seen.model.n_left,
        "separation": seen.model.separation, "n_customers": seen.customers.height, "n_watched": above.height,
        "told": _as_json(told),
    }  # fmt: skip


def _as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def complete_through(marks: dict[str, date]) -> date:
    """The last day that all facts which are looked at are complete for; `marks` has one of subscriptions."""
    return min(marks[fact] for fact in LOOKED_AT if fact in marks)


def watched_at(connection: Connection, zone: str, through: date) -> Watched:
    """Risks of persons, when `through` was over: what one of them did under any customer id counts together.

    Raises:
        TooFewPointsError: too little history, or no signal foretells anything.
    """
    answers = (*FIELDS["survey_answers"], "customer_id")
    contracts = dict.fromkeys((*FIELDS["subscriptions"], *DIMENSIONS["subscriptions"]))
    tickets = fact_frame(connection, "tickets", columns=_TICKETS)
    told = FACTS["ticket_events"].c
    events = fact_frame(
        connection, "ticket_events", told.field == "status", columns=("ticket_id", "at", "field", "new", "sequence")
    )
    marks = watermarks(connection)
    subscriptions = fact_frame(connection, "subscriptions", columns=tuple(contracts))
    held = as_known(subscriptions, zone, through, marks["subscriptions"])
    scores = fact_frame(connection, "survey_answers", columns=answers)
    orders = fact_frame(connection, "orders", columns=_ORDERS)
    known = Known(
        as_persons(connection, held), as_persons(connection, tickets), as_persons(connection, scores),
        as_persons(connection, orders), zone,
    )  # fmt: skip
    return watched(known, turns(tickets, events), through)


def listed(row: dict[str, Any], revenue: pl.DataFrame, *, unmask: bool = False) -> dict[str, Any]:
    """One customer of `watched`: customer_id (masked), risk_share, low, high, reasons, revenue by currency."""
    name = row["customer_id"]
    paid = revenue.filter(pl.col("customer_id") == name).select("mrr_minor", "currency").to_dicts()
    return {
        "customer_id": name if unmask else masked(name), "risk_share": row["risk_share"], "low": row["risk_low"],
        "high": row["risk_high"], "reasons": row["reasons"], "revenue": paid,
    }  # fmt: skip
