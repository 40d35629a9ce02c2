"""What reading and mapping hand on: rows that hold, and rows set aside with their reason."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from domain.errors import SourceChangedError

FILE: Final = "_file"
ROW: Final = "_row"

SET_ASIDE_SCHEMA: Final[dict[str, pl.DataType]] = {
    "rule": pl.String(), "reason": pl.String(), "file": pl.String(), "row": pl.Int64(), "raw": pl.String(),
    "row_key": pl.String(),
}  # fmt: skip
"""One row per row set aside. `row`: 1-based number of the data row in its file; `raw`: the row as JSON; `row_key`: its
key in the fact table, where it could be told."""


@dataclass(frozen=True)
class Parsed:
    """One file read: n_source = rows that could be read + rows set aside.

    Attributes:
        frame: one row per readable row; the file's columns as text, `_file` (text), `_row` (int, from 1).
        set_aside: rows that could not be read, as SET_ASIDE_SCHEMA.
    """

    frame: pl.DataFrame
    set_aside: pl.DataFrame

    @property
    def n_source(self) -> int:
        """Rows in the file."""
        return self.frame.height + self.set_aside.height


def set_aside_frame(rows: Iterable[Sequence[object]] = ()) -> pl.DataFrame:
    """Rows set aside as a frame; each (rule, reason, file, row, raw), and the row's key, where it is known."""
    width = len(SET_ASIDE_SCHEMA)
    padded = [(*row, None) if len(row) < width else tuple(row) for row in rows]
    return pl.DataFrame(padded, schema=SET_ASIDE_SCHEMA, orient="row")


def joined(parts: Sequence[Parsed]) -> Parsed:
    """Several files read as one; a column that some files lack is empty there."""
    frames = [part.frame for part in parts]
    return Parsed(
        pl.concat(frames, how="diagonal", rechunk=False)
        if frames
        else pl.DataFrame(schema={FILE: pl.String(), ROW: pl.Int64()}),
        pl.concat([set_aside_frame(), *(part.set_aside for part in parts)]),
    )


def check_names(names: Sequence[str], file: str) -> None:
    """SourceChangedError where two columns have one name, or one has a pseudo-column's."""
    twice = sorted({name for name in names if names.count(name) > 1} | ({FILE, ROW} & set(names)))
    if twice:
        raise SourceChangedError(
            f"{file}: more than one column is called {', '.join(repr(name) for name in twice)}; a mapping could not "
            "tell them apart. Have the export name each column once."
        )


def raw_json(row: Mapping[str, object]) -> str:
    """A raw row as JSON text, without the pseudo-columns."""
    return json.dumps({name: value for name, value in row.items() if name not in (FILE, ROW)}, ensure_ascii=False)


def raw_rows(frame: pl.DataFrame, wanted: pl.DataFrame) -> list[str]:
    """The raw rows that `wanted` (with `_file` and `_row`) names, as JSON texts in its order.

    Built only when asked for: most rows are never set aside.
    """
    places = frame.select(FILE, ROW).with_row_index("_place")
    found = wanted.select(FILE, ROW).join(places, on=[FILE, ROW], how="left", maintain_order="left")["_place"]
    return [raw_json(row) for row in frame[found].iter_rows(named=True)]
