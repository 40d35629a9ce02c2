"""Entries of a company's own KPIs: what `kpis.yaml` says of one row, counted as the catalogue's are."""

from dataclasses import dataclass

import polars as pl

from domain.expressions import compiled
from domain.histogram import bin_of
from domain.own_kpis import OwnKpi
from tasks.measure.entries import day_in, entry
from tasks.measure.feedback.answers import DETRACTOR_BELOW, PROMOTER_FROM

_BEST = 10.0
"""NPS is asked from 0 to 10."""


@dataclass(frozen=True)
class Counted:
    """Entries of one own KPI.

    Attributes:
        entries: as `tasks.measure.entries` describes them, with the KPI's dimensions.
        n_impossible: rows left out, because what they add cannot be: a part greater than its whole, a score beyond
            0-10, a duration below 0.
        surveys: surveys they are from; different ones are never pooled.
    """

    entries: pl.DataFrame
    n_impossible: int
    surveys: frozenset[str]


def counted(rows: pl.DataFrame, kpi: OwnKpi, zone: str) -> Counted:
    """What each row adds.

    A row does not count if it is deleted, no contact (`excluded_as`), not booked, outside `where`, or if its
    denominator is 0. One whose value is not known counts as open while it has no `known_at`, else not at all: a blank
    answer is no dissatisfied one.

    Args:
        rows: one row per fact: the KPI's columns and dimensions.
        kpi: its definition.
        zone: reporting zone.
    """
    alive = [pl.col(name).is_null() for name in ("deleted_at", "excluded_as") if name in rows.columns]
    is_meant = compiled(kpi.where) if kpi.where else pl.lit(value=True)
    held = rows.filter(*alive, is_meant, pl.col(kpi.booked_at).is_not_null())
    weight = compiled(kpi.denominator).cast(pl.Int64) if kpi.denominator else pl.lit(1, pl.Int64)
    is_known = pl.col(kpi.known_at).is_not_null() if kpi.known_at else pl.lit(value=True)
    survey = pl.col("survey") if "survey" in held.columns else pl.lit("")
    held = held.select(
        *kpi.dimensions, _survey=survey, _weight=weight, _value=_value(held, kpi), _is_known=is_known,
        _booked=day_in(zone, kpi.booked_at), _known=day_in(zone, kpi.known_at or kpi.booked_at),
    ).filter(pl.col("_weight") != 0, pl.col("_value").is_not_null() | ~pl.col("_is_known"))  # fmt: skip
    is_possible = (pl.col("_weight") > 0) & (_is_possible(kpi) | ~pl.col("_is_known"))
    kept = held.filter(is_possible)
    outcomes = kept.filter("_is_known")
    booked, known, weight = pl.col("_booked"), pl.col("_known"), pl.col("_weight")
    entries = [
        kept.select(*kpi.dimensions, *entry(booked=booked, known=booked, n_items=weight)),
        outcomes.select(*kpi.dimensions, *_outcome(kpi, booked, known, weight)),
    ]
    return Counted(pl.concat(entries), held.height - kept.height, frozenset(kept["_survey"].fill_null("").unique()))


def _value(held: pl.DataFrame, kpi: OwnKpi) -> pl.Expr:
    """The number that a row adds; spans of time in seconds."""
    if kpi.statistic == "count":
        return pl.lit(1.0)
    value = compiled(kpi.numerator or kpi.value)
    if isinstance(held.lazy().select(it=value).collect_schema()["it"], pl.Duration):
        value = value.dt.total_microseconds() / 1_000_000
    return value.cast(pl.Float64)


def _is_possible(kpi: OwnKpi) -> pl.Expr:
    value = pl.col("_value")
    match kpi.statistic:
        case "share":
            return value.is_between(0, pl.col("_weight"))
        case "nps":
            return value.is_between(0, _BEST)
        case "quantile":
            return value.is_finite() & (value >= 0)
        case _:
            return value.is_finite()


def _outcome(kpi: OwnKpi, booked: pl.Expr, known: pl.Expr, weight: pl.Expr) -> list[pl.Expr]:
    value = pl.col("_value")
    match kpi.statistic:
        case "nps":
            voice = pl.when(value >= PROMOTER_FROM).then(1.0).when(value < DETRACTOR_BELOW).then(-1.0).otherwise(0.0)
            return entry(booked=booked, known=known, n=weight, total=voice, total_sq=voice.abs())
        case "mean":
            return entry(booked=booked, known=known, n=weight, total=value, total_sq=value**2)
        case "quantile":
            return entry(
                booked=booked, known=known, n=weight, total=value, total_sq=value**2, bin_index=bin_of(value)
            )  # fmt: skip
        case _:
            return entry(booked=booked, known=known, n=weight, total=value)
