"""Warehouses for tests: rows of a schema in SQLite or PostgreSQL, read and mapped as a run does it."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import timedelta

import polars as pl
import psycopg
import pytest

from domain.source_specs import CompleteThrough, SourceSpec, Warehouse
from tasks.extract.dedupe import dedupe
from tasks.extract.mapping import map_table
from tasks.extract.warehouse.ready import Ready
from tasks.extract.warehouse_rows import parse_pages
from wire.warehouse import read_stream

Table = Sequence[Mapping[str, str | None]]
_KINDS = (
    ("BIGINT", re.compile(r"-?\d{1,18}")), ("BOOLEAN", re.compile(r"true|false", re.IGNORECASE)),
    ("TIMESTAMPTZ", re.compile(r"\d{4}-\d\d-\d\d[ T][\d:.]+(Z|[+-]\d\d:\d\d)")),
    ("TIMESTAMP", re.compile(r"\d{4}-\d\d-\d\d[ T][\d:.]+")), ("DATE", re.compile(r"\d{4}-\d\d-\d\d")),
)  # fmt: skip


def _kind(values: Sequence[str | None]) -> str:
    held = [value for value in values if value is not None]
    return next((kind for kind, shape in _KINDS if held and all(map(shape.fullmatch, held))), "TEXT")


@pytest.fixture
def fill(database_url: str) -> Callable[[Mapping[str, Table]], tuple[str, str]]:
    """Makes the tables, in the schema `landed` where there are schemas; the URL and the schema."""

    def make(tables: Mapping[str, Table]) -> tuple[str, str]:
        is_sqlite = database_url.startswith("sqlite")
        schema, mark = ("", "?") if is_sqlite else ("landed", "%s")
        statements: list[tuple[str, list[tuple[str | None, ...]]]] = []
        for name, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            kinds = {column: _kind([row.get(column) for row in rows]) for column in columns}
            if is_sqlite:
                kinds = {column: "BIGINT" if kind == "BIGINT" else "TEXT" for column, kind in kinds.items()}
            place = f'{schema}."{name}"' if schema else f'"{name}"'
            declared = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
            statements.append((f"CREATE TABLE {place} ({declared})", []))
            marks = ", ".join([mark] * len(columns))
            values = [tuple(row.get(column) for column in columns) for row in rows]
            statements.append((f"INSERT INTO {place} VALUES ({marks})", values))
        if is_sqlite:
            with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection, connection:
                for statement, values in statements:
                    connection.executemany(statement, values) if values else connection.execute(statement)
        else:
            with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
                cursor.execute("CREATE SCHEMA landed")
                for statement, values in statements:
                    cursor.executemany(statement, values) if values else cursor.execute(statement)
        return database_url, schema

    return make


Mapped = dict[str, pl.DataFrame]


@pytest.fixture
def mapped() -> Callable[[tuple[str, str], Ready], Mapped]:
    """What a ready-made mapping makes of a warehouse: rows by fact table, and what was set aside as `set_aside`."""

    def make(place: tuple[str, str], ready: Ready) -> Mapped:
        url, schema = place
        spec = SourceSpec(
            "desk", "sql", Warehouse("URL", ready.streams, schema), ready.tables, CompleteThrough("arrival")
        )
        raw = {
            name: parse_pages(
                (part.content for part in read_stream(url, query, schema=schema, overlap=timedelta(0), chunk_rows=3)),
                name,
                query.may_lack,
            ).frame
            for name, query in ready.streams.items()
        }
        found: dict[str, list[pl.DataFrame]] = {}
        aside: list[pl.DataFrame] = []
        for mapping in ready.tables:
            made = map_table(raw[mapping.stream], spec, mapping, secret="s")
            once = dedupe(made.rows, mapping.table, raw[mapping.stream])
            found.setdefault(mapping.table, []).append(once.rows)
            aside += [made.set_aside, once.set_aside]
        return {table: pl.concat(parts) for table, parts in found.items()} | {"set_aside": pl.concat(aside)}

    return make
