"""Facts that say no segment get the one that their customer had at the time."""

import polars as pl

from domain.segments import segments_at


def unsaid(rows: pl.DataFrame) -> pl.Series:
    """Customers of rows that say no segment themselves."""
    return rows.filter(pl.col("segment").is_null())["customer_id"].drop_nulls().unique()


def stamped(rows: pl.DataFrame, spells: pl.DataFrame, at: str) -> pl.DataFrame:
    """The rows in their order, with an empty segment filled; what the source itself says stays.

    Args:
        rows: one row per fact: customer_id, segment, and `at`.
        spells: all of each customer's spells, as `domain.segments.SPELLS`.
        at: the instant whose segment a row is counted under.
    """
    if spells.is_empty():
        return rows
    found = segments_at(rows, spells, at).cast(rows.schema["segment"])
    return rows.with_columns(segment=pl.coalesce("segment", pl.lit(found)))
