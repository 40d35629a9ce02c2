"""The summary as Markdown: for Prefect's artifacts, a wiki, a terminal."""

import re
from collections.abc import Iterable, Sequence

from tasks.report import phrases as say
from tasks.report.friction import Cell, Column
from tasks.report.progress import InitiativeLine
from tasks.report.standing import BenchmarkRow, ValueRow
from tasks.report.summary import Summary
from tasks.report.words import sentence

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
"""What Markdown, and HTML within it, would read as more than a sign."""


def markdown_of(summary: Summary) -> str:
    """The whole summary; sections without anything to tell are left out."""
    parts = [
        f"# {_inert(summary.company)} · Customer experience · {_inert(say.heading(summary))}",
        _section("In one minute", _paragraphs(summary.sentences)),
        _section("Against the roadmap", _benchmarks(summary)),
        _section("Where it hurts", _journey(summary)),
        _section("Alerts", _alerts(summary)),
        _section("Tasks and what they did", _tasks(summary)),
        _section("What customers say", _words(summary)),
        _section("Customers to care for", _care(summary)),
        _section("Measured without a target", _values(summary)),
        _section("Roadmap", _roadmap(summary)),
        _section("The small print", _paragraphs(say.small_print(summary))),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}" if body else ""


def _benchmarks(summary: Summary) -> str:
    if not summary.benchmarks:
        return _inert(say.no_benchmarks())
    head = ("Benchmark", "Now", "Sure range", "Plan today", "Target", "Change", "Verdict", "Owner")
    table = _table(head, (_benchmark(row, summary) for row in summary.benchmarks))
    doubts = [line for row in summary.benchmarks if (line := say.doubt(row))]
    doubts += [_inert(line) for row in summary.benchmarks if (line := say.weighted(row))]
    return "\n\n".join((table, _bullets(doubts))) if doubts else table


def _benchmark(row: BenchmarkRow, summary: Summary) -> tuple[str, ...]:
    return (
        f"{row.title} ({say.basis(row, summary)})", say.now(row), say.sure(row), say.plan(row), say.target(row),
        _changed(row), f"{say.ICONS[row.standing]} {say.verdict(row)}", row.owner,
    )  # fmt: skip


def _changed(row: BenchmarkRow | ValueRow) -> str:
    by = say.change_by(row)
    return f"{say.change(row)}: {by}" if by else say.change(row)


def _journey(summary: Summary) -> str:
    if summary.journey is None:
        return ""
    journey = summary.journey.narrowed()
    head = ("Touchpoint", "Stage", "Owner", *(sentence(column.title) for column in journey.columns))
    whole = ("whole company", "", "", *(_map_cell(column.whole, column) for column in journey.columns))
    rows = [
        (*heading, *(_map_cell(cell, column) for cell, column in zip(cells, journey.columns, strict=True)))
        for row in journey.rows
        for heading, cells in (
            ((row.touchpoint, row.stage, row.owner), row.cells),
            *(((f"{row.touchpoint} × {group.name}", "", ""), group.cells) for group in row.groups),
        )
    ]
    lines = [*say.promises_lines(journey), say.unheard_line(journey), *say.notes(journey)]
    parts = (
        _inert(f"{say.window_said(journey, summary.as_of)}. {say.LEGEND}"), _table(head, [whole, *rows]),
        _bullets(line for line in lines if line),
    )  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def _map_cell(cell: Cell, column: Column) -> str:
    if cell.is_blank:
        return ""
    sure = say.cell_range(cell, column)
    value = f"{say.cell_value(cell, column)} {say.cell_mark(cell)}".strip()
    return f"{value} ({sure}, {say.cell_n(cell)})" if sure else f"{value} ({say.cell_n(cell)})"


def _alerts(summary: Summary) -> str:
    alerts = summary.alerts
    lines = [
        *(f"🔴 {say.alert_new(a, summary)}" for a in alerts.new),
        *(f"💤 {say.alert_going_on(a, summary)}" for a in alerts.snoozed),
        *(f"🟠 {say.alert_going_on(a, summary)}" for a in alerts.going_on),
        *(f"🟢 {say.alert_over(a, summary)}" for a in alerts.over),
    ]
    parts = (_inert(say.alerts_count(summary)), _bullets(lines), _inert(say.alerts_record(summary)))
    return "\n\n".join(part for part in parts if part)


def _tasks(summary: Summary) -> str:
    board = summary.board
    if not board.n_ever:
        return "No task was ever opened."
    lines = [
        *(f"{say.OUTCOME_ICONS[j.outcome]} {j.outcome}: {say.judged_line(j)}" for j in board.judged),
        *(f"⏰ overdue: {say.task_line(t, summary)}" for t in board.overdue),
        *(f"due this week: {say.task_line(t, summary)}" for t in board.due),
        *(f"new: {say.task_line(t, summary)}" for t in board.new if t not in board.due),
    ]
    return "\n\n".join(part for part in (_inert(say.board_count(summary)), _bullets(lines)) if part)


def _words(summary: Summary) -> str:
    lines = [f"{kind}: {text}" for kind, text in say.heard_lines(summary)]
    quotes = [f"> {_inert(say.heard_quote(quote))} ({_inert(quote.subject)})" for quote in summary.words.quotes]
    told = (_inert(say.heard_count(summary)), _bullets(lines), _inert(say.heard_nothing_new(summary)), *quotes)
    return "\n\n".join(part for part in told if part)


def _care(summary: Summary) -> str:
    lines = [f"{kind}: {text}" for kind, text in say.care_lines(summary)]
    told = (_inert(say.care_count(summary)), _inert(say.care_doubt(summary)), _bullets(lines))
    return "\n\n".join(part for part in told if part)


def _values(summary: Summary) -> str:
    if not summary.values:
        return ""
    rows = (
        (f"{row.title} ({say.basis(row, summary)})", say.now(row), say.sure(row), _changed(row))
        for row in summary.values
    )
    return _table(("KPI", "Now", "Sure range", "Change"), rows)


def _roadmap(summary: Summary) -> str:
    progress = summary.progress
    head = ("Initiative", "Horizon", "Where it stands", "Spent", "Owner")
    rows = [
        (i.title, i.horizon, _stands(i, summary), say.initiative_money(i, summary), i.owner)
        for i in progress.initiatives
    ]
    lines = [
        *(f"Changed: {text}" for text in progress.changed),
        *(f"Capability behind: {say.capability_line(c, summary)}" for c in progress.capabilities),
        *(f"Coming: {say.coming_line(c, summary)}" for c in progress.coming),
    ]
    return "\n\n".join(part for part in (_table(head, rows) if rows else "", _bullets(lines)) if part)


def _stands(initiative: InitiativeLine, summary: Summary) -> str:
    done = say.milestones_done(initiative)
    return say.initiative_line(initiative, summary) + (f" ({done})" if done else "")


def _paragraphs(lines: Iterable[str]) -> str:
    return "\n\n".join(map(_inert, lines))


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_inert(line)}" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_inert(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _inert(text: str) -> str:
    """Words from files and people shown as they are: no markup, no new line, no HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
