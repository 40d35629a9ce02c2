"""What a flow brings in, batch by batch."""

from datetime import date
from typing import Final, NamedTuple

AS_LANDED: Final = "as landed"
"""Staging tells no day of its own: the day that landing wrote down counts."""


class Arrived(NamedTuple):
    """A batch that waits in the landing zone.

    Attributes:
        source: its source.
        batch_id: None when nothing waits.
        ends: the stream whose last batch it is; None: none.
        is_first: there will be a batch soon.
        is_long: and more of them after it.
    """

    source: str
    batch_id: str | None
    ends: str | None
    is_first: bool = False
    is_long: bool = False


class Came(NamedTuple):
    """What has come of a stream so far, while it is read.

    Attributes:
        n_batches: that may be published.
        n_records: of this reading.
        is_all: there is nothing more.
    """

    n_batches: int
    n_records: int
    is_all: bool


def day_when_last(told: str | None, landed: date | None) -> date | None:
    """The last day that a batch is complete for, once it is known that nothing of its fetch comes after it.

    Args:
        told: what staging found: AS_LANDED, a day in ISO 8601, or None: no row tells a day.
        landed: what landing wrote down with the last page; None: a list of keys, which tells of no day.
    """
    if told is None or landed is None:
        return None
    return landed if told == AS_LANDED else date.fromisoformat(told)
