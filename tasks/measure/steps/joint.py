"""Measure what is no sum of daily parts: leaving, how often customers buy, and one count per another one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import TypeVar

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection, select

from domain.estimates import points
from domain.key_blocks import KeyBlock
from domain.kpis import KPIS
from domain.roadmap import Roadmap
from domain.windows import day_of
from sql.queries.intake import unfinished, watermarks
from sql.queries.kpis import drop_values, parts_of, valued_through
from sql.queries.pieces import first_of, n_facts
from sql.store import Store
from sql.tables import dirty_days, kpi_values, meta
from tasks.measure.customers.frequency import FREQUENCY, purchase_frequency, turns, turns_together
from tasks.measure.customers.leaving import COHORTS, Leavers, leavers, leavers_together, leaving
from tasks.measure.customers.orders import purchases
from tasks.measure.entries import wanted_scopes
from tasks.measure.families import KEYS
from tasks.measure.pieces import Slice
from tasks.measure.spans import KEPT
from tasks.measure.steps.definitions import forget, is_changed, remember, scopes_by_kpi, version_of
from tasks.measure.steps.facts import read_facts
from tasks.measure.steps.helpers import Helpers, Whence
from tasks.measure.steps.history import slices_of

JOINT: dict[str, tuple[tuple[str, ...], set[str]]] = {
    COHORTS[0]: (COHORTS, {"subscriptions"}),
    FREQUENCY: ((FREQUENCY,), {"orders"}),
    **{name: ((name,), set(kpi.facts)) for name, kpi in KPIS.shipped.items() if kpi.per},
}
"""KPIs that are measured whole, under the name of the first, and the facts that they need."""

_MADE_OF = "values_made_of:"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Whole:
    """What is to be measured of contracts, or of orders.

    Attributes:
        roadmap: the roadmap.
        scopes: scopes that the roadmap names, by KPI.
        through: last day the facts are complete for.
        since, is_one: of contracts in pieces, as `leavers` takes them.
    """

    roadmap: Roadmap
    scopes: Mapping[str, Sequence[Mapping[str, str]]]
    through: date
    since: date | None = None
    is_one: bool | None = None


class JointPiece:
    """Some customers, as they are sent to whoever counts what they do; no dataclass, see `Piece`."""

    def __init__(self, whole: Whole, block: KeyBlock | None) -> None:
        """Set what is asked for, and of whom."""
        self.whole = whole
        self.block = block


def measure_joint(connection: Connection, helpers: Helpers, roadmap: Roadmap) -> None:
    """Values of every complete period, of the KPIs of each mark of JOINT whose facts changed."""
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
        versions = {name: version_of(name, roadmap, named.get(name, ()), ()) for name in wanted if not KPIS[name].per}
        made_of = _made_of(mark, roadmap, named) if KPIS[mark].per else ""
        is_as_before = made_of == _held_made_of(connection, mark) and not is_changed(connection, versions)
        if is_as_before and not dirty & facts and valued_through(connection, mark) == through:
            continue
        for name in wanted:
            drop_values(connection, name)
        whole = Whole(roadmap, {name: wanted_scopes(KPIS[name], named) for name in kpis}, through)
        for values in _values(connection, helpers, mark, whole):
            Store.write(connection, kpi_values, values.filter(pl.col("kpi").is_in(wanted)), on_conflict="fail")
        remember(connection, mark, versions, through)
        Store.put(connection, meta, [{"name": f"{_MADE_OF}{mark}", "value": made_of}])


def _made_of(kpi: str, roadmap: Roadmap, named: Mapping[str, Sequence[str]]) -> str:
    """What defines the parts that a KPI's values are made of: by now each family remembers its own as made."""
    return " ".join(version_of(name, roadmap, named.get(name, ()), ()) for name in KPIS[kpi].rests_on)


def _held_made_of(connection: Connection, mark: str) -> str:
    """The same as it was when they were made; empty: nothing is remembered."""
    return connection.execute(select(meta.c.value).where(meta.c.name == f"{_MADE_OF}{mark}")).scalar() or ""


def _values(connection: Connection, helpers: Helpers, mark: str, whole: Whole) -> Iterator[pl.DataFrame]:
    """The values of every complete period, of the KPIs of one mark of JOINT."""
    if KPIS[mark].per:
        held = parts_of(connection, KPIS[mark].rests_on)
        yield from (points(held, kind, through=whole.through) for kind in KEPT)
        return
    fact, family = ("orders", "purchases") if mark == FREQUENCY else ("subscriptions", "subscriptions")
    n = n_facts(connection, fact)
    blocks = slices_of(connection, fact, KEYS[family], n, helpers.most) if n > helpers.most else []
    if mark == FREQUENCY:
        every = helpers.in_order(count_turns, (JointPiece(whole, part.block) for part in blocks)) if blocks else ()
        changes = _summed(every, turns_together) if blocks else turns_of(connection, whole)
        yield from purchase_frequency(changes, whole.through)
    else:
        counted = _in_pieces(connection, helpers, whole, blocks) if blocks else leavers_of(connection, whole)
        yield from leaving(counted, whole.through)


def _in_pieces(connection: Connection, helpers: Helpers, whole: Whole, blocks: Sequence[Slice]) -> Leavers:
    """Who left, of all customers. That revenue is in two currencies, the last of them may be the first to show."""
    is_at_notice = whole.roadmap.churn.booked_on == "notice"
    since = first_of(connection, "subscriptions", ("ended_at", "notice_at") if is_at_notice else ("ended_at",))
    if since is None:
        return Leavers(None, frozenset(), {})
    whole = replace(whole, since=day_of(since, whole.roadmap.zone))
    for is_one in (True, False):
        every = (JointPiece(replace(whole, is_one=is_one), part.block) for part in blocks)
        counted = _summed(helpers.in_order(count_leavers, every), leavers_together)
        if len(counted.currencies) <= 1:
            break
    return counted


def _summed(parts: Iterable[Result], together: Callable[[Sequence[Result]], Result]) -> Result:
    """The sum of all parts, at least one, each added as it comes."""
    return reduce(lambda held, part: together([held, part]), parts)


@task(name="count-leavers", cache_policy=NO_CACHE, persist_result=False, retries=2)
def count_leavers(whence: Whence, piece: JointPiece) -> Leavers:
    """Who of some customers left; it writes nothing, so that it may be done again anywhere."""
    # in a function of its own: a Dask worker gets this one by value, with all that it names
    return leavers_of_piece(whence.store(), piece)


@task(name="count-turns", cache_policy=NO_CACHE, persist_result=False, retries=2)
def count_turns(whence: Whence, piece: JointPiece) -> pl.DataFrame:
    """How often some customers buy; it writes nothing, so that it may be done again anywhere."""
    return turns_of_piece(whence.store(), piece)


def leavers_of_piece(store: Store, piece: JointPiece) -> Leavers:
    """Who of a piece's customers left, in whichever process this is: see `count_leavers`."""
    with store.reading() as connection:
        return leavers_of(connection, piece.whole, piece.block)


def turns_of_piece(store: Store, piece: JointPiece) -> pl.DataFrame:
    """How often a piece's customers buy, in whichever process this is: see `count_turns`."""
    with store.reading() as connection:
        return turns_of(connection, piece.whole, piece.block)


def leavers_of(connection: Connection, whole: Whole, block: KeyBlock | None = None) -> Leavers:
    """Who of the customers of a block (None: of all) was there, and left, in every complete period."""
    roadmap = whole.roadmap
    contracts = read_facts(connection, "subscriptions", None, roadmap, block=block)["subscriptions"]
    return leavers(
        contracts, roadmap.zone.key, whole.through, whole.scopes, roadmap.churn.booked_on,
        since=whole.since, is_one=whole.is_one,
    )  # fmt: skip


def turns_of(connection: Connection, whole: Whole, block: KeyBlock | None = None) -> pl.DataFrame:
    """When those of the customers of a block (None: of all) who have bought within 90 days change."""
    orders = read_facts(connection, "purchases", None, whole.roadmap, block=block)["orders"]
    return turns(purchases(orders, whole.roadmap.zone.key), whole.scopes[FREQUENCY])
