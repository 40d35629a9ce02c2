"""Make the parts of one family of KPIs from its facts: of some days, or of all at once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl
from sqlalchemy import Connection

from domain.groups import summed
from domain.key_blocks import KeyBlock
from domain.kpis import KPIS
from domain.own_kpis import OwnKpi
from domain.roadmap import Roadmap
from domain.roadmap.schedules import hours_of_channels, promises_of
from domain.scopes import canonical
from sql.store import Store
from tasks.measure.entries import parts, wanted_scopes
from tasks.measure.families import Entries, Terms, entries_of
from tasks.measure.feedback.pooling import Apart, kept_apart
from tasks.measure.pieces import Slice
from tasks.measure.steps.facts import Facts, read_facts

Made = tuple[list[str], pl.DataFrame]
"""KPIs that share their parts, the one that keeps them first, and these parts."""


@dataclass(frozen=True)
class Asked:
    """What is to be measured of a family, all that is needed besides its facts.

    Attributes:
        family: one of FAMILIES.
        roadmap: the roadmap.
        wanted: its KPIs.
        named: scopes that the roadmap names, by KPI.
        apart: KPIs of which nothing is added up but what is named here: see `tasks.measure.feedback.pooling`.
        by_account: segments in whose answers an account is one voice.
        through: last day the facts are complete for.
        told: KPIs of which it is known that there are replies.
        fewer: of KPIs that fewer days of change than others of the family, these days.
    """

    family: str
    roadmap: Roadmap
    wanted: tuple[str, ...]
    named: Mapping[str, Collection[str]]
    apart: Mapping[str, Apart]
    by_account: Sequence[str]
    through: date
    told: Collection[str] = ()
    fewer: Mapping[str, Sequence[date]] = field(default_factory=dict[str, Sequence[date]])

    def days_of(self, kpi: str, days: Sequence[date] | None) -> Sequence[date] | None:
        """Those of the family's days whose parts of a KPI are made again."""
        return self.fewer.get(kpi, days)


def facts_of(connection: Connection, asked: Asked, days: Sequence[date] | None, block: KeyBlock | None = None) -> Facts:
    """The facts that make the parts of some days (None: of all), of a block alone if one is given."""
    return read_facts(connection, asked.family, days, asked.roadmap, asked.by_account, block)


def parts_made(facts: Facts, asked: Asked, days: Sequence[date] | None) -> Iterator[Made]:
    """The parts of some days (None: of all), KPI by KPI, as they are asked for; the facts are taken out."""
    roadmap, family = asked.roadmap, asked.family
    terms = Terms(
        roadmap.zone.key, asked.through, asked.wanted, asked.by_account, hours_of_channels(roadmap),
        promises_of(roadmap), roadmap.reopening, int(roadmap.churn.win_back.days), asked.told,
    )  # fmt: skip
    return _parts_of(entries_of(family, facts, terms), asked, days)


class Piece:
    """A slice of a family's history, as it is sent to whoever measures it.

    No dataclass: Prefect and Dask go through these, and through tuples, in search of futures, and make others of them.
    """

    def __init__(self, asked: Asked, own: Sequence[OwnKpi], part: Slice) -> None:
        """Set what is asked for, the company's own KPIs, which another process does not know yet, and the slice."""
        self.asked = asked
        self.own = own
        self.part = part


def parts_of_piece(store: Store, piece: Piece) -> list[Made]:
    """The parts of a piece, in whichever process this is: see `measure_piece`."""
    with KPIS.including(piece.own), store.reading() as connection:
        facts = facts_of(connection, piece.asked, piece.part.days, piece.part.block)
        return list(parts_made(facts, piece.asked, piece.part.days))


def _parts_of(every: Entries, asked: Asked, days: Sequence[date] | None) -> Iterator[Made]:
    for names, entries in every:
        for alike in alike_of(name for name in names if name in asked.wanted):
            mine = asked.days_of(alike[0], days)
            kept = entries if mine is None else entries.filter(pl.col("booked_day").is_in(mine))
            apart = asked.apart.get(alike[0])
            kept = kept if apart is None else kept_apart(kept, apart)
            scopes = {canonical(scope): scope for name in alike for scope in wanted_scopes(KPIS[name], asked.named)}
            named = {canonical(scope): scope for name in alike for scope in asked.roadmap.crossed(name)}
            crossed = named.values()
            made = parts(kept, KPIS[alike[0]], scopes.values(), is_pooled=apart is None, crossed=crossed,
                         alone=[*(apart or ())])  # fmt: skip
            yield alike, made


def together(pieces: Iterable[list[Made]]) -> list[Made]:
    """The parts of one stretch of time that was measured in blocks, added up."""
    found: dict[tuple[str, ...], pl.DataFrame] = {}
    for piece in pieces:
        for alike, made in piece:
            held = found.get(tuple(alike))
            found[tuple(alike)] = made if held is None else summed([held, made])
    return [([*alike], made) for alike, made in found.items()]


def alike_of(names: Iterable[str]) -> list[list[str]]:
    """KPIs of the same entries, those that share their parts together, the one that keeps them first."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(KPIS[name].kept_as, []).append(name)
    return list(found.values())
