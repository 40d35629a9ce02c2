"""Customers one by one, in periods of which there are too few for a rate."""

from typing import TYPE_CHECKING, Any

from domain.kpis import Kpi
from domain.scopes import parsed
from domain.shown import money

if TYPE_CHECKING:
    import polars as pl

    from domain.roadmap import Roadmap

Row = dict[str, Any]
LISTED = {
    "churn_rate": "left", "renewal_rate": "due", "revenue_churn_rate": "changed", "net_revenue_retention": "changed",
}  # fmt: skip
"""KPIs whose customers are listed where no rate is told, and what these did."""
TITLES = {
    "left": "Who left:",
    "due": "Whose term ended, and whether they went on:",
    "changed": "Who paid another sum a month at the end of it:",
}
HEADS = {
    "left": ["period from", "left on", "customer", "reason"],
    "due": ["period from", "term ended", "customer", "went on"],
    "changed": ["period from", "customer", "before", "at its end"],
}


def leavers(connection: Any, asked: Kpi, scope: str, rows: list[Row], roadmap: "Roadmap") -> list[Row]:
    """Customers of periods without a rate, and what they did.

    Args:
        connection: to read with.
        asked: the KPI; nobody is listed for any but LISTED.
        scope: canonical.
        rows: its points.
        roadmap: its zone, when a customer counts as gone, and who has which segment and persona.

    Returns:
        customer_id, the period's first day, and of who left: left_on (first day without a contract, or of notice where
        that counts), reason, is_voluntary; of who was due: due_on, is_renewed (None: not known yet); of revenue that
        changed: before_minor, after_minor (minor units a month), currency.
    """
    few = [row for row in rows if row["value"] is None and row["n"] < asked.min_n and row["n"] + row["n_open"]]
    spans = [(row["period_start"], row["period_end"]) for row in few]
    if asked.name not in LISTED or not spans:
        return []
    from cxloop.retained import contracts
    from sql.queries.intake import watermarks
    from tasks.measure.customers.listed import who_left, who_was_due, whose_revenue_changed
    from tasks.measure.customers.revenue import paid
    from tasks.measure.customers.spells import SPLITS, at_notice, spells, stints, terms_ended, unpaused

    zone, signed = roadmap.zone.key, contracts(connection, roadmap.rules)
    if LISTED[asked.name] == "changed":
        is_net = asked.name == "net_revenue_retention"
        running = paid(unpaused(signed) if is_net else signed, zone)
        return whose_revenue_changed(_of(running, scope), spans).to_dicts()
    held = spells(signed, zone)
    if LISTED[asked.name] == "due":
        through = watermarks(connection)["subscriptions"]
        return who_was_due(_of(terms_ended(signed, held, zone, through), scope), through, spans).to_dicts()
    if roadmap.churn.booked_on == "notice":
        held = at_notice(held, signed, zone)
    left = who_left(_of(stints(held, signed, zone).with_columns(**SPLITS), scope), spans)
    return left.select("customer_id", "reason", "is_voluntary", "period_start", left_on="gone").to_dicts()


def cells(asked: Kpi, row: Row) -> list[str]:
    """One customer's row under HEADS."""
    first = str(row["period_start"])
    if LISTED[asked.name] == "left":
        return [first, str(row["left_on"]), row["customer_id"], row["reason"] or ""]
    if LISTED[asked.name] == "due":
        went_on = {True: "yes", False: "no", None: "not known yet"}[row["is_renewed"]]
        return [first, str(row["due_on"]), row["customer_id"], went_on]
    sums = (money(row[name], row["currency"]) for name in ("before_minor", "after_minor"))
    return [first, row["customer_id"], *sums]


def _of(rows: "pl.DataFrame", scope: str) -> "pl.DataFrame":
    """The rows of a scope."""
    import polars as pl

    mine = [pl.col(name).cast(pl.String) == member for name, member in parsed(scope).items() if name in rows.columns]
    return rows.filter(*mine) if mine else rows
