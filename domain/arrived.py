"""What a flow brings in, batch by batch."""

from typing import NamedTuple


class Arrived(NamedTuple):
    """A batch that waits in the landing zone.

    Attributes:
        source: its source.
        batch_id: None when nothing waits.
        ends: the stream whose last batch it is; None: none.
        is_first: there will be a batch soon, of a stream that is being read.
    """

    source: str
    batch_id: str | None
    ends: str | None
    is_first: bool = False
