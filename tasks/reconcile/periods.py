"""Both sides' figures by week or month, and the share of the differences that is explained."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import polars as pl

from tasks.reconcile.classes import EQUAL, ROUNDING, UNKNOWN
from tasks.reconcile.comparing import OURS_AT, Compared
from tasks.reconcile.export import Export
from tasks.reconcile.matching import CONTACT, LEFT_OUT, THERE

By = Literal["day", "week", "month"]
TRUNCATED: Final = {"day": "1d", "week": "1w", "month": "1mo"}
FIGURES: Final = ("tickets", "first_reply", "resolution", "reopens", "satisfaction")
"""Measures with a figure by period: a count, seconds (median or mean), a sum, a mean or share."""


@dataclass(frozen=True)
class Figure:
    """One measure in one period, of the tickets opened in it that each side counts.

    Attributes:
        ours, theirs: the figure; None: nothing to make it of.
        n_different: tickets of which the values differ by more than rounding, or that one side alone counts.
        n_unknown: those of them that nothing explains.
    """

    period: date
    measure: str
    ours: float | None
    theirs: float | None
    n_different: int
    n_unknown: int

    @property
    def explained(self) -> float | None:
        """Share of the differences that is explained; None: there is none."""
        return 1 - self.n_unknown / self.n_different if self.n_different else None


def figures_of(compared: Compared, export: Export, by: By, zone: str) -> list[Figure]:
    """Figures by period, in order of time.

    Args:
        compared: both sides.
        export: how theirs is written.
        by: length of a period; weeks begin on Mondays.
        zone: the reporting zone, which cuts days.
    """
    counted = compared.tickets.filter(pl.col("class") != LEFT_OUT)
    found: list[Figure] = []
    for measure in FIGURES:
        if measure not in compared.pairs:
            continue
        mine, other = _values(compared, counted, measure)
        ours = _figured(mine, measure, export, by, zone)
        theirs = _figured(other, measure, export, by, zone)
        apart = compared.pairs[measure].filter(~pl.col("class").is_in([EQUAL, ROUNDING]))
        n = (
            apart.filter(pl.col("opened_at").is_not_null())
            .group_by(_period(by, zone))
            .agg(n_different=pl.len(), n_unknown=(pl.col("class") == UNKNOWN).sum())
        )
        whole = (
            ours.rename({"figure": "ours"})
            .join(theirs.rename({"figure": "theirs"}), on="period", how="full", coalesce=True)
            .join(n, on="period", how="full", coalesce=True)
            .with_columns(pl.col("n_different", "n_unknown").fill_null(0))
        )
        found += [Figure(measure=measure, **row) for row in whole.iter_rows(named=True)]
    return sorted(found, key=lambda figure: (figure.period, FIGURES.index(figure.measure)))


def _values(compared: Compared, counted: pl.DataFrame, measure: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each side's tickets with their value: opened_at, value."""
    mine, other = counted.filter(pl.col("ours") == CONTACT), counted.filter(pl.col("theirs") == THERE)
    opened = pl.coalesce("their_opened", "opened_at") if "their_opened" in counted.columns else pl.col("opened_at")
    if measure in ("first_reply", "resolution"):
        at = OURS_AT[measure]
        if measure in compared.ways:
            seconds = compared.ways[measure].plain(mine["opened_at"], mine[at])
            theirs = pl.col(f"their_{measure}")
        else:
            seconds = (mine[at] - mine["opened_at"]).dt.total_microseconds() / 1e6
            their_at = "their_first_reply_at" if measure == "first_reply" else "their_resolved_at"
            theirs = (pl.col(their_at) - opened).dt.total_microseconds() / 1e6
        return mine.select("opened_at", value=seconds), other.select(opened_at=opened, value=theirs)
    if measure == "tickets":
        one = pl.lit(1.0)
        return mine.select("opened_at", value=one), other.select(opened_at=opened, value=one)
    if measure == "reopens":
        return mine.select("opened_at", value="n_reopens"), other.select(opened_at=opened, value="their_reopens")
    by_word = other["their_is_satisfied"].null_count() < other.height
    names = ("is_satisfied", "their_is_satisfied") if by_word else ("score", "their_satisfaction")
    return (
        mine.select("opened_at", value=pl.col(names[0]).cast(pl.Float64)),
        other.select(opened_at=opened, value=pl.col(names[1]).cast(pl.Float64)),
    )


def _figured(values: pl.DataFrame, measure: str, export: Export, by: By, zone: str) -> pl.DataFrame:
    value = pl.col("value")
    made = (
        value.sum() if measure in ("tickets", "reopens")
        else value.median() if measure != "satisfaction" and export.statistic == "median" else value.mean()
    )  # fmt: skip
    return values.drop_nulls().group_by(_period(by, zone)).agg(figure=made.cast(pl.Float64))


def _period(by: By, zone: str) -> pl.Expr:
    return pl.col("opened_at").dt.convert_time_zone(zone).dt.date().dt.truncate(TRUNCATED[by]).alias("period")
