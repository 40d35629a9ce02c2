"""From what the store holds to the summary of one week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from domain.estimates import POINTS_SCHEMA
from domain.maturity import Waiting
from domain.roadmap import Roadmap
from domain.weighting import Beside
from tasks.report.benchmarks import benchmark_rows, later_of, value_rows
from tasks.report.care import care_of
from tasks.report.happened import alerts_of, board_of, states_on, watch_of
from tasks.report.heard import CHANGES, QUOTES, words_of
from tasks.report.journey import journey_of
from tasks.report.progress import progress_of
from tasks.report.published import Edition, Key
from tasks.report.restating import Moved, restated_of
from tasks.report.small_print import GAPS_SCHEMA, gaps_of, listened_of, small_print_of
from tasks.report.summary import Summary
from tasks.report.verdict import is_quiet, sentences
from tasks.report.words import title_of

JOURNEY_WEEKS = timedelta(weeks=4)
"""The window of the friction map."""


@dataclass(frozen=True)
class Held:
    """What the store holds, as frames with the columns of their tables unless said otherwise.

    Attributes:
        roadmap: the version in force that week. roadmap_before: the one before, if it changed that week.
        periods: of the benchmarks, as known on the Monday after the week (POINTS_SCHEMA).
        values: of the whole and of each survey, as known today.
        sources: source, complete_through. counts: table_name, n_source, n_left_out, and what was noted:
            n_ambiguous_times, n_swapped_dates, n_without_score.
        quarantined: source, table_name, rule, n. excluded: excluded_as, n. rejected: source, name.
        editions: what summaries up to this week told of each figure. moved: figures that are other ones now.
        waiting: which periods are still coming in.
        first_contact_on: the Monday at which people are first told of anything; None: not known.
        gaps: columns of the table `gaps`.
        words: the week's row of `remark_weeks`; None: no texts were read. word_changes: its rows of `remark_changes`.
        word_quotes: rank, subject, quote, masked.
        through: by fact table the last complete day; empty where an older week is told.
        care: the week's row of `watch_weeks`; None: who may leave was not asked for.
        cells: of touchpoints, segments and the whole over JOURNEY_WEEKS, as known on that Monday (POINTS_SCHEMA).
        weighted: by benchmark, its value weighted to the population, in the period that was judged.
    """

    roadmap: Roadmap
    roadmap_before: Roadmap | None
    findings: pl.DataFrame
    periods: pl.DataFrame
    values: pl.DataFrame
    incidents: pl.DataFrame
    incident_events: pl.DataFrame
    tasks: pl.DataFrame
    task_events: pl.DataFrame
    verdicts: pl.DataFrame
    sources: pl.DataFrame
    counts: pl.DataFrame
    quarantined: pl.DataFrame
    excluded: pl.DataFrame
    rejected: pl.DataFrame
    first_contact_on: date | None = None
    editions: Mapping[Key, Sequence[Edition]] = field(default_factory=dict[Key, Sequence[Edition]])
    moved: Sequence[Moved] = ()
    waiting: Waiting = field(default_factory=Waiting)
    gaps: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GAPS_SCHEMA))
    words: Mapping[str, Any] | None = None
    word_changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGES))
    word_quotes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=QUOTES))
    through: Mapping[str, date] = field(default_factory=dict[str, date])
    care: Mapping[str, Any] | None = None
    cells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=POINTS_SCHEMA))
    weighted: Mapping[str, Beside] = field(default_factory=dict[str, Beside])


def compose(held: Held, week_start: date, known_to: date) -> Summary:
    """The summary of the week that starts on `week_start`.

    Args:
        held: what the store holds.
        week_start: a Monday.
        known_to: what people did up to and including this day counts.
    """
    moment = week_start + timedelta(days=7)
    is_first_look = held.first_contact_on == moment
    # the week in which it is read: data that end long ago leave nothing overdue since then
    today = min(known_to, moment + timedelta(days=6))
    incident_states = states_on(held.incidents, held.incident_events, "incident_id", known_to)
    task_states = states_on(held.tasks, held.task_events, "task_id", known_to)
    watched = watch_of(held.incidents, held.tasks, task_states, moment, today)
    rows = tuple(
        replace(row, beside=held.weighted.get(row.id))
        for row in benchmark_rows(held.roadmap, held.findings, held.periods, watched, moment, held.waiting)
    )
    alerts = alerts_of(
        held.incidents, incident_states, held.findings, held.tasks, task_states, held.roadmap, moment
    )  # fmt: skip
    board = board_of(held.tasks, task_states, held.task_events, held.verdicts, today)
    titles = {(row.kpi, row.scope): row.title for row in reversed(rows)}
    restated, n_settled = restated_of(held.moved, lambda kpi, scope: titles.get((kpi, scope)) or title_of(kpi, scope))
    summary = Summary(
        company=held.roadmap.company.name, currency=held.roadmap.company.currency or "",
        week_start=week_start, as_of=moment, today=today, benchmarks=rows, alerts=alerts, board=board,
        values=value_rows(held.roadmap, held.values, moment, today),
        progress=progress_of(held.roadmap, moment, held.roadmap_before),
        small_print=small_print_of(
            held.sources, held.counts, held.quarantined, held.excluded, held.rejected, restated,
            n_settled, gaps_of(held.gaps, week_start, moment), listened_of(held.findings, moment),
        ),
        words=words_of(held.words, held.word_changes, held.word_quotes, held.roadmap.people.smallest_group),
        is_quiet=is_quiet(alerts, board, is_first_look=is_first_look), is_first_look=is_first_look,
        care=care_of(held.care), later=later_of(held.roadmap, held.through, held.waiting, moment, known_to),
        journey=journey_of(held.roadmap, held.cells, moment - JOURNEY_WEEKS, moment),
    )  # fmt: skip
    return replace(summary, sentences=sentences(summary))
