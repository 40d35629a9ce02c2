"""Rows read from a warehouse: landed as Parquet files of texts."""

import io
from collections.abc import Collection, Iterable

import polars as pl

from tasks.extract.parsed import FILE, ROW, Parsed, check_names, set_aside_frame


def parse_pages(pages: Iterable[bytes], stream: str, may_lack: Collection[str] = ()) -> Parsed:
    """A batch's pages as one frame.

    Args:
        pages: Parquet files whose columns are all text.
        stream: becomes `_file`.
        may_lack: columns that are empty where no page has them.

    Returns:
        Every column as text, `_file`, `_row` (counted over the batch).

    Raises:
        SourceChangedError: two columns have one name.
    """
    frames = [pl.read_parquet(io.BytesIO(page)) for page in pages]
    rows = pl.concat(frames, how="diagonal", rechunk=False) if frames else pl.DataFrame()
    check_names(rows.columns, stream)
    numbered = with_lacking(rows, may_lack).with_columns(
        pl.lit(stream).alias(FILE), pl.int_range(1, rows.height + 1, dtype=pl.Int64, eager=True).alias(ROW)
    )
    return Parsed(numbered, set_aside_frame())


def with_lacking(rows: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """The rows with these columns, empty where they were not there."""
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in names if name not in rows.columns)
