"""Measure the KPIs of the company's own; of a long history piece by piece."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection, select

from domain.estimates import PARTS_SCHEMA
from domain.facts import FACT_TABLES
from domain.groups import summed
from domain.key_blocks import KeyBlock
from domain.kpis import KPIS
from domain.own_kpis import OwnKpi
from domain.roadmap import Roadmap
from sql.queries.intake import READ_TOGETHER, unfinished, watermarks
from sql.queries.kpis import replace_parts, valued_through
from sql.queries.pieces import n_facts
from sql.store import Store
from sql.tables import dirty_days
from tasks.measure.entries import parts, wanted_scopes
from tasks.measure.own import counted
from tasks.measure.pieces import Slice
from tasks.measure.steps.definitions import forget, is_changed, mark_of, remember, scopes_by_kpi, version_of
from tasks.measure.steps.facts import n_held, read_own
from tasks.measure.steps.helpers import Helpers, Whence
from tasks.measure.steps.history import slices_of
from tasks.measure.steps.values import keep_sums, make_values


@dataclass(frozen=True)
class Own:
    """What one slice gives of an own KPI.

    Attributes:
        parts: its parts.
        n_impossible: rows left out, which cannot be.
        surveys: surveys its rows are from.
    """

    parts: pl.DataFrame
    n_impossible: int
    surveys: frozenset[str]


class OwnPiece:
    """A slice of what an own KPI counts, as it is sent to whoever measures it; no dataclass, see `Piece`."""

    def __init__(self, kpi: OwnKpi, roadmap: Roadmap, part: Slice, *, is_pooled: bool) -> None:
        """Set the KPI, the roadmap, the slice, and whether answers of several surveys count as one."""
        self.kpi = kpi
        self.roadmap = roadmap
        self.part = part
        self.is_pooled = is_pooled


def measure_own(connection: Connection, helpers: Helpers, kpi: OwnKpi, roadmap: Roadmap) -> int:
    """Parts and values of one KPI of the company's own; the number of parts written."""
    mark, through = mark_of(kpi.name), watermarks(connection).get(kpi.fact)
    if through is None:
        return 0 if kpi.fact in unfinished(connection) else forget(connection, mark, [kpi.name])
    versions = {kpi.name: version_of(kpi.name, roadmap, scopes_by_kpi(roadmap).get(kpi.name, ()), ())}
    is_new, valued = is_changed(connection, versions), valued_through(connection, mark)
    fact = READ_TOGETHER.get(kpi.fact, kpi.fact)
    dirty = {row.day for row in connection.execute(select(dirty_days.c.day).where(dirty_days.c.fact == fact))}
    if not dirty and not is_new and valued == through:
        return 0
    days = None if is_new or not kpi.adds_by_day else sorted(dirty)
    n = n_facts(connection, kpi.fact, is_alone=True)
    if n > helpers.most and (days is None or n_held(connection, kpi, days, roadmap) > helpers.most):
        days, history = None, slices_of(connection, kpi.fact, (FACT_TABLES[kpi.fact].key,), n, helpers.most)
        made = measure_slices(helpers, kpi, roadmap, history)
    else:
        made = _of_days(connection, kpi, roadmap, days)
    if made.n_impossible:
        get_run_logger().warning("%s: %d rows left out, which cannot be", kpi.name, made.n_impossible)
    replace_parts(connection, kpi.name, days, made.parts)
    held = keep_sums(connection, kpi.name, made.parts, days)
    make_values(connection, [kpi.name], held, days, through, valued)
    remember(connection, mark, versions, through)
    return made.parts.height


def _of_days(
    connection: Connection,
    kpi: OwnKpi,
    roadmap: Roadmap,
    days: Sequence[date] | None,
    block: KeyBlock | None = None,
    *,
    is_pooled: bool | None = None,
) -> Own:
    """What some days (None: all) give, or a block of them; `is_pooled` None: as their own surveys say."""
    found = counted(read_own(connection, kpi, days, roadmap, block), kpi, roadmap.zone.key)
    kept = found.entries if days is None else found.entries.filter(pl.col("booked_day").is_in(days))
    pooled = is_one(kpi, found.surveys) if is_pooled is None else is_pooled
    scopes, crossed = wanted_scopes(kpi, scopes_by_kpi(roadmap)), roadmap.crossed(kpi.name)
    made = parts(kept, kpi, scopes, is_pooled=pooled, crossed=crossed)
    return Own(made, found.n_impossible, found.surveys)


def is_one(kpi: OwnKpi, surveys: frozenset[str]) -> bool:
    """Whether a KPI's rows may be counted together: answers of different surveys never are."""
    return kpi.fact != "survey_answers" or len(surveys) <= 1


def measure_slices(helpers: Helpers, kpi: OwnKpi, roadmap: Roadmap, history: Sequence[Slice]) -> Own:
    """What all slices give together. Whether answers may be pooled, the last of them may be the first to show."""
    pooled = _added_up(helpers, kpi, roadmap, history, is_pooled=True)
    return pooled if is_one(kpi, pooled.surveys) else _added_up(helpers, kpi, roadmap, history, is_pooled=False)


def _added_up(helpers: Helpers, kpi: OwnKpi, roadmap: Roadmap, history: Sequence[Slice], *, is_pooled: bool) -> Own:
    """The sum of all slices; of answers that may not be pooled after all, of those up to where that showed."""
    every = (OwnPiece(kpi, roadmap, part, is_pooled=is_pooled) for part in history)
    made = Own(pl.DataFrame(schema=PARTS_SCHEMA), 0, frozenset())
    for own in helpers.in_order(measure_own_piece, every):
        made = Own(summed([made.parts, own.parts]), made.n_impossible + own.n_impossible, made.surveys | own.surveys)
        if is_pooled and not is_one(kpi, made.surveys):
            break
    return made


@task(name="measure-own-piece", cache_policy=NO_CACHE, persist_result=False, retries=2)
def measure_own_piece(whence: Whence, piece: OwnPiece) -> Own:
    """What a slice gives of an own KPI; it writes nothing, so that it may be done again anywhere.

    Args:
        whence: where the facts are.
        piece: which part of what.
    """
    # in a function of its own: a Dask worker gets this one by value, with all that it names
    return own_of_piece(whence.store(), piece)


def own_of_piece(store: Store, piece: OwnPiece) -> Own:
    """What a slice gives, in whichever process this is: see `measure_own_piece`."""
    part = piece.part
    with KPIS.including((piece.kpi,)), store.reading() as connection:
        return _of_days(connection, piece.kpi, piece.roadmap, part.days, part.block, is_pooled=piece.is_pooled)
