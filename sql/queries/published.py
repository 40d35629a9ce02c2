"""Figures that summaries told, and what has moved since."""

from collections.abc import Collection
from datetime import date

import polars as pl
from sqlalchemy import Connection, func, or_, select, update

from domain.scopes import parsed
from sql.store import Store
from sql.tables import day_changes, kpi_days, meta, published_figures

_PREFIX = "measured_with:"


def told_figures(connection: Connection, moment: date) -> pl.DataFrame:
    """Every edition that summaries of weeks before `moment` told: columns of `published_figures`."""
    return Store.frame(connection, select(published_figures).where(published_figures.c.moment <= moment))


def is_told(connection: Connection, moment: date) -> bool:
    """Whether the figures of the summary of the week before `moment`, or of a later one, are written down."""
    there = select(published_figures.c.kpi).where(published_figures.c.moment >= moment)
    return connection.execute(there.limit(1)).first() is not None


def changes_since(connection: Connection, moment: date) -> pl.DataFrame:
    """What was changed about days since the summary of the week before `moment`: by table, day, source, run's day."""
    table = day_changes.c
    by = (table.table_name, table.day, table.known_on, table.source, table.how, table.told_on)
    sums = [func.sum(table[name]).label(name) for name in ("n_new", "n_changed", "n_gone")]
    later = or_(table.told_on.is_(None), table.told_on > moment)
    rows = connection.execute(select(*by, *sums).where(later).group_by(*by)).all()
    schema: dict[str, pl.DataType] = {
        "table_name": pl.String(), "day": pl.Date(), "known_on": pl.Date(), "source": pl.String(),
        "how": pl.String(), "told_on": pl.Date(), "n_new": pl.Int64(), "n_changed": pl.Int64(), "n_gone": pl.Int64(),
    }  # fmt: skip
    made = [(*row[:6], *map(int, row[6:])) for row in rows]
    return pl.DataFrame(made, schema=schema, orient="row")


def tell_changes(connection: Connection, moment: date) -> None:
    """From now on a summary rests on every change that was made."""
    connection.execute(update(day_changes).where(day_changes.c.told_on.is_(None)).values(told_on=moment))


def definitions_now(connection: Connection) -> dict[str, str]:
    """Version of the definition that each KPI was last measured with."""
    rows = connection.execute(
        select(meta.c.name, meta.c.value).where(meta.c.name.startswith(_PREFIX, autoescape=True))
    ).all()
    return {str(name).removeprefix(_PREFIX): str(version) for name, version in rows}


def members_of(connection: Connection, kpis: Collection[str], dimension: str) -> dict[str, set[str]]:
    """Sources, or surveys, that feed KPIs, of those that are kept by them."""
    wanted = select(kpi_days.c.kpi, kpi_days.c.scope).where(
        kpi_days.c.kpi.in_(sorted(kpis)), kpi_days.c.scope.like(f'{{"{dimension}":%')
    )
    found: dict[str, set[str]] = {}
    for kpi, scope in connection.execute(wanted.distinct()):
        members = parsed(scope)
        if members.keys() == {dimension}:
            found.setdefault(kpi, set()).add(members[dimension])
    return found
