"""Which figures a summary tells, and what was told of them before: editions of one KPI, scope and period."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from domain.records import Point
from tasks.report.change import sure_range
from tasks.report.restated import Reason
from tasks.report.standing import BenchmarkRow, SeriesPoint, ValueRow

Key = tuple[str, str, str, date, date]
"""kpi, scope, period, first day, day after the last."""
FIGURES_SCHEMA: dict[str, pl.DataType] = {
    "kpi": pl.String(), "scope": pl.String(), "period": pl.String(), "period_start": pl.Date(),
    "period_end": pl.Date(), "edition": pl.Int64(), "moment": pl.Date(), "told_on": pl.Date(),
    "known_before": pl.Date(), "n": pl.Int64(), "n_open": pl.Int64(), "value": pl.Float64(), "low": pl.Float64(),
    "high": pl.Float64(), "definition": pl.String(), "rules": pl.String(), "reasons": pl.String(),
}  # fmt: skip
"""Columns of the table `published_figures`."""


@dataclass(frozen=True)
class Figure:
    """One KPI of one scope over one period.

    Attributes:
        value: in the KPI's own unit; None: nothing is known.
        low, high: of all that is possible: sampling, and open outcomes.
        known_before: outcomes known before this day count; None: all that are known.
    """

    kpi: str
    scope: str
    period: str
    period_start: date
    period_end: date
    n: int
    n_open: int
    value: float | None
    low: float | None
    high: float | None
    known_before: date | None = None

    @property
    def key(self) -> Key:
        """What makes it this figure."""
        return self.kpi, self.scope, self.period, self.period_start, self.period_end

    @property
    def n_items(self) -> int:
        """Outcomes known and not known yet."""
        return self.n + self.n_open


@dataclass(frozen=True)
class Edition:
    """A figure as one summary told it.

    Attributes:
        edition: 1 as first told. moment: Monday after the week of that summary.
        definition, rules: versions of the KPI's definition and of the segments' rules.
        reasons: why it is another one than before; empty: first told.
    """

    figure: Figure
    edition: int
    moment: date
    definition: str | None
    rules: str
    reasons: tuple[Reason, ...] = ()


def figures_of(benchmarks: Iterable[BenchmarkRow], values: Iterable[ValueRow], moment: date) -> list[Figure]:
    """Every figure that a summary tells: of benchmarks those on the chart too; each once.

    Args:
        benchmarks: told as known before `moment`.
        values: told as far as known.
        moment: the Monday after the week.
    """
    found: dict[Key, Figure] = {}
    for row in benchmarks:
        of = (row.kpi, row.scope, row.window)
        drawn = [_drawn(of, point, moment) for point in row.series]
        told = [_told(of, row.point, moment)] if row.point else []
        before = [_told(of, row.change.before, moment)] if row.change else []
        for figure in (*before, *drawn, *told):
            found[figure.key] = figure
    for row in values:
        figure = _told((row.kpi, row.scope, row.window), row.point, None)
        found.setdefault(figure.key, figure)
    return [figure for figure in found.values() if figure.value is not None]


def _drawn(of: tuple[str, str, str], point: SeriesPoint, known_before: date) -> Figure:
    return Figure(
        *of, point.period_start, point.period_end, point.n, point.n_open, point.value, point.low, point.high,
        known_before,
    )  # fmt: skip


def _told(of: tuple[str, str, str], point: Point, known_before: date | None) -> Figure:
    low, value, high = sure_range(point)
    return Figure(
        *of, point.period_start, point.period_end, point.n, point.n_open, value, low, high, known_before
    )  # fmt: skip


def figure_of(row: Mapping[str, Any], known_before: date | None) -> Figure:
    """A row of POINTS_SCHEMA as a figure."""
    lows = [row[name] for name in ("low", "bound_low") if row[name] is not None]
    highs = [row[name] for name in ("high", "bound_high") if row[name] is not None]
    return Figure(
        row["kpi"], row["scope"], row["period"], row["period_start"], row["period_end"], row["n"], row["n_open"],
        row["value"], min(lows, default=None), max(highs, default=None), known_before,
    )  # fmt: skip


def editions_of(figures: pl.DataFrame, moment: date) -> dict[Key, list[Edition]]:
    """What summaries up to `moment` told of each figure, in their order; `figures`: FIGURES_SCHEMA."""
    found: dict[Key, list[Edition]] = {}
    for row in figures.filter(pl.col("moment") <= moment).sort("edition").iter_rows(named=True):
        edition = _edition(row)
        found.setdefault(edition.figure.key, []).append(edition)
    return found


def _edition(row: Mapping[str, Any]) -> Edition:
    names = ("kpi", "scope", "period", "period_start", "period_end", "n", "n_open", "value", "low", "high",
             "known_before")  # fmt: skip
    figure = Figure(**{name: row[name] for name in names})
    reasons = tuple(reason_of(one) for one in json.loads(row["reasons"])) if row["reasons"] else ()
    return Edition(figure, row["edition"], row["moment"], row["definition"], row["rules"], reasons)


def row_of(edition: Edition, told_on: date) -> dict[str, Any]:
    """An edition as a row of `published_figures`."""
    reasons = [_as_json(reason) for reason in edition.reasons]
    return {
        **asdict(edition.figure), "edition": edition.edition, "moment": edition.moment, "told_on": told_on,
        "definition": edition.definition, "rules": edition.rules,
        "reasons": json.dumps(reasons, ensure_ascii=False, sort_keys=True) if reasons else None,
    }  # fmt: skip


def reason_of(told: Mapping[str, Any]) -> Reason:
    """A reason as it was written down."""
    days = {name: date.fromisoformat(told[name]) for name in ("first", "last") if name in told}
    return replace(Reason(**{name: value for name, value in told.items() if name not in days}), **days)


def _as_json(reason: Reason) -> dict[str, Any]:
    held = {name: value for name, value in asdict(reason).items() if value}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in held.items()}


def last_editions(editions: Mapping[Key, Sequence[Edition]]) -> dict[Key, Edition]:
    """What was told of each figure last."""
    return {key: told[-1] for key, told in editions.items()}
