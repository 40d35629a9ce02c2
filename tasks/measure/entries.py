"""What every KPI's facts are turned into first: entries, which add up to daily parts.

An entry says: on `known_day` this became known about something booked on `booked_day`. Its
columns: booked_day, known_day, n_items (things booked), n (outcomes known), total and total_sq
(over known outcomes), bin (histogram bin of a duration; null: none), and the dimensions.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from domain.estimates import PARTS_SCHEMA
from domain.histogram import encoded
from domain.kpis import Kpi
from domain.scopes import WHOLE, canonical, parsed

_SUMS = ("n_items", "n", "total", "total_sq")
_DAYS = ("booked_day", "known_day")


def entry(
    *,
    booked: pl.Expr,
    known: pl.Expr,
    n_items: int | pl.Expr = 0,
    n: int | pl.Expr = 0,
    total: float | pl.Expr = 0.0,
    total_sq: float | pl.Expr | None = None,
    bin_index: pl.Expr | None = None,
) -> list[pl.Expr]:
    """The columns of one entry per row, to be selected beside the dimensions."""
    squares = total if total_sq is None else total_sq
    return [
        booked.alias("booked_day"),
        # an outcome can be recorded before the thing itself is booked; it is never known earlier
        pl.max_horizontal(known, booked).alias("known_day"),
        _as_expr(n_items).cast(pl.Int64).alias("n_items"),
        _as_expr(n).cast(pl.Int64).alias("n"),
        _as_expr(total).cast(pl.Float64).alias("total"),
        _as_expr(squares).cast(pl.Float64).alias("total_sq"),
        (pl.lit(None, pl.Int64) if bin_index is None else bin_index).alias("bin"),
    ]


def _as_expr(value: float | pl.Expr) -> pl.Expr:
    return value if isinstance(value, pl.Expr) else pl.lit(value)


def day_in(zone: str, column: str) -> pl.Expr:
    """The reporting-zone day of a UTC instant."""
    return pl.col(column).dt.convert_time_zone(zone).dt.date()


def wanted_scopes(kpi: Kpi, named: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """The scopes that are named for a KPI, as members by dimension; the whole is kept anyway."""
    return [members for scope in sorted(set(named.get(kpi.name, ()))) if (members := parsed(scope))]


def _is_kept_anyway(kpi: Kpi, members: Mapping[str, str]) -> bool:
    """A single member of a dimension the KPI is kept by."""
    return len(members) == 1 and next(iter(members)) in (*kpi.dimensions, kpi.mix)


def parts(
    entries: pl.DataFrame, kpi: Kpi, scopes: Iterable[Mapping[str, str]] = (), *, is_pooled: bool = True
) -> pl.DataFrame:
    """Daily parts of one KPI for the whole, each single member and the named scopes.

    Args:
        entries: one row per entry (see above) with the KPI's dimensions as columns.
        kpi: the KPI.
        scopes: further scopes, as members by dimension; for a KPI with a `mix`, each of its
            members within them too.
        is_pooled: False leaves the whole out: different surveys are never pooled.

    Returns:
        PARTS_SCHEMA, sorted; rows that add nothing are left out. An empty input gives no rows.
    """
    if entries.is_empty():
        return pl.DataFrame(schema=PARTS_SCHEMA)
    found: list[pl.DataFrame] = []
    if is_pooled:
        found.append(_added(entries, [], pl.lit(WHOLE)))
    for dimension in (*kpi.dimensions, kpi.mix):
        found.extend(_by_member(entries, dimension, {}))
    for members in scopes:
        if any(dimension not in entries.columns for dimension in members):
            continue
        held = entries.filter(*(pl.col(dimension) == member for dimension, member in members.items()))
        if not held.is_empty():
            if not _is_kept_anyway(kpi, members):
                found.append(_added(held, [], pl.lit(canonical(members))))
            found.extend(_by_member(held, kpi.mix, members))
    if not found:
        return pl.DataFrame(schema=PARTS_SCHEMA)
    return (
        pl.concat(found)
        .filter(pl.any_horizontal(pl.col(_SUMS) != 0) | (pl.col("bins") != ""))
        .with_columns(kpi=pl.lit(kpi.name), bins=pl.when(pl.col("bins") != "").then(pl.col("bins")))
        .select(pl.col(name).cast(dtype) for name, dtype in PARTS_SCHEMA.items())
        .sort("scope", *_DAYS)
    )


def _by_member(entries: pl.DataFrame, dimension: str | None, within: Mapping[str, str]) -> list[pl.DataFrame]:
    """Parts of each member of a dimension, within a scope."""
    if dimension is None or dimension not in entries.columns:
        return []
    held = entries.filter(pl.col(dimension).is_not_null())
    if held.is_empty():
        return []
    names = {member: canonical({**within, dimension: member}) for member in held[dimension].unique().to_list()}
    return [_added(held, [dimension], pl.col(dimension).replace_strict(names, return_dtype=pl.String))]


def _added(entries: pl.DataFrame, by: list[str], scope: pl.Expr) -> pl.DataFrame:
    keys = [*by, *_DAYS]
    sums = entries.group_by(keys).agg(pl.col(_SUMS).sum())
    binned = entries.filter(pl.col("bin").is_not_null())
    if binned.is_empty():
        return sums.with_columns(scope=scope, bins=pl.lit("")).select("scope", *_DAYS, *_SUMS, "bins")
    bins = (
        binned.group_by(*keys, "bin")
        .agg(count=pl.col("n").sum())
        .filter(pl.col("count") != 0)
        .sort("bin")
        .group_by(keys)
        .agg(bins=encoded(pl.col("bin"), pl.col("count")))
    )
    joined = sums.join(bins, on=keys, how="left", nulls_equal=True).with_columns(pl.col("bins").fill_null(""))
    return joined.with_columns(scope=scope).select("scope", *_DAYS, *_SUMS, "bins")
