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
    held = frame.select([name for name in _COLUMNS if name in frame.columns])
    floats = [name for name, kind in held.schema.items() if kind == pl.Float64]
    rows: list[dict[str, Any]] = held.with_columns(pl.col(floats).fill_nan(None)).to_dicts()
    return [Point(**row) for row in rows]
