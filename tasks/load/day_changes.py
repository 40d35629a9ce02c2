"""What a batch changed about each day, of surveys each by itself: how many rows came new, changed, went."""

from collections.abc import Sequence
from typing import Literal

import polars as pl

How = Literal["came", "read again", "no longer shown"]
COUNTS = ("n_new", "n_changed", "n_gone")
SURVEY = "survey"
SCHEMA = {SURVEY: pl.String(), "day": pl.Date(), **dict.fromkeys(COUNTS, pl.Int64())}
_DAYS = {"day": pl.Date(), **dict.fromkeys(COUNTS, pl.Int64())}
_DELETED = "deleted_at"


def changes_by_day(
    changed: pl.DataFrame, before: pl.DataFrame, gone: pl.DataFrame, key: str, booked: Sequence[str], zone: str
) -> pl.DataFrame:
    """Rows that came new, changed or went, by the day they are booked on.

    Args:
        changed: rows of one fact table that were written: key, the instants of `booked`, `deleted_at` and `survey`
            where it has them.
        before: those of them that were there, as they were: key and the instants.
        gone: rows that were taken away: likewise, with `survey` where the table has it.
        key: name of the key.
        booked: the instants on whose days a row is booked; the first is when it happened.
        zone: the reporting zone, which cuts days.

    Returns:
        One row per survey and day, sorted: survey (empty where the table has none; of a row that went from one to
        another the one it is in now), day, n_new (rows that happened on it), n_changed (rows booked on it, before or
        after, that changed, or came new and happened on another), n_gone (rows booked on it that were deleted).
        A row counts once a day. Nothing for a table whose rows are booked on no day.
    """
    if not booked:
        return pl.DataFrame(schema=SCHEMA)
    if SURVEY not in changed.columns:
        return _of_days(changed, before, gone, key, booked, zone).select(pl.lit("").alias(SURVEY), *_DAYS)
    deleted = [_DELETED] if _DELETED in changed.columns else []
    rows = changed.select(SURVEY, key, *booked, *deleted)
    there = before.select(key, *booked).join(rows.select(key, SURVEY), on=key)
    went = gone if SURVEY in gone.columns else gone.clear().with_columns(pl.lit("").alias(SURVEY))
    found = [pl.DataFrame(schema=SCHEMA)]
    for survey in pl.concat([rows[SURVEY], went[SURVEY]]).unique():
        is_of = pl.col(SURVEY) == survey
        days = _of_days(rows.filter(is_of), there.filter(is_of), went.filter(is_of), key, booked, zone)
        found.append(days.select(pl.lit(survey).alias(SURVEY), *_DAYS))
    return pl.concat(found).sort(SURVEY, "day")


def added(held: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Two lots of changes as one: SCHEMA, sorted by survey and day."""
    return pl.concat([held, more]).group_by(SURVEY, "day").agg(pl.col(*COUNTS).sum()).sort(SURVEY, "day")


def _of_days(
    changed: pl.DataFrame, before: pl.DataFrame, gone: pl.DataFrame, key: str, booked: Sequence[str], zone: str
) -> pl.DataFrame:
    """The same of rows that are all of one survey, or of none: one row per day, sorted."""
    is_deleted = pl.col(_DELETED).is_not_null() if _DELETED in changed.columns else pl.lit(value=False)
    rows = changed.select(key, *booked, is_deleted=is_deleted)
    new = rows if before.is_empty() else rows.join(before.select(key), on=key, how="anti")
    new = new.filter(~pl.col("is_deleted"))
    days = new.select(_day(name, zone) for name in booked)
    counts = [_counted(days[booked[0]], "n_new"), *(_elsewhere(days, place) for place in range(1, len(booked)))]
    if not before.is_empty():
        there = rows.join(before.select(key), on=key, how="semi")
        now = pl.concat([there, before.join(there.select(key, "is_deleted"), on=key).select(there.columns)])
        for went, name in ((True, "n_gone"), (False, "n_changed")):
            counts.append(_on_days(now.filter(is_deleted=went), booked, key, zone, name))
    if not gone.is_empty():
        counts.append(_on_days(gone, booked, key, zone, "n_gone"))
    found = pl.concat([pl.DataFrame(schema=_DAYS), *counts], how="diagonal")
    return found.group_by("day").agg(pl.col(*COUNTS).sum()).sort("day")


def _day(name: str, zone: str) -> pl.Expr:
    return pl.col(name).dt.convert_time_zone(zone).dt.date()


def _counted(days: pl.Series, name: str) -> pl.DataFrame:
    """How often each day is there."""
    held = days.drop_nulls().alias("day")
    return held.to_frame().group_by("day").agg(pl.len().cast(pl.Int64).alias(name))


def _elsewhere(days: pl.DataFrame, place: int) -> pl.DataFrame:
    """How many new rows one instant books on a day on which no instant before it does."""
    *earlier, mine = days.columns[: place + 1]
    away = days.filter(pl.all_horizontal(pl.col(mine).ne_missing(pl.col(name)) for name in earlier))
    return _counted(away[mine], "n_changed")


def _on_days(rows: pl.DataFrame, booked: Sequence[str], key: str, zone: str, name: str) -> pl.DataFrame:
    """How many keys are booked on each day, by any of the instants of any of their rows."""
    each = [rows.select(key, day=_day(at, zone)) for at in booked]
    return _counted(pl.concat(each).unique()["day"], name)
