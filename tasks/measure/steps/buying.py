"""Who still buys, of customers without a contract: from the orders that are kept."""

from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection

from sql.queries.intake import fact_frame
from sql.queries.persons import as_persons
from tasks.measure.customers.buying import Buyers, buyers
from tasks.measure.customers.watch import HORIZON_DAYS, revenue_now

_ORDERS = ("customer_id", "ordered_at", "quantity", "amount_minor", "currency", "deleted_at")
_CONTRACTS = ("customer_id", "started_at", "ended_at", "mrr_minor", "currency", "deleted_at")
LOOKED_AT = ("orders", "subscriptions")
"""Facts that it takes to say who buys without a contract."""


def buying_through(marks: dict[str, date]) -> date:
    """The last day that all facts which are looked at are complete for; `marks` has one of orders."""
    return min(marks[fact] for fact in LOOKED_AT if fact in marks)


def buying_at(connection: Connection, zone: str, through: date, days: int) -> tuple[Buyers, int]:
    """Persons without a running contract, and how many with one are left out, when `through` was over.

    Args:
        connection: to read with.
        zone: the reporting zone.
        through: the last day that counts.
        days: how far to look ahead.
    """
    orders = as_persons(connection, fact_frame(connection, "orders", columns=_ORDERS))
    contracts = as_persons(connection, fact_frame(connection, "subscriptions", columns=_CONTRACTS))
    bound = revenue_now(contracts, zone, through + timedelta(days=1)).select("customer_id").unique()
    free = orders.join(bound, on="customer_id", how="anti")
    n_bound = orders.join(bound, on="customer_id", how="semi").select(pl.col("customer_id").n_unique()).item()
    return buyers(free, through, days, zone), int(n_bound)


def buying_told(connection: Connection, zone: str, through: date) -> dict[str, Any] | None:
    """What a week says of customers without a contract.

    Returns:
        n_back (who came back once at least), n_gone (of these, probably gone), n_once (who bought once), and of those
        who would have been called gone HORIZON_DAYS before: n_then (0: it cannot be told), back_share (who bought
        since), low, high. None: there is no model of their habits.
    """
    seen, _ = buying_at(connection, zone, through, HORIZON_DAYS)
    if seen.why_not:
        return None
    counts = dict(seen.customers.unique("customer_id").group_by("standing").len().iter_rows())
    before = {row["standing"]: row for row in seen.tried.iter_rows(named=True)}.get("probably gone", {})
    n_once = counts.pop("bought once", 0)
    return {
        "n_back": sum(counts.values()), "n_gone": counts.get("probably gone", 0), "n_once": n_once,
        "n_then": before.get("n", 0), "back_share": before.get("bought_share"), "low": before.get("low"),
        "high": before.get("high"),
    }  # fmt: skip
