"""Measure what is dirty: read facts, make parts and values, write them; a family of KPIs a transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection, delete, select

from domain.ahead import beside
from domain.context import RunContext
from domain.estimates import CUSTOMERS, PARTS_SCHEMA, points
from domain.kpis import KPIS
from domain.own_kpis import OwnKpi
from domain.roadmap import Roadmap, load_roadmap
from sql.queries.facts import surveys_by_measure
from sql.queries.intake import unfinished, watermarks
from sql.queries.kpis import (
    drop_values,
    has_outcomes,
    parts_of,
    replace_parts,
    replace_stretches,
    stretches_of,
    valued_through,
)
from sql.store import Store, store_at
from sql.tables import dirty_days, kpi_values, meta
from tasks.measure.customers.frequency import FREQUENCY, purchase_frequency
from tasks.measure.customers.leaving import COHORTS, leaving
from tasks.measure.customers.orders import purchases
from tasks.measure.entries import wanted_scopes
from tasks.measure.families import ALONE, FAMILIES, LATER, TOLD, members, reach_of
from tasks.measure.feedback.voices import touched_answers
from tasks.measure.pieces import Slice
from tasks.measure.spans import KEPT, before
from tasks.measure.steps.definitions import drop, forget, is_changed, mark_of, remember, scopes_by_kpi, version_of
from tasks.measure.steps.facts import read_facts
from tasks.measure.steps.helpers import Helpers
from tasks.measure.steps.history import measure_history, pieces_of
from tasks.measure.steps.making import CONTACTS, Asked, alike_of, parts_made
from tasks.measure.steps.own import measure_own
from tasks.measure.steps.values import kept_stretches, make_values

JOINT: dict[str, tuple[tuple[str, ...], set[str]]] = {
    COHORTS[0]: (COHORTS, {"subscriptions"}),
    FREQUENCY: ((FREQUENCY,), {"orders"}),
    CONTACTS: ((CONTACTS,), {"tickets", "subscriptions"}),
}
"""KPIs that are measured whole, under the name of the first, and the facts that they need."""


@task(name="measure", cache_policy=NO_CACHE, persist_result=False)
def measure_dirty(context: RunContext) -> int:
    """Measure what changed; the number of daily parts written.

    Parts of the dirty days are made again from facts, then the values of every period they touch.
    """
    store = store_at(context.folder)
    roadmap = load_roadmap(context.project.roadmap)
    written = 0
    with Helpers(context) as helpers:
        for family in FAMILIES:
            with store.transaction(context.run_id) as connection:
                written += measure_family(connection, helpers, family, roadmap)
        for kpi in KPIS.values():
            if isinstance(kpi, OwnKpi):
                with store.transaction(context.run_id) as connection:
                    written += measure_own(connection, helpers, kpi, roadmap)
    with store.transaction(context.run_id) as connection:
        _forget_unasked(connection, roadmap)
        measure_joint(connection, roadmap)
        connection.execute(delete(dirty_days).where(dirty_days.c.fact.not_in(unfinished(connection))))
    get_run_logger().info("measured: %d daily parts", written)
    return written


def measure_family(connection: Connection, helpers: Helpers, family: str, roadmap: Roadmap) -> int:
    """Parts and values of one family of KPIs; the number of parts written."""
    fact, names, rule = LATER.get(family, family), members(family, roadmap.reopening), roadmap.reopening
    through = watermarks(connection).get(fact)
    if through is None:
        return 0 if fact in unfinished(connection) else forget(connection, family, names)
    wanted = [name for name in names if name in roadmap.measured]
    if not wanted:
        return forget(connection, family, names)
    named = scopes_by_kpi(roadmap)
    surveys = surveys_by_measure(connection) if family == "survey_answers" else {}
    by_account = roadmap.counted_by_account if family == "survey_answers" else ()
    versions = {
        name: version_of(name, roadmap, named.get(name, ()), surveys.get(name, ()), by_account) for name in wanted
    }
    is_new = is_changed(connection, versions)
    valued = valued_through(connection, family)
    dirty = {row.day for row in connection.execute(select(dirty_days.c.day).where(dirty_days.c.fact == fact))}
    reach = reach_of(family, rule)
    dirty = before(dirty, reach) if family in LATER and family not in ALONE else dirty
    if reach and valued is not None and valued < through:
        dirty |= {through - timedelta(days=i) for i in range((through - valued).days + reach)}
    if not dirty and not is_new and valued == through:
        return 0
    dirty = touched_answers(dirty) if by_account else dirty
    days = None if is_new or family == "subscriptions" else sorted(dirty)
    asked = Asked(family, roadmap, tuple(wanted), named, surveys, by_account, through)
    history = pieces_of(connection, asked, days, helpers.most)
    if history and history[0][0].window is None:
        days = None
    if days is not None and family == "tickets":
        asked = replace(asked, told=[name for name, shows in TOLD.items() if has_outcomes(connection, shows)])
    if history:
        written = _measure_pieces(connection, helpers, asked, days, history, valued)
    else:
        written = _measure_days(connection, asked, days, valued)
    remember(connection, family, versions, through)
    return written


def _measure_days(connection: Connection, asked: Asked, days: Sequence[date] | None, valued: date | None) -> int:
    """Parts and values of some days (None: of all), all facts of theirs at once; the number of parts written."""
    written = 0
    for alike, made in beside(parts_made(connection, asked, days), n_ahead=len(asked.wanted)):
        replace_parts(connection, alike[0], days, made)
        written += made.height
        if alike[0] != CONTACTS:  # needs the customers too
            # stretches do not know which answers give way to which within a period
            if asked.by_account:
                replace_stretches(connection, alike[0], None, pl.DataFrame(schema=PARTS_SCHEMA))
                held = parts_of(connection, [alike[0]])
            else:
                held = kept_stretches(connection, alike[0], made, days)
            make_values(connection, alike, held, days, asked.through, valued)
    return written


def _measure_pieces(
    connection: Connection,
    helpers: Helpers,
    asked: Asked,
    days: Sequence[date] | None,
    history: Sequence[Sequence[Slice]],
    valued: date | None,
) -> int:
    """The same of more facts than may be read at once, one piece after the other."""
    written = measure_history(connection, helpers, asked, days, history)
    for alike in alike_of(asked.wanted):
        if alike[0] != CONTACTS:  # needs the customers too
            held = parts_of(connection, [alike[0]]) if asked.by_account else stretches_of(connection, alike[0])
            make_values(connection, alike, held, days, asked.through, valued)
    return written


def _forget_unasked(connection: Connection, roadmap: Roadmap) -> None:
    """KPIs that were measured once and that nobody declares or asks for any more."""
    prefix = "measured_with:"
    known = connection.execute(select(meta.c.name).where(meta.c.name.startswith(prefix, autoescape=True))).scalars()
    for name in {mark.removeprefix(prefix) for mark in known} - roadmap.measured:
        drop(connection, [name])
        forget(connection, mark_of(name), [name])


def measure_joint(connection: Connection, roadmap: Roadmap) -> None:
    """Values that are no sums of daily parts: churn and how often customers buy, per period; contacts per customer."""
    known = watermarks(connection)
    dirty = {row.fact for row in connection.execute(select(dirty_days.c.fact).distinct())}
    named = scopes_by_kpi(roadmap)
    for mark, (kpis, facts) in JOINT.items():
        wanted = [name for name in kpis if name in roadmap.measured]
        if not (wanted and facts <= known.keys()):
            if not (wanted and facts & unfinished(connection)):
                forget(connection, mark, kpis)
            continue
        through = min(known[fact] for fact in facts)
        versions = {name: version_of(name, roadmap, named.get(name, ()), ()) for name in wanted if name != CONTACTS}
        if not (dirty & facts or is_changed(connection, versions)) and valued_through(connection, mark) == through:
            continue
        for name in wanted:
            drop_values(connection, name)
        for values in _whole(connection, mark, roadmap, through):
            Store.write(connection, kpi_values, values.filter(pl.col("kpi").is_in(wanted)), on_conflict="fail")
        remember(connection, mark, versions, through)


def _whole(connection: Connection, mark: str, roadmap: Roadmap, through: date) -> Iterator[pl.DataFrame]:
    """The values of every complete period, of the KPIs of one mark of JOINT."""
    named, zone = scopes_by_kpi(roadmap), roadmap.zone.key
    scopes = {name: wanted_scopes(KPIS[name], named) for name in JOINT[mark][0]}
    if mark == FREQUENCY:
        bought = purchases(read_facts(connection, "purchases", None, roadmap)["orders"], zone)
        yield from purchase_frequency(bought, through, scopes[FREQUENCY])
    elif mark == CONTACTS:
        held = parts_of(connection, (CONTACTS, CUSTOMERS))
        yield from (points(held, kind, through=through) for kind in KEPT)
    else:
        contracts = read_facts(connection, "subscriptions", None, roadmap)["subscriptions"]
        yield from leaving(contracts, zone, through, scopes, roadmap.churn.booked_on)
