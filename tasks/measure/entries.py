"""What every KPI's facts are turned into first: entries, which add up to daily parts.

An entry says: on `known_day` this became known about something booked on `booked_day`. Its
columns: booked_day, known_day, n_items (things booked), n (outcomes known), total and total_sq
(over known outcomes), bin (histogram bin of a duration; null: none), and the dimensions.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

import polars as pl

from domain.days import days_of
from domain.estimates import PARTS_SCHEMA
from domain.kpis import Kpi
from domain.scopes import TOUCHPOINT, parsed
from tasks.measure.cells import Cells, Sums, together

SURVEY = "survey"


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


def awaited(
    rows: pl.DataFrame,
    dimensions: Iterable[str],
    *,
    booked: pl.Expr,
    known: pl.Expr,
    total: pl.Expr,
    total_sq: pl.Expr | None = None,
    bin_index: pl.Expr | None = None,
) -> pl.DataFrame:
    """Entries of things that are booked first, and whose outcome is known later; one row where it is the same day.

    Args:
        rows: one per thing.
        dimensions: columns kept beside the entries.
        booked: day it is booked on.
        known: day its outcome is known; null: not yet.
        total: the outcome.
        total_sq: its square; None: the same, as for shares.
        bin_index: its histogram bin, of durations.
    """
    names, squares = [*dimensions], total if total_sq is None else total_sq
    held = rows.select(*names, booked=booked, known=known, total=total, total_sq=squares,
                       bin=pl.lit(None, pl.Int64) if bin_index is None else bin_index)  # fmt: skip
    day, is_told = pl.col("booked"), (pl.col("known") <= pl.col("booked")).fill_null(value=False)
    now = {name: pl.when(is_told).then(name).otherwise(0.0) for name in ("total", "total_sq")}
    at_once = entry(booked=day, known=day, n_items=1, n=is_told, **now, bin_index=pl.when(is_told).then("bin"))
    later = entry(booked=day, known=pl.col("known"), n=1, total=pl.col("total"), total_sq=pl.col("total_sq"),
                  bin_index=pl.col("bin"))  # fmt: skip
    return pl.concat([held.select(*names, *at_once), held.filter(pl.col("known") > day).select(*names, *later)])


def _as_expr(value: float | pl.Expr) -> pl.Expr:
    return value if isinstance(value, pl.Expr) else pl.lit(value)


def day_in(zone: str, column: str) -> pl.Expr:
    """The reporting-zone day of a UTC instant."""
    return pl.col(column).map_batches(partial(days_of, zone=zone), return_dtype=pl.Date(), is_elementwise=True)


def wanted_scopes(kpi: Kpi, named: Mapping[str, Iterable[str]]) -> list[dict[str, str]]:
    """The scopes that are named for a KPI, as members by dimension; the whole is kept anyway."""
    return [members for scope in sorted(set(named.get(kpi.name, ()))) if (members := parsed(scope))]


def _is_kept_anyway(kpi: Kpi, members: Mapping[str, str]) -> bool:
    """A single member of a dimension the KPI is kept by."""
    return len(members) == 1 and next(iter(members)) in (*kpi.dimensions, kpi.mix)


def parts(
    entries: pl.DataFrame,
    kpi: Kpi,
    scopes: Collection[Mapping[str, str]] = (),
    *,
    is_pooled: bool = True,
    crossed: Iterable[Mapping[str, str]] = (),
    alone: Sequence[str] = (SURVEY,),
) -> pl.DataFrame:
    """Daily parts of one KPI for the whole, each single member and the named scopes.

    Args:
        entries: one row per entry (see above) with the KPI's dimensions as columns.
        kpi: the KPI.
        scopes: further scopes, as members by dimension; for a KPI with a `mix`, each of its
            members within them too.
        crossed: scopes within which each touchpoint is kept too.
        is_pooled: False keeps each member of `alone` alone, and named scopes that name one: different surveys are
            never pooled.
        alone: dimensions whose members may be added up.

    Returns:
        PARTS_SCHEMA, sorted; rows that add nothing are left out. An empty input gives no rows.
    """
    if entries.is_empty():
        return pl.DataFrame(schema=PARTS_SCHEMA)
    found = [*_whole(Cells(entries), entries, kpi, () if is_pooled else alone)]
    for members in scopes:
        if any(dimension not in entries.columns for dimension in members):
            continue
        if not is_pooled and members.keys().isdisjoint(alone):
            continue
        held = entries.filter(*(pl.col(dimension) == member for dimension, member in members.items()))
        if not held.is_empty():
            is_kept = _is_kept_anyway(kpi, members) if is_pooled else len(members) == 1
            found += _scope(Cells(held), held, kpi, members, is_kept=is_kept)
    for members in crossed if is_pooled else ():
        held = _at_touchpoints(entries, members, scopes)
        if not held.is_empty():
            found.append(Cells(held).added(TOUCHPOINT, members))
    if not found:
        return pl.DataFrame(schema=PARTS_SCHEMA)
    return together(found).select(pl.lit(kpi.name).alias("kpi"), *(name for name in PARTS_SCHEMA if name != "kpi"))


def _whole(cells: Cells, entries: pl.DataFrame, kpi: Kpi, alone: Sequence[str]) -> Iterator[Sums]:
    """Parts of the whole and of each member of each dimension; of `alone` those of each member, if there is any."""
    if not alone:
        yield cells.added()
    for dimension in alone or (*kpi.dimensions, kpi.mix):
        # of a dimension without members (a company without personas) nothing is to be added up
        if dimension in entries.columns and entries[dimension].null_count() < entries.height:
            yield cells.added(dimension)


def _at_touchpoints(
    entries: pl.DataFrame, members: Mapping[str, str], scopes: Iterable[Mapping[str, str]]
) -> pl.DataFrame:
    """Entries of a scope at any touchpoint, but for those that are a scope of their own with it already."""
    own = [scope for scope in scopes if members.items() <= scope.items()]
    named = [scope[TOUCHPOINT] for scope in own if scope.keys() - members.keys() == {TOUCHPOINT}]
    is_there = pl.col(TOUCHPOINT).is_not_null() & ~pl.col(TOUCHPOINT).cast(pl.String).is_in(named)
    return entries.filter(*(pl.col(dimension) == member for dimension, member in members.items()), is_there)


def _scope(
    cells: Cells, entries: pl.DataFrame, kpi: Kpi, members: Mapping[str, str], *, is_kept: bool
) -> Iterator[Sums]:
    """Parts of one scope, unless they are kept anyway, and of each member of the mix within it."""
    if not is_kept:
        yield cells.added(within=members)
    if kpi.mix in entries.columns:
        yield cells.added(kpi.mix, members)
