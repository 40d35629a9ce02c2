"""Rows of `kpi_values` as points."""

from typing import Any

import polars as pl

from domain.records import Point

_COLUMNS = ("period_start", "period_end", "n", "value", "low", "high", "n_open", "bound_low", "bound_high")


def points_of(frame: pl.DataFrame) -> list[Point]:
    """One point per row, in the order of the rows.

    Args:
        frame: one row per period; period_start, period_end (date), n, n_open (int), value, low, high
            and, where outcomes can be open, bound_low, bound_high (float; null or NaN: not known).

    Returns:
        As many points as rows.
    """
    names = [name for name in _COLUMNS if name in frame.columns]
    columns = (_known(frame[name]) for name in names)
    return [Point(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def _known(column: pl.Series) -> list[Any]:
    """Values, None for NaN."""
    values = column.to_list()
    return [None if value != value else value for value in values] if column.dtype.is_float() else values
