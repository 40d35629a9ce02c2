"""Rows of one batch with the same key: equal ones count once, of the others the latest, or none."""

from dataclasses import dataclass

import polars as pl

from domain.facts import FACT_TABLES
from tasks.extract.fact_columns import AT, LATEST
from tasks.extract.parsed import FILE, ROW, raw_rows, set_aside_frame


@dataclass(frozen=True)
class Deduped:
    """Each key once: rows in = kept + n_superseded + rows set aside.

    Attributes:
        rows: one row per key, without helper columns.
        n_superseded: exact duplicates, and older versions where `latest_by` says which is the latest.
        set_aside: rows with one key and different content, of which none can be preferred (`duplicate-key`).
    """

    rows: pl.DataFrame
    n_superseded: int
    set_aside: pl.DataFrame


def dedupe(rows: pl.DataFrame, table: str, raw: pl.DataFrame) -> Deduped:
    """Each key of a mapped table once.

    Args:
        rows: as `MappedTable.rows`; with `_latest`, the highest wins (of equals the last in the file).
        table: the fact table.
        raw: the raw rows they were made of, for what is set aside.

    Returns:
        Rows in their order; of exact duplicates the first.
    """
    key = FACT_TABLES[table].key
    facts = [name for name in rows.columns if name not in (FILE, ROW, AT, LATEST)]
    if LATEST in rows.columns:
        return _latest(rows, key)
    plain = rows.drop(AT, strict=False)
    is_twice = plain[key].is_duplicated()
    if not is_twice.any():
        return Deduped(plain, 0, set_aside_frame())
    twice = plain.with_row_index("_place").filter(is_twice)
    different = twice.unique(facts, keep="first", maintain_order=True)
    clashing = different.filter(pl.col(key).is_duplicated())[key].unique()
    n_exact = (
        twice.filter(~pl.col(key).is_in(clashing.implode())).height
        - different.filter(~pl.col(key).is_in(clashing.implode())).height
    )
    firsts = different.filter(~pl.col(key).is_in(clashing.implode()))
    is_first = pl.int_range(pl.len()).is_in(firsts["_place"].cast(pl.Int64).implode())
    kept = plain.filter(~is_twice | is_first)
    aside = twice.filter(pl.col(key).is_in(clashing.implode()))
    return Deduped(kept, n_exact, _clashes(aside, key, raw))


def _latest(rows: pl.DataFrame, key: str) -> Deduped:
    """The latest of each key; rows without a time are older than any."""
    numbered = rows.drop(AT, strict=False).with_row_index("_place")
    kept = (
        numbered.sort(LATEST, nulls_last=False, maintain_order=True)
        .unique(key, keep="last", maintain_order=True)
        .sort("_place")
        .drop("_place", LATEST)
    )
    return Deduped(kept, rows.height - kept.height, set_aside_frame())


def _clashes(rows: pl.DataFrame, key: str, raw: pl.DataFrame) -> pl.DataFrame:
    if rows.is_empty():
        return set_aside_frame()
    reason = "several rows have this key and differ; latest_by: would say which is the latest"
    places = rows.select(FILE, ROW).iter_rows()
    return set_aside_frame(
        ("duplicate-key", f"{name}: {reason}", file, row, text, name)
        for name, (file, row), text in zip(rows[key], places, raw_rows(raw, rows), strict=True)
    )
