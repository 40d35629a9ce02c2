"""Who still buys, of customers without a contract: from the orders that are kept."""

from datetime import date, timedelta

import polars as pl
from sqlalchemy import Connection

from sql.queries.intake import fact_frame
from sql.queries.segments import persons
from tasks.measure.customers.buying import Buyers, buyers
from tasks.measure.customers.watch import revenue_now
from tasks.measure.steps.persons import as_persons

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
    tied = persons(connection)
    orders = as_persons(fact_frame(connection, "orders", columns=_ORDERS), tied)
    contracts = as_persons(fact_frame(connection, "subscriptions", columns=_CONTRACTS), tied)
    bound = revenue_now(contracts, zone, through + timedelta(days=1)).select("customer_id").unique()
    free = orders.join(bound, on="customer_id", how="anti")
    n_bound = orders.join(bound, on="customer_id", how="semi").select(pl.col("customer_id").n_unique()).item()
    return buyers(free, through, days, zone), int(n_bound)
