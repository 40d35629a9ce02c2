"""Rows of somebody else's database, part by part: in the order of their change, going on where the last read ended."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, CursorResult, TextClause
from sqlalchemy.exc import DBAPIError

from domain.coverage import Reading
from domain.source_specs import Query
from wire.warehouse_connection import first_line, is_about_the_statement, reading, told
from wire.warehouse_positions import Position, at_instant, change_of, earlier, not_after, value_of
from wire.warehouse_queries import Asked, check_columns, checked, not_there
from wire.warehouse_values import parquet_of, text_of, texts_of

CHUNK_ROWS: Final = 50_000

_SLICE: Final = 5_000
"""Rows that are held as they come from the driver, before they become columns of texts: a part is many of them."""


@dataclass(frozen=True)
class FetchedRows:
    """One part of a stream.

    Attributes:
        content: a Parquet file; every column is text.
        n_records: rows in it.
        position: where to go on once this part is kept: after the last one `{"after": …}`, the last change seen (empty
            for a stream that is read whole each time); between two parts also the row, see `Position`.
        is_last: the stream has no more rows.
        reading: what has been read whole with this part, where the stream is compared; None: nothing yet.
    """

    content: bytes
    n_records: int
    position: dict[str, str]
    is_last: bool
    reading: Reading | None = None


def read_stream(
    url: str,
    query: Query,
    position: Mapping[str, str] | None = None,
    *,
    schema: str = "",
    overlap: timedelta | None = None,
    zone: tzinfo = UTC,
    now: datetime | None = None,
    chunk_rows: int = CHUNK_ROWS,
    ours: Collection[Path] = (),
    columns: Sequence[str] = (),
    is_compared: bool = False,
) -> Iterator[FetchedRows]:
    """What is new in a stream, in parts, from one state of the database; memory is that of one part.

    Rows come ordered by `changed_at` and key. A read begins at the last change seen, none in the future, less overlap,
    so that rows whose transaction ended no later than that are not missed; a read that was cut off goes on at its last
    row, that row included. So a row may come twice and none is left out; its key tells. Rows that do not say when they
    changed come each time.

    Args:
        url: the database's URL; it is in no message.
        query: a table's name or one SELECT; `{schema}` stands for the schema with its dot, any other `{name}` for
            that name as the database quotes it (`{schema}{group}`).
        position: of the last part that was kept; None or empty: from the beginning; `{"after": "2026-01-05"}`: from
            that day on, whatever the type of `changed_at`.
        schema: where the tables lie.
        overlap: see above; by default the query's. A number in `changed_at` is read as seconds (or parts of them)
            since 1970 if it is large enough to be a time of this century; a smaller one is a counter, and nothing is
            taken off.
        zone: of times that the database stores without one.
        now: by our clock, which tells it by default.
        chunk_rows: rows in a part.
        ours: SQLite files that are refused: the project's own.
        columns: those that are read; empty: all.
        is_compared: the last part tells what was read whole. For a stream without `changed_at`.

    Yields:
        At least one part; the last one says so. A stream without rows gives one part without rows.

    Raises:
        SourcesError: the URL, the driver, the user or the statement is wrong; or a column holds bytes.
        SourceChangedError: a table or a column is not there; the message lists those that are.
        SourceUnavailableError: the database does not answer, or no longer.
    """
    checked(query, schema)
    at = now or datetime.now(UTC)  # before the state of the database that is read
    begun = Position.of(position).begun(at)
    with reading(url, ours) as connection:
        stream = _Stream.opened(connection, query, schema, columns)
        with told(connection.engine):
            kept = begun if is_compared else Position.of(position)
            whole = query.overlap if overlap is None else overlap
            yield from stream.parts(kept, whole, chunk_rows, zone, at)


@dataclass(frozen=True)
class _Chunk:
    """Rows as texts, and the last one as it came."""

    texts: pl.DataFrame
    last: Sequence[Any] | None


@dataclass(frozen=True)
class _Stream:
    """One stream in one open transaction; `names`: its columns."""

    connection: Connection
    query: Query
    asked: Asked
    names: list[str]

    @classmethod
    def opened(cls, connection: Connection, query: Query, schema: str, columns: Sequence[str]) -> "_Stream":
        """Asks for no row first: that tells the columns, and whether the stream can be read at all."""
        asked = Asked.of(connection, query, schema, columns)
        try:
            there = list(connection.execute(asked.none()).keys())
        except DBAPIError as error:
            engine = connection.engine
            if is_about_the_statement(error, engine):
                said = first_line(error.orig or error, engine.url)
                raise not_there(engine, query, schema, said) from None
            with told(engine):
                raise
        check_columns(query, there, columns)
        return cls(connection, query, asked, list(columns) or there)

    def parts(
        self, held: Position, overlap: timedelta, chunk_rows: int, zone: tzinfo, now: datetime
    ) -> Iterator[FetchedRows]:
        """The parts from a position on; see `read_stream`."""
        key = self._key(held)
        if not self.query.changed_at:
            for chunk, is_end in self._chunks(self.asked.whole(key), chunk_rows):
                going = "" if is_end else "whole"
                last = Position(going, key="" if is_end else self._key_of(chunk), began=held.began)
                yield self._part(chunk, last, is_end)
            return
        latest = self.connection.execute(self.asked.latest()).scalar()
        top = held.top or ("" if latest is None else text_of(latest))
        if held.going != "changed":
            undated = self.asked.undated(key if held.going == "undated" else None)
            for chunk, _ in self._chunks(undated, chunk_rows):
                if chunk.last:
                    yield self._part(chunk, Position("undated", held.after, self._key_of(chunk), top))
        most = self._latest_by(now, latest, zone)
        begin = None
        if held.after and latest is not None:
            begin = value_of(held.after, latest) if held.going == "changed" else change_of(held.after, latest, zone)
        if begin is not None and held.going != "changed":
            begin = earlier(not_after(begin, most), overlap)
        after, at = held.after, self.names.index(self.query.changed_at)
        changed = self.asked.changed(begin, key if held.going == "changed" else None)
        for chunk, is_end in self._chunks(changed, chunk_rows):
            after = text_of(chunk.last[at]) if chunk.last else after
            # what came late while a read was cut off is looked for from that read's beginning on
            end = held.top or after
            if end and most is not None:
                end = text_of(not_after(change_of(end, latest, zone), most))
            yield self._part(
                chunk, Position(after=end) if is_end else Position("changed", after, self._key_of(chunk), top), is_end
            )

    def _latest_by(self, now: datetime, latest: object, zone: tzinfo) -> object | None:
        """The latest change that is not in the future, where one is: it would hide what changes until then."""
        by = at_instant(now, latest, zone)
        if by is None or not_after(latest, by) == latest:
            return None
        found = self.connection.execute(self.asked.latest(by)).scalar()
        return by if found is None else found

    def _part(self, chunk: _Chunk, position: Position, is_last: bool = False) -> FetchedRows:
        began = datetime.fromisoformat(position.began) if is_last and position.began else None
        whole = None if began is None else Reading("", began, None, began)
        return FetchedRows(parquet_of(chunk.texts), chunk.texts.height, position.kept(), is_last, whole)

    def _key(self, held: Position) -> object:
        """The key to go on from, of the type that the database compares."""
        if not self.query.key or not held.key:
            return None
        with self._streamed(self.asked.some_key()) as keys:
            sample = keys.fetchone()
        return None if sample is None else value_of(held.key, like=sample[0])

    def _key_of(self, chunk: _Chunk) -> str:
        key = chunk.last[self.names.index(self.query.key)] if self.query.key and chunk.last else None
        return "" if key is None else text_of(key)

    def _chunks(self, statement: TextClause, chunk_rows: int) -> Iterator[tuple[_Chunk, bool]]:
        """Rows in chunks, and whether they are the last; one empty chunk where there is no row."""
        least = min(_SLICE, chunk_rows)
        with self._streamed(statement) as result:
            rows = result.fetchmany(least)
            is_end = False
            while not is_end:
                texts, n, last = [texts_of([], self.names)], 0, None
                while rows and n < chunk_rows:
                    texts.append(texts_of(rows, self.names))
                    n, last = n + len(rows), rows[-1]
                    rows = result.fetchmany(min(_SLICE, chunk_rows - n) or least)
                is_end = not rows
                yield _Chunk(pl.concat(texts), last), is_end

    def _streamed(self, statement: TextClause) -> CursorResult[Any]:
        options = {"stream_results": True, "max_row_buffer": _SLICE}
        return self.connection.execute(statement, execution_options=options)
