"""Hold what was told against what is known now, and write down what is told."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from sqlalchemy import Connection

from domain.estimates import points
from domain.kpis import KPIS
from domain.roadmap import Roadmap
from domain.windows import PeriodKind
from sql.queries.kpis import parts_of
from sql.queries.published import changes_since, definitions_now, is_told, members_of, tell_changes, told_figures
from sql.store import Store
from sql.tables import published_figures
from tasks.report.published import (
    Edition,
    Figure,
    Key,
    editions_of,
    figure_of,
    figures_of,
    last_editions,
    row_of,
)
from tasks.report.restating import Moved, Since, differs, joined, moved, told_again
from tasks.report.steps.weeks import Told
from tasks.report.summary import Summary

Series = tuple[str, str, str]
"""kpi, scope, period."""


def rules_of(roadmap: Roadmap) -> str:
    """A hash of the rules that say who is in which segment."""
    told = json.dumps(roadmap.rules.fingerprint(roadmap.zone.key))
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def told_before(connection: Connection, moment: date) -> dict[Key, list[Edition]]:
    """What summaries told of each figure whose KPI is still known, up to the week before `moment`."""
    figures = told_figures(connection, moment)
    return editions_of(figures.filter(pl.col("kpi").is_in(list(KPIS))), moment)


def asked_again(editions: Mapping[Key, Sequence[Edition]], series: Series) -> list[tuple[date, date]]:
    """Periods of one series that were told before."""
    return [(key[3], key[4]) for key in editions if key[:3] == series]


def moved_since(
    connection: Connection,
    editions: Mapping[Key, Sequence[Edition]],
    periods: pl.DataFrame,
    values: pl.DataFrame,
    roadmap: Roadmap,
    moment: date,
) -> list[Moved]:
    """Figures that were told before and are other ones now, with what a summary of this week told already.

    Args:
        connection: to read with.
        editions: what was told.
        periods: of benchmarks, as known at `moment` (POINTS_SCHEMA), those that were told before among them.
        values: of other series, as far as known (POINTS_SCHEMA).
        roadmap: whose rules are in force.
        moment: the Monday after the week.
    """
    last = last_editions(editions)
    known = {False: _by_key(values, None), True: _by_key(periods, moment)}
    held = {timed: {key[:3] for key in figures} for timed, figures in known.items()}
    earliest = {timed: min((key[3] for key in figures), default=moment) for timed, figures in known.items()}
    changed: dict[Key, Figure] = {}
    for key, told in last.items():
        timed = told.figure.known_before is not None
        if key[2] == "all" or key[:3] not in held[timed] or key[3] < earliest[timed]:
            continue  # all that is known grows by itself; of a series that nobody keeps any more nothing is said
        now = known[timed].get(key) or _nothing(told.figure)
        if differs(told.figure.value, now.value, KPIS[now.kpi].unit):
            changed[key] = now
    again = told_again(editions, moment)
    if not changed:
        return joined(again, [])
    earliest_told = min(last[key].moment for key in changed)
    since = Since(
        changes_since(connection, earliest_told), definitions_now(connection), rules_of(roadmap),
        members_of(connection, {key[0] for key in changed}, "source"),
    )  # fmt: skip
    then = _then(connection, [last[key].figure for key in changed])
    live = (moved(last[key], now, then.get(key), since) for key, now in changed.items())
    return joined(again, [one for one in live if one is not None])


def _by_key(frame: pl.DataFrame, known_before: date | None) -> dict[Key, Figure]:
    figures = (figure_of(row, known_before) for row in frame.iter_rows(named=True))
    return {figure.key: figure for figure in figures}


def _nothing(told: Figure) -> Figure:
    """Nothing is known any more of a period."""
    return Figure(*told.key, 0, 0, None, None, None, told.known_before)


def _then(connection: Connection, told: Sequence[Figure]) -> dict[Key, Figure]:
    """What today's data give, of outcomes alone that were known when figures were told."""
    series: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in told:
        kpi = KPIS[figure.kpi]
        if figure.known_before is not None and kpi.kind != "cohort" and kpi.statistic != "per_100":
            series[figure.kpi, figure.scope].append(figure)
    found: dict[Key, Figure] = {}
    for (kpi, scope), figures in series.items():
        parts = parts_of(connection, [kpi], scope=scope)
        looks: dict[tuple[PeriodKind, date], list[tuple[date, date]]] = defaultdict(list)
        for figure in figures:
            if figure.known_before is not None:
                period: PeriodKind = figure.period  # pyright: ignore[reportAssignmentType]
                looks[period, figure.known_before].append((figure.period_start, figure.period_end))
        for (period, known_before), spans in looks.items():
            made = points(parts, period, as_of=known_before, spans=spans)
            there = _by_key(made, known_before)
            empty = (Figure(kpi, scope, period, *span, 0, 0, None, None, None, known_before) for span in spans)
            found |= {figure.key: figure for figure in empty} | there
    return found


def remember_figures(
    connection: Connection,
    summary: Summary,
    told: Told,
    editions: Mapping[Key, Sequence[Edition]],
    found: Sequence[Moved],
    roadmap: Roadmap,
    today: date,
) -> None:
    """Write down what the summary of the latest week tells; told once, a figure is told again when it moves.

    A summary that is written again in the same week shows what has moved since, and the next week's tells it; what no
    summary told before, since a source had failed, is written down all the same.
    """
    if not told.is_latest:
        return
    is_first = not is_told(connection, told.moment)
    versions, rules = definitions_now(connection), rules_of(roadmap)
    last = last_editions(editions)
    new = [
        Edition(figure, 1, told.moment, versions.get(figure.kpi), rules)
        for figure in figures_of(summary.benchmarks, summary.values, told.moment) if figure.key not in last
    ]  # fmt: skip
    again = [
        Edition(one.now, one.edition + 1, told.moment, versions.get(one.now.kpi), rules, one.reasons)
        for one in (found if is_first else ())
    ]  # fmt: skip
    rows = [row_of(edition, today) for edition in (*new, *again)]
    Store.put(connection, published_figures, rows, on_conflict="ignore")
    if rows and is_first:
        tell_changes(connection, told.moment)
