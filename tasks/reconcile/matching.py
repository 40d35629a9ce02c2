"""Which tickets both sides count, and why one side counts a ticket that the other does not."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from tasks.reconcile.classes import EQUAL, UNKNOWN
from tasks.reconcile.ours import Ours
from tasks.reconcile.reading import Theirs

CONTACT, EXCLUDED, DELETED, THERE = "contact", "excluded", "deleted", "there"
LEFT_OUT: Final = "left out"
"""Neither side counts it, or their export does not cover its day: no difference."""


@dataclass(frozen=True)
class Cover:
    """The days of contact that their export covers, both included, in its zone; None: without a bound.

    Attributes:
        is_selection: it holds some of the tickets of these days: those that are only ours are no difference.
    """

    first: date | None = None
    last: date | None = None
    is_selection: bool = False


def cover_of(theirs: Theirs, zone: str, first: date | None, last: date | None, *, is_selection: bool) -> Cover:
    """What was said, else the days from their first contact to their last."""
    if "opened" in theirs.fields:
        days = theirs.rows["opened"].dt.convert_time_zone(zone).dt.date()
        low, high = days.min(), days.max()
        first = first or (low if isinstance(low, date) else None)
        last = last or (high if isinstance(high, date) else None)
    return Cover(first, last, is_selection)


def matched(theirs: Theirs, ours: Ours, cover: Cover, zone: str, other_zone: str | None) -> pl.DataFrame:
    """Every ticket of either side.

    Args:
        theirs: their side.
        ours: our side.
        cover: the days that their export covers.
        zone: its zone.
        other_zone: the zone that their times seem to be of, if another.

    Returns:
        One row per ticket: the columns of both sides (theirs named `their_…`), ours (contact, excluded, deleted; null),
        theirs (there, deleted; null), class (of the difference in being there; `equal`: both count it; `left out`).
    """
    is_gone = pl.col("their_status") == "deleted" if "status" in theirs.rows.columns else pl.lit(value=False)
    named = theirs.rows.rename({name: f"their_{name}" for name in theirs.rows.columns if name != "key"})
    both = ours.rows.with_columns(
        ours=pl.when("is_deleted").then(pl.lit(DELETED)).when(pl.col("word").is_not_null()).then(pl.lit(EXCLUDED))
        .otherwise(pl.lit(CONTACT))
    ).join(
        named.with_columns(theirs=pl.when(is_gone.fill_null(value=False)).then(pl.lit(DELETED)).otherwise(pl.lit(THERE))),
        on="key", how="full", coalesce=True,
    )  # fmt: skip
    if "their_updated" not in both.columns:
        both = both.with_columns(their_updated=pl.lit(None, pl.Datetime("us", "UTC")))
    mine, other = pl.col("ours"), pl.col("theirs")
    is_mine = mine == CONTACT
    return both.with_columns(
        pl.when(is_mine & (other == THERE)).then(pl.lit(EQUAL))
        .when(is_mine & (other == DELETED)).then(pl.lit(DELETED))
        .when(is_mine & other.is_null()).then(_only_ours(ours, cover, zone, other_zone))
        .when((mine == EXCLUDED) & (other == THERE)).then(pl.lit(EXCLUDED))
        .when((mine == DELETED) & (other == THERE)).then(pl.lit(DELETED))
        .when(mine.is_null() & (other == THERE)).then(_only_theirs(both, ours))
        .otherwise(pl.lit(LEFT_OUT))
        .alias("class")
    )  # fmt: skip


def _only_ours(ours: Ours, cover: Cover, zone: str, other_zone: str | None) -> pl.Expr:
    if cover.is_selection:
        return pl.lit(LEFT_OUT)
    is_later = pl.lit(value=False) if ours.exported_at is None else pl.col("opened_at") >= ours.exported_at
    outside = pl.lit(value=False) if other_zone is None else ~_covered(cover, other_zone)
    return (
        pl.when(~_covered(cover, zone)).then(pl.lit(LEFT_OUT))
        .when(is_later).then(pl.lit("late"))
        .when(outside).then(pl.lit("time zone"))
        .otherwise(pl.lit(UNKNOWN))
    )  # fmt: skip


def _covered(cover: Cover, zone: str) -> pl.Expr:
    day = pl.col("opened_at").dt.convert_time_zone(zone).dt.date()
    return (day >= pl.lit(cover.first or date.min)) & (day <= pl.lit(cover.last or date.max))


def _only_theirs(both: pl.DataFrame, ours: Ours) -> pl.Expr:
    instants = [name for name in ("their_opened", "their_updated") if name in both.columns]
    is_later = pl.lit(value=False)
    if ours.known_until is not None:
        is_later = pl.any_horizontal((pl.col(name) >= ours.known_until).fill_null(value=False) for name in instants)
    return (
        pl.when(pl.col("key").is_in(sorted(ours.set_aside))).then(pl.lit("set aside"))
        .when(is_later).then(pl.lit("late"))
        .otherwise(pl.lit(UNKNOWN))
    )  # fmt: skip
