"""JSON and JSON Lines: objects become rows; numbers stay as written, half a character is a replacement sign."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

import polars as pl

from domain.errors import SourceChangedError
from domain.halves import without_halves
from tasks.extract.decoding import is_broken, readable, shown
from tasks.extract.parsed import FILE, ROW, Parsed, raw_json, set_aside_frame

_CHUNK_ROWS = 50_000
_BROKEN = object()
"""Stands for a line that is not of the encoding."""


def parse_json(content: bytes, file: str, *, encoding: str) -> Parsed:
    """The rows of a JSON file: a list of objects, or an object that holds one such list.

    Set aside: members of the list that are no objects (`broken-json`).

    Raises:
        SourceChangedError: no JSON, or neither of the two shapes.
    """
    text = readable(content, encoding)
    if not text.strip():
        return _rows([], file)
    if is_broken(text):
        raise SourceChangedError(f"{file}: has bytes that are not {encoding}. Declare its encoding, or fetch it again.")
    try:
        rows: object = _read(text)
    except json.JSONDecodeError as problem:
        raise SourceChangedError(f"{file}:{problem.lineno}: is no JSON ({problem.msg}). Fetch it again.") from None
    if isinstance(rows, dict):
        members = cast("dict[str, Any]", rows)
        lists = {key: cast("list[Any]", value) for key, value in members.items() if isinstance(value, list)}
        if len(lists) != 1:
            raise SourceChangedError(
                f"{file}: expected a list of objects, or an object with one list in it; found an object with "
                f"{len(lists)} lists ({', '.join(members)})."
            )
        rows = next(iter(lists.values()))
    if not isinstance(rows, list):
        raise SourceChangedError(f"{file}: expected a list of objects, found one value.")
    return _rows([(row, None) for row in cast("list[Any]", rows)], file)


def parse_json_lines(content: bytes, file: str, *, encoding: str) -> Parsed:
    """The rows of a JSON Lines file, one object a line; blank lines are no rows.

    Set aside: lines that are no JSON object (`broken-json`) or not of the encoding (`broken-encoding`).
    """
    text = readable(content, encoding)
    lines = (line for line in text.split("\n") if line.strip())
    return _rows((_line(line) for line in lines), file)


def _line(line: str) -> tuple[Any, str | None]:
    if is_broken(line):
        return _BROKEN, shown(line)
    try:
        return _read(line), line
    except json.JSONDecodeError:
        return None, line


def _read(text: str) -> Any:
    return json.loads(without_halves(text), parse_int=str, parse_float=str)


def _rows(found: Iterable[tuple[Any, str | None]], file: str) -> Parsed:
    """Objects to rows; each comes with its line, or None if it is only a member of a list."""
    frames: list[pl.DataFrame] = []
    good: list[tuple[int, dict[str, Any]]] = []
    aside: list[tuple[object, ...]] = []
    for number, (row, line) in enumerate(found, start=1):
        if isinstance(row, dict):
            good.append((number, cast("dict[str, Any]", row)))
        else:
            raw = raw_json({"line": line if line is not None else json.dumps(row, ensure_ascii=False)})
            rule, reason = (
                ("broken-encoding", "has broken bytes") if row is _BROKEN else ("broken-json", "is no JSON object")
            )
            aside.append((rule, reason, file, number, raw))
        if len(good) == _CHUNK_ROWS:
            frames.append(_frame(good, file))
            good = []
    frames.append(_frame(good, file))
    return Parsed(pl.concat(frames, how="diagonal"), set_aside_frame(aside))


def _frame(rows: Sequence[tuple[int, dict[str, Any]]], file: str) -> pl.DataFrame:
    names = list(dict.fromkeys(name for _, row in rows for name in row if name not in (FILE, ROW)))
    columns = {name: [_text(row.get(name)) for _, row in rows] for name in names}
    return pl.DataFrame(
        {**columns, FILE: [file] * len(rows), ROW: [number for number, _ in rows]},
        schema={**dict.fromkeys(names, pl.String()), FILE: pl.String(), ROW: pl.Int64()},
    )


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
