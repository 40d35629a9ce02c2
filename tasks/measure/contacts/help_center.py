"""Entries of the help center: what visitors find there, and whether they need us after it."""

import polars as pl

from tasks.measure.entries import day_in, entry

DIMENSIONS = ("section", "product", "language", "source")


def failed_searches(days: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Searches, and those without a hit, booked on their day.

    Args:
        days: one row per section and day: n_searches, n_failed_searches, day_at, deleted_at, dimensions.
        zone: reporting zone.
    """
    return _share(days, zone, of="n_searches", hits="n_failed_searches")


def solved_alone(days: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Visits, and those that ended without contact, booked on their day.

    Args:
        days: one row per section and day: n_visits, n_solved, day_at, deleted_at, dimensions.
        zone: reporting zone.
    """
    return _share(days, zone, of="n_visits", hits="n_solved")


def visits(days: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Visits, booked on their day; a day that tells none is in none.

    Args:
        days: one row per section and day: n_visits, day_at, deleted_at, dimensions.
        zone: reporting zone.
    """
    day, n = day_in(zone, "day_at"), pl.col("n_visits")
    told = days.filter(pl.col("deleted_at").is_null(), n >= 0)
    return told.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=n, n=n, total=n))


def _share(days: pl.DataFrame, zone: str, *, of: str, hits: str) -> pl.DataFrame:
    """A day on which one of the two is not told, or more came out than went in, is in no denominator."""
    day = day_in(zone, "day_at")
    told = days.filter(pl.col("deleted_at").is_null(), pl.col(hits) <= pl.col(of), pl.col(of) > 0)
    return told.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=pl.col(of), n=pl.col(of), total=pl.col(hits)))
