"""What is said of the friction map: page, Markdown and console say the same words."""

from datetime import date

from domain.shown import counted, period_shown
from tasks.report.friction import PERSONA, Cell, Column, Journey, Marked, Promise
from tasks.report.words import Scale, few, listed, sentence

MOST_LINES = 6
WORSE, MISSED = "▼", "◇"
"""Surely worse than the whole company; surely worse than a persona expects."""
LEGEND = (
    f"{WORSE} surely worse than the whole company, {MISSED} than a persona expects: of those marked one in twenty at "
    "most is so by chance. Blank: nobody is heard there."
)


def cell_value(cell: Cell, column: Column) -> str:
    """`62`, `88 %`; `too few` where nothing may be said; empty where nobody is heard."""
    if cell.is_blank:
        return ""
    return "too few" if cell.is_too_few or cell.value is None else _scale(cell, column).told(cell.value)


def cell_range(cell: Cell, column: Column) -> str:
    """The sure range; empty where there is no value."""
    return "" if cell.is_blank or cell.is_too_few else _scale(cell, column).span(cell.low, cell.high)


def cell_n(cell: Cell) -> str:
    """`n 402`, `n 402 + 12 open`."""
    if cell.is_blank:
        return ""
    return f"n {counted(cell.n)}" + (f" + {counted(cell.n_open)} open" if cell.n_open else "")


def cell_mark(cell: Cell) -> str:
    """The signs of what it is surely worse than."""
    return (WORSE if cell.is_worse else "") + (MISSED if cell.missed else "")


def cell_worse(cell: Cell) -> str:
    """What it is surely worse than, in words: for those who see no signs."""
    than = [*(["the whole company"] if cell.is_worse else []), *(f"{name} expects" for name in cell.missed)]
    return f"surely worse than {listed(than)}" if than else ""


def window_said(journey: Journey, beside: date) -> str:
    """`4 weeks to 15 Mar`."""
    return period_shown(journey.start, journey.end, beside)


def worst_lines(journey: Journey) -> list[str]:
    """One line per marked cell, what misses an expectation first; the rest is counted."""
    ordered = sorted(journey.marked, key=lambda found: not found.cell.missed)
    lines = [_worst_line(found) for found in ordered[:MOST_LINES]]
    left = len(ordered) - len(lines)
    return [*lines, f"and {counted(left)} more marked cells"] if left > 1 else [
        *lines, *(_worst_line(found) for found in ordered[MOST_LINES:])
    ]  # fmt: skip


def _worst_line(found: Marked) -> str:
    row, group, column, cell = found
    sure = cell_range(cell, column)
    whole = (
        f"; whole company {_scale(column.whole, column).told(column.whole.value)}"
        if column.whole.value is not None
        else ""
    )
    than = f", {'' if group else 'all customers there, '}{cell_worse(cell)}" if cell.missed else ""
    place = f"{row.touchpoint} × {group}" if group else row.touchpoint
    return f"{place}: {column.title} {cell_value(cell, column)} ({sure}, {cell_n(cell)}){than}{whole}"


def unheard_line(journey: Journey) -> str:
    """Where nobody is heard; empty where somebody is heard everywhere."""
    if not journey.unheard:
        return ""
    return f"Not heard at all (no answer, no contact): {', '.join(journey.unheard)}."


def promise_line(promise: Promise) -> str:
    """`office-manager expects first reply time 4.0 h, gets 5.9 h (5.2 … 6.6 h, n 316)`."""
    cell, scale = promise.cell, Scale(promise.unit)
    wanted = f"{promise.persona} expects {promise.title} {scale.told(promise.expected)}"
    if cell is None or cell.is_blank or cell.is_too_few:
        return f"{wanted}: {promise.verdict}"
    return f"{wanted}, gets {scale.told(cell.value)} ({scale.span(cell.low, cell.high)}, {cell_n(cell)})"


def promises_lines(journey: Journey) -> list[str]:
    """What is surely not kept."""
    broken = [promise_line(promise) for promise in journey.promises if promise.verdict == "not kept"]
    return [f"Promised, not kept: {line}." for line in broken]


def notes(journey: Journey) -> list[str]:
    """Whose cells the map has, what it leaves out, and why."""
    found: list[str] = []
    if any(row.groups for row in journey.rows):
        found.append(_groups_note(journey))
    if journey.elsewhere:
        found.append(f"Heard at, and not in the roadmap's journey: {few(journey.elsewhere, 8)}.")
    if journey.apart:
        found.append(f"Not in the map, since several surveys ask for it and none are pooled: {listed(journey.apart)}.")
    return [sentence(line) for line in found]


def _groups_note(journey: Journey) -> str:
    if journey.told_by != PERSONA:
        return "Under a touchpoint stand its segments, as far as they are heard there."
    return (
        "Under a touchpoint stand its personas, as far as they are heard there. What a persona expects is held against "
        "its own customers; where too few of them are heard, against all customers there."
    )


def _scale(cell: Cell, column: Column) -> Scale:
    """Durations each in their own unit: what takes minutes here takes days there."""
    return Scale(column.unit, column.tolerance or None, cell.value)
