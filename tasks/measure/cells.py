"""Entries as columns of numbers: cells of member, booked day and known day that add up many times over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from domain.histogram import added
from domain.scopes import canonical
from domain.sums import Addends, Floats, Ints

SUMS = ("n_items", "n", "total", "total_sq")
DAYS = ("booked_day", "known_day")
SPARSE = 4
"""Times as many cells as there are entries, and more are counted by sorting instead of one by one."""
FEW = 1_000_000
"""So many cells are never too many."""


class Cells:
    """Entries that add up to daily parts, of the whole or of each member of a dimension."""

    def __init__(self, entries: pl.DataFrame) -> None:
        """Take entries as `tasks.measure.entries` describes them; one at least."""
        booked, known = (entries[name].to_physical().to_numpy().astype(np.int64) for name in DAYS)
        first_known, n_known = int(known.min()), int(known.max() - known.min()) + 1
        pair = (booked - booked.min()) * n_known + (known - first_known)
        self._pair, found = _numbered(pair, int(pair.max()) + 1)
        self._booked, self._known = found // n_known + booked.min(), found % n_known + first_known
        columns = _apart([entries[name].fill_null(0).to_numpy().astype(np.float64, copy=False) for name in SUMS])
        self._sums = [(places, Addends(column)) for places, column in columns]
        bins = entries["bin"]
        self._binned = np.flatnonzero(bins.is_not_null().to_numpy())
        self._bin = bins.drop_nulls().to_numpy().astype(np.int64)
        self._count = entries["n"].to_numpy()[self._binned]
        self._entries = entries

    def added(self, dimension: str | None = None, within: Mapping[str, str] | None = None) -> "Sums":
        """The sums of each member's days; days on which nothing adds up to anything are left out.

        Args:
            dimension: whose members are told apart; None: all are one.
            within: the scope's own members.
        """
        n_pairs = len(self._booked)
        first, names = _first_cells(self._entries[dimension], n_pairs) if dimension else (0, [""])
        cell = first + self._pair
        n_cells = n_pairs * (len(names) + 1)  # one member more: of entries that have none
        place, found = _numbered(cell, n_cells) if n_cells > max(SPARSE * len(cell), FEW) else (cell, None)
        n_places = n_cells if found is None else len(found)
        sums: dict[str, Floats] = {}
        for places, column in self._sums:
            total = column.added(place, n_places)
            sums |= {SUMS[index]: total for index in places}
        bins = added(place[self._binned], self._bin, self._count)
        is_there = np.zeros(n_places, bool)
        for total in sums.values():
            is_there |= total != 0
        is_there[bins["group"].to_numpy()] = True
        held = np.flatnonzero(is_there)
        held = held[(held if found is None else found[held]) < n_pairs * len(names)]
        cells = held if found is None else found[held]
        text_at = np.full(n_places, bins.height)  # past the end: none
        text_at[bins["group"].to_numpy()] = np.arange(bins.height)
        return Sums(
            scopes=[canonical({**(within or {}), **({dimension: name} if dimension else {})}) for name in names],
            scope=cells // n_pairs, booked=self._booked[cells % n_pairs], known=self._known[cells % n_pairs],
            sums={name: sums[name][held] for name in SUMS},
            bins=bins["bins"].extend_constant(None, 1).gather(text_at[held]),
        )  # fmt: skip


@dataclass(frozen=True)
class Sums:
    """Columns of daily parts, one value per cell, by scope and days.

    Attributes:
        scopes: scopes.
        scope: which of them.
        booked: the booked day, in days since 1970.
        known: the known day.
        sums: SUMS.
        bins: histogram as text; null where there is none.
    """

    scopes: list[str]
    scope: Ints
    booked: Ints
    known: Ints
    sums: dict[str, Floats]
    bins: pl.Series


def together(found: Sequence[Sums]) -> pl.DataFrame:
    """Several sums as one frame in the order of scope, booked_day and known_day: scope, DAYS, SUMS, bins."""
    scopes = [scope for each in found for scope in each.scopes]
    in_order = sorted(range(len(scopes)), key=scopes.__getitem__)
    rank = np.empty(len(scopes), np.int64)
    rank[in_order] = np.arange(len(scopes))
    first = np.cumsum([0, *(len(each.scopes) for each in found)])
    place = np.concatenate([rank[each.scope + start] for each, start in zip(found, first, strict=False)])
    order = np.argsort(place, kind="stable")

    def column(of: Callable[[Sums], Any]) -> Any:
        return np.concatenate([of(each) for each in found])[order]

    return pl.DataFrame({
        "scope": pl.Series([scopes[index] for index in in_order], dtype=pl.String).gather(place[order]),
        "booked_day": column(lambda each: each.booked).astype(np.int32),
        "known_day": column(lambda each: each.known).astype(np.int32),
        **{name: column(lambda each, name=name: each.sums[name]) for name in SUMS},
        "bins": pl.concat([each.bins for each in found]).gather(order),
    }).with_columns(pl.col(DAYS).cast(pl.Date), pl.col("n_items", "n").cast(pl.Int64))  # fmt: skip


def _first_cells(label: pl.Series, n_each: int) -> tuple[Ints, list[str]]:
    """The first cell of each entry's member, past the end of those without one; and the members in order."""
    label = label if isinstance(label.dtype, pl.Categorical | pl.Enum) else label.cast(pl.Categorical)
    physical = label.to_physical().cast(pl.Int64)
    member = (physical.fill_null(-1) if physical.null_count() else physical).to_numpy()
    row_of = np.full(int(member.max()) + 2, -1)  # one row of each; the last place is of those without a member
    row_of[member] = np.arange(len(member))
    told = np.flatnonzero(row_of[:-1] >= 0)
    names = label.gather(row_of[told]).cast(pl.String).to_list()
    in_order = sorted(range(len(names)), key=names.__getitem__)
    first_of = np.full(len(row_of), len(names) * n_each)
    first_of[told[in_order]] = np.arange(len(names)) * n_each
    return np.take(first_of, member), [names[index] for index in in_order]


def _numbered(values: Ints, n_values: int) -> tuple[Ints, Ints]:
    """Values as places among those that are there, and these in order."""
    if n_values > max(SPARSE * len(values), FEW):
        found, place = np.unique(values, return_inverse=True)
        return place, found
    is_there = np.zeros(n_values, bool)
    is_there[values] = True
    return (np.cumsum(is_there) - 1)[values], np.flatnonzero(is_there)


def _apart(columns: Sequence[Floats]) -> list[tuple[list[int], Floats]]:
    """Which of the columns are the same, so that they are added up once."""
    found: list[tuple[list[int], Floats]] = []
    for index, column in enumerate(columns):
        for places, same in found:
            if np.array_equal(same, column):
                places.append(index)
                break
        else:
            found.append(([index], column))
    return found
