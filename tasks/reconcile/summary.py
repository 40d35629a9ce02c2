"""A vendor's summary by period beside ours: a figure that differs is made again the way they may have made it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import polars as pl

from domain.calendars import Calendar
from domain.errors import ConfigError
from tasks.reconcile.classes import EQUAL, ROUNDING, UNKNOWN
from tasks.reconcile.clocks import Way, duration_ways
from tasks.reconcile.export import Export
from tasks.reconcile.ours import Ours
from tasks.reconcile.periods import TRUNCATED, By
from tasks.reconcile.reading import Theirs

COMPARED: Final = ("tickets", "first_reply", "resolution")
"""Figures of a summary that can be compared: contacts and replies by the day of the contact, resolutions by the day on
which it was solved."""

_WEEK: Final = re.compile(r"^(\d{4})-?W(\d{1,2})$")
_MONTH: Final = re.compile(r"^(\d{4})-(\d{1,2})$")


@dataclass(frozen=True)
class Variant:
    """One way of making a figure, and the class of difference if theirs was made so."""

    word: str
    rows: pl.DataFrame
    zone: str
    way: Way | None = None
    at: str = ""


def summarised(
    theirs: Theirs, ours: Ours, export: Export, by: By, zone: str, calendars: Mapping[str, Calendar],
    likely_zones: Sequence[str] = (),
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Their figures beside ours.

    Args:
        theirs: key (the period as they write it) and tickets, first_reply, resolution (seconds).
        ours: our side.
        export: how theirs is written, and which statistic its durations are.
        by: length of a period.
        zone: the reporting zone, which cuts our days.
        calendars: opening hours by name.
        likely_zones: zones that the project names.

    Returns:
        By measure, one row per period and their figure: key, period, class, ours, theirs.

    Raises:
        ConfigError: a period that is none.
    """
    starts = pl.Series([period_start(text, by) for text in theirs.rows["key"]], dtype=pl.Date)
    rows = theirs.rows.with_columns(period=starts)
    found: dict[str, pl.DataFrame] = {}
    for measure in COMPARED:
        if measure in theirs.fields:
            asked = rows.select("key", "period", theirs=measure).drop_nulls("theirs")
            variants = _variants(measure, ours, export, zone, calendars, likely_zones, theirs.steps[measure])
            found[measure] = _judged(asked, variants, measure, export, by, theirs.steps[measure])
    return found


def period_start(text: str, by: By) -> date:
    """The first day of a period: `2026-03-09`, `2026-03`, `2026-W11`; ConfigError for anything else."""
    try:
        if found := _WEEK.match(text):
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
        if found := _MONTH.match(text):
            return date(int(found[1]), int(found[2]), 1)
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise ConfigError(
            f"'{text}' is no period. Expected its first day (2026-03-09), a week (2026-W11) or a month (2026-03)."
        ) from None
    return day - timedelta(days=day.weekday()) if by == "week" else day.replace(day=1) if by == "month" else day


def _variants(
    measure: str, ours: Ours, export: Export, zone: str, calendars: Mapping[str, Calendar], likely: Sequence[str],
    step: float,
) -> Iterator[Variant]:  # fmt: skip
    """Ours first, then each other way alone."""
    rows = ours.rows
    is_in, is_kept = pl.col("word").is_null(), ~pl.col("is_deleted")
    contacts = rows.filter(is_in, is_kept)
    at = {"tickets": "opened_at", "first_reply": "reply_at", "resolution": "solved_at"}[measure]
    then = {"tickets": "opened_at", "first_reply": "reply_then", "resolution": "solved_then"}[measure]
    declared = export.hours if export.time == "business" else None
    ways = None if measure == "tickets" else duration_ways(step, zone, calendars, likely, declared=declared)
    own = Variant(EQUAL, contacts, zone, ways.plain if ways else None, at)
    yield own
    if ways is not None:
        for word, others in ways.other.items():
            for _, way in others:
                yield replace(own, word=word, way=way)
    for other in dict.fromkeys((export.zone, "UTC", *likely)):
        if other != zone:
            yield replace(own, word="time zone", zone=other)
    yield replace(own, word="excluded", rows=rows.filter(is_kept))
    yield replace(own, word="deleted", rows=rows.filter(is_in))
    if measure == "resolution":
        first = ours.turns.group_by("key").agg(first_at=pl.col("at").min())
        yield replace(own, word="reopened", rows=contacts.join(first, on="key"), at="first_at")
    if ours.exported_at is not None:
        yield replace(own, word="late", rows=contacts.filter(pl.col("opened_at") < ours.exported_at), at=then)


def _judged(
    asked: pl.DataFrame, variants: Iterator[Variant], measure: str, export: Export, by: By, step: float
) -> pl.DataFrame:
    held = asked.with_columns(pl.lit(None, pl.String).alias("class"), pl.lit(None, pl.Float64).alias("ours"))
    for variant in variants:
        made = _made(variant, measure, export, by)
        joined = held.join(made, on="period", how="left", maintain_order="left").with_columns(
            figure=pl.col("figure").fill_null(0.0) if measure == "tickets" else pl.col("figure")
        )
        far = (pl.col("figure") - pl.col("theirs")).abs()
        word = pl.lit(variant.word)
        if variant.word == EQUAL:
            word = pl.when(far < 1e-3).then(pl.lit(EQUAL)).otherwise(pl.lit(ROUNDING))
            joined = joined.with_columns(ours="figure")
        held = joined.with_columns(
            pl.coalesce("class", pl.when(far < max(step, 1e-3)).then(word)).alias("class")
        ).drop("figure")  # fmt: skip
    return held.with_columns(pl.col("class").fill_null(UNKNOWN))


def _made(variant: Variant, measure: str, export: Export, by: By) -> pl.DataFrame:
    """The figure of each period, made this way: period, figure."""
    booked = variant.at if measure == "resolution" else "opened_at"
    rows = variant.rows.filter(pl.col(variant.at).is_not_null())
    seconds = variant.way(rows["opened_at"], rows[variant.at]) if variant.way else pl.lit(1.0)
    value = pl.col("value")
    statistic = (
        value.sum() if measure == "tickets" else value.median() if export.statistic == "median" else value.mean()
    )
    period = pl.col(booked).dt.convert_time_zone(variant.zone).dt.date().dt.truncate(TRUNCATED[by])
    return rows.select(period=period, value=seconds).group_by("period").agg(figure=statistic.cast(pl.Float64))
