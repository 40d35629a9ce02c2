"""The watch list: customers more likely to leave than usual, from the facts that are kept."""

from typing import TYPE_CHECKING, Any

import polars as pl

from domain.errors import TooFewPointsError
from sql.queries.intake import watermarks
from tasks.measure.customers.value import MONTHS, at_stake
from tasks.measure.customers.watch import HORIZON_DAYS
from tasks.measure.steps.watching import complete_through, listed, watched_at

if TYPE_CHECKING:
    from sqlalchemy import Connection

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
        horizon, of all cases), separation (as of `RiskModel`), n_cases, n_left, n_customers, n_watched, at_stake (rows
        of `at_stake`), months (that it counts), customers: customer_id, risk_share, low, high, reasons, revenue
        (mrr_minor, currency).
    """
    marks = watermarks(connection)
    found: Row = {
        "as_of": None, "horizon_days": HORIZON_DAYS, "why_not": None, "base_share": None, "separation": None,
        "n_cases": 0, "n_left": 0, "n_customers": 0, "n_watched": 0, "months": MONTHS, "at_stake": [], "customers": [],
    }  # fmt: skip
    if "subscriptions" not in marks:
        return found
    through = complete_through(marks)
    found["as_of"] = through
    try:
        seen = watched_at(connection, zone, through)
    except TooFewPointsError as error:
        return found | {"why_not": str(error)}
    above = seen.customers.filter(pl.col("standing") == "above")
    stakes = above.join(seen.revenue, on="customer_id", how="left", maintain_order="left")
    return found | {
        "base_share": seen.model.base_share, "separation": seen.model.separation, "n_cases": seen.model.n,
        "n_left": seen.model.n_left,
        "n_customers": seen.customers.height, "n_watched": above.height, "at_stake": at_stake(stakes).to_dicts(),
        "customers": [listed(row, seen.revenue, unmask=unmask) for row in above.head(limit).iter_rows(named=True)],
    }  # fmt: skip
