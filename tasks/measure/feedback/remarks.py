"""What customers' words sound like, added up."""

from typing import Final

import polars as pl

from tasks.measure.entries import day_in, entry

DIMENSIONS: Final = ("channel", "touchpoint", "segment", "persona", "product", "language", "source")
_VOICE: Final = {"positive": 1.0, "neutral": 0.0, "negative": -1.0}


def sentiment(remarks: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Positive remarks less negative ones, of those whose tone is known; equal words of one response and day are one.

    Args:
        remarks: one row per remark: fact, row_id, response_id (null: it belongs to none), text_hash, tone (`positive`,
            `neutral`, `negative`; `unknown` and null are in no denominator), written_at, DIMENSIONS.
        zone: reporting zone.
    """
    voice = pl.col("tone").replace_strict(_VOICE, default=None, return_dtype=pl.Float64)
    said_in = pl.coalesce("response_id", pl.format("{}/{}", "fact", "row_id"))
    known = remarks.filter(voice.is_not_null()).sort("fact", "row_id")
    known = known.with_columns(voice=voice, said_in=said_in, day=day_in(zone, "written_at"))
    once = known.unique(["said_in", "text_hash", "day"], keep="first", maintain_order=True)
    day, voice = pl.col("day"), pl.col("voice")
    return once.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1, n=1, total=voice, total_sq=voice.abs()))
