"""What is new in the pages of a fetch, in words and fields: kept with each page, told with the batch of them."""

import json
from collections import Counter
from typing import Any

from prefect import get_run_logger
from sqlalchemy import Connection

from sql.queries.intake import fields_of
from sql.store import Store
from sql.tables import source_fields
from wire.pages import Fetched


class News:
    """New words and fields of one stream since its last batch. A run that is killed leaves them to the next one.

    Args:
        kept: as `text` gave it; None: nothing came yet.
    """

    def __init__(self, source: str, stream: str, kept: str | None) -> None:
        self._source, self._stream = source, stream
        held: dict[str, Any] = json.loads(kept) if kept else {}
        self._words = Counter[tuple[str, str]]({(field, word): n for field, word, n in held.get("words", ())})
        self._fields = set[str](held.get("fields", ()))
        self._told = list[tuple[str, str, int]]()

    def see(self, page: Fetched) -> None:
        """Take note of a page."""
        self._words += page.new_words
        self._fields |= page.seen_fields

    @property
    def text(self) -> str | None:
        """As JSON, to be kept in the transaction that keeps the page; None: nothing."""
        if not self._words and not self._fields:
            return None
        words = [[field, word, n] for (field, word), n in sorted(self._words.items())]
        return json.dumps({"words": words, "fields": sorted(self._fields)}, ensure_ascii=False)

    def write_down(self, connection: Connection, batch_id: str) -> str | None:
        """Remember fields that the stream has not shown before; what is new in a batch, as JSON, and forgotten here.

        Fields of the first batch are no news.
        """
        known = fields_of(connection, self._source, self._stream)
        new = sorted(self._fields - known)
        rows = [{"source": self._source, "stream": self._stream, "field": name, "batch_id": batch_id} for name in new]
        Store.put(connection, source_fields, rows)
        self._told = [(field, word, n) for (field, word), n in sorted(self._words.items())]
        words = [{"field": field, "word": word, "n": n} for field, word, n in self._told]
        notes = {"new_words": words} if words else {}
        notes |= {"new_fields": new} if new and known else {}
        self._words, self._fields = Counter[tuple[str, str]](), set[str]()
        return json.dumps(notes, sort_keys=True, ensure_ascii=False) if notes else None

    def tell(self) -> None:
        """Log the words of the batch that was written down; to be called when that is certain."""
        for field, word, n in self._told:
            get_run_logger().warning(
                "%s %s: %s has %d rows with the unknown word %r", self._source, self._stream, field, n, word
            )
        self._told = []
