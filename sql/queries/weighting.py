"""Values weighted to the population, beside the plain ones of a benchmark."""

from datetime import date, timedelta

import polars as pl
from sqlalchemy import Connection

from domain.estimates import CUSTOMERS, points
from domain.kpis import KPIS
from domain.roadmap import Benchmark, Roadmap
from domain.roadmap.population import cells_of
from domain.scopes import canonical
from domain.weighting import FEWEST, Beside, Group, weighted
from sql.queries.kpis import parts_of


def weighted_beside(
    connection: Connection, roadmap: Roadmap, benchmark: Benchmark, span: tuple[date, date], as_of: date
) -> Beside | None:
    """What stands beside one period of a benchmark.

    Args:
        connection: to read with.
        roadmap: segments, how small a group may be.
        benchmark: with the population that it is weighted to.
        span: [first day, day after the last).
        as_of: outcomes known before this day count.

    Returns:
        None: the benchmark is not weighted.
    """
    for dimension, cells in cells_of(benchmark, roadmap).items():
        declared = benchmark.population[dimension]
        is_known = isinstance(declared, str)
        shares = (
            _customers(connection, dimension, list(cells), span[1], as_of) if isinstance(declared, str) else declared
        )
        if not shares:
            return Beside(dimension, is_known, *span, reason="no customers are known by it")
        kpi, whole = KPIS[benchmark.kpi], benchmark.scope_key
        parts = parts_of(connection, [kpi.name], scopes=sorted({whole, *cells.values()}), window=span)
        held = {
            row["scope"]: row
            for row in points(parts, benchmark.window, as_of=as_of, spans=[span]).iter_rows(named=True)
        }
        n_all, n_open = (held[whole]["n"], held[whole]["n_open"]) if whole in held else (0, 0)
        if n_open > kpi.max_open_share * (n_all + n_open):
            return Beside(dimension, is_known, *span, reason="too many outcomes are not known yet")
        groups = [
            Group(name, shares.get(name, 0.0), *_sums(held.get(scope)))
            for name, scope in cells.items()
        ]  # fmt: skip
        fewest = max(FEWEST, roadmap.people.smallest_group)
        found = weighted(groups, kpi.statistic, fewest)
        n_outside = max(0, n_all - sum(group.n for group in groups if group.share > 0))
        reason = "" if found else f"fewer than two groups have {fewest} answers"
        return Beside(dimension, is_known, *span, found, n_outside, reason)
    return None


def _sums(row: dict[str, float] | None) -> tuple[int, float, float]:
    return (0, 0.0, 0.0) if row is None else (int(row["n"]), row["total"], row["total_sq"])


def _customers(
    connection: Connection, dimension: str, members: list[str], end: date, as_of: date
) -> dict[str, float]:  # fmt: skip
    """Each member's share of the customers of the last day; nothing where nobody is known."""
    scopes = {canonical({dimension: member}): member for member in members}
    last = (end - timedelta(days=1), end)
    found = points(parts_of(connection, [CUSTOMERS], scopes=sorted(scopes)), "day", as_of=as_of, spans=[last])
    levels = found.select("scope", pl.col("value").fill_null(0)).iter_rows()
    counts = {scopes[scope]: max(0.0, value) for scope, value in levels}
    whole = sum(counts.values())
    return {member: count / whole for member, count in counts.items()} if whole else {}
