"""From parts to the values of every period that changed days touch."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
from sqlalchemy import Connection

from domain.estimates import points_within
from domain.kpis import KPIS
from domain.stretches import rest_of, stretch_of, stretched
from domain.windows import PeriodKind, periods
from sql.queries.kpis import (
    booked_days,
    drop_values,
    parts_of,
    replace_stretches,
    replace_values,
    stretches_of,
    valued_from,
)
from tasks.measure.spans import KEPT, touched

EARLIEST = date(1980, 1, 1)
"""Levels begin with what was there before the first day we know, booked long before this day."""


def kept_stretches(connection: Connection, kpi: str, made: pl.DataFrame, days: Sequence[date] | None) -> pl.DataFrame:
    """All stretches of a KPI; those that changed are added up again.

    Args:
        connection: within the transaction.
        kpi: the KPI.
        made: its parts of the days that changed.
        days: these days; None: all.
    """
    if days is None:
        held = stretched(made)
        replace_stretches(connection, kpi, None, held)
        return held
    others = parts_of(connection, [kpi], days=rest_of(days))
    starts = sorted({stretch_of(day).start for day in days})
    replace_stretches(connection, kpi, starts, stretched(pl.concat([made, others])))
    return stretches_of(connection, kpi)


def make_values(
    connection: Connection,
    names: Sequence[str],
    held: pl.DataFrame,
    days: Sequence[date] | None,
    through: date,
    valued: date | None,
) -> None:
    """Make the values of every period that changed days touch.

    Args:
        connection: within the transaction.
        names: KPIs with the same parts.
        held: all stretches of the first of them.
        days: days whose parts changed; None: all.
        through: last complete day.
        valued: last complete day when they were last valued; None: never.
    """
    if days is None or held.is_empty():
        for name in names:
            drop_values(connection, name)
    later, last = booked_days(connection, names[0], EARLIEST)
    if last is None:
        return
    first, redo = later or EARLIEST, None if days is None else valued
    spans: dict[PeriodKind, list[tuple[date, date]]] = {}
    for kind in KEPT:
        complete = periods(kind, first, through + timedelta(days=1))
        within = (complete[0][0], complete[-1][1]) if complete else None
        for name in names:
            drop_values(connection, name, kind, within=within)
        spans[kind] = touched(
            kind, first, through, days or (), later=KPIS[names[0]].kind == "stock", valued_through=redo,
            valued_from=valued_from(connection, names[0], kind),
        )  # fmt: skip
    begun = later or last
    made = points_within(held, {**spans, "all": [(stretch_of(begun).start, last + timedelta(days=1))]}, names[1:])
    made = made.with_columns(period_start=pl.when(pl.col("period") == "all").then(begun).otherwise("period_start"))
    for name in names:
        for kind, of_kind in spans.items():
            _replace(connection, made, name, kind, [span[0] for span in of_kind])
        _replace(connection, made, name, "all", None)


def _replace(
    connection: Connection, made: pl.DataFrame, name: str, kind: PeriodKind, starts: Sequence[date] | None
) -> None:
    held = made.filter(pl.col("kpi") == name, pl.col("period") == kind)
    replace_values(connection, held, name, kind, starts)
