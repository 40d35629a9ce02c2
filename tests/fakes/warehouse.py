"""A warehouse of our own, and what is read of it."""

import io
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import polars as pl
import psycopg

from domain.source_specs import Query
from wire.warehouse import FetchedRows, read_stream

TICKETS = Query("ticket", changed_at="changed", key="id")
NONE = timedelta(0)
HOUR = timedelta(hours=1)


def execute(url: str, *statements: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            for statement in statements:
                connection.execute(statement)
    else:
        with psycopg.connect(url) as connection:
            for statement in statements:
                connection.execute(statement)


def frames(parts: list[FetchedRows]) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(io.BytesIO(part.content)) for part in parts])


def ids(parts: list[FetchedRows]) -> list[str]:
    return frames(parts)["id"].to_list()


def read(
    url: str, query: Query = TICKETS, position: Mapping[str, str] | None = None, **options: Any
) -> list[FetchedRows]:
    return list(read_stream(url, query, position, **({"overlap": NONE} | options)))
