"""Batches and cursors."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any

import polars as pl
from sqlalchemy import Connection, delete, exists, func, select, update

from domain.remarks import REMARKS, SAID
from sql import frames
from sql.queries.quarantine import mark_replayed
from sql.store import Store
from sql.tables import MEASURED, batch_tables, batches, cursors, fetches, meta, source_calls, source_fields


def batch(connection: Connection, batch_id: str) -> dict[str, Any]:
    """One batch; KeyError if there is none."""
    row = known_batch(connection, batch_id)
    if row is None:
        raise KeyError(batch_id)
    return row


def known_batch(connection: Connection, batch_id: str) -> dict[str, Any] | None:
    """One batch; None if there is none."""
    rows = Store.rows(connection, select(batches).where(batches.c.batch_id == batch_id))
    return rows[0] if rows else None


def batches_of(connection: Connection, source: str) -> list[dict[str, Any]]:
    """Every batch of one source."""
    return Store.rows(connection, select(batches).where(batches.c.source == source).order_by(batches.c.batch_id))


def unpublished_batches(connection: Connection, source: str, stream: str) -> list[dict[str, Any]]:
    """Batches of one stream that wait, or of which nothing could be published, and that count still."""
    wanted = select(batches).where(
        batches.c.source == source, batches.c.stream == stream, batches.c.state.not_in(["published", "replaced"])
    )
    return Store.rows(connection, wanted.order_by(batches.c.batch_id))


def same_content(connection: Connection, row: Mapping[str, Any]) -> list[str]:
    """Batches of the same file read with another mapping, and not replaced yet."""
    wanted = select(batches.c.batch_id).where(
        batches.c.source == row["source"], batches.c.sha256 == row["sha256"],
        batches.c.batch_id != row["batch_id"], batches.c.state != "replaced",
    )  # fmt: skip
    return sorted(connection.execute(wanted).scalars())


def refused_before(connection: Connection, row: Mapping[str, Any]) -> list[str]:
    """Batches of an earlier file of the same name, of which nothing was ever published."""
    if row["position"] is not None:  # a fetch goes on where the one before ended: it replaces nothing
        return []
    wanted = select(batches.c.batch_id).where(
        batches.c.source == row["source"], batches.c.name == row["name"], batches.c.batch_id != row["batch_id"],
        batches.c.state.in_(["rejected", "unreadable"]), batches.c.published_at.is_(None),
        batches.c.landed_at <= row["landed_at"],
    )  # fmt: skip
    return sorted(connection.execute(wanted).scalars())


def landed_later(connection: Connection, row: Mapping[str, Any]) -> list[str]:
    """Published batches of the same source that came after this one."""
    later = select(batches.c.batch_id).where(
        batches.c.source == row["source"], batches.c.landed_at > row["landed_at"], batches.c.published_at.is_not(None)
    )
    return sorted(connection.execute(later).scalars())


def replace(connection: Connection, batch_ids: Sequence[str]) -> None:
    """These batches count no more: another mapping reads the same files, or corrected files came for them."""
    connection.execute(update(batches).where(batches.c.batch_id.in_(batch_ids)).values(state="replaced"))
    connection.execute(delete(batch_tables).where(batch_tables.c.batch_id.in_(batch_ids)))
    mark_replayed(connection, batch_ids)


def tables_fed(connection: Connection, batch_ids: Sequence[str]) -> list[str]:
    """Fact tables that these batches brought rows for."""
    fed = select(batch_tables.c.table_name).where(batch_tables.c.batch_id.in_(batch_ids)).distinct()
    return sorted(connection.execute(fed).scalars())


def waiting_batches(connection: Connection, source: str, stream: str, mapping: str) -> list[str]:
    """Landed batches of one stream and mapping that are to be published, in the order they came."""
    wanted = select(batches.c.batch_id).where(
        batches.c.source == source, batches.c.stream == stream, batches.c.state == "landed",
        batches.c.mapping == mapping,
    )  # fmt: skip
    return list(connection.execute(wanted.order_by(batches.c.landed_at, batches.c.batch_id)).scalars())


def batches_since(connection: Connection, source: str, day: datetime) -> list[dict[str, Any]]:
    """Batches of one source that landed at this instant or later, in the order they came."""
    wanted = select(batches).where(
        batches.c.source == source, batches.c.landed_at >= day, batches.c.state != "replaced"
    )
    return Store.rows(connection, wanted.order_by(batches.c.landed_at, batches.c.batch_id))


def batches_read_otherwise(
    connection: Connection, source: str, streams: Collection[str], mapping: str
) -> list[dict[str, Any]]:
    """Published batches of some streams that were read with another mapping, in the order they came."""
    wanted = select(batches).where(
        batches.c.source == source, batches.c.stream.in_(streams), batches.c.mapping != mapping,
        batches.c.state == "published",
    )  # fmt: skip
    return Store.rows(connection, wanted.order_by(batches.c.landed_at, batches.c.batch_id))


def mappings_held(connection: Connection, source: str, streams: Collection[str]) -> dict[str, int]:
    """By version of the mapping: how many batches of some streams are published as it read them."""
    wanted = select(batches.c.mapping, func.count()).where(
        batches.c.source == source, batches.c.stream.in_(streams), batches.c.state == "published"
    )
    return {str(mapping): int(n) for mapping, n in connection.execute(wanted.group_by(batches.c.mapping))}


def calls_of(connection: Connection, source: str, day: date) -> int:
    """Calls that were made of one source on one day."""
    wanted = select(source_calls.c.n_calls).where(source_calls.c.source == source, source_calls.c.day == day)
    return connection.execute(wanted).scalar() or 0


def fetch_of(connection: Connection, source: str, stream: str) -> dict[str, Any] | None:
    """How far a stream is fetched, and its pages that are in no batch yet; None before the first fetch."""
    rows = Store.rows(connection, select(fetches).where(fetches.c.source == source, fetches.c.stream == stream))
    return rows[0] if rows else None


def fields_of(connection: Connection, source: str, stream: str) -> set[str]:
    """Fields that a stream has shown before."""
    wanted = select(source_fields.c.field).where(source_fields.c.source == source, source_fields.c.stream == stream)
    return set(connection.execute(wanted).scalars())


@dataclass(frozen=True)
class StreamPlace:
    """How far a stream is read without a gap: to the last batch before the first that is not published.

    Attributes:
        position: where to go on after it; None: nothing is published.
        complete_through: the last complete day; what was complete once stays so.
        last: the batch that landed last; None: there is none.
        is_whole: no batch waits to be published.
    """

    position: str | None
    complete_through: date | None
    last: str | None
    is_whole: bool


def stream_place(connection: Connection, source: str, stream: str) -> StreamPlace:
    """How far a stream is read."""
    names = ("batch_id", "state", "position", "complete_through")
    wanted = select(*(batches.c[name] for name in names)).where(
        batches.c.source == source, batches.c.stream == stream, batches.c.state != "replaced"
    )
    rows = connection.execute(wanted.order_by(batches.c.landed_at, batches.c.batch_id)).all()
    published = list(takewhile(lambda row: row.state == "published", rows))
    said = select(cursors.c.complete_through).where(cursors.c.source == source, cursors.c.stream == stream)
    days = [connection.execute(said).scalar(), *(row.complete_through for row in published)]
    return StreamPlace(
        position=published[-1].position if published else None,
        complete_through=max((day for day in days if day is not None), default=None),
        last=rows[-1].batch_id if rows else None,
        is_whole=len(published) == len(rows),
    )


def remember_declared(connection: Connection, sources: Sequence[str]) -> None:
    """Which sources sources.yaml declares now: for one that is gone nobody waits, what it brought stays."""
    Store.put(connection, meta, [{"name": _DECLARED, "value": json.dumps(list(sources))}])


def position_of(connection: Connection, source: str) -> dict[str, Any]:
    """How far a source is read: the file that came last, and the last day that any published batch is complete for."""
    published = (batches.c.source == source) & batches.c.published_at.is_not(None) & (batches.c.state != "replaced")
    last = select(batches.c.name).where(published).order_by(batches.c.landed_at.desc()).limit(1)
    through = select(func.max(batches.c.complete_through)).where(published)
    return {
        "position": connection.execute(last).scalar(),
        "complete_through": connection.execute(through).scalar(),
    }


def set_batch(connection: Connection, batch_id: str, **values: object) -> None:
    """Change columns of one batch."""
    connection.execute(update(batches).where(batches.c.batch_id == batch_id).values(**values))


def declared_through(connection: Connection, source: str) -> date | None:
    """The day that a source was last said to be complete through; None before anything was published."""
    return connection.execute(select(cursors.c.complete_through).where(cursors.c.source == source)).scalar()


def declare_through(connection: Connection, source: str, day: date) -> None:
    """The source, with all that was published of it, is complete through this day."""
    for table in (batches, cursors):
        connection.execute(update(table).where(table.c.source == source).values(complete_through=day))


_DECLARED = "declared_sources"
WORDS_READ = "words_read"
"""Where it is written down that texts were read."""
READ_TOGETHER = {"ticket_events": "tickets"}
"""Facts that are measured with another one: it is known as far as both are."""


def watermarks(connection: Connection) -> dict[str, date]:
    """Last complete day of each fact table: the earliest of the streams that feed it.

    A table that is fed by a stream whose first fetch has not come to its end is left out, see `unfinished`.
    """
    days = _days_fed(connection)
    return {
        name: min(day for day in found if day is not None)
        for name, found in days.items()
        if any(found) and None not in found
    }


def unfinished(connection: Connection) -> set[str]:
    """Fact tables of which not one day is known to be complete, because a first fetch is under way."""
    return {name for name, found in _days_fed(connection).items() if None in found}


def _days_fed(connection: Connection) -> dict[str, set[date | None]]:
    """By fact table: the last complete day of each stream that feeds it; None for a first fetch under way.

    A stream that was fetched to its end and tells no day itself, as it lacks the column that does, is as complete as
    its source's others. Of sources that are declared no more only where no other feeds the table.
    """
    ended = _ended(connection)
    here = (cursors.c.source == batches.c.source) & (cursors.c.stream == batches.c.stream)
    fetched = (fetches.c.source == batches.c.source) & (fetches.c.stream == batches.c.stream)
    fed = (
        select(
            batch_tables.c.table_name, batches.c.source, cursors.c.complete_through, fetches.c.source, batches.c.stream
        )
        .join(batches, batches.c.batch_id == batch_tables.c.batch_id)
        .outerjoin(cursors, here)
        .outerjoin(fetches, fetched)
        .distinct()
    )
    known = connection.execute(select(meta.c.value).where(meta.c.name == _DECLARED)).scalar()
    are_read = connection.execute(select(meta.c.name).where(meta.c.name == WORDS_READ)).first() is not None
    declared = None if known is None else set(json.loads(known))
    now: dict[str, set[date | None]] = {}
    before: dict[str, set[date | None]] = {}
    for name, source, told, fetched_of, stream in connection.execute(fed):
        found = now if declared is None or source in declared else before
        day = told or ended.get((source, stream))
        if day is not None or fetched_of is not None:
            said = [REMARKS] if are_read and name in SAID else []
            for table in {str(name), READ_TOGETHER.get(name, str(name)), *said}:
                found.setdefault(table, set()).add(day)
    return before | now


def _ended(connection: Connection) -> dict[tuple[str, str], date]:
    """By source and stream that was fetched to its end and is published: the earliest day of all streams of the source.

    None of a source of which no stream tells a day.
    """
    earliest = select(cursors.c.source, func.min(cursors.c.complete_through).label("day")).group_by(cursors.c.source)
    days: dict[str, date] = {row.source: row.day for row in connection.execute(earliest) if row.day is not None}
    waits = exists().where(
        batches.c.source == fetches.c.source, batches.c.stream == fetches.c.stream,
        batches.c.state.not_in(["published", "replaced"]),
    )  # fmt: skip
    whole = select(fetches.c.source, fetches.c.stream).where(fetches.c.whole_at.is_not(None), ~waits)
    return {(source, stream): days[source] for source, stream in connection.execute(whole) if source in days}


def fact_frame(
    connection: Connection, name: str, *conditions: Any, columns: Sequence[str], words: Collection[str] = ()
) -> pl.DataFrame:
    """Some columns of the rows of a fact table that meet all conditions; `words` of them as categories."""
    table = MEASURED[name]
    return frames.read_many(connection, select(*(table.c[column] for column in columns)).where(*conditions), words)
