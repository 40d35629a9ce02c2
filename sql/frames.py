"""Polars frames in and out of tables, with the types the tables declare.

SQLite is read and written through the standard driver, under SQLAlchemy's connection, so that no
second SQLite library ever opens the file; PostgreSQL is written and read by COPY.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain, islice
from typing import Any

import polars as pl
from sqlalchemy import Column, ColumnElement, Connection, Select, Table, cast, extract, func
from sqlalchemy import select as sa_select
from sqlalchemy.exc import DataError
from sqlalchemy.types import BigInteger, Boolean, Date, Float, Integer, Text

from domain.ahead import beside
from domain.cycles import unsearched
from sql.types import Instant, microseconds

CHUNK = 50_000
TOGETHER = 200
"""Rows that one INSERT takes: with each, Python's lock is given up, and waited for while another thread works."""
NUL = "\x00"
UTC_TIME = pl.Datetime("us", "UTC")


def polars_type(column: Column[Any]) -> pl.DataType:
    """The Polars type of a column."""
    match column.type:
        case Instant():
            return UTC_TIME
        case Date():
            return pl.Date()
        case Boolean():
            return pl.Boolean()
        case BigInteger():
            return pl.Int64()
        case Float():
            return pl.Float64()
        case _:
            return pl.String()


def schema_of(columns: Sequence[Column[Any]]) -> dict[str, pl.DataType]:
    """Names and Polars types of columns."""
    return {column.name: polars_type(column) for column in columns}


def read(connection: Connection, select: Select[Any], words: Collection[str] = ()) -> pl.DataFrame:
    """The rows of a select as a frame, typed as the tables declare, whatever the number of rows.

    Args:
        connection: to read with.
        select: what to read.
        words: text columns of few different texts; they come back as categories, a quarter of the memory.
    """
    schema = _schema(select)
    if connection.dialect.name == "sqlite":
        return _read_sqlite(connection, select, schema, words)
    return _read_postgresql(connection, select, schema, words)


def _categories(words: Collection[str]) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.Categorical) for name in words]


def _read_sqlite(
    connection: Connection, select: Select[Any], schema: dict[str, pl.DataType], words: Collection[str]
) -> pl.DataFrame:
    stored = _stored(schema)
    # the driver's own cursor: SQLAlchemy's rows would make a Python object of every instant and day
    cursor = connection.execute(select).cursor
    chunks = () if cursor is None else iter(lambda: cursor.fetchmany(CHUNK), [])
    with unsearched():
        parts = [
            pl.DataFrame(rows, schema=stored, orient="row", strict=False).with_columns(_categories(words))
            for rows in chunks
        ]
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=stored).with_columns(_categories(words))
    return _typed(frame, schema)


def _read_postgresql(
    connection: Connection, select: Select[Any], schema: dict[str, pl.DataType], words: Collection[str]
) -> pl.DataFrame:
    """The rows as the lines of a COPY, which Polars takes apart: no Python object is made of any value."""
    rows, stored = select.subquery(), _stored(schema)
    told = stored | {name: pl.Categorical() for name in words}
    wanted = sa_select(*(_numbered(rows.c[name], dtype).label(name) for name, dtype in schema.items()))
    asked = wanted.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    # a text that begins with a byte order mark would lose it where it stands first
    options = f"FORMAT csv, ENCODING 'UTF8', FORCE_QUOTE ({quoted(next(iter(schema)))})"
    statement = f"COPY ({asked}) TO STDOUT WITH ({options})"
    with _driver(connection).cursor().copy(statement, asked.params) as copy:
        texts = iter(lambda: b"".join(islice(copy, CHUNK)), b"")
        parts = [pl.read_csv(text, has_header=False, schema=told) for text in texts]
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=told)
    return _typed(frame, schema)


def _numbered(column: ColumnElement[Any], dtype: pl.DataType) -> ColumnElement[Any]:
    """A column as SQLite would store it."""
    match dtype:
        case pl.Datetime():
            return cast(extract("epoch", column) * 1_000_000, BigInteger)
        case pl.Date():
            return func.to_char(column, "YYYY-MM-DD")
        case pl.Boolean():
            return cast(column, Integer)
        case _:
            return column


def read_many(connection: Connection, select: Select[Any], words: Collection[str] = ()) -> pl.DataFrame:
    """The same of many rows, in no particular order, in less than half the time.

    SQLite hands over each column as one JSON text, so that no Python object is made of any value. Fractions would
    lose digits on that way, and a text is limited to 10^9 bytes: such rows are read one by one.
    """
    return _asked(connection, select, words)()


def read_each(connection: Connection, selects: Iterable[tuple[Select[Any], Collection[str]]]) -> Iterator[pl.DataFrame]:
    """The same of several selects, each with its words: one runs while the texts of the one before are taken apart.

    Nothing else may use the connection until all frames are taken.
    """
    return (finish() for finish in beside(_asked(connection, *asked) for asked in selects))


def _asked(connection: Connection, select: Select[Any], words: Collection[str]) -> Callable[[], pl.DataFrame]:
    """What makes the frame of a select; the connection is done with it."""
    schema = _schema(select)
    if connection.dialect.name == "sqlite" and pl.Float64() not in schema.values():
        rows = select.subquery()
        try:
            texts = connection.execute(sa_select(*(func.json_group_array(rows.c[name]) for name in schema))).one()
        except DataError:
            pass
        else:
            return partial(_decoded, texts, schema, words)
    frame = read(connection, select, words)
    return lambda: frame


def _decoded(texts: Sequence[str], schema: dict[str, pl.DataType], words: Collection[str]) -> pl.DataFrame:
    """The frame of columns that are one JSON text each."""
    stored = _stored(schema)
    if texts[0] == "[]":
        frame = pl.DataFrame(schema=stored)
    else:
        frame = pl.DataFrame({
            name: pl.Series([text]).str.json_decode(pl.List(dtype)).explode(empty_as_null=True)
            for (name, dtype), text in zip(stored.items(), texts, strict=True)
        })  # fmt: skip
    return _typed(frame.with_columns(_categories(words)), schema)


def _schema(select: Select[Any]) -> dict[str, pl.DataType]:
    return {c.name: polars_type(c) for c in select.selected_columns}  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]


def _stored(schema: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    return {name: _SQLITE_STORED.get(type(dtype), dtype) for name, dtype in schema.items()}


def _typed(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """What SQLite stores as the types that tables declare."""
    return frame.with_columns(
        pl.col(name).str.to_date("%Y-%m-%d") if dtype == pl.Date else pl.col(name).cast(dtype)
        for name, dtype in schema.items()
        if type(dtype) in _SQLITE_STORED
    )


_SQLITE_STORED: dict[type[pl.DataType], pl.DataType] = {
    pl.Datetime: pl.Int64(), pl.Date: pl.String(), pl.Boolean: pl.Int64()
}  # fmt: skip


def write(connection: Connection, table: Table, frame: pl.DataFrame, *, on_conflict: str = "replace") -> None:
    """Write a frame's rows into a table, all columns of the table that the frame has; texts without NUL characters.

    Args:
        connection: within a transaction.
        table: where to.
        frame: columns named as the table's; missing ones stay null.
        on_conflict: `replace` rows with the same key, `ignore` them, or `fail`.
    """
    if frame.is_empty():
        return
    frame = _without_nul(frame)
    columns = [table.c[name] for name in frame.columns]
    if connection.dialect.name == "postgresql":
        _write_postgresql(connection, table, columns, frame, on_conflict)
        return
    # a column without a single value needs no place in the rows: it is null by itself
    filled = [name for name in frame.columns if frame[name].null_count() < frame.height]
    marks = f"({', '.join('?' * len(filled))})"
    one, many = (
        insert_statement(table, frame.columns, on_conflict, f"VALUES {', '.join([marks] * n)}", filled)
        for n in (1, TOGETHER)
    )
    driver = _driver(connection)
    with unsearched():
        for rows in stored_rows(frame.select(filled)):
            n_many = len(rows) - len(rows) % TOGETHER
            starts = range(0, n_many, TOGETHER)
            driver.executemany(many, ([*chain.from_iterable(rows[at : at + TOGETHER])] for at in starts))
            driver.executemany(one, rows[n_many:])


def _without_nul(frame: pl.DataFrame) -> pl.DataFrame:
    """PostgreSQL takes no NUL character in a text, so that none of either database has one: the rows are the same."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    held = [name for name in texts if frame[name].str.contains(NUL, literal=True).any()]
    return frame.with_columns(pl.col(held).str.replace_all(NUL, "", literal=True)) if held else frame


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, on_conflict: str) -> None:
    """Write a few rows given by name, as `write` does; all rows name the same columns.

    A frame of one row would take ten times as long as writing it.
    """
    names = [*rows[0]]
    if connection.dialect.name == "postgresql":
        schema = schema_of([table.c[name] for name in names])
        write(connection, table, pl.DataFrame(list(rows), schema=schema), on_conflict=on_conflict)
        return
    stored = [_STORED.get(type(table.c[name].type)) for name in names]
    statement = insert_statement(table, names, on_conflict, f"VALUES ({', '.join('?' * len(names))})")
    _driver(connection).executemany(statement, [
        [value if make is None or value is None else make(value)
         for make, value in zip(stored, map(row.get, names), strict=True)]
        for row in rows
    ])  # fmt: skip


_STORED: dict[type[Any], Callable[[Any], Any]] = {
    Instant: microseconds, Date: date.isoformat, Boolean: int, Text: lambda text: text.replace(NUL, "")
}  # fmt: skip
"""How SQLite stores a value that is not stored as it is."""


def insert_statement(
    table: Table, names: Sequence[str], on_conflict: str, source: str, filled: Sequence[str] | None = None
) -> str:
    """INSERT … ON CONFLICT for both databases.

    Args:
        table: where to.
        names: columns that a row with the same key takes over.
        on_conflict: `replace`, `ignore` or `fail`.
        source: where the rows come from: VALUES (?, …) or a SELECT.
        filled: columns that the source gives, if not all: the others become null.
    """
    keys = [c.name for c in table.primary_key.columns]
    head = f"INSERT INTO {table.name} ({', '.join(map(quoted, filled or names))}) {source}"
    if on_conflict == "fail":
        return head
    rest = [name for name in names if name not in keys]
    target = ", ".join(map(quoted, keys))
    if on_conflict == "ignore" or not rest:
        return f"{head} ON CONFLICT ({target}) DO NOTHING"
    changes = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in rest)
    return f"{head} ON CONFLICT ({target}) DO UPDATE SET {changes}"


def quoted(name: str) -> str:
    """A column name that may be a word of SQL (`new`, `old`, `row`)."""
    return f'"{name}"'


def stored_rows(frame: pl.DataFrame) -> Iterator[list[tuple[Any, ...]]]:
    """Chunks of rows as SQLite stores them."""
    stored = frame.with_columns(
        pl.col(pl.Date).dt.strftime("%Y-%m-%d"),
        pl.col(pl.Datetime).dt.epoch("us"),
        pl.col(pl.Boolean).cast(pl.Int8),
    )
    for part in stored.iter_slices(CHUNK):
        yield part.rows()


def _write_postgresql(
    connection: Connection, table: Table, columns: list[Column[Any]], frame: pl.DataFrame, on_conflict: str
) -> None:
    names = ", ".join(quoted(c.name) for c in columns)
    driver = _driver(connection)
    if on_conflict == "fail":
        copy_in(driver, f"COPY {table.name} ({names}) FROM STDIN", frame)
        return
    stage = f"load_{table.name}"
    connection.exec_driver_sql(f"CREATE TEMP TABLE IF NOT EXISTS {stage} (LIKE {table.name}) ON COMMIT DELETE ROWS")
    connection.exec_driver_sql(f"TRUNCATE {stage}")
    copy_in(driver, f"COPY {stage} ({names}) FROM STDIN", frame)
    source = f"SELECT {names} FROM {stage}"
    connection.exec_driver_sql(insert_statement(table, frame.columns, on_conflict, source))


def copy_in(driver: Any, statement: str, frame: pl.DataFrame) -> None:
    """COPY a frame through psycopg, as CSV made by Polars: no Python object per value."""
    text = frame.with_columns(pl.col(pl.Datetime).dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00"))
    with driver.cursor().copy(f"{statement} WITH (FORMAT csv, NULL '\\N')") as copy:
        for part in text.iter_slices(CHUNK):
            copy.write(part.write_csv(include_header=False, null_value="\\N", quote_style="non_numeric"))


def _driver(connection: Connection) -> Any:
    """The driver's own connection, under SQLAlchemy's."""
    return connection.connection.driver_connection
