"""Since when a source tells who leaves: before that only those who stayed are on record."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from tasks.measure.customers.retention import lifetimes


def known_since(held: pl.DataFrame, through: date) -> dict[str, date]:
    """The first day on which each source tells that somebody was gone; a source that tells of nobody is not in it.

    Args:
        held: one row per spell, of `spells`.
        through: the last complete day.
    """
    gone = held.filter(pl.col("end") <= through).group_by("source").agg(pl.col("end").min()).sort("source")
    return dict(gone.iter_rows())


def lives(held: pl.DataFrame, through: date, known: Mapping[str, date]) -> pl.DataFrame:
    """How old each customer was when first watched and when last seen, each source by its own first day.

    Args:
        held: one row per spell, of `spells`.
        through: the last complete day.
        known: by source, the first day on which somebody who left would be in the data; whose source is not in it
            is left out: that all of them stay is not known.

    Returns:
        As `lifetimes`; a customer who came back, also in another source, counts with the first spell.
    """
    first = held.sort("customer_id", "start", "end").unique("customer_id", keep="first", maintain_order=True)
    found = [lifetimes(first.filter(pl.col("source") == source), through, day) for source, day in known.items()]
    return pl.concat(found) if found else lifetimes(first.clear(), through)
