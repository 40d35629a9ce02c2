"""From parts to the values of every period that changed days touch."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl
from sqlalchemy import Connection

from domain.estimates import PARTS_SCHEMA, points_within
from domain.kpis import KPIS
from domain.stretches import rest_of, stretch_of, stretched, year_of, yearly
from domain.windows import PeriodKind, periods
from sql.queries.kpis import (
    booked_days,
    drop_values,
    parts_of,
    replace_stretches,
    replace_values,
    replace_years,
    stretched_years,
    stretches_of,
    valued_from,
    years_of,
)
from tasks.measure.spans import KEPT, touched

EARLIEST = date(1980, 1, 1)
"""Levels begin with what was there before the first day we know, booked long before this day."""


class Held(NamedTuple):
    """What the values of a KPI are made of, in the shape of parts.

    Attributes:
        near: for weeks, months and four weeks.
        whole: for all time.
    """

    near: pl.DataFrame
    whole: pl.DataFrame


def keep_nothing(connection: Connection, kpi: str) -> None:
    """No stretches and years of a KPI any more."""
    empty = pl.DataFrame(schema=PARTS_SCHEMA)
    replace_stretches(connection, kpi, None, empty)
    replace_years(connection, kpi, None, empty)


def is_kept(connection: Connection, kpi: str) -> bool:
    """Whether stretches and years of a KPI are kept: not where answers gave way to later ones, or there were none."""
    return not KPIS[kpi].is_as_at_end or not years_of(connection, kpi).is_empty()


def keep_sums(connection: Connection, kpi: str, made: pl.DataFrame, days: Sequence[date] | None) -> Held | None:
    """Add up stretches and years of a KPI again: those that changed.

    Args:
        connection: within the transaction.
        kpi: the KPI.
        made: its parts of the days that changed.
        days: these days; None: all.

    Returns:
        All of them, where all changed; None: they are to be read.
    """
    if days is None:
        held = stretched(made)
        replace_stretches(connection, kpi, None, held)
        whole = yearly(held)
        replace_years(connection, kpi, None, whole)
        return Held(held, whole)
    others = parts_of(connection, [kpi], days=rest_of(days))
    starts = sorted({stretch_of(day).start for day in days})
    replace_stretches(connection, kpi, starts, stretched(pl.concat([made, others])))
    keep_years(connection, kpi, days)
    return None


def keep_years(connection: Connection, kpi: str, days: Sequence[date] | None) -> None:
    """Add up the years again that hold some days (None: all), year by year."""
    starts = stretched_years(connection, kpi) if days is None else sorted({year_of(day) for day in days})
    if days is None:
        replace_years(connection, kpi, None, pl.DataFrame(schema=PARTS_SCHEMA))
    for start in starts:
        held = stretches_of(connection, kpi, start, start.replace(year=start.year + 1))
        replace_years(connection, kpi, [start], yearly(held))


def make_values(
    connection: Connection,
    names: Sequence[str],
    held: Held | None,
    days: Sequence[date] | None,
    through: date,
    valued: date | None,
) -> None:
    """Make the values of every period that changed days touch.

    Args:
        connection: within the transaction.
        names: KPIs with the same parts.
        held: what the first of them is kept as; None: it is read, as much as is needed.
        days: days whose parts changed; None: all.
        through: last complete day.
        valued: last complete day when they were last valued; None: never.
    """
    later, last = booked_days(connection, names[0], EARLIEST)
    if days is None or last is None:
        for name in names:
            drop_values(connection, name)
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
            valued_from=valued_from(connection, names[0], kind) or date.max,
        )  # fmt: skip
    begun = later or last
    held = held or _held(connection, names[0], spans)
    ever: dict[PeriodKind, list[tuple[date, date]]] = {"all": [(year_of(begun), last + timedelta(days=1))]}
    made = pl.concat([points_within(held.near, spans, names[1:]), points_within(held.whole, ever, names[1:])])
    made = made.with_columns(period_start=pl.when(pl.col("period") == "all").then(begun).otherwise("period_start"))
    for name in names:
        for kind, of_kind in spans.items():
            _replace(connection, made, name, kind, [span[0] for span in of_kind])
        _replace(connection, made, name, "all", None)


def _held(connection: Connection, kpi: str, spans: Mapping[PeriodKind, Sequence[tuple[date, date]]]) -> Held:
    """What is needed to value some periods: stretches of their years, and what was there before if it is a stock."""
    whole = years_of(connection, kpi)
    first = min((start for of_kind in spans.values() for start, _ in of_kind), default=None)
    if first is None:
        return Held(whole.clear(), whole)
    near = stretches_of(connection, kpi, year_of(first))
    before = whole.filter(pl.col("booked_day") < year_of(first), KPIS[kpi].kind == "stock")
    return Held(pl.concat([before, near]), whole)


def _replace(
    connection: Connection, made: pl.DataFrame, name: str, kind: PeriodKind, starts: Sequence[date] | None
) -> None:
    held = made.filter(pl.col("kpi") == name, pl.col("period") == kind)
    replace_values(connection, held, name, kind, starts)
