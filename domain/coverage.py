"""Readings that ended whole, and what they tell of rows that they did not show. Pure.

A list does not say what was deleted. It is known from a reading of it: what we hold within what the reading covers, and
what it did not show, is no more. A wrong deletion is worse than a missed one, so that a reading which would delete
much is doubted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

FEW: Final = 10
"""So many rows may be gone at once from any list that still shows others."""
MOST_GONE: Final = 0.2
"""Of more rows than a few, this share may be gone; sources.yaml may say another."""

BELONGS: Final = ":*"
"""After a row's key: all rows that belong to it, whose keys begin with it and a colon."""


@dataclass(frozen=True)
class Reading:
    """A list that was read to its end.

    Attributes:
        member: of the stream's `per_option`; "" where it has none.
        began: when, by our clock.
        since: records from here on were asked for; None: all of them.
        until: younger records may not have been shown yet.
        n_told: records that the list says it has, at its end; None: it does not say.
    """

    member: str
    began: datetime
    since: datetime | None
    until: datetime
    n_told: int | None = None


def is_doubtful(n_gone: int, n_there: int, most_gone: float = MOST_GONE) -> bool:
    """Whether a reading is more likely to be wrong than that so many rows were deleted.

    Args:
        n_gone: rows that it did not show.
        n_there: rows that it did show.
        most_gone: share of both that may be gone.

    >>> is_doubtful(3, 5), is_doubtful(11, 89), is_doubtful(30, 70), is_doubtful(1, 0)
    (False, False, True, True)

    Whoever says that all may be gone is believed:

    >>> is_doubtful(1, 0, most_gone=1)
    False
    """
    if most_gone >= 1:
        return False
    if n_gone and not n_there:
        return True
    return n_gone > FEW and n_gone > most_gone * (n_gone + n_there)
