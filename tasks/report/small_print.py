"""What the numbers rest on: how far data go, what was set aside, refused, restated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from domain.listening import BROKEN, RULE, survey_of
from tasks.report.restated import Restated

NOTED = ("n_ambiguous_times", "n_swapped_dates", "n_without_score")
"""What was read in a way that a reader may want to know, by column of `batch_tables`."""
COUNTED = ("n_source", "n_left_out", *NOTED)
GAPS_SCHEMA = {"source": pl.String(), "stream": pl.String(), "first_day": pl.Date(), "last_day": pl.Date()}


@dataclass(frozen=True)
class SourceDay:
    """How far one source is complete."""

    source: str
    through: date | None


@dataclass(frozen=True)
class SetAside:
    """Rows waiting in quarantine by source, table and rule."""

    source: str
    table: str
    rule: str
    n: int


@dataclass(frozen=True)
class Gap:
    """Days of a stream that a source no longer showed when it was read again; both days belong to it."""

    source: str
    stream: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Listened:
    """One survey against the listening plan: invitations in four weeks, and what broke it (empty: nothing)."""

    survey: str
    n: int
    said: str = ""


@dataclass(frozen=True)
class SmallPrint:
    """What the numbers rest on.

    Attributes:
        n_rows: rows read from all sources, ever. left_out: by table, left out by a declared `where`.
        n_ambiguous_times: local times that came twice. n_swapped_dates: whose day and month were swapped.
        n_without_score: answers with a word that is no score.
        excluded: tickets of the week that are no contacts, by reason.
        rejected: `source: file` of batches of which nothing was published.
        restated: series with figures that are other ones than they were told to be, most important first.
        n_settled: figures that moved as open outcomes became known, within what was told to be possible.
        gaps: that touch the week. listening: by survey, on the Monday after the week.
    """

    sources: tuple[SourceDay, ...] = ()
    n_rows: int = 0
    set_aside: tuple[SetAside, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    excluded: tuple[tuple[str, int], ...] = ()
    rejected: tuple[str, ...] = ()
    restated: tuple[Restated, ...] = ()
    n_settled: int = 0
    n_ambiguous_times: int = 0
    n_swapped_dates: int = 0
    n_without_score: int = 0
    gaps: tuple[Gap, ...] = ()
    listening: tuple[Listened, ...] = ()


def small_print_of(
    sources: pl.DataFrame,
    counts: pl.DataFrame,
    quarantined: pl.DataFrame,
    excluded: pl.DataFrame,
    rejected: pl.DataFrame,
    restated: Sequence[Restated] = (),
    n_settled: int = 0,
    gaps: Sequence[Gap] = (),
    listening: Sequence[Listened] = (),
) -> SmallPrint:
    """The small print.

    Args:
        sources: one row per source: source, complete_through (date; null: says nothing).
        counts: one row per fact table: table_name and the columns of COUNTED.
        quarantined: one row per (source, table_name, rule) of rows that wait: n.
        excluded: one row per reason: excluded_as, n tickets of the week.
        rejected: one row per refused batch: source, name.
        restated: as `restating.restated_of` gives them.
        n_settled: likewise.
        gaps: days missed.
        listening: as `listened_of` gives it.
    """
    waiting = quarantined.sort("n", "source", "table_name", "rule", descending=[True, False, False, False])
    left_out = counts.filter(pl.col("n_left_out") > 0).sort("table_name")
    known = sources.sort("source").select("source", "complete_through")
    refused = rejected.sort("source", "name").select("source", "name")
    return SmallPrint(
        sources=tuple(SourceDay(*row) for row in known.iter_rows()),
        n_rows=int(counts["n_source"].sum()),
        set_aside=tuple(SetAside(*row) for row in waiting.select("source", "table_name", "rule", "n").iter_rows()),
        left_out=tuple(left_out.select("table_name", "n_left_out").iter_rows()),
        excluded=tuple(excluded.sort("excluded_as").select("excluded_as", "n").iter_rows()),
        rejected=tuple(f"{source}: {name}" for source, name in refused.iter_rows()),
        restated=tuple(restated), n_settled=n_settled, gaps=tuple(gaps), listening=tuple(listening),
        **{name: int(counts[name].sum()) for name in NOTED},
    )  # fmt: skip


def listened_of(findings: pl.DataFrame, moment: date) -> tuple[Listened, ...]:
    """Each survey against the listening plan, as it was found at a moment; `findings`: columns of the table."""
    said = findings.filter(pl.col("rule") == RULE, pl.col("moment") == moment).sort("scope")
    return tuple(
        Listened(survey_of(row["scope"]), row["n"], row["note"] if row["verdict"] in BROKEN else "")
        for row in said.iter_rows(named=True)
    )


def gaps_of(gaps: pl.DataFrame, week_start: date, moment: date) -> tuple[Gap, ...]:
    """The gaps that touch a week: source, stream, first_day, last_day."""
    touching = gaps.filter(pl.col("first_day") < moment, pl.col("last_day") >= week_start)
    columns = touching.select("source", "stream", "first_day", "last_day").sort("source", "stream", "first_day")
    return tuple(Gap(*row) for row in columns.iter_rows())
