"""Measure what is dirty: read facts, make parts and values, write them; a family of KPIs a transaction."""

import gc
from collections.abc import Iterator, Sequence
from datetime import date

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection, delete, select

from domain.ahead import beside
from domain.context import RunContext
from domain.heap import give_back
from domain.kpis import KPIS
from domain.own_kpis import OwnKpi
from domain.roadmap import Roadmap, load_roadmap
from sql.queries.intake import unfinished
from sql.queries.kpis import gives_way, parts_of, replace_parts
from sql.store import store_at
from sql.tables import dirty_days, meta
from tasks.measure.pieces import Slice
from tasks.measure.steps.definitions import drop, forget, mark_of, remember
from tasks.measure.steps.facts import Facts
from tasks.measure.steps.helpers import Helpers
from tasks.measure.steps.history import all_measured, measure_history
from tasks.measure.steps.joint import measure_joint
from tasks.measure.steps.making import Asked, Made, alike_of, facts_of, parts_made
from tasks.measure.steps.own import measure_own
from tasks.measure.steps.planning import Plan, plans_of
from tasks.measure.steps.sharing import reading
from tasks.measure.steps.values import Held, is_kept, keep_nothing, keep_sums, keep_years, make_values


@task(name="measure", cache_policy=NO_CACHE, persist_result=False)
def measure_dirty(context: RunContext) -> int:
    """Measure what changed; the number of daily parts written.

    Parts of the dirty days are made again from facts, then the values of every period they touch.
    """
    store = store_at(context.folder)
    roadmap = load_roadmap(context.project.roadmap)
    written = 0
    gc.collect()  # pages of records that were fetched before
    give_back()
    with Helpers(context) as helpers:
        with reading(store, helpers.most) as readers:
            with store.reading() as connection:
                plans = readers.begin(plans_of(connection, roadmap, helpers.most))
            results = all_measured(helpers, [(plan.asked, plan.history) for plan in plans if plan.asked])
            for plan in plans:
                facts = readers.facts(plan)
                with store.transaction(context.run_id) as connection:
                    written += measure_family(connection, results, plan, facts)
        for kpi in KPIS.values():
            if isinstance(kpi, OwnKpi):
                with store.transaction(context.run_id) as connection:
                    written += measure_own(connection, helpers, kpi, roadmap)
        with store.transaction(context.run_id) as connection:
            _forget_unasked(connection, roadmap)
            measure_joint(connection, helpers, roadmap)
            connection.execute(delete(dirty_days).where(dirty_days.c.fact.not_in(unfinished(connection))))
    get_run_logger().info("measured: %d daily parts", written)
    return written


def measure_family(
    connection: Connection, results: Iterator[list[Made]], plan: Plan, facts: Facts | None = None
) -> int:
    """Parts and values of one family of KPIs; the number of parts written.

    Args:
        connection: within the transaction.
        results: what the pieces of this plan, and then of those after it, give.
        plan: what is to be done.
        facts: its facts, as `facts_of` gives them; None: they are to be read.
    """
    if plan.asked is None:
        return forget(connection, plan.family, plan.names)
    if plan.history:
        written = _measure_pieces(connection, results, plan.asked, plan.days, plan.history, plan.valued)
    else:
        facts = facts_of(connection, plan.asked, plan.days) if facts is None else facts
        written = _measure_days(connection, plan.asked, plan.days, facts, plan.valued)
    remember(connection, plan.family, plan.versions, plan.asked.through)
    return written


def _measure_days(
    connection: Connection, asked: Asked, days: Sequence[date] | None, facts: Facts, valued: date | None
) -> int:
    """Parts and values of some days (None: of all), all facts of theirs at once; the number of parts written."""
    written = 0
    for alike, made in beside(parts_made(facts, asked, days), n_ahead=len(asked.wanted)):
        mine = asked.days_of(alike[0], days)
        replace_parts(connection, alike[0], mine, made)
        written += made.height
        give_back()
        if KPIS[alike[0]].per is None:  # else it needs the other parts too
            if (held := _of_voices(connection, asked, alike[0])) is None:
                is_whole = mine is None or is_kept(connection, alike[0])
                every = made if is_whole else parts_of(connection, [alike[0]])
                held = keep_sums(connection, alike[0], every, mine if is_whole else None)
            make_values(connection, alike, held, mine, asked.through, valued)
    return written


def _measure_pieces(
    connection: Connection,
    results: Iterator[list[Made]],
    asked: Asked,
    days: Sequence[date] | None,
    history: Sequence[Sequence[Slice]],
    valued: date | None,
) -> int:
    """The same of more facts than may be read at once, one piece after the other."""
    kept = {name for name, *_ in alike_of(asked.wanted) if days is None or is_kept(connection, name)}
    written = measure_history(connection, results, asked, days, history)
    for alike in alike_of(asked.wanted):
        if KPIS[alike[0]].per is None:  # else it needs the other parts too
            held = _of_voices(connection, asked, alike[0])
            if held is None and alike[0] in kept:
                keep_years(connection, alike[0], days)
            elif held is None:
                held = keep_sums(connection, alike[0], parts_of(connection, [alike[0]]), None)
            make_values(connection, alike, held, days, asked.through, valued)
    return written


def _of_voices(connection: Connection, asked: Asked, kpi: str) -> Held | None:
    """The parts of a KPI whose answers give way to later ones; None: none of its answers does.

    Stretches do not know which answers give way to which within a period, so none are kept then.
    """
    if not (asked.by_account or (KPIS[kpi].is_as_at_end and gives_way(connection, kpi))):
        return None
    keep_nothing(connection, kpi)
    parts = parts_of(connection, [kpi])
    return Held(parts, parts)


def _forget_unasked(connection: Connection, roadmap: Roadmap) -> None:
    """KPIs that were measured once and that nobody declares or asks for any more."""
    prefix = "measured_with:"
    known = connection.execute(select(meta.c.name).where(meta.c.name.startswith(prefix, autoescape=True))).scalars()
    for name in {mark.removeprefix(prefix) for mark in known} - roadmap.measured:
        drop(connection, [name])
        forget(connection, mark_of(name), [name])
