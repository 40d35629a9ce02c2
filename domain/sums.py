"""Counts added up by a number that says what they are of."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


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
