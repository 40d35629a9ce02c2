"""What a connector's parser gives, as frames of texts, and how they map to fact tables."""

import json
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import orjson
import polars as pl

from domain.connectors import Options, Page, Row, Stream
from domain.cycles import unsearched
from domain.errors import SourceChangedError
from domain.expressions import columns_in
from domain.facts import FACT_TABLES
from domain.source_specs import TableMapping
from tasks.extract.parsed import FILE, ROW, Parsed, set_aside_frame
from tasks.extract.sightings import MEMBER

_NOT_MAPPED: Final = ("source",)
_ROWS_AT_ONCE: Final = 2_000
"""Rows that are held as Python's objects: they take ten times the memory of their texts."""

_BROKEN: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, OSError)


def gathered(pages: Iterable[Page], stream: Stream, options: Options) -> dict[str, Parsed]:
    """The rows of a batch's pages, as texts, by fact table.

    Returns:
        One frame for each table that the stream feeds and that has rows: every column of any row as text,
        `_file` (stream and table), `_row` (counted over the batch), and `_member`, where rows are covered by member.

    Raises:
        SourceChangedError: the parser cannot read a page.
    """
    with unsearched():
        texts = _gathered(pages, stream, options)
    read = texts or {stream.feeds[0]: [text_columns([], 1)]}
    return {table: Parsed(_whole(parts, f"{stream.name}/{table}"), set_aside_frame()) for table, parts in read.items()}


def _gathered(pages: Iterable[Page], stream: Stream, options: Options) -> dict[str, list[pl.DataFrame]]:
    rows: dict[str, list[Row]] = {}
    texts: dict[str, list[pl.DataFrame]] = {}

    def write(table: str) -> None:
        parts = texts.setdefault(table, [])
        parts.append(text_columns(rows[table], 1 + sum(part.height for part in parts)))
        rows[table] = []

    number = 0
    for number, page in enumerate(pages, 1):
        with _as_expected(stream, number):
            for table, made in stream.parse(page, {**options, "each": page.each}).items():
                shown = [{**row, MEMBER: page.each} for row in made] if stream.covers and page.each else made
                rows.setdefault(table, []).extend(shown)
                if len(rows[table]) >= _ROWS_AT_ONCE:
                    write(table)
    with _as_expected(stream, number):
        for table, made in rows.items():
            if made:
                write(table)
    return {table: texts[table] for table in rows if table in texts}


@contextmanager
def _as_expected(stream: Stream, number: int) -> Generator[None]:
    """What a parser, or what it gave, stumbles over is a changed source."""
    try:
        yield
    except _BROKEN as problem:
        raise SourceChangedError(
            f"{stream.name}: page {number} does not look as it should ({type(problem).__name__}: {problem}). "
            "It is kept in the landing zone; when the connector reads it again, run `cxloop backfill SOURCE "
            "--since DAY --from-landing`."
        ) from None


def _whole(parts: Sequence[pl.DataFrame], file: str) -> pl.DataFrame:
    return pl.concat(parts, how="diagonal").select(pl.exclude(ROW), pl.lit(file).alias(FILE), ROW)


def text_columns(rows: Sequence[Row], first: int) -> pl.DataFrame:
    """Rows as texts: numbers and flags as they are written, lists and objects as JSON, none as null.

    Args:
        rows: of one table.
        first: number of the first one, for `_row`.
    """
    shapes = dict.fromkeys(map(tuple, rows))
    names = list(dict.fromkeys(name for names in shapes for name in names))
    columns = (
        zip(*(row.values() for row in rows), strict=True)
        if len(shapes) == 1
        else ([row.get(name) for row in rows] for name in names)
    )
    texts = [_texts([*values]).alias(name) for name, values in zip(names, columns, strict=True)]
    return pl.DataFrame([pl.int_range(first, first + len(rows), dtype=pl.Int64, eager=True).alias(ROW), *texts])


def _texts(values: list[Any]) -> pl.Series:
    kinds = set(map(type, values))
    if kinds <= {str, type(None)}:
        return pl.Series(values, dtype=pl.String)
    if kinds <= {int, type(None)}:
        try:
            return pl.Series(values, dtype=pl.Int64).cast(pl.String)
        except (OverflowError, TypeError):  # a number beyond 64 bits
            pass
    return pl.Series([_text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError:  # a number beyond 64 bits
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def mappings_of(read: Mapping[str, Parsed], changes: Sequence[TableMapping]) -> list[TableMapping]:
    """A mapping for each table: the connector's own columns, and what sources.yaml changes.

    Of rows with one key the one with the latest version counts, else the one that came last.
    """
    changed = {change.table: change for change in changes}
    return [_mapping(table, parsed.frame.columns, changed.get(table)) for table, parsed in read.items()]


def unknown_extras(read: Mapping[str, Parsed], changes: Sequence[TableMapping]) -> list[tuple[str, str]]:
    """(table, extra) that sources.yaml reads and that no row of a batch has: a rare field, or a slip of the pen."""
    return [
        (change.table, name)
        for change in changes if change.table in read and read[change.table].n_source
        for name in sorted(_names_in(change) - set(read[change.table].frame.columns))
    ]  # fmt: skip


def with_extras(read: Mapping[str, Parsed], changes: Sequence[TableMapping]) -> dict[str, Parsed]:
    """The frames with every extra that sources.yaml reads: one that no row of a batch has is empty there."""
    wanted = {change.table: _names_in(change) for change in changes}
    return {table: replace(parsed, frame=_with(parsed.frame, wanted.get(table, ()))) for table, parsed in read.items()}


def _names_in(change: TableMapping) -> set[str]:
    texts = [*change.columns.values(), *change.exclude.values(), *([change.where] if change.where else [])]
    return {name for text in texts for name in columns_in(text)}


def _with(frame: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    missing = sorted(set(names) - set(frame.columns))
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)


def _mapping(table: str, there: Sequence[str], change: TableMapping | None) -> TableMapping:
    fact = FACT_TABLES[table]
    own = {name: f'"{name}"' for name in fact.names if name in there and name not in (fact.key, *_NOT_MAPPED)}
    has_version = own.get("version_at") is not None
    mapping = TableMapping(
        table=table, label=table, columns=own, key=f'"{fact.key}"', stream=table,
        latest_by="version_at" if has_version else ROW,
    )  # fmt: skip
    if change is None:
        return mapping
    return replace(
        mapping, columns={**own, **change.columns}, where=change.where, exclude=change.exclude,
        refers_to=change.refers_to, line=change.line,
    )  # fmt: skip
