"""What a flow brings in, batch by batch."""

from typing import NamedTuple


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
