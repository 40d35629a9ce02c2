"""What a list that shows its newest records alone tells of those that it does not show. Pure.

What is older than the last record shown has left it, for all that can be known. What lies between two that are shown
would be shown, if it were there: where the list is in order of time, and cut by it.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise


def covered_by(
    published: Sequence[datetime | None], changed: Sequence[datetime | None]
) -> tuple[datetime, datetime] | None:
    """From when to when a page of the newest records shows whatever was published; None: that cannot be told.

    It may be in order of publication, or of the last change; which one is not known. A record that was published after
    every record shown last changed would be above the last one in either.

    Args:
        published: of each record, in the page's order.
        changed: when it last changed.

    >>> at = [datetime(2026, 3, day) for day in (9, 7, 4)]
    >>> covered_by(at, at) == (at[2], at[0])
    True
    """
    known, later = [at for at in published if at is not None], [at for at in changed if at is not None]
    if not known or len(known) < len(published) or len(later) < len(published):
        return None
    if not (_is_newest_first(known) or _is_newest_first(later)):
        return None
    begin, end = max(min(known), min(later)), max(known)
    return (begin, end) if begin < end else None


def _is_newest_first(instants: Sequence[datetime]) -> bool:
    return all(one >= other for one, other in pairwise(instants))
