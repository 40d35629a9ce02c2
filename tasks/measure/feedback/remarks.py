"""What customers' words sound like, added up."""

from typing import Final

import polars as pl

from tasks.measure.entries import day_in, entry

DIMENSIONS: Final = ("channel", "touchpoint", "segment", "product", "language", "source")
_VOICE: Final = {"positive": 1.0, "neutral": 0.0, "negative": -1.0}


def sentiment(remarks: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Positive remarks less negative ones, of those whose tone is known; equal words of one response are one.

    Args:
        remarks: one row per remark: fact, row_id, response_id (null: it belongs to none), text_hash, tone (`positive`,
            `neutral`, `negative`; `unknown` and null are in no denominator), written_at, DIMENSIONS.
        zone: reporting zone.
    """
    day = day_in(zone, "written_at")
    voice = pl.col("tone").replace_strict(_VOICE, default=None, return_dtype=pl.Float64)
    said_in = pl.coalesce("response_id", pl.format("{}/{}", "fact", "row_id"))
    known = remarks.filter(voice.is_not_null()).with_columns(voice=voice, said_in=said_in).sort("fact", "row_id")
    once = known.unique(["said_in", "text_hash"], keep="first", maintain_order=True)
    return once.select(
        *DIMENSIONS,
        *entry(booked=day, known=day, n_items=1, n=1, total=pl.col("voice"), total_sq=pl.col("voice").abs()),
    )
