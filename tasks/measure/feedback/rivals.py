"""Reviews of competitors beside ours: in the same place, on the same scale."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from domain.differences import Ranged, difference
from domain.intervals import mean_bounds
from domain.kpis import KPIS

US = "us"
KPI = "review_rating"
_PLACE = ("channel", "scale_low", "scale_high")

Row = dict[str, Any]


def rivals(reviews: pl.DataFrame) -> list[Row]:
    """Each competitor's mean rating beside ours.

    Args:
        reviews: one row per review of the window: channel, about, rating, scale_low, scale_high, deleted_at. A source
            that says no channel is a place of its own.

    Returns:
        By channel and scale, ours first, then competitors by name: channel, scale_low, scale_high, about, n, value,
        low, high (null: of fewer than two, or all the same), by, by_low, by_high (it less ours; null: ours is not known
        there), verdict. Places without a competitor are left out: ours alone is the KPI `review_rating`.
    """
    n, total, squares = pl.len().cast(pl.Int64), pl.col("rating").sum(), (pl.col("rating") ** 2).sum()
    low, high = mean_bounds(pl.col("total"), pl.col("total_sq"), pl.col("n"))
    rated = (
        reviews.filter(pl.col("rating").is_not_null(), pl.col("deleted_at").is_null())
        .group_by(*_PLACE, "about")
        .agg(n=n, total=total, total_sq=squares)
        .with_columns(value=pl.col("total") / pl.col("n"), low=low, high=high)
        .with_columns(is_us=pl.col("about") == US)
        .sort(*_PLACE, pl.col("is_us").not_(), "about")
    )
    found: list[Row] = []
    for _, mine in rated.group_by(*_PLACE, maintain_order=True):
        rows = mine.to_dicts()
        if not all(row["is_us"] for row in rows):
            found.extend(_beside(rows))
    return found


def _beside(rows: list[Row]) -> Iterator[Row]:
    ours = next((row for row in rows if row["is_us"]), None)
    for row in rows:
        yield {name: row[name] for name in (*_PLACE, "about", "n", "value", "low", "high")} | _apart(row, ours)


def _apart(row: Mapping[str, Any], ours: Mapping[str, Any] | None) -> Row:
    nothing: Row = dict.fromkeys(("by", "by_low", "by_high"))
    if row["is_us"]:
        return nothing | {"verdict": ""}
    if ours is None:
        return nothing | {"verdict": "no review of ours here"}
    if row["low"] is None or ours["low"] is None:
        return nothing | {"verdict": "too few to say"}
    apart = difference(Ranged(row["value"], row["low"], row["high"]), Ranged(ours["value"], ours["low"], ours["high"]))
    told: Row = {"by": apart.value, "by_low": apart.low, "by_high": apart.high}
    if min(row["n"], ours["n"]) < KPIS[KPI].min_n:
        return told | {"verdict": "too few to say"}
    if apart.low <= 0 <= apart.high:
        return told | {"verdict": "no clear difference"}
    return told | {"verdict": "rated better than we are" if apart.low > 0 else "rated worse than we are"}
