"""Gather the pages of a fetch, as they land, into batches."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from domain.arrived import day_when_last
from domain.context import RunContext
from domain.roadmap import load_roadmap
from domain.source_specs import SourceSpec, Warehouse
from domain.windows import day_of
from sql.queries.intake import batch as batch_of_id
from sql.queries.intake import known_batch, set_batch, stream_place
from sql.queries.sightings import note_readings
from sql.store import Store, store_at
from sql.tables import batches, cursors, fetches
from tasks.extract.catalog import (
    CONNECTORS,
)
from tasks.extract.readings import reading_of
from tasks.extract.steps.declared import batch_of
from tasks.extract.steps.noting import News
from wire.landing import Landing
from wire.pages import Fetched
from wire.sweeps import through_of
from wire.warehouse import FetchedRows

RECORDS: Final = 50_000
BYTES: Final = 1 << 26
"""A batch is cut at this many records or bytes: large enough to validate fast, small enough to hold in memory."""
MOST_UNNOTED: Final = 25
"""Pages that may land without the place after them, while another thread holds the database: one of the next notes it
for all. As many are asked for again at most, should the run be killed just then."""

Piece = Fetched | FetchedRows
"""What comes of an interface, or of a warehouse."""


class Gathering:
    """One fetch under way: pages that have landed, and the batches they become."""

    def __init__(self, context: RunContext, spec: SourceSpec, stream: str, kept: dict[str, Any] | None) -> None:
        self._context, self._spec, self._stream = context, spec, stream
        self._store, self._landing = store_at(context.folder), Landing(context.project.landing)
        self._pages: list[str] = json.loads(kept["pages"]) if kept else []
        self._n_records: int = kept["n_records"] if kept else 0
        self.position: dict[str, Any] | None = json.loads(kept["position"]) if kept else None
        self._began = datetime.now(UTC)
        self._n_bytes = 0
        self.is_whole = self.has_come = self._is_over = False
        self._readings: list[dict[str, Any]] = []
        self._whole_at: datetime | None = kept["whole_at"] if kept else None
        self._news = News(spec.name, stream, kept["news"] if kept else None)
        self.n_batches = self._n_unnoted = 0

    def keep(self, piece: Piece) -> None:
        """Land one page, and with it where to go on; a full batch is cut."""
        if piece.n_records:
            self._pages.append(self._landing.put(piece.content))
            self._n_bytes += len(piece.content)
        self._n_records += piece.n_records
        self.is_whole, self.has_come = piece.is_last, True
        self.position = dict(piece.position)
        if isinstance(piece, Fetched):
            self._news.see(piece)
        if piece.reading is not None:
            self._readings.append(reading_of(self._spec, self._stream, piece.reading))
        if self._n_records >= RECORDS or self._n_bytes >= BYTES or piece.is_last:
            self.cut(is_last=piece.is_last)
        elif self._n_unnoted < MOST_UNNOTED and self._store.is_taken():
            self._n_unnoted += 1
        else:
            self._n_unnoted = 0
            with self._store.transaction(self._context.run_id) as connection:
                Store.put(connection, fetches, [self._row()])
                note_readings(connection, self._readings)

    def rest(self) -> int:
        """There is nothing to read any more: what has landed is all of it; how many batches came of it."""
        self._is_over = True
        self.cut(is_last=True)
        return self.n_batches

    def cut(self, *, is_last: bool) -> None:
        """Make a batch of the pages so far; with the last one the stream is complete through yesterday."""
        if not self._pages and not is_last:
            return
        through = self._through() if is_last else None
        self._whole_at = self._read_at() if is_last else self._whole_at
        batch = self._batch(through) if self._pages else None
        self._pages, self._n_records, self._n_bytes = [], 0, 0
        with self._store.transaction(self._context.run_id) as connection:
            before = stream_place(connection, self._spec.name, self._stream)
            if batch is not None:
                batch["notes"] = self._news.write_down(connection, batch["batch_id"])
                self.n_batches += self._put(connection, batch, before.last)
            is_told = batch is None and through is not None and self._end(connection, before.last, through)
            Store.put(connection, fetches, [self._row()])
            note_readings(connection, self._readings)
            place = stream_place(connection, self._spec.name, self._stream)
            if is_last and place.is_whole and self._spec.complete_through.kind == "arrival":
                # nothing new came: that, too, is known now
                self._move(connection, json.dumps(self.position), through)
            elif is_told and place.is_whole:
                self._move(connection, place.position, place.complete_through)
        self._news.tell()

    def _move(self, connection: Connection, position: str | None, through: date | None) -> None:
        row = {"position": position, "complete_through": through}
        Store.put(connection, cursors, [{"source": self._spec.name, "stream": self._stream, **row}])

    def _end(self, connection: Connection, last: str | None, through: date) -> bool:
        """The last page had no record: the batch before it, cut when it was full, is the last one. Whether it is.

        It waits, or is published already: then its day is what staging found; where that is gone, it is read again.
        """
        if last is None or batch_of_id(connection, last)["complete_through"] is not None:
            return False
        set_batch(connection, last, complete_through=through)
        if batch_of_id(connection, last)["state"] != "published":
            return True
        laid = self._context.project.staging / last / "batch.json"
        if laid.is_file():
            told = json.loads(laid.read_text(encoding="utf-8"))["when_last"]
            set_batch(connection, last, complete_through=day_when_last(told, through))
        else:
            set_batch(connection, last, state="landed")
        return True

    def _put(self, connection: Connection, batch: dict[str, Any], last: str | None) -> int:
        """Write a batch down; 1 if it is to be published, 0 if just this came last time, too."""
        known = known_batch(connection, batch["batch_id"])
        if known is not None and known["state"] == "published" and known["batch_id"] == last:
            set_batch(connection, batch["batch_id"], position=batch["position"], landed_at=batch["landed_at"])
            return 0
        Store.put(connection, batches, [batch])  # what came earlier already has come again, and is the latest now
        return 1

    def _read_at(self) -> datetime:
        """Until when everything has been seen: of a fetch over several runs, when the first began."""
        is_interface = self._spec.kind in CONNECTORS and not self._is_over
        return (through_of(self.position) if is_interface else None) or self._began

    def _through(self) -> date | None:
        connector = CONNECTORS.get(self._spec.kind)
        covers = connector.stream(self._stream).covers if connector else None
        is_of_keys = isinstance(self._spec.reads, Warehouse) and self._stream not in self._spec.reads.streams
        if is_of_keys or (covers is not None and covers.of):
            return None  # a list of keys tells of no day
        seen = self._read_at() - (connector.delay if connector else timedelta())
        return day_of(seen, load_roadmap(self._context.project.roadmap).zone) - timedelta(days=1)

    def _row(self) -> dict[str, Any]:
        return {
            "source": self._spec.name, "stream": self._stream, "position": json.dumps(self.position),
            "pages": json.dumps(self._pages), "n_records": self._n_records, "news": self._news.text,
            "whole_at": self._whole_at,
        }  # fmt: skip

    def _batch(self, through: Any) -> dict[str, Any]:
        position = json.dumps(self.position)
        content = json.dumps({"stream": self._stream, "pages": self._pages}, sort_keys=True)
        sha256 = self._landing.put(content.encode())
        batch_id = batch_of(self._spec, sha256)
        return {
            "batch_id": batch_id, "source": self._spec.name, "stream": self._stream, "name": self._stream,
            "sha256": sha256, "mapping": self._spec.mapping_version, "n_bytes": len(content), "state": "landed",
            "verdict": None, "position": position, "complete_through": through, "n_source": None, "notes": None,
            "landed_at": datetime.now(UTC), "published_at": None,
        }  # fmt: skip
