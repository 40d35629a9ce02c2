"""Counts added up by a number that says what they are of, and fractions whose sums no order changes."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
EXACT = 2.0**53
"""Whole numbers whose sums stay below are added up without any rounding."""
_EDGES = (2.0**60, 2.0**30, 1.0, 2.0**-30, 2.0**-60)
"""A number is cut at these: what lies between two has 30 digits, of which eight million add up without any rounding."""


class Addends:
    """Numbers that add up to the same sums, to the last bit, in whatever order they come.

    >>> many = Addends(np.array([2.0**60, 1.0, -(2.0**60), 0.1]))
    >>> many.added(np.array([0, 0, 0, 1]), 2).tolist()
    [1.0, 0.1]
    """

    def __init__(self, values: Floats) -> None:
        """Take finite numbers; of what is smaller than 2**-60 nothing counts where fractions are added up."""
        self._values = values

    def added(self, place: Ints, n_places: int) -> Floats:
        """The sum at each place."""
        total = _added(place, self._values, n_places)
        if self._is_whole and (self._most < EXACT or self._most_at(place, total) < EXACT):
            return total
        cut = [_added(place, values, n_places) for values in self._cut]
        return np.sum(cut[::-1], axis=0) if cut else np.zeros(n_places)

    def _most_at(self, place: Ints, total: Floats) -> float:
        """At least as much as any sum on the way to the largest one."""
        sizes = total if self._sizes is self._values else _added(place, self._sizes, len(total))
        return float(sizes.max(initial=0))

    @cached_property
    def _is_whole(self) -> bool:
        return np.array_equal(self._values, np.rint(self._values))

    @cached_property
    def _sizes(self) -> Floats:
        return self._values if self._values.min(initial=0) >= 0 else np.abs(self._values)

    @cached_property
    def _most(self) -> float:
        return float(self._sizes.sum())

    @cached_property
    def _cut(self) -> list[Floats]:
        found, rest = list[Floats](), self._values
        for edge in _EDGES:
            part = np.trunc(rest / edge) * edge
            rest = rest - part
            if part.any():
                found.append(part)
        return found


def _added(place: Ints, values: Floats, n_places: int) -> Floats:
    return np.bincount(place, weights=values, minlength=n_places).astype(np.float64, copy=False)


def added_up(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Each key once, in order, and the sum of its counts; those with nothing left are left out.

    Keys that come in runs, each in order, are merged several times as fast as they would be hashed.

    >>> [found.tolist() for found in added_up(np.array([3, 5, 3, 4]), np.array([1, 2, 1, 0]))]
    [[3, 5], [2, 2]]
    """
    if not np.all(keys[1:] >= keys[:-1]):
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.append(np.full(min(1, len(keys)), fill_value=True), keys[1:] != keys[:-1]))
    total = counts if len(starts) == len(keys) else np.add.reduceat(counts, starts)
    is_there = total != 0
    return keys[starts][is_there], total[is_there]
