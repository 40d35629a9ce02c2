"""Entries of public mentions: whether we answered them."""

from datetime import date

import polars as pl

from domain.remarks import US
from tasks.measure.entries import day_in, entry

DIMENSIONS = ("channel", "source")
ANSWER_DAYS = 7
"""A mention not answered within this many days counts as unanswered."""


def answered(mentions: pl.DataFrame, zone: str, through: date) -> pl.DataFrame:
    """Mentions of us and whether we answered them in time, booked on the day of the mention.

    Open until answered or the time is over. One about a competitor is nothing for us to answer.

    Args:
        mentions: one row per mention of a source that tells answers: about (null: us), mentioned_at, answered_at
            (null: not yet), deleted_at, dimensions.
        zone: reporting zone.
        through: last day the mentions are complete for; one whose time is not over then is open.
    """
    day = day_in(zone, "mentioned_at")
    ours = mentions.filter(pl.col("deleted_at").is_null(), pl.col("about").fill_null(US) == US)
    in_time = ((pl.col("answered_at") - pl.col("mentioned_at")) < pl.duration(days=ANSWER_DAYS)).fill_null(value=False)
    over = day + pl.duration(days=ANSWER_DAYS)
    return pl.concat([
        ours.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1)),
        ours.filter(in_time).select(*DIMENSIONS, *entry(booked=day, known=day_in(zone, "answered_at"), n=1, total=1)),
        ours.filter(~in_time, over <= through).select(*DIMENSIONS, *entry(booked=day, known=over, n=1)),
    ])  # fmt: skip
