"""Figures that summaries told, and that are other ones now."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from cxloop.cli.output import print_json, print_table
from cxloop.cli.place import Here, Json
from domain.kpis import KPIS
from domain.scopes import canonical, parsed
from domain.shown import counted, period_shown
from domain.windows import NEVER

if TYPE_CHECKING:
    from tasks.report.published import Edition

Row = dict[str, Any]


def restated(
    kpi: Annotated[str | None, Parameter(help="A KPI's name; without it, all of them.")] = None,
    *,
    settled: Annotated[
        bool,
        Parameter(name="--settled", negative="", help="Those too that moved as it had been said that they might."),
    ] = False,
    json: Json = False,
    here: Here,
) -> None:
    """Every figure that a weekly summary told and a later one told to be another: by how much, and why."""
    asked = KPIS[kpi].name if kpi else None
    rows = [row for row in _rows(here) if asked in (None, row["kpi"]) and (settled or not row["is_settled"])]
    if json:
        print_json([{**row, "reasons": [_as_json(reason) for reason in row["reasons"]]} for row in rows])
    else:
        _print(rows)


def _rows(here: Here) -> list[Row]:
    """One row per figure and summary that told it to be another, the latest first."""
    from sql.queries.published import told_figures
    from tasks.report.published import editions_of

    with here.store.reading() as connection:
        figures = told_figures(connection, NEVER)
    told_on = {
        (row["kpi"], row["scope"], row["period"], row["period_start"], row["period_end"], row["edition"]): row[
            "told_on"
        ]
        for row in figures.iter_rows(named=True)
    }
    rows = [
        _row(before, now, told_on[*key, now.edition])
        for key, told in editions_of(figures, NEVER).items() if key[0] in KPIS
        for before, now in pairwise(told)
    ]  # fmt: skip
    by_name = sorted(rows, key=lambda row: (row["kpi"], str(row["scope"]), row["window"]))
    return sorted(by_name, key=lambda row: (row["told_on"], row["period_start"]), reverse=True)


def _row(before: "Edition", now: "Edition", told_on: date) -> Row:
    from tasks.report.restating import Moved

    was, figure = before.figure, now.figure
    return {
        "told_on": told_on, "kpi": figure.kpi, "scope": parsed(figure.scope), "unit": KPIS[figure.kpi].unit,
        "window": figure.period, "period_start": figure.period_start, "period_end": figure.period_end,
        "before": was.value, "now": figure.value, "n_before": was.n, "n_now": figure.n,
        "low": figure.low, "high": figure.high, "week_before": before.moment,
        "is_settled": Moved(was, figure, now.reasons, before.edition).is_settled, "reasons": now.reasons,
    }  # fmt: skip


def _as_json(reason: Any) -> Row:
    return {name: value for name, value in asdict(reason).items() if value}


def _print(rows: Sequence[Row]) -> None:
    from tasks.report.phrases import reason_shown
    from tasks.report.restating import written
    from tasks.report.words import listed, title_of

    columns = ["told on", "figure", "period", "was", "is", "n was", "n is", "why"]
    table: list[list[str]] = []
    for row in rows:
        scale, day = written(row["unit"]), row["told_on"]
        table.append([
            str(day), title_of(row["kpi"], canonical(row["scope"])),
            period_shown(row["period_start"], row["period_end"], day),
            scale.told(row["before"]), scale.told(row["now"]), counted(row["n_before"]), counted(row["n_now"]),
            listed(reason_shown(reason, day) for reason in row["reasons"]),
        ])  # fmt: skip
    print_table(columns, table, empty="No figure that a summary told was ever told to be another.")
