"""Measure a long history piece by piece: each a task of its own that reads its facts and gives back their parts."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from math import ceil
from zoneinfo import ZoneInfo

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection

from domain.estimates import PARTS_SCHEMA
from domain.heap import give_back
from domain.key_blocks import KeyBlock
from domain.kpis import KPIS
from domain.own_kpis import OwnKpi
from domain.stretches import stretch_of, stretched
from domain.windows import Window, day_of, start_of
from sql.queries.kpis import has_outcomes, has_successes, replace_parts, replace_stretches
from sql.queries.pieces import drawn_keys, n_booked, n_facts, next_booked
from tasks.measure.families import ALONE, KEYS, LATER, RENEWED, TOLD, reach_of
from tasks.measure.feedback.voices import HEARD_DAYS
from tasks.measure.pieces import Slice, blocks, month_at, pieces
from tasks.measure.steps.helpers import PIECES_IN_LIMIT, Helpers, Whence
from tasks.measure.steps.making import Asked, Made, Piece, alike_of, parts_of_piece, together
from tasks.measure.steps.values import keep_nothing

MOST_BLOCKS = 1000
BY_KEY_ALONE = frozenset({"subscriptions", "remarks"})
"""Families that are cut into blocks of all days: contracts are of no day, and remarks cannot be found by theirs."""


def pieces_of(
    connection: Connection, asked: Asked, days: Sequence[date] | None, most: int, history: "History"
) -> tuple[int, list[list[Slice]]]:
    """The pieces that some days (None: all) of a family are measured in, each in slices; none: few enough for one.

    Args:
        connection: to count with.
        asked: the family.
        days: the days that changed; the stretches that hold them are measured.
        most: facts that may be measured at once.
        history: of the family's facts; what it counted is not counted again.

    Returns:
        How many facts there are of these days, or of the stretches that hold them, and the pieces.
    """
    family, fact = asked.family, LATER.get(asked.family, asked.family)
    n = n_facts(connection, fact)
    if n <= most:
        return n, []
    changed = None if days is None else history.stretches(days)
    n_changed = n if changed is None else sum(n for _, n in changed)
    if n_changed <= most:
        return n_changed, []
    if family in BY_KEY_ALONE:
        return n, [slices_of(connection, fact, KEYS[family], n, most)]
    most_here, reach = max(1, most // PIECES_IN_LIMIT), _days_after(asked)

    def cut(window: Window, n: int) -> Sequence[KeyBlock | None]:
        if not reach:
            return history.blocks(KEYS[family], window, n, most_here)
        near = history.count(Window(window.start, window.end + timedelta(days=reach)))
        # the days after belong to each piece: where they bring no more than the piece itself may have, that is so
        return [None] if near <= 2 * most_here else history.blocks(KEYS[family], window, near, most_here)

    return n_changed, list(pieces(changed or history.months(), most_here, history.count, cut))


def slices_of(connection: Connection, fact: str, key: tuple[str, ...], n: int, most: int) -> list[Slice]:
    """All `n` rows of a fact table in blocks of their keys, of which some may be measured at once."""
    n_blocks = min(MOST_BLOCKS, ceil(n / max(1, most // PIECES_IN_LIMIT)))
    drawn = drawn_keys(connection, fact, key, None, n, n_blocks)
    return [Slice(None, block) for block in blocks(key, drawn, n_blocks)]


def _days_after(asked: Asked) -> int:
    """How many days after a piece are read with it."""
    if asked.by_account:
        return HEARD_DAYS - 1
    is_wider = asked.family in LATER and asked.family not in ALONE
    return reach_of(asked.family, asked.roadmap.reopening) if is_wider else 0


class History:
    """When the rows of a fact table are booked, and how many."""

    def __init__(self, connection: Connection, fact: str, zone: ZoneInfo) -> None:
        """Set what to count."""
        self._connection = connection
        self._fact = fact
        self._zone = zone
        self._counted: dict[Window, int] = {}

    def count(self, window: Window) -> int:
        """How many are booked within some days; they are counted once."""
        if window not in self._counted:
            self._counted[window] = n_booked(self._connection, self._fact, self._span(window))
        return self._counted[window]

    def months(self) -> Iterator[tuple[Window, int]]:
        """Each month with any, and how many."""
        since = start_of(date(1, 1, 2), self._zone)
        while (first := next_booked(self._connection, self._fact, since)) is not None:
            month = month_at(day_of(first, self._zone))
            yield month, self.count(month)
            since = start_of(month.end, self._zone)

    def stretches(self, days: Sequence[date]) -> list[tuple[Window, int]]:
        """The stretches that hold some days, and how many are booked within each."""
        windows = sorted({stretch_of(day) for day in days}, key=lambda window: window.start)
        return [(window, self.count(window)) for window in windows]

    def blocks(self, columns: tuple[str, ...], window: Window, n: int, most: int) -> list[KeyBlock | None]:
        """The blocks of what is booked within some days, which is about `n`, of `most` each."""
        if n <= most:
            return [None]
        n_blocks = min(MOST_BLOCKS, ceil(n / most))
        keys = drawn_keys(self._connection, self._fact, columns, self._span(window), n, n_blocks)
        return blocks(columns, keys, n_blocks)

    def _span(self, window: Window) -> tuple[datetime, datetime]:
        return start_of(window.start, self._zone), start_of(window.end, self._zone)


def all_measured(
    helpers: Helpers, histories: Iterable[tuple[Asked, Sequence[Sequence[Slice]]]]
) -> Iterator[list[Made]]:
    """What each slice of each family's pieces gives, in their order.

    They are one row: while what a family gave is written, pieces of the next one are measured.
    """
    own = tuple(kpi for kpi in KPIS.values() if isinstance(kpi, OwnKpi))
    every = (Piece(asked, own, part) for asked, history in histories for piece in history for part in piece)
    return helpers.in_order(measure_piece, every)


def measure_history(
    connection: Connection,
    results: Iterator[list[Made]],
    asked: Asked,
    days: Sequence[date] | None,
    history: Sequence[Sequence[Slice]],
) -> int:
    """Replace parts and stretches of a family's KPIs by those of all pieces; the number of parts.

    The pieces are read beside this transaction, which alone writes: killed in the middle, nothing has changed.

    Args:
        connection: within the transaction.
        results: what `all_measured` gives, as far as it is this family's.
        asked: the family.
        days: the days that changed; None: all, and what is in no piece is kept no longer.
        history: its pieces.
    """
    n_made, empty = 0, pl.DataFrame(schema=PARTS_SCHEMA)
    if days is None:
        for alike in alike_of(asked.wanted):
            replace_parts(connection, alike[0], None, empty)
            keep_nothing(connection, alike[0])
    for piece in history:
        gone = () if days is None else piece[0].days
        starts = [day for day in gone or () if stretch_of(day).start == day]
        for alike, made in together(islice(results, len(piece))):
            replace_parts(connection, alike[0], gone, made)
            n_made += made.height
            if KPIS[alike[0]].per is None and not asked.by_account:
                replace_stretches(connection, alike[0], starts, stretched(made))
        give_back()
    if days is None:
        n_made -= _forget_unknown(connection, asked.wanted)
    return n_made


def _forget_unknown(connection: Connection, wanted: Collection[str]) -> int:
    """Keep nothing of KPIs of which no piece showed that they are told at all; how many parts there were."""
    unknown = [name for name, shows in TOLD.items() if name in wanted and not has_outcomes(connection, shows)]
    if RENEWED in wanted and not has_successes(connection, RENEWED):
        unknown.append(RENEWED)
    n_gone, empty = 0, pl.DataFrame(schema=PARTS_SCHEMA)
    for name in unknown:
        n_gone += replace_parts(connection, name, None, empty)
        keep_nothing(connection, name)
    return n_gone


@task(name="measure-piece", cache_policy=NO_CACHE, persist_result=False, retries=2)
def measure_piece(whence: Whence, piece: Piece) -> list[Made]:
    """The parts of a slice of a family's history; it writes nothing, so that it may be done again anywhere.

    Args:
        whence: where the facts are.
        piece: which part of what.
    """
    # in a function of its own: a Dask worker gets this one by value, with all that it names
    return parts_of_piece(whence.store(), piece)
