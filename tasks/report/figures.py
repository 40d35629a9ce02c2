"""Every number of the summary as JSON, in the KPI's own unit and unrounded."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from enum import Enum
from typing import Any

from domain.records import Point
from domain.scopes import parsed
from tasks.report.change import Change, sure_range
from tasks.report.episodes import Judged
from tasks.report.friction import Cell, Journey
from tasks.report.sayings import Words
from tasks.report.standing import BenchmarkRow, SeriesPoint, ValueRow
from tasks.report.summary import Summary


def numbers_of(summary: Summary) -> str:
    """Canonical JSON, the same bytes for the same summary.

    Shares are 0-1, durations seconds, NPS points -100 to 100; `period_end` is exclusive; null: nothing known.
    """
    told = {
        "company": summary.company,
        "week": summary.week,
        "week_start": summary.week_start,
        "week_end": summary.week_start + timedelta(days=7),
        "sentences": summary.sentences,
        "benchmarks": [_benchmark(row) for row in summary.benchmarks],
        "values": [{**_series(row), "change": _change(row.change)} for row in summary.values],
        "alerts": asdict(summary.alerts),
        "tasks": {**asdict(summary.board), "judged": [_judged(j) for j in summary.board.judged]},
        "roadmap": asdict(summary.progress),
        "words": _words(summary.words),
        "small_print": asdict(summary.small_print),
    }
    if summary.later is not None:
        told["not_told_yet"] = asdict(summary.later)
    if summary.care is not None:
        told["customers_at_risk"] = asdict(summary.care)
    if summary.journey is not None:
        told["journey"] = journey_numbers(summary.journey)
    return json.dumps(told, ensure_ascii=False, indent=1, default=_plain) + "\n"


def journey_numbers(journey: Journey) -> dict[str, Any]:
    """The friction map: columns with the whole company, touchpoints with a cell by KPI, promises, what is not heard.

    `window_end` is exclusive; a cell of a touchpoint that nobody is heard at is left out. `groups`: the same of each
    persona or segment (`told_by`) that is heard there.
    """
    kpis = [column.kpi for column in journey.columns]

    def cells(found: Iterable[Cell]) -> dict[str, Any]:
        return {kpi: asdict(cell) for kpi, cell in zip(kpis, found, strict=True) if not cell.is_blank}

    return {
        "window_start": journey.start,
        "window_end": journey.end,
        "kpis": [asdict(column) for column in journey.columns],
        "touchpoints": [
            {
                "stage": row.stage, "touchpoint": row.touchpoint, "owner": row.owner, "is_heard": row.is_heard,
                "cells": cells(row.cells), "groups": {group.name: cells(group.cells) for group in row.groups},
            }
            for row in journey.rows
        ],
        "told_by": journey.told_by,
        "promises": [asdict(promise) for promise in journey.promises],
        "unheard": journey.unheard,
        "not_in_the_journey": journey.elsewhere,
        "asked_in_several_surveys": journey.apart,
    }  # fmt: skip


def _benchmark(row: BenchmarkRow) -> dict[str, Any]:
    return {
        "id": row.id, **_series(row), "standing": row.standing.value, "expected": row.expected, "line": row.line,
        "target": row.target, "target_on": row.target_on, "owner": row.owner, "task": row.task,
        "is_new_alert": row.is_new, "change": _change(row.change), "note": row.note,
        "series": [_series_point(p) for p in row.series],
    }  # fmt: skip


def _series(row: BenchmarkRow | ValueRow) -> dict[str, Any]:
    named = {
        "title": row.title, "kpi": row.kpi, "scope": parsed(row.scope), "unit": row.unit, "better": row.better,
        "window": row.window,
    }  # fmt: skip
    return named | _point(row.point)


def _point(point: Point | None) -> dict[str, Any]:
    if point is None:
        return dict.fromkeys(("period_start", "period_end", "n", "n_open", "value", "low", "high"))
    low, value, high = sure_range(point)
    return {
        "period_start": point.period_start, "period_end": point.period_end, "n": point.n, "n_open": point.n_open,
        "value": value, "low": low, "high": high,
    }  # fmt: skip


def _series_point(point: SeriesPoint) -> dict[str, Any]:
    return asdict(point)


def _change(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "word": change.word,
        "by": change.by,
        "low": change.low,
        "high": change.high,
        "before": _point(change.before),
    }


def _words(words: Words) -> dict[str, Any]:
    """Its numbers: what customers wrote stays on the page, and is in no JSON that is kept."""
    return {name: value for name, value in asdict(words).items() if name != "quotes"}


def _judged(judged: Judged) -> dict[str, Any]:
    return asdict(judged)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"no JSON for {type(value).__name__}: {value!r}")
