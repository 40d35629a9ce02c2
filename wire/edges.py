"""Where the last page of a counted list ended: what tells whether the next one follows it without a gap. Pure.

Such a list skips as many records as were read. When some of those leave it, all others move up, and the next page
begins with a record that is further on: those between are on the page before it now. That page is asked for again.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.paging import Path, inside

MOST_BACK: Final = 100
"""Pages that one sweep goes back: a list without any order would have it go back for ever."""


@dataclass(frozen=True)
class Edge:
    """The end of what was read.

    Attributes:
        keys: of the last page's records, as fingerprints.
        mark: of its last record, where the list has the newest change first: newer ones lie before it. "": none.
    """

    keys: tuple[str, ...] = ()
    mark: str = ""

    @classmethod
    def of(cls, records: Sequence[Any], marks: Sequence[datetime | None], key: Path) -> "Edge":
        """The edge after a page."""
        known = [mark for mark in marks if mark is not None]
        has_order = len(known) == len(records) and len({*known}) > 1
        is_newest_first = has_order and known == sorted(known, reverse=True)
        return cls(tuple(_fingerprints(records, key)), known[-1].isoformat() if is_newest_first else "")

    def follows(self, records: Sequence[Any], marks: Sequence[datetime | None], key: Path) -> bool:
        """Whether a page begins no later than right after the edge: all before its first record has been read."""
        return not self.keys or self._lies_before(records[:1], marks[:1], key)

    def holds(self, records: Sequence[Any], marks: Sequence[datetime | None], key: Path) -> bool:
        """Whether a page ends no later than at the edge: all of it has been read."""
        return self._lies_before(records[-1:], marks[-1:], key)

    def meets(self, records: Sequence[Any], key: Path) -> bool:
        """Whether a page has a record that the last one had: all before it has been read."""
        return not {*self.keys}.isdisjoint(_fingerprints(records, key))

    def _lies_before(self, records: Sequence[Any], marks: Sequence[datetime | None], key: Path) -> bool:
        newer = [mark for mark in marks if mark is not None and self.mark and mark > datetime.fromisoformat(self.mark)]
        return bool(newer) or self.meets(records, key)


def _fingerprints(records: Sequence[Any], key: Path) -> Iterator[str]:
    for record in records:
        text = json.dumps(inside(record, key) or record, sort_keys=True, default=str)
        yield hashlib.blake2s(text.encode(), digest_size=6).hexdigest()
