"""Do both ways come to the same numbers?"""

import json
import sqlite3
from pathlib import Path
from typing import Final

import polars as pl

from domain.estimates import PARTS_SCHEMA, points
from domain.kpis import KPIS
from sql.queries.kpis import parts_of
from sql.store import store_at

COMPARED: Final = (
    "nps", "csat", "ces", "ticket_volume", "first_reply_time", "full_resolution_time", "sla_attainment", "reopen_rate",
    "backlog", "review_rating",
)  # fmt: skip
_KEYS: Final = ["kpi", "dimension", "member", "day"]
MEDIAN_MAY_DIFFER: Final = 0.011
"""Medians of a histogram are off by 1 % at most; under a second it keeps half a second."""


def differences(folder: Path, plain: Path) -> list[str]:
    """What differs between the project's daily parts and the plain script's table, by KPI; empty: nothing.

    Compared are n and total of every KPI, scope and day, and the median of every duration of a second or more.
    """
    ours, theirs = _ours(folder), _theirs(plain)
    both = ours.join(theirs, on=_KEYS, how="full", coalesce=True, suffix="_plain")
    n_differs = pl.col("n").fill_null(0) != pl.col("n_plain").fill_null(0)
    off = (pl.col("total").fill_null(0) - pl.col("total_plain").fill_null(0)).abs()
    total_differs = (pl.col("kpi") != "backlog") & (off > 1e-6 * (1 + pl.col("total").abs()))
    median_off = (pl.col("median") / pl.col("median_plain") - 1).abs()
    median_differs = (pl.col("median_plain") >= 1) & (median_off > MEDIAN_MAY_DIFFER)
    wrong = both.filter(n_differs | total_differs | median_differs)
    print(f"compared {both.height:,} numbers of {both['kpi'].n_unique()} KPIs with the plain script's")
    return [
        f"{kpi}: {n:,} days differ, first {dict(zip(both.columns, row, strict=True))}"
        for (kpi,), part in wrong.sort(_KEYS).group_by("kpi", maintain_order=True)
        for n, row in [(part.height, part.row(0))]
    ]


def _ours(folder: Path) -> pl.DataFrame:
    with store_at(str(folder)).reading() as connection:
        parts = parts_of(connection, COMPARED)
    sums = parts.group_by("kpi", "scope", day="booked_day").agg(pl.col("n", "total").sum())
    lasting = [name for name in COMPARED if KPIS[name].quantile]
    held = parts.filter(pl.col("kpi").is_in(lasting)).select(list(PARTS_SCHEMA))
    medians = points(held, "day").select("kpi", "scope", day="period_start", median="value")
    members = {scope: _member(scope) for scope in sums["scope"].unique()}
    one = pl.col("scope").replace_strict({scope: found[0] for scope, found in members.items()}, return_dtype=pl.String)
    two = pl.col("scope").replace_strict({scope: found[1] for scope, found in members.items()}, return_dtype=pl.String)
    dimensions = {name: [*kpi.dimensions, ""] for name, kpi in KPIS.items()}
    kept = pl.col("dimension").is_in(pl.col("kpi").replace_strict(dimensions, return_dtype=pl.List(pl.String)))
    return (
        sums.join(medians, on=["kpi", "scope", "day"], how="left")
        .with_columns(dimension=one, member=two)
        .filter(pl.col("dimension").is_not_null())
        .filter(kept & ((pl.col("n") != 0) | (pl.col("total") != 0)))
        .select(*_KEYS, "n", "total", "median")
    )


def _member(scope: str) -> tuple[str | None, str | None]:
    """(dimension, member) of a scope of at most one; deeper ones are not compared."""
    members: dict[str, str] = json.loads(scope)
    if len(members) > 1:
        return None, None
    return next(iter(members.items()), ("", ""))


def _theirs(database: Path) -> pl.DataFrame:
    connection = sqlite3.connect(database)
    rows = connection.execute("SELECT kpi, dimension, member, day, n, total, median FROM kpi_days").fetchall()
    connection.close()
    schema = {"kpi": pl.String, "dimension": pl.String, "member": pl.String, "day": pl.String, "n": pl.Int64,
              "total": pl.Float64, "median": pl.Float64}  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("day").str.to_date("%Y-%m-%d"))
    return frame.filter((pl.col("n") != 0) | (pl.col("total") != 0))
