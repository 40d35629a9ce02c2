"""Measure what is dirty: read facts, make parts and values, write them; a family of KPIs a transaction."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection, and_, delete, false, or_, select

from domain.context import RunContext
from domain.estimates import CUSTOMERS, PARTS_SCHEMA, points, points_within
from domain.kpis import KPIS
from domain.roadmap import Roadmap, load_roadmap
from domain.scopes import canonical
from domain.segments import STAMPED
from domain.stretches import rest_of, stretch_of, stretched
from domain.windows import NEVER, PeriodKind, periods, start_of
from sql.queries.facts import surveys_by_measure, ticket_rows
from sql.queries.intake import fact_frame, unfinished, watermarks
from sql.queries.kpis import (
    booked_days,
    drop_values,
    parts_of,
    replace_parts,
    replace_stretches,
    replace_values,
    stretches_of,
    valued_from,
    valued_through,
)
from sql.queries.segments import has_spells, spells_of
from sql.store import Store, store_at
from sql.tables import FACTS, dirty_days, kpi_values, kpi_versions, meta
from tasks.measure.customers import churn, spells
from tasks.measure.entries import parts, wanted_scopes
from tasks.measure.families import BOOKED_AT, DIMENSIONS, FAMILIES, FIELDS, entries_of
from tasks.measure.spans import KEPT, ranges, touched
from tasks.measure.stamping import stamped, unsaid

EARLIEST = date(1980, 1, 1)
"""Levels begin with what was there before the first day we know, booked long before this day."""

MANY_RANGES = 50
"""Above this, the whole stretch is read instead of its pieces."""


@task(name="measure", cache_policy=NO_CACHE, persist_result=False)
def measure_dirty(context: RunContext) -> int:
    """Measure what changed; the number of daily parts written.

    Parts of the dirty days are made again from facts, then the values of every period they touch.
    """
    store = store_at(context.folder)
    roadmap = load_roadmap(context.project.roadmap)
    written = 0
    for family in FAMILIES:
        with store.transaction(context.run_id) as connection:
            written += measure_family(connection, family, roadmap)
    with store.transaction(context.run_id) as connection:
        measure_joint(connection, roadmap)
        connection.execute(delete(dirty_days).where(dirty_days.c.fact.not_in(unfinished(connection))))
    get_run_logger().info("measured: %d daily parts", written)
    return written


def measure_family(connection: Connection, family: str, roadmap: Roadmap) -> int:
    """Parts and values of one family of KPIs; the number of parts written."""
    through = watermarks(connection).get(family)
    if through is None:
        return 0 if family in unfinished(connection) else _forget(connection, family, FAMILIES[family])
    named = scopes_by_kpi(roadmap)
    surveys = surveys_by_measure(connection) if family == "survey_answers" else {}
    versions = {
        name: _version(name, roadmap.zone.key, named.get(name, ()), surveys.get(name, ())) for name in FAMILIES[family]
    }
    is_new = _is_new(connection, versions)
    valued = valued_through(connection, family)
    dirty = {row.day for row in connection.execute(select(dirty_days.c.day).where(dirty_days.c.fact == family))}
    reach = max(KPIS[name].reach_days for name in FAMILIES[family])
    if reach and valued is not None and valued < through:
        dirty |= {through - timedelta(days=i) for i in range((through - valued).days + reach)}
    if not dirty and not is_new and valued == through:
        return 0
    days = None if is_new or family == "subscriptions" else sorted(dirty)
    written = 0
    for names, entries in entries_of(family, _read(connection, family, days, roadmap), roadmap.zone.key, through):
        kept = entries if days is None else entries.filter(pl.col("booked_day").is_in(days))
        for alike in _alike(names):
            kpi, is_pooled = KPIS[alike[0]], len(surveys.get(alike[0], ())) <= 1
            scopes = {canonical(scope): scope for name in alike for scope in wanted_scopes(KPIS[name], named)}
            made = parts(kept, kpi, scopes.values(), is_pooled=is_pooled)
            replace_parts(connection, kpi.name, days, made)
            written += made.height
            if kpi.name != "contact_rate":  # needs the customers too
                held = _stretches(connection, kpi.name, made, days)
                _value(connection, alike, held, days, through, valued)
    _remember(connection, family, versions, through)
    return written


def _alike(names: Iterable[str]) -> list[list[str]]:
    """KPIs of the same entries, those that share their parts together, the one that keeps them first."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(KPIS[name].kept_as, []).append(name)
    return list(found.values())


def _forget(connection: Connection, mark: str, names: Sequence[str]) -> int:
    """Nothing feeds these KPIs any more: they are not known, which is not the same as zero."""
    if valued_through(connection, mark) is not None:
        for name in names:
            replace_parts(connection, name, None, pl.DataFrame(schema=PARTS_SCHEMA))
            replace_stretches(connection, name, None, pl.DataFrame(schema=PARTS_SCHEMA))
            drop_values(connection, name)
        marks = [f"valued_through:{mark}", *(f"measured_with:{name}" for name in names)]
        connection.execute(delete(meta).where(meta.c.name.in_(marks)))
    return 0


def measure_joint(connection: Connection, roadmap: Roadmap) -> None:
    """Values of what several facts make together: churn per period, contacts per 100 customers."""
    known = watermarks(connection)
    dirty = {row.fact for row in connection.execute(select(dirty_days.c.fact).distinct())}
    named = scopes_by_kpi(roadmap)
    versions = {"churn_rate": _version("churn_rate", roadmap.zone.key, named.get("churn_rate", ()), ())}
    for name, facts in {"churn_rate": {"subscriptions"}, "contact_rate": {"tickets", "subscriptions"}}.items():
        if not facts <= known.keys():
            if not facts & unfinished(connection):
                _forget(connection, name, [name])
            continue
        through = min(known[fact] for fact in facts)
        is_new = name in versions and _is_new(connection, versions)
        if not (dirty & facts) and not is_new and valued_through(connection, name) == through:
            continue
        drop_values(connection, name)
        if name == "churn_rate":
            _value_churn(connection, roadmap, through, wanted_scopes(KPIS[name], named))
        else:
            held = parts_of(connection, (name, CUSTOMERS))
            for kind in KEPT:
                values = points(held, kind, through=through)
                Store.write(connection, kpi_values, values.filter(pl.col("kpi") == name), on_conflict="fail")
        _remember(connection, name, versions if name in versions else {}, through)


def _value_churn(connection: Connection, roadmap: Roadmap, through: date, scopes: Sequence[Mapping[str, str]]) -> None:
    held = spells(_read(connection, "subscriptions", None, roadmap)["subscriptions"], roadmap.zone.key)
    # before the first known leaving, only survivors are on record: a rate of 0 there would be no finding
    first = held.filter(pl.col("end") < NEVER)["end"].min()
    if not isinstance(first, date):
        return
    kinds: tuple[PeriodKind, ...] = ("day", *KEPT, "90d")  # it has no parts to make them from
    for kind in kinds:
        spans = periods(kind, first, through + timedelta(days=1))
        if spans:
            Store.write(connection, kpi_values, churn(held, kind, spans, scopes), on_conflict="fail")


def _stretches(connection: Connection, kpi: str, made: pl.DataFrame, days: Sequence[date] | None) -> pl.DataFrame:
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


def _value(
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
            kind, first, through, days or (), later=KPIS[names[0]].statistic == "level", valued_through=redo,
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


def scopes_by_kpi(roadmap: Roadmap) -> dict[str, list[str]]:
    """Scopes that benchmarks name, by KPI."""
    found: dict[str, list[str]] = {}
    for benchmark in roadmap.benchmarks.values():
        found.setdefault(benchmark.kpi, []).append(benchmark.scope_key)
    return found


def _read(
    connection: Connection, family: str, days: Sequence[date] | None, roadmap: Roadmap
) -> dict[str, pl.DataFrame]:
    """The facts that make the parts of some days (None: of all), each with its segment at the time."""
    at, needed = STAMPED.get(family), (*FIELDS[family], *DIMENSIONS[family])
    if at is None or not has_spells(connection):
        return _read_some(connection, family, days, roadmap, needed)
    columns = dict.fromkeys((*needed, "customer_id"))
    found = _read_some(connection, family, days, roadmap, tuple(columns))
    return {**found, family: stamped(found[family], spells_of(connection, unsaid(found[family])), at)}


def _read_some(
    connection: Connection, family: str, days: Sequence[date] | None, roadmap: Roadmap, columns: Sequence[str]
) -> dict[str, pl.DataFrame]:
    spans = None if days is None else [
        (start_of(window.start, roadmap.zone), start_of(window.end, roadmap.zone)) for window in ranges(days)
    ]  # fmt: skip
    if spans is not None and len(spans) > MANY_RANGES:
        spans = [(spans[0][0], spans[-1][1])]
    words = DIMENSIONS[family]
    if family == "tickets":
        tickets, events = ticket_rows(connection, spans, columns, words)
        return {"tickets": tickets, "ticket_events": events}
    if spans is None:
        return {family: fact_frame(connection, family, columns=columns, words=words)}
    booked = FACTS[family].c[BOOKED_AT[family]]
    near = or_(false(), *(and_(booked >= start, booked < end) for start, end in spans))
    return {family: fact_frame(connection, family, near, columns=columns, words=words)}


def _version(name: str, zone: str, scopes: Sequence[str], surveys: Sequence[str]) -> str:
    """Hash of all that defines a KPI's numbers: when it changes, its whole past is measured again."""
    text = json.dumps([asdict(KPIS[name]), zone, sorted(set(scopes)), sorted(surveys)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _is_new(connection: Connection, versions: Mapping[str, str]) -> bool:
    """Whether any of the definitions is not the one its values were made with."""
    keys = [f"measured_with:{name}" for name in versions]
    held = {row.name: row.value for row in connection.execute(select(meta).where(meta.c.name.in_(keys)))}
    return any(held.get(f"measured_with:{name}") != version for name, version in versions.items())


def _remember(connection: Connection, name: str, versions: Mapping[str, str], through: date) -> None:
    marks = [{"name": f"measured_with:{kpi}", "value": version} for kpi, version in versions.items()]
    Store.put(connection, meta, [*marks, {"name": f"valued_through:{name}", "value": through.isoformat()}])
    first_used = [{"kpi": kpi, "version": version, "first_day": through} for kpi, version in versions.items()]
    Store.put(connection, kpi_versions, first_used, on_conflict="ignore")
