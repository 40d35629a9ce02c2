"""Values of single members of dimensions, beside the whole, over one span of days."""

from collections.abc import Iterable
from datetime import date

import polars as pl
from sqlalchemy import Connection, or_, select

from domain.estimates import POINTS_SCHEMA, points
from domain.kpis import KPIS
from domain.scopes import WHOLE, parsed
from domain.windows import PeriodKind
from sql.queries.kpis import parts_of
from sql.tables import kpi_days


def member_points(
    connection: Connection,
    kpis: Iterable[str],
    dimensions: Iterable[str],
    kind: PeriodKind,
    span: tuple[date, date],
    as_of: date,
    within: str | None = None,
) -> pl.DataFrame:
    """Values of the whole and of each member of some dimensions.

    Args:
        connection: to read with.
        kpis: kept as daily parts that add up within a span; levels and cohorts give nothing.
        dimensions: whose members are asked for.
        kind: what the span is called.
        span: [first day, day after the last).
        as_of: outcomes known before this day count.
        within: a dimension: members of the others within a member of it are given too, as far as they are kept.

    Returns:
        POINTS_SCHEMA, one row per (kpi, scope) with something in it, sorted.
    """
    names = sorted(name for name in kpis if KPIS[name].kind in ("sum", "sketch") and KPIS[name].per is None)
    kept_as = sorted({KPIS[name].kept_as for name in names})
    scopes = _scopes(connection, kept_as, dimensions, span, within)
    if not scopes:
        return pl.DataFrame(schema=POINTS_SCHEMA)
    held = parts_of(connection, names, scopes=scopes, window=span)
    return points(held, kind, as_of=as_of, spans=[span])


def _scopes(
    connection: Connection, kpis: list[str], dimensions: Iterable[str], span: tuple[date, date], within: str | None
) -> list[str]:
    """The whole, every single member that has parts within the span, and pairs with a member of `within`."""
    scope, day = kpi_days.c.scope, kpi_days.c.booked_day
    of_one = (scope.startswith(f'{{"{name}":', autoescape=True) for name in dimensions)
    wanted = (
        select(scope).where(kpi_days.c.kpi.in_(kpis), day >= span[0], day < span[1], or_(scope == WHOLE, *of_one))
    )  # fmt: skip
    found = connection.execute(wanted.distinct()).scalars()
    return sorted(name for name in found if len({*parsed(name)} - {within}) < 2)
