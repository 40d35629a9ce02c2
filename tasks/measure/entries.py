"""What every KPI's facts are turned into first: entries, which add up to daily parts.

An entry says: on `known_day` this became known about something booked on `booked_day`. Its
columns: booked_day, known_day, n_items (things booked), n (outcomes known), total and total_sq
(over known outcomes), bin (histogram bin of a duration; null: none), and the dimensions.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from domain.estimates import PARTS_SCHEMA
from domain.histogram import added
from domain.kpis import Kpi
from domain.scopes import canonical, parsed

_SUMS = ("n_items", "n", "total", "total_sq")
_DAYS = ("booked_day", "known_day")
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
        is_pooled: False keeps each survey alone, and named scopes that name one: different surveys are never pooled.

    Returns:
        PARTS_SCHEMA, sorted; rows that add nothing are left out. An empty input gives no rows.
    """
    if entries.is_empty():
        return pl.DataFrame(schema=PARTS_SCHEMA)
    cells = _Cells(entries)
    found: list[pl.DataFrame] = []
    if is_pooled:
        found.append(cells.added(entries))
    for dimension in (*kpi.dimensions, kpi.mix) if is_pooled else (SURVEY,):
        found.extend(_by_member(cells, entries, dimension, {}))
    for members in scopes:
        if any(dimension not in entries.columns for dimension in members) or not (is_pooled or SURVEY in members):
            continue
        held = entries.filter(*(pl.col(dimension) == member for dimension, member in members.items()))
        if not held.is_empty():
            if not (_is_kept_anyway(kpi, members) if is_pooled else [*members] == [SURVEY]):
                found.append(cells.added(held, within=members))
            found.extend(_by_member(cells, held, kpi.mix, members))
    if not found:
        return pl.DataFrame(schema=PARTS_SCHEMA)
    return (
        pl.concat(found)
        .filter(pl.any_horizontal(pl.col(_SUMS) != 0) | (pl.col("bins") != ""))
        .with_columns(kpi=pl.lit(kpi.name), bins=pl.when(pl.col("bins") != "").then(pl.col("bins")))
        .select(pl.col(name).cast(dtype) for name, dtype in PARTS_SCHEMA.items())
        .sort("scope", *_DAYS)
    )


def _by_member(
    cells: "_Cells", entries: pl.DataFrame, dimension: str | None, within: Mapping[str, str]
) -> list[pl.DataFrame]:
    """Parts of each member of a dimension, within a scope."""
    if dimension is None or dimension not in entries.columns:
        return []
    held = entries.filter(pl.col(dimension).is_not_null())
    return [] if held.is_empty() else [cells.added(held, dimension, within)]


class _Cells:
    """Member, booked day and known day as one integer: entries add up several times as fast by it."""

    def __init__(self, entries: pl.DataFrame) -> None:
        self._first = entries.select(pl.col(_DAYS).to_physical().min().cast(pl.Int64)).row(0)
        last = entries.select(pl.col(_DAYS).to_physical().max().cast(pl.Int64)).row(0)
        self._has_bins = entries["bin"].null_count() < entries.height
        self._n_days = [end - first + 1 for first, end in zip(self._first, last, strict=True)]

    def added(
        self, entries: pl.DataFrame, dimension: str | None = None, within: Mapping[str, str] | None = None
    ) -> pl.DataFrame:
        """The sums of each member's days: scope, days, sums, bins ('' where there are none).

        Args:
            entries: those of one scope.
            dimension: whose members are told apart; None: they are all one.
            within: the scope's own members.
        """
        members = [] if dimension is None else sorted(entries[dimension].unique().to_list())
        scopes = [canonical({**(within or {}), dimension: member}) for member in members if dimension is not None]
        place = pl.lit(0, pl.Int64) if dimension is None else pl.col(dimension).cast(pl.Enum(members)).to_physical()
        booked, known = (
            pl.col(name).to_physical().cast(pl.Int64) - first for name, first in zip(_DAYS, self._first, strict=True)
        )
        n_booked, n_known = self._n_days
        cell = (place.cast(pl.Int64) * n_booked + booked) * n_known + known
        held = entries.lazy().select(*_SUMS, "bin", cell=cell)
        sums = held.group_by("cell").agg(pl.col(_SUMS).sum())
        if self._has_bins:
            counted = held.filter(pl.col("bin").is_not_null()).select("bin", group="cell", count="n")
            sums = sums.join(added(counted), left_on="cell", right_on="group", how="left")
        else:
            sums = sums.with_columns(bins=pl.lit(""))
        member = pl.col("cell") // (n_known * n_booked)
        names = pl.lit(canonical(within or {})) if dimension is None else pl.lit(pl.Series(scopes)).gather(member)
        return sums.select(
            names.alias("scope"),
            (pl.col("cell") // n_known % n_booked + self._first[0]).cast(pl.Int32).cast(pl.Date).alias(_DAYS[0]),
            (pl.col("cell") % n_known + self._first[1]).cast(pl.Int32).cast(pl.Date).alias(_DAYS[1]),
            *_SUMS, pl.col("bins").fill_null(""),
        ).collect(engine="in-memory")  # fmt: skip
