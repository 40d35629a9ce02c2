"""Rows as they came, as JSON: what quarantine shows and a replay can be checked against."""

import json
from collections.abc import Mapping

import polars as pl

from tasks.validate.verdicts import POSITION

_OURS = ("_file", "_row", POSITION)


def raw_texts(rows: pl.DataFrame, raw: pl.DataFrame | None) -> list[str]:
    """The raw row of each row, as JSON, in its order.

    Args:
        rows: `_file`, `_row` and a table's columns.
        raw: raw rows, one per (`_file`, `_row`); None or without the row: the mapped row stands for it.
    """
    found = {(row["_file"], row["_row"]): row for row in raw.iter_rows(named=True)} if raw is not None else {}
    return [_json(found.get((row["_file"], row["_row"]), row)) for row in rows.iter_rows(named=True)]


def _json(row: Mapping[str, object]) -> str:
    return json.dumps(
        {name: value for name, value in row.items() if name not in _OURS}, ensure_ascii=False, default=str
    )
