"""Which definition each KPI was last measured with, and how far; forget what nobody asks for any more."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date

import polars as pl
from sqlalchemy import Connection, delete, select

from domain import definitions
from domain.estimates import PARTS_SCHEMA
from domain.kpis import KPIS
from domain.roadmap import Roadmap
from domain.roadmap.population import cells_of
from domain.roadmap.schedules import hours_of_channels, promises_of
from sql.queries.kpis import drop_values, replace_parts, valued_through
from sql.store import Store
from sql.tables import kpi_versions, meta
from tasks.measure.customers.leaving import COHORTS
from tasks.measure.families import IN_HOURS, PROMISED, TIMED
from tasks.measure.steps.values import keep_nothing


def mark_of(own: str) -> str:
    """Under which an own KPI is remembered as valued: it may be called as a fact table is."""
    return f"own:{own}"


def forget(connection: Connection, mark: str, names: Sequence[str]) -> int:
    """Nothing feeds these KPIs any more: they are not known, which is not the same as zero."""
    if valued_through(connection, mark) is not None:
        drop(connection, names)
        connection.execute(delete(meta).where(meta.c.name == f"valued_through:{mark}"))
    return 0


def drop(connection: Connection, names: Sequence[str]) -> None:
    """Everything that is kept of some KPIs."""
    for name in names:
        replace_parts(connection, name, None, pl.DataFrame(schema=PARTS_SCHEMA))
        keep_nothing(connection, name)
        drop_values(connection, name)
    connection.execute(delete(meta).where(meta.c.name.in_([f"measured_with:{name}" for name in names])))


def scopes_by_kpi(roadmap: Roadmap) -> dict[str, list[str]]:
    """Scopes that benchmarks name, and those of the groups that they are weighted by, by KPI."""
    found: dict[str, list[str]] = {}
    for benchmark in roadmap.benchmarks.values():
        named = found.setdefault(benchmark.kpi, [])
        named.append(benchmark.scope_key)
        named.extend(scope for scopes in cells_of(benchmark, roadmap).values() for scope in scopes.values())
    return found


def version_of(
    name: str,
    roadmap: Roadmap,
    scopes: Sequence[str],
    surveys: Sequence[str],
    by_account: Sequence[str] = (),
    *,
    has_targets: bool = False,
) -> str:
    """A hash of each part that defines a KPI's numbers: when one changes, its whole past is measured again."""
    personas = roadmap.rules.whole_or_part if "persona" in KPIS[name].dimensions else ()
    is_timed = name in IN_HOURS or (has_targets and name in TIMED)
    hours = repr(hours_of_channels(roadmap)) if is_timed else ""
    hours = repr(promises_of(roadmap)) if name in PROMISED else hours
    hours = roadmap.churn.booked_on if name in COHORTS else hours
    hours = str(roadmap.churn.win_back) if name == "winback_rate" else hours
    hours = roadmap.reopening.model_dump_json() if name == "reopen_rate" else hours
    return definitions.version_of({
        "formula": asdict(KPIS[name]), "zone": roadmap.zone.key, "surveys": sorted(surveys), "voices": by_account,
        "hours": hours, "scopes": [*sorted(set(scopes)), *personas, *roadmap.crossed(name)],
    })  # fmt: skip


def is_changed(connection: Connection, versions: Mapping[str, str]) -> bool:
    """Whether any of the definitions is not the one its values were made with."""
    keys = [f"measured_with:{name}" for name in versions]
    held = {row.name: row.value for row in connection.execute(select(meta).where(meta.c.name.in_(keys)))}
    return any(held.get(f"measured_with:{name}") != version for name, version in versions.items())


def remember(connection: Connection, name: str, versions: Mapping[str, str], through: date) -> None:
    """Write down by which definitions the KPIs of a mark were measured, and through which day."""
    marks = [{"name": f"measured_with:{kpi}", "value": version} for kpi, version in versions.items()]
    Store.put(connection, meta, [*marks, {"name": f"valued_through:{name}", "value": through.isoformat()}])
    first_used = [{"kpi": kpi, "version": version, "first_day": through} for kpi, version in versions.items()]
    Store.put(connection, kpi_versions, first_used, on_conflict="ignore")
