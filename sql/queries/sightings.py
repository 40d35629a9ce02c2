"""Rows that lists have shown, readings of those lists, and what became of rows that are shown no more."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, select, update

from domain.facts import FACT_TABLES
from sql import frames
from sql.queries.facts import with_keys
from sql.queries.intake import fetch_of, stream_place
from sql.store import Store
from sql.tables import FACTS, batches, readings, sightings


def note_readings(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write down lists that were read to their end; a later reading of the same takes the earlier one's place."""
    Store.put(connection, readings, rows)


def readings_of(connection: Connection, source: str, stream: str) -> list[dict[str, Any]]:
    """Readings of a stream that are to be judged; none while a page of it is not published."""
    wanted = select(readings).where(readings.c.source == source, readings.c.stream == stream)
    found = Store.rows(connection, wanted.order_by(readings.c.member))
    fetch = fetch_of(connection, source, stream) if found else None
    is_under_way = fetch is not None and json.loads(fetch["pages"])
    return [] if is_under_way or not stream_place(connection, source, stream).is_whole else found


def forget_reading(connection: Connection, reading: Mapping[str, Any]) -> None:
    """It has been judged."""
    key = [readings.c[name] == reading[name] for name in ("source", "stream", "member")]
    connection.execute(delete(readings).where(*key))


def covered(connection: Connection, reading: Mapping[str, Any], name: str) -> pl.DataFrame:
    """Rows of a fact table that are there and that a reading covers: row_key, landed_at of who showed it last."""
    fact, table = FACT_TABLES[name], FACTS[name]
    conditions = [
        sightings.c.source == reading["source"], sightings.c.stream == reading["rows_of"],
        sightings.c.member == reading["member"], sightings.c.read_as == reading["read_as"],
        sightings.c.table_name == name, sightings.c.gone_at.is_(None), table.c.deleted_at.is_(None),
    ]  # fmt: skip
    if reading["since"] is not None:
        conditions += [sightings.c.at > reading["since"], sightings.c.at < reading["until"]]
    columns = (sightings.c.row_key, batches.c.landed_at)
    wanted: Select[Any] = (
        select(*(column for column in columns))
        .join(batches, batches.c.batch_id == sightings.c.batch_id)
        .join(table, table.c[fact.key] == sightings.c.row_key)
        .where(*conditions)
    )
    return frames.read(connection, wanted)


def n_shown(connection: Connection, reading: Mapping[str, Any], name: str) -> int:
    """Rows of a fact table that were shown since a reading began, by it or later, whether or not they are held."""
    shown = select(func.count()).select_from(sightings).join(batches, batches.c.batch_id == sightings.c.batch_id)
    wanted = shown.where(
        _rows_of(reading["source"], name), sightings.c.stream == reading["rows_of"],
        sightings.c.member == reading["member"], batches.c.landed_at >= reading["began"],
    )  # fmt: skip
    return connection.execute(wanted).scalar() or 0


def mark_gone(connection: Connection, reading: Mapping[str, Any], name: str, keys: pl.Series) -> pl.Series:
    """Write down that a reading did not show these rows; those of them that no other stream shows either."""
    of_it = and_(_rows_of(reading["source"], name), sightings.c.row_key.in_(with_keys(connection, keys)))
    mine = and_(of_it, sightings.c.stream == reading["rows_of"])
    connection.execute(update(sightings).where(mine).values(gone_at=reading["began"]))
    there: Select[Any] = select(sightings.c.row_key).where(of_it, sightings.c.gone_at.is_(None))
    return keys.filter(~keys.is_in(frames.read(connection, there)["row_key"].implode()))


def gone_since(connection: Connection, source: str, name: str, landed_at: datetime) -> pl.DataFrame:
    """Rows that a reading did not show which began after this instant, and no other stream shows: row_key, gone_at."""
    other = sightings.alias()
    is_elsewhere = exists().where(
        other.c.source == sightings.c.source, other.c.table_name == sightings.c.table_name,
        other.c.row_key == sightings.c.row_key, other.c.gone_at.is_(None),
    )  # fmt: skip
    columns = (sightings.c.row_key, sightings.c.gone_at)
    wanted: Select[Any] = select(*(column for column in columns)).where(
        _rows_of(source, name), sightings.c.gone_at > landed_at, ~is_elsewhere
    )
    return frames.read(connection, wanted)


def held_sightings(connection: Connection, source: str, name: str, keys: pl.Series) -> pl.DataFrame:
    """What is known of rows: stream, row_key, gone_at, batch_id, and landed_at of who showed it last."""
    names = ("stream", "row_key", "gone_at", "batch_id")
    wanted: Select[Any] = (
        select(*(sightings.c[name] for name in names), batches.c.landed_at)
        .join(batches, batches.c.batch_id == sightings.c.batch_id)
        .where(_rows_of(source, name), sightings.c.row_key.in_(with_keys(connection, keys)))
    )
    return frames.read(connection, wanted)


def keys_shown(connection: Connection, source: str, name: str) -> pl.DataFrame:
    """Rows of a fact table that were ever shown: stream and row_key."""
    columns = (sightings.c.stream, sightings.c.row_key)
    wanted: Select[Any] = select(*(column for column in columns)).where(_rows_of(source, name))
    return frames.read(connection, wanted)


def write_sightings(connection: Connection, rows: pl.DataFrame) -> None:
    """Write what was shown, with all columns of the table."""
    Store.write(connection, sightings, rows)


def _rows_of(source: str, name: str) -> ColumnElement[bool]:
    return and_(sightings.c.source == source, sightings.c.table_name == name)
