"""Who left in a period that too few customers were there in for a rate."""

from typing import TYPE_CHECKING, Any

from domain.kpis import Kpi
from domain.scopes import parsed

if TYPE_CHECKING:
    from domain.roadmap import Roadmap

LISTED = ("churn_rate",)
"""KPIs whose customers are listed where no rate is told."""


def leavers(
    connection: Any, asked: Kpi, scope: str, rows: list[dict[str, Any]], roadmap: "Roadmap"
) -> list[dict[str, Any]]:
    """Customers who left in periods without a rate, by day.

    Args:
        connection: to read with.
        asked: the KPI; nobody is listed for any but LISTED.
        scope: canonical.
        rows: its points.
        roadmap: its zone, and who has which segment and persona.

    Returns:
        customer_id, left_on (first day without a contract, or of notice where that counts), reason, is_voluntary, and
        the period's first day.
    """
    few = [row for row in rows if row["value"] is None and 0 < row["n"] < asked.min_n]
    spans = [(row["period_start"], row["period_end"]) for row in few]
    if asked.name not in LISTED or not spans:
        return []
    import polars as pl

    from cxloop.retained import contracts
    from tasks.measure.customers.spells import SPLITS, at_notice, spells, stints

    zone, signed = roadmap.zone.key, contracts(connection, roadmap.rules)
    held = spells(signed, zone)
    if roadmap.churn.booked_on == "notice":
        held = at_notice(held, signed, zone)
    held = stints(held, signed, zone).with_columns(**SPLITS)
    mine = [pl.col(name).cast(pl.String) == member for name, member in parsed(scope).items() if name in held.columns]
    wanted = pl.DataFrame(spans, schema={"period_start": pl.Date(), "period_end": pl.Date()}, orient="row")
    left = held.filter(*mine) if mine else held
    return (
        left.join_where(
            wanted,
            pl.col("gone") >= pl.col("period_start"),
            pl.col("gone") < pl.col("period_end"),
            pl.col("start") < pl.col("period_start"),
        )
        .filter(pl.col("end") >= pl.col("period_start"))
        .select("customer_id", "reason", "is_voluntary", "period_start", left_on="gone")
        .sort("period_start", "left_on", "customer_id")
        .to_dicts()
    )
