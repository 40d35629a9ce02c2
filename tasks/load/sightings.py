"""What a batch shows of rows that are held: they are there, or there again; and what a reading no longer showed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from domain.coverage import BELONGS

DELETED_AT: Final = "deleted_at"


@dataclass(frozen=True)
class Noted:
    """What is to be written down of the rows that a batch shows.

    Attributes:
        rows: sightings, those left out that a later batch has shown.
        returned: row_key and gone_at of those that had been gone, and are there again.
    """

    rows: pl.DataFrame
    returned: pl.DataFrame


def noted(shown: pl.DataFrame, held: pl.DataFrame, batch_id: str, landed_at: datetime) -> Noted:
    """What a batch shows, beside what is known of the same rows.

    A batch may be read again long after it landed: it then says nothing of what became of its rows since.

    Args:
        shown: rows of one fact table that the batch shows: stream, row_key and the other columns of `sightings`.
        held: what is known of rows with these keys: stream, row_key, gone_at, and landed_at of who showed it last.
        batch_id: the batch.
        landed_at: when it landed.
    """
    known = held.select("stream", "row_key", "gone_at", held_at="landed_at")
    both = shown.join(known, on=["stream", "row_key"], how="left", maintain_order="left")
    fresh = both.filter((pl.col("held_at") <= landed_at).fill_null(value=True))
    is_back = (pl.col("gone_at") <= landed_at).fill_null(value=False)
    still = pl.when(~is_back).then(pl.col("gone_at")).alias("gone_at")
    rows = fresh.with_columns(still, batch_id=pl.lit(batch_id)).drop("held_at")
    return Noted(rows, fresh.filter(is_back).select("row_key", "gone_at"))


def each_of(shown: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """What a batch shows, with each row that belongs to one it shows in the place of the mark for all of them.

    Args:
        shown: rows of one fact table: stream, row_key and the other columns of `sightings`; a key that ends in BELONGS
            stands for all that begin so.
        held: stream and row_key of all rows of the table that were ever shown.
    """
    is_mark = pl.col("row_key").str.ends_with(BELONGS)
    owner = pl.col("row_key").str.strip_suffix(BELONGS)
    marks = shown.filter(is_mark).with_columns(owner=owner).drop("row_key")
    mine = held.with_columns(owner=pl.col("row_key").str.replace(r":[^:]*$", ""))
    found = marks.join(mine, on=["stream", "owner"], maintain_order="left").select(shown.columns)
    return pl.concat([shown.filter(~is_mark), found])


def not_shown(rows: pl.DataFrame, began: datetime) -> pl.Series:
    """Keys of rows that a reading covers and did not show.

    Args:
        rows: those that it covers: row_key, and landed_at of the batch that showed it last.
        began: when it began: whatever it showed landed later.
    """
    return rows.filter(pl.col("landed_at") < began)["row_key"]


def with_gone(rows: pl.DataFrame, key: str, gone: pl.DataFrame) -> pl.DataFrame:
    """Rows of a fact table, those that a later reading no longer showed as deleted.

    Args:
        rows: as they came.
        key: name of their key.
        gone: row_key and gone_at.
    """
    if gone.is_empty():
        return rows
    at = rows.select(pl.col(key).alias("row_key")).join(gone, on="row_key", how="left", maintain_order="left")
    return rows.with_columns(pl.coalesce(pl.col(DELETED_AT), at["gone_at"]).alias(DELETED_AT))


def without_gone(rows: pl.DataFrame, key: str, returned: pl.DataFrame) -> pl.DataFrame:
    """Of rows that are there again, those that are still marked as a reading had marked them, without that mark.

    Args:
        rows: of a fact table, as they are held.
        key: name of their key.
        returned: row_key and gone_at.
    """
    marked = rows.join(returned, left_on=[key, DELETED_AT], right_on=["row_key", "gone_at"], how="semi")
    return marked.with_columns(pl.lit(None, rows.schema[DELETED_AT]).alias(DELETED_AT))
