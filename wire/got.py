"""What the calls for a page gave."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.paging import Answer, Path, inside
from wire.columns import column, objects
from wire.containers import Part


@dataclass(frozen=True)
class Got:
    """What a call gave, before anything else is asked about its records.

    Attributes:
        marks: of each record, where the stream has them; none otherwise.
        token: that the next sweep may go on from.
        new_words: (field, word) that the parser does not know, counted.
    """

    answer: Answer
    records: list[Any]
    marks: list[datetime | None]
    token: str | None
    new_words: Counter[tuple[str, str]]


@dataclass(frozen=True)
class GotPage(Got):
    """One page, with the answers about its records, as they are landed."""

    parts: list[Part]

    @property
    def mark(self) -> datetime | None:
        """The latest one."""
        return max(filter(None, self.marks), default=None)

    @property
    def is_in_order(self) -> bool:
        """From the oldest change to the latest."""
        marks = [mark for mark in self.marks if mark is not None]
        return len(marks) == len(self.records) and marks == sorted(marks)

    def identity(self, key: Path) -> list[Any]:
        """What tells this page from another: its records' keys and marks."""
        held = objects(self.records)
        found = None if held is None else column(held, key)
        if found is None:
            found = [inside(record, key) for record in self.records]
        keys = [key or record for key, record in zip(found, self.records, strict=True)]
        return [*zip(keys, self.marks, strict=True)] if self.marks else keys
