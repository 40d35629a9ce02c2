"""What a batch changes: new rows, changed rows, rows that are there already, older versions."""

import polars as pl

INSERTED, UPDATED, UNCHANGED, SUPERSEDED = "inserted", "updated", "unchanged", "superseded"


def nothing() -> dict[str, int]:
    """No row of any kind, to count from."""
    return {INSERTED: 0, UPDATED: 0, UNCHANGED: 0, SUPERSEDED: 0}


def hashed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `row_hash`, a hash of every column's content.

    A later Polars may hash otherwise: rows loaded again are then written once more, as updated.
    """
    return rows.with_columns(row_hash=rows.hash_rows(seed=20_260_101).reinterpret(signed=True))


def classified(rows: pl.DataFrame, existing: pl.DataFrame, key: str, newer: pl.Series | None = None) -> pl.DataFrame:
    """Each incoming row with its `change`.

    Args:
        rows: one row per key, with row_hash.
        existing: the rows that are there, by key: row_hash, version_at if the table has it.
        key: name of the key column.
        newer: keys of rows that are there from batches that came later than this one.

    Returns:
        The rows with `change`: inserted | updated | unchanged | superseded (the source's own
        version is older than the one that is there; without versions the later arrival wins).
    """
    if existing.is_empty():
        return rows.with_columns(change=pl.lit(INSERTED))
    held = existing.select(
        key, pl.col("row_hash").alias("old_hash"),
        (pl.col("version_at") if "version_at" in existing.columns else pl.lit(None)).alias("old_version"),
    )  # fmt: skip
    version = pl.col("version_at") if "version_at" in rows.columns else pl.lit(None)
    is_late = pl.lit(value=False) if newer is None else pl.col(key).is_in(newer.implode())
    change = (
        pl.when(pl.col("old_hash").is_null()).then(pl.lit(INSERTED))
        .when(pl.col("old_hash") == pl.col("row_hash")).then(pl.lit(UNCHANGED))
        .when((version < pl.col("old_version")).fill_null(is_late)).then(pl.lit(SUPERSEDED))
        .otherwise(pl.lit(UPDATED))
    )  # fmt: skip
    return rows.join(held, on=key, how="left").with_columns(change=change).drop("old_hash", "old_version")


def days_of(instants: pl.Series, zone: str) -> list[object]:
    """The reporting-zone days of instants, once each."""
    return instants.drop_nulls().dt.convert_time_zone(zone).dt.date().unique().sort().to_list()


def balance(counts: dict[str, int]) -> str | None:
    """What does not add up in one table's counts; None when every row is accounted for."""
    went = sum(counts[f"n_{where}"] for where in (INSERTED, UPDATED, UNCHANGED, SUPERSEDED, "quarantined"))
    if counts["n_mapped"] != went:
        return f"{counts['n_mapped']} rows were mapped but {went} are accounted for ({counts})"
    read = counts["n_mapped"] + counts["n_left_out"] + counts["n_unreadable"]
    if counts["n_source"] != read:
        return f"{counts['n_source']} rows were read but {read} are accounted for ({counts})"
    return None
