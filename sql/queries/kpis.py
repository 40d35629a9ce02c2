"""KPI parts and values."""

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl
from sqlalchemy import Connection, Table, delete, func, or_, select, union

from domain.estimates import PARTS_SCHEMA
from domain.kpis import KPIS
from domain.stretches import year_of
from domain.windows import week_of
from sql.store import Store
from sql.tables import findings, incidents, kpi_days, kpi_stretches, kpi_values, kpi_versions, kpi_years, meta

MANY_DAYS = 400
"""Above this, days are given as one span instead of a list."""


def replace_parts(connection: Connection, kpi: str, days: Sequence[date] | None, parts: pl.DataFrame) -> int:
    """Replace a KPI's parts booked on some days (None: all of them); how many there were."""
    gone, n_gone = delete(kpi_days).where(kpi_days.c.kpi == kpi), 0
    for some in _chunks(days):
        chunk = gone if some is None else gone.where(kpi_days.c.booked_day.in_(some))
        n_gone += connection.execute(chunk).rowcount
    Store.write(connection, kpi_days, parts, on_conflict="fail")
    return n_gone


def gives_way(connection: Connection, kpi: str) -> bool:
    """Whether anything booked for a KPI was taken back on a later day."""
    later = select(kpi_days.c.kpi).where(kpi_days.c.kpi == kpi, kpi_days.c.known_day > kpi_days.c.booked_day)
    return connection.execute(later.limit(1)).first() is not None


def has_outcomes(connection: Connection, kpi: str, *, but_within: Sequence[tuple[date, date]] = ()) -> bool:
    """Whether any outcome of a KPI is known; of those alone that are not booked within some [start, end) days."""
    mine = select(kpi_days.c.kpi).where(kpi_days.c.kpi == kpi, kpi_days.c.n > 0)
    day = kpi_days.c.booked_day
    mine = mine.where(*(or_(day < start, day >= end) for start, end in but_within))
    return connection.execute(mine.limit(1)).first() is not None


def has_successes(connection: Connection, kpi: str) -> bool:
    """Whether any outcome of a share is a success."""
    mine = select(kpi_days.c.kpi).where(kpi_days.c.kpi == kpi, kpi_days.c.total > 0)
    return connection.execute(mine.limit(1)).first() is not None


def replace_stretches(connection: Connection, kpi: str, starts: Sequence[date] | None, held: pl.DataFrame) -> None:
    """Replace a KPI's stretches that begin on `starts` (None: all of them)."""
    _replace_sums(connection, kpi_stretches, kpi, starts, held)


def replace_years(connection: Connection, kpi: str, starts: Sequence[date] | None, held: pl.DataFrame) -> None:
    """Replace a KPI's sums of the years that begin on `starts` (None: of all)."""
    _replace_sums(connection, kpi_years, kpi, starts, held)


def _replace_sums(
    connection: Connection, table: Table, kpi: str, starts: Sequence[date] | None, held: pl.DataFrame
) -> None:
    gone = delete(table).where(table.c.kpi == kpi)
    for some in _chunks(starts):
        connection.execute(gone if some is None else gone.where(table.c.start.in_(some)))
    kept = held.drop("known_day").rename({"booked_day": "start"})
    Store.write(connection, table, kept, on_conflict="fail")


def stretches_of(
    connection: Connection, kpi: str, since: date | None = None, until: date | None = None
) -> pl.DataFrame:
    """Stretches of a KPI that begin in [since, until), in the shape of parts: booked and known when they begin."""
    return _sums_of(connection, kpi_stretches, kpi, since, until)


def years_of(connection: Connection, kpi: str, until: date | None = None) -> pl.DataFrame:
    """Years of a KPI, those that begin before `until`, in the same shape."""
    return _sums_of(connection, kpi_years, kpi, None, until)


def _sums_of(connection: Connection, table: Table, kpi: str, since: date | None, until: date | None) -> pl.DataFrame:
    wanted = select(table).where(table.c.kpi == kpi)
    wanted = wanted if since is None else wanted.where(table.c.start >= since)
    held = Store.frame(connection, wanted if until is None else wanted.where(table.c.start < until))
    return held.rename({"start": "booked_day"}).with_columns(known_day="booked_day").select(list(PARTS_SCHEMA))


def stretched_years(connection: Connection, kpi: str) -> list[date]:
    """The first day of each year in which a KPI has stretches, in order."""
    starts = connection.execute(select(kpi_stretches.c.start).where(kpi_stretches.c.kpi == kpi).distinct()).scalars()
    return sorted({year_of(start) for start in starts})


def booked_days(connection: Connection, kpi: str, since: date) -> tuple[date | None, date | None]:
    """First day from `since` on and last day of all on which a KPI has parts."""
    mine = kpi_days.c.kpi == kpi
    first = select(func.min(kpi_days.c.booked_day)).where(mine, kpi_days.c.booked_day >= since)
    last = select(func.max(kpi_days.c.booked_day)).where(mine)
    return connection.execute(first).scalar(), connection.execute(last).scalar()


def _chunks(days: Sequence[date] | None) -> Iterable[Sequence[date] | None]:
    if days is None:
        return [None]
    return [days[start : start + MANY_DAYS] for start in range(0, len(days), MANY_DAYS)]


def replace_values(
    connection: Connection, values: pl.DataFrame, kpi: str, period: str, starts: Sequence[date] | None
) -> None:
    """Replace a KPI's values of the periods of one kind that begin on `starts` (None: all of them)."""
    gone = delete(kpi_values).where(kpi_values.c.kpi == kpi, kpi_values.c.period == period)
    for some in _chunks(starts):
        connection.execute(gone if some is None else gone.where(kpi_values.c.period_start.in_(some)))
    Store.write(connection, kpi_values, values, on_conflict="fail")


def valued_from(connection: Connection, kpi: str, period: str) -> date | None:
    """Start of the first period of one kind that a KPI has a value of."""
    mine = select(func.min(kpi_values.c.period_start)).where(kpi_values.c.kpi == kpi, kpi_values.c.period == period)
    return connection.execute(mine).scalar()


def drop_values(
    connection: Connection, kpi: str, period: str | None = None, within: tuple[date, date] | None = None
) -> None:
    """Delete a KPI's values; with `within`, those of one kind of period that do not lie in [start, end)."""
    gone = delete(kpi_values).where(kpi_values.c.kpi == kpi)
    if period is not None:
        gone = gone.where(kpi_values.c.period == period)
    if within is not None:
        gone = gone.where(or_(kpi_values.c.period_start < within[0], kpi_values.c.period_end > within[1]))
    connection.execute(gone)


def parts_of(
    connection: Connection,
    kpis: Iterable[str],
    *,
    scope: str | None = None,
    scopes: Iterable[str] | None = None,
    window: tuple[date, date] | None = None,
    days: Sequence[date] | None = None,
) -> pl.DataFrame:
    """Daily parts of some KPIs; if given of one scope or some scopes, booked in [start, end), on some days."""
    kept_as = {name: KPIS[name].kept_as for name in sorted(kpis)}
    wanted = select(kpi_days).where(kpi_days.c.kpi.in_(sorted(set(kept_as.values()))))
    if scope is not None:
        wanted = wanted.where(kpi_days.c.scope == scope)
    if scopes is not None:
        wanted = wanted.where(kpi_days.c.scope.in_(sorted(scopes)))
    if window is not None:
        wanted = wanted.where(kpi_days.c.booked_day >= window[0], kpi_days.c.booked_day < window[1])
    if days is not None:
        wanted = wanted.where(kpi_days.c.booked_day.in_(days))
    held = Store.frame(connection, wanted)
    if all(name == kept for name, kept in kept_as.items()):
        return held
    return pl.concat(held.filter(pl.col("kpi") == kept).with_columns(kpi=pl.lit(n)) for n, kept in kept_as.items())


def values_of(connection: Connection, kpis: Iterable[str], period: str | None = None) -> pl.DataFrame:
    """Values of some KPIs, of one kind of period if given."""
    wanted = select(kpi_values).where(kpi_values.c.kpi.in_(sorted(kpis)))
    return Store.frame(connection, wanted if period is None else wanted.where(kpi_values.c.period == period))


def kept_series(connection: Connection) -> list[tuple[str, str]]:
    """Every (kpi, scope) that has parts or values."""
    rows = union(select(kpi_days.c.kpi, kpi_days.c.scope), select(kpi_values.c.kpi, kpi_values.c.scope))
    return sorted((kpi, scope) for kpi, scope in connection.execute(rows))


def spoken_of(connection: Connection) -> list[str]:
    """KPIs that were measured once and that an incident is about."""
    about = select(incidents.c.kpi).where(incidents.c.kpi.in_(select(kpi_versions.c.kpi))).distinct()
    return list(connection.execute(about.order_by(incidents.c.kpi)).scalars())


def valued_through(connection: Connection, family: str) -> date | None:
    """Last complete day when the KPIs of a fact table were last measured; None: never."""
    value = connection.execute(select(meta.c.value).where(meta.c.name == f"valued_through:{family}")).scalar()
    return date.fromisoformat(value) if value else None


def is_anything_valued(connection: Connection) -> bool:
    """Whether any KPI was ever measured."""
    marks = meta.c.name.startswith("valued_through:", autoescape=True)
    return connection.execute(select(meta.c.name).where(marks).limit(1)).first() is not None


def judged_through(connection: Connection) -> dict[tuple[str, str, str, str], date]:
    """Last moment judged, by (rule, kpi, scope, benchmark)."""
    keys = (findings.c.rule, findings.c.kpi, findings.c.scope, findings.c.benchmark)
    rows = connection.execute(select(*keys, func.max(findings.c.moment)).group_by(*keys))
    return {(rule, kpi, scope, benchmark): moment for rule, kpi, scope, benchmark, moment in rows}


def last_moment(connection: Connection, as_of: date) -> date:
    """The latest moment that was judged by `as_of`: today, as far as the data go.

    Before anything was judged it is the Monday of `as_of`'s week.
    """
    judged = select(func.max(findings.c.moment)).where(findings.c.moment <= as_of)
    return connection.execute(judged).scalar() or week_of(as_of)
