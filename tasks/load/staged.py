"""What staging and validation laid out of a batch."""

from pathlib import Path

import polars as pl


def good_rows(folder: Path, table: str) -> pl.DataFrame:
    """The rows of one table that fail no row rule, in their order.

    Args:
        folder: holds `<table>.parquet`, and `<table>.failing.parquet` with the positions of those that do.
        table: the fact table.
    """
    failing = pl.read_parquet(folder / f"{table}.failing.parquet").to_series()
    rows = pl.read_parquet(folder / f"{table}.parquet")
    return rows if failing.is_empty() else rows.filter(~pl.int_range(pl.len()).is_in(failing.implode()))
