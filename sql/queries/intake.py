"""Batches, cursors and quarantine."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, delete, func, select, update

from sql import frames
from sql.store import Store
from sql.tables import FACTS, batch_tables, batches, cursors, fetches, quarantine, source_fields


def batch(connection: Connection, batch_id: str) -> dict[str, Any]:
    """One batch; KeyError if there is none."""
    rows = Store.rows(connection, select(batches).where(batches.c.batch_id == batch_id))
    if not rows:
        raise KeyError(batch_id)
    return rows[0]


def batches_of(connection: Connection, source: str) -> list[dict[str, Any]]:
    """Every batch of one source."""
    return Store.rows(connection, select(batches).where(batches.c.source == source).order_by(batches.c.batch_id))


def batches_with_rows_aside(connection: Connection, source: str) -> list[dict[str, Any]]:
    """Batches of one source that have rows waiting in quarantine."""
    waiting = select(quarantine.c.batch_id).where(quarantine.c.source == source, quarantine.c.state == "waiting")
    wanted = select(batches).where(batches.c.batch_id.in_(waiting)).order_by(batches.c.batch_id)
    return Store.rows(connection, wanted)


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


def mark_replayed(connection: Connection, batch_ids: Sequence[str]) -> None:
    """Rows of these batches in quarantine have been read again; those that still fail are set aside anew."""
    connection.execute(update(quarantine).where(quarantine.c.batch_id.in_(batch_ids)).values(state="replayed"))


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


def fetch_of(connection: Connection, source: str, stream: str) -> dict[str, Any] | None:
    """How far a stream is fetched, and its pages that are in no batch yet; None before the first fetch."""
    rows = Store.rows(connection, select(fetches).where(fetches.c.source == source, fetches.c.stream == stream))
    return rows[0] if rows else None


def fields_of(connection: Connection, source: str, stream: str) -> set[str]:
    """Fields that a stream has shown before."""
    wanted = select(source_fields.c.field).where(source_fields.c.source == source, source_fields.c.stream == stream)
    return set(connection.execute(wanted).scalars())


def stream_position(connection: Connection, source: str, stream: str) -> dict[str, Any] | None:
    """How far a stream is read without a gap: to the last batch before the first that is not published.

    Returns:
        position, complete_through, is_whole (no batch waits); None while nothing is published.
    """
    wanted = select(batches.c.state, batches.c.position, batches.c.complete_through).where(
        batches.c.source == source, batches.c.stream == stream, batches.c.state != "replaced"
    )
    position, through, is_whole = None, None, True
    for row in connection.execute(wanted.order_by(batches.c.landed_at, batches.c.batch_id)):
        if row.state != "published":
            is_whole = False
            break
        position = row.position
        through = max((day for day in (through, row.complete_through) if day), default=None)
    if position is None:
        return None
    return {"position": position, "complete_through": through, "is_whole": is_whole}


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


def watermarks(connection: Connection) -> dict[str, date]:
    """Last complete day of each fact table: the earliest of the sources that feed it."""
    feeding = (
        select(batch_tables.c.table_name, batches.c.source, cursors.c.complete_through)
        .join(batches, batches.c.batch_id == batch_tables.c.batch_id)
        .join(cursors, (cursors.c.source == batches.c.source) & (cursors.c.stream == batches.c.stream))
        .distinct()
        .subquery()
    )
    rows = connection.execute(
        select(feeding.c.table_name, func.min(feeding.c.complete_through)).group_by(feeding.c.table_name)
    )
    return {name: through for name, through in rows if through is not None}


def fact_frame(
    connection: Connection, name: str, *conditions: Any, columns: Sequence[str], words: Collection[str] = ()
) -> pl.DataFrame:
    """Some columns of the rows of a fact table that meet all conditions; `words` of them as categories."""
    table = FACTS[name]
    return frames.read(connection, select(*(table.c[column] for column in columns)).where(*conditions), words)
