"""How far channels, teams, segments and personas lie apart in each KPI, noise taken out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from domain.chance import surely
from domain.intervals import Z95
from domain.kpis import KPIS, Kpi
from domain.scopes import parsed
from domain.spread import FEWEST, Spread, spread, variances_of

DIMENSIONS = ("channel", "team", "segment", "persona")
"""Whose members are held against each other; personas where the roadmap has some."""
CHANCE = 0.05
"""Share of the spreads called sure that may be so by chance."""
_POINTS = 100.0

Row = dict[str, Any]


def spread_kpis(measured: Collection[str]) -> list[str]:
    """KPIs that one group may do better in than another: shares, means, NPS, and times."""
    return [name for name, kpi in KPIS.items() if name in measured and kpi.better != "none" and kpi.kind != "stock"]


def spreads(points: pl.DataFrame, smallest_group: int) -> list[Row]:
    """The spread of each KPI between the members of each dimension.

    Args:
        points: one row per (kpi, scope) of one window (POINTS_SCHEMA); single members of DIMENSIONS.
        smallest_group: groups with fewer outcomes are left out; of times those under the KPI's `min_n`, since their
            intervals say little. So are groups with more outcomes open than the KPI allows.

    Returns:
        By KPI and dimension, what surely differs first: kpi, title, unit, better, dimension, n_groups, n_left_out,
        mean, sd, low, high, gap, gap_low, gap_high, plain_gap (of `domain.spread.Spread`, no wider than the KPI),
        is_sure, groups: member, n, value, low, high, drawn (the value with its noise taken out). Fewer than two groups
        give no row.
    """
    made: dict[tuple[str, str], tuple[Row, Spread]] = {}
    for kpi in KPIS.values():
        for dimension in DIMENSIONS:
            members = _members(points, kpi, dimension)
            groups = [group for group in members if _counts(group, kpi, smallest_group)]
            found = spread([group["value"] for group in groups], _variances(groups, kpi))
            if found is not None:
                row = _row(kpi, dimension, groups, found) | {"n_left_out": len(members) - len(groups)}
                made[kpi.name, dimension] = (row, found)
    sure = surely({key: found.chance for key, (_, found) in made.items()}, CHANCE)
    rows = [row | {"is_sure": key in sure} for key, (row, _) in made.items()]
    return sorted(rows, key=lambda row: not row["is_sure"])


def _members(points: pl.DataFrame, kpi: Kpi, dimension: str) -> list[Mapping[str, Any]]:
    mine = points.filter(pl.col("kpi") == kpi.name, pl.col("value").is_not_null()).sort("scope")
    return [
        {**row, "member": parsed(row["scope"])[dimension]}
        for row in mine.iter_rows(named=True)
        if [*parsed(row["scope"])] == [dimension]
    ]


def _counts(group: Mapping[str, Any], kpi: Kpi, smallest_group: int) -> bool:
    fewest = max(smallest_group, FEWEST, kpi.min_n if kpi.statistic == "quantile" else 0)
    return group["n"] >= fewest and group["n_open"] <= kpi.max_open_share * (group["n"] + group["n_open"])


def _variances(groups: Sequence[Mapping[str, Any]], kpi: Kpi) -> list[float]:
    if kpi.statistic == "quantile":
        return [((group["high"] - group["low"]) / (2 * Z95)) ** 2 for group in groups]
    sizes, totals, squares = ([group[name] for group in groups] for name in ("n", "total", "total_sq"))
    scale = _POINTS**2 if kpi.statistic == "nps" else 1.0
    return [scale * variance for variance in variances_of(sizes, totals, squares)]


def _row(kpi: Kpi, dimension: str, groups: Sequence[Mapping[str, Any]], found: Spread) -> Row:
    named = {"kpi": kpi.name, "title": kpi.title, "unit": kpi.unit, "better": kpi.better, "dimension": dimension}
    numbers = ("mean", "sd", "low", "high", "gap", "gap_low", "gap_high", "plain_gap")
    most = kpi.limits[1] - kpi.limits[0]
    bounds = {"high": min(found.high, most / 2), "gap_high": min(found.gap_high, most)}
    return {
        **named, "n_groups": len(groups), **{name: getattr(found, name) for name in numbers}, **bounds,
        "groups": list(_drawn(groups, found)),
    }  # fmt: skip


def _drawn(groups: Sequence[Mapping[str, Any]], found: Spread) -> Iterator[Row]:
    for group, drawn in zip(groups, found.values, strict=True):
        yield {name: group[name] for name in ("member", "n", "value", "low", "high")} | {"drawn": drawn}
