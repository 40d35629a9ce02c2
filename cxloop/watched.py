"""The watch list: customers more likely to leave than usual, from the facts that are kept."""

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from domain.errors import TooFewPointsError
from domain.masking import masked
from sql.queries.intake import fact_frame, watermarks
from sql.queries.segments import persons
from sql.tables import FACTS
from tasks.measure.contacts.tickets import turns
from tasks.measure.customers.risk_signals import Known
from tasks.measure.customers.value import MONTHS, at_stake
from tasks.measure.customers.watch import HORIZON_DAYS, Watched, watched
from tasks.measure.families import DIMENSIONS, FIELDS

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOOKED_AT = ("subscriptions", "tickets", "survey_answers", "orders")
"""Facts that risks are learned from."""
_TICKETS = ("ticket_id", "customer_id", "topic", "opened_at", "resolved_at", "closed_at", "excluded_as", "deleted_at")
_ORDERS = ("customer_id", "ordered_at", "deleted_at")

Row = dict[str, Any]


def watch_list(connection: "Connection", zone: str, limit: int, *, unmask: bool = False) -> Row:
    """Who may leave within HORIZON_DAYS, the likeliest first.

    Args:
        connection: to read with.
        zone: reporting zone.
        limit: so many customers are listed; at_stake is of all on the watch list.
        unmask: ids that are addresses as they are.

    Returns:
        as_of (the last day that all facts which are looked at are complete for; None: no contract is known),
        horizon_days, why_not (in words, where nothing can be told; the rest is then empty), base_share (left within the
        horizon, of all cases), n_cases, n_left, n_customers, n_watched, at_stake (rows of `at_stake`), months (that it
        counts), customers: customer_id, risk_share, low, high, reasons, revenue (mrr_minor, currency).
    """
    marks = watermarks(connection)
    found: Row = {
        "as_of": None, "horizon_days": HORIZON_DAYS, "why_not": None, "base_share": None, "n_cases": 0, "n_left": 0,
        "n_customers": 0, "n_watched": 0, "months": MONTHS, "at_stake": [], "customers": [],
    }  # fmt: skip
    if "subscriptions" not in marks:
        return found
    through = min(marks[fact] for fact in LOOKED_AT if fact in marks)
    found["as_of"] = through
    try:
        seen = _watched(connection, zone, through)
    except TooFewPointsError as error:
        return found | {"why_not": str(error)}
    above = seen.customers.filter(pl.col("standing") == "above")
    stakes = above.join(seen.revenue, on="customer_id", how="left", maintain_order="left")
    return found | {
        "base_share": seen.model.base_share, "n_cases": seen.model.n, "n_left": seen.model.n_left,
        "n_customers": seen.customers.height, "n_watched": above.height, "at_stake": at_stake(stakes).to_dicts(),
        "customers": [_listed(row, seen.revenue, unmask=unmask) for row in above.head(limit).iter_rows(named=True)],
    }  # fmt: skip


def _watched(connection: "Connection", zone: str, through: date) -> Watched:
    """Risks of persons: what one of them did under any customer id counts together."""
    answers = (*FIELDS["survey_answers"], "customer_id")
    contracts = dict.fromkeys((*FIELDS["subscriptions"], *DIMENSIONS["subscriptions"]))
    tickets = fact_frame(connection, "tickets", columns=_TICKETS)
    held = FACTS["ticket_events"].c
    events = fact_frame(
        connection, "ticket_events", held.field == "status", columns=("ticket_id", "at", "field", "new", "sequence")
    )
    tied = persons(connection)
    known = Known(
        _as_persons(fact_frame(connection, "subscriptions", columns=tuple(contracts)), tied),
        _as_persons(tickets, tied),
        _as_persons(fact_frame(connection, "survey_answers", columns=answers), tied),
        _as_persons(fact_frame(connection, "orders", columns=_ORDERS), tied), zone,
    )  # fmt: skip
    return watched(known, turns(tickets, events), through)


def _as_persons(rows: pl.DataFrame, tied: pl.DataFrame) -> pl.DataFrame:
    joined = rows.join(tied, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(customer_id=pl.coalesce("person_id", "customer_id")).drop("person_id")


def _listed(row: Row, revenue: pl.DataFrame, *, unmask: bool) -> Row:
    name = row["customer_id"]
    paid = revenue.filter(pl.col("customer_id") == name).select("mrr_minor", "currency").to_dicts()
    return {
        "customer_id": name if unmask else masked(name), "risk_share": row["risk_share"], "low": row["risk_low"],
        "high": row["risk_high"], "reasons": row["reasons"], "revenue": paid,
    }  # fmt: skip
