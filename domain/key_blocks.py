"""A range of keys: what is too much to be held at once is measured block by block."""

from typing import NamedTuple


class KeyBlock(NamedTuple):
    """Rows whose key lies in [low, high), in the database's own order of texts.

    Attributes:
        columns: the key is the first of them that has a value, of a customer the person; what belongs together has the
            same key.
        low: None: from the first on.
        high: None: to the last.
    """

    columns: tuple[str, ...]
    low: str | None
    high: str | None
