"""Who still buys, of customers without a contract, from the facts that are kept."""

from typing import TYPE_CHECKING, Any

import polars as pl

from domain.masking import masked
from sql.queries.intake import watermarks
from tasks.measure.customers.buying import QUIET_TIMES
from tasks.measure.steps.buying import buying_at, buying_through

if TYPE_CHECKING:
    from sqlalchemy import Connection

Row = dict[str, Any]


def buying(connection: "Connection", zone: str, days: int, limit: int, *, unmask: bool = False) -> Row:
    """Who still buys, the most at stake first.

    Args:
        connection: to read with.
        zone: reporting zone.
        days: how far to look ahead.
        limit: so many customers of each currency are listed; everything else is of all.
        unmask: ids that are addresses as they are.

    Returns:
        as_of (the last day that orders and contracts are complete for; None: no order is known), days, why_not (in
        words, where no model can be had; alive_share and all that follows from it is then None), n_customers,
        n_with_contract (left out), quiet_times, n_quiet (quiet for longer than so many usual gaps), standings (how many
        of each, and what became of those judged so as many days ago: n_then, foretold_share, bought_share, low, high;
        None: there was too little then), at_stake (rows of `at_stake`), customers: rows of `buyers`.
    """
    found: Row = {
        "as_of": None, "days": days, "why_not": None, "n_customers": 0, "n_with_contract": 0,
        "quiet_times": QUIET_TIMES, "n_quiet": 0, "standings": [], "at_stake": [], "customers": [],
    }  # fmt: skip
    marks = watermarks(connection)
    if "orders" not in marks:
        return found
    through = buying_through(marks)
    seen, n_bound = buying_at(connection, zone, through, days)
    each = seen.customers.unique("customer_id")
    listed = seen.customers.filter(pl.int_range(pl.len()).over("currency") < limit)
    return found | {
        "as_of": through, "why_not": seen.why_not or None, "n_customers": each.height, "n_with_contract": n_bound,
        "n_quiet": int(each["is_quiet"].sum()), "at_stake": seen.stakes.to_dicts(),
        "standings": [] if seen.why_not else _standings(each, seen.tried),
        "customers": [
            row if unmask else row | {"customer_id": masked(row["customer_id"])}
            for row in listed.iter_rows(named=True)
        ],
    }  # fmt: skip


def _standings(each: pl.DataFrame, tried: pl.DataFrame) -> list[Row]:
    before = {row["standing"]: row for row in tried.iter_rows(named=True)}
    return [
        {
            "standing": standing, "n": n, "n_then": before.get(standing, {}).get("n"),
            **{name: before.get(standing, {}).get(name) for name in ("foretold_share", "bought_share", "low", "high")},
        }
        for standing, n in each.group_by("standing").len().sort("standing").iter_rows()
    ]  # fmt: skip
