"""What the summary says of benchmarks and other values."""

from datetime import date, timedelta

from domain.kpis import KPIS
from domain.shown import counted, due_shown, period_shown, window_shown
from domain.weighting import beside_line
from tasks.report.change import Change, sure_range
from tasks.report.standing import BenchmarkRow, SeriesPoint, Standing, ValueRow
from tasks.report.summary import Summary
from tasks.report.words import Scale, days_between, ended, month_and_year, outcomes, sentence, spelt

ICONS = {
    Standing.BEHIND: "🔴", Standing.UNSURE: "🟡", Standing.ON_PLAN: "🟢", Standing.AHEAD: "🟢",
    Standing.TOO_FEW: "⚪", Standing.COMING: "⚪", Standing.NO_DATA: "⚪",
}  # fmt: skip

_ONE = {
    Standing.BEHIND: "is behind", Standing.UNSURE: "is below plan, not surely", Standing.ON_PLAN: "is on plan",
    Standing.AHEAD: "is ahead of plan", Standing.TOO_FEW: "cannot be judged yet", Standing.NO_DATA: "has no data",
    Standing.COMING: "is still coming in",
}  # fmt: skip

_CHANGED = {"clearly better": "better", "clearly worse": "worse", "clearly changed": "changed"}


def heading(summary: Summary) -> str:
    """`Week 11 (9 to 15 March 2026)`."""
    week = summary.week_start.isocalendar().week
    return f"Week {week} ({days_between(summary.week_start, summary.last_day)})"


def scale(row: BenchmarkRow | ValueRow) -> Scale:
    """How the row's numbers are written: a benchmark's by its tolerance."""
    like = (row.point.high or row.point.value) if row.point else None
    if isinstance(row, ValueRow):
        return Scale(row.unit, None, like)
    step = abs(row.expected - row.line) if row.expected is not None and row.line is not None else None
    return Scale(row.unit, step or None, like or row.target)


def basis(row: BenchmarkRow | ValueRow, summary: Summary) -> str:
    """What the value rests on: `4 weeks, n 316`, of a level its day; another period than the latest is named."""
    point = row.point
    if point is None:
        return window_shown(row.window)
    if (kpi := KPIS.get(row.kpi)) and kpi.kind == "stock":
        return f"on {due_shown(point.period_end - timedelta(days=1), summary.as_of)}"
    if row.window == "all":
        period = "all time"
    elif point.period_end == summary.as_of:
        period = window_shown(row.window)
    else:
        period = period_shown(point.period_start, point.period_end, summary.as_of)
    n = f"{period}, n {counted(point.n)}"
    return f"{n}, {counted(point.n_open)} not known yet" if point.n_open else n


def now(row: BenchmarkRow | ValueRow) -> str:
    """`16`, `4.1 %`; `–` where nothing is known."""
    return scale(row).told(row.point.value if row.point else None)


def sure(row: BenchmarkRow | ValueRow) -> str:
    """The sure range: `3.8 … 4.4`; empty where there is none."""
    if row.point is None:
        return ""
    low, _, high = sure_range(row.point)
    return scale(row).span(low, high)


def plan(row: BenchmarkRow) -> str:
    """Where it should be today."""
    return scale(row).told(row.expected)


def target(row: BenchmarkRow) -> str:
    """Where it shall be, and by when: `35 by Dec 26`."""
    return f"{scale(row).told(row.target)} by {month_and_year(row.target_on)}"


def change(row: BenchmarkRow | ValueRow) -> str:
    """`▼ worse`, `▲ better`, `no clear change`; an arrow only for a change that is sure."""
    if isinstance(row, BenchmarkRow) and row.is_new:
        return f"{_arrow_of_breach(row)} new alert"
    if row.change is None:
        return "nothing to compare with"
    if row.change.word == "too few":
        return "too few to say"
    if row.change.word == "open":
        return "not comparable yet"
    if row.change.word == "level" and row.change.by is not None:
        return scale(row).change(row.change.by)
    if row.change.word == "no clear change" or row.change.by is None:
        return "no clear change"
    return f"{_arrow(row.change)} {_CHANGED[row.change.word]}"


def change_by(row: BenchmarkRow | ValueRow) -> str:
    """The difference with its interval: `−12 points (−22 … −3)`, or what it waits for; empty where there is none."""
    if row.change is not None and row.change.word == "open":
        return f"{counted(row.change.n_open)} not known"
    if row.change is None or row.change.by is None or row.change.word == "level":
        return ""
    return scale(row).change(row.change.by, row.change.low, row.change.high)


def _arrow(change_: Change) -> str:
    return "▲" if (change_.by or 0) > 0 else "▼"


def _arrow_of_breach(row: BenchmarkRow) -> str:
    return "▲" if row.better == "down" else "▼"


def verdict(row: BenchmarkRow) -> str:
    """The standing in words: `behind (CX-41)`, `on plan (± 0.5)`."""
    word = row.standing.value
    if row.standing is Standing.BEHIND and row.task:
        return f"{word} ({row.task})"
    if row.standing is Standing.ON_PLAN and is_within_tolerance(row):
        return f"{word} (± {tolerance(row)})"
    return word


def is_within_tolerance(row: BenchmarkRow) -> bool:
    """On plan, but on the worse side of the path itself."""
    value = row.point.value if row.point else None
    if value is None or row.expected is None:
        return False
    return value < row.expected if row.better == "up" else value > row.expected


def tolerance(row: BenchmarkRow) -> str:
    """How far on the worse side is still no matter: `0.5`, `2 points`."""
    return "" if row.expected is None or row.line is None else scale(row).size(row.expected - row.line)


def doubt(row: BenchmarkRow) -> str:
    """One line for a row that cannot be judged for sure; empty for the others."""
    match row.standing:
        case Standing.TOO_FEW:
            return ended(f"{row.title}: {_too_few(row)}")
        case Standing.UNSURE:
            why = "outcomes are still open" if row.point and row.point.n_open else "so few could do that by chance"
            n = counted(row.point.n if row.point else 0)
            return f"{row.title} {now(row)} ({sure(row)}, n {n}): below plan {plan(row)}, but {why}."
        case Standing.NO_DATA | Standing.COMING:
            return ended(f"{row.title}: {row.note}") if row.note else ""
        case _:
            return ""


def weighted(row: BenchmarkRow) -> str:
    """`NPS: Weighted by segment as in customers: 24 (18 to 30). …`; empty where nothing is declared."""
    point, beside = row.point, row.beside
    if point is None or beside is None:
        return ""
    if (point.period_start, point.period_end) != (beside.period_start, beside.period_end):
        return ""  # not the period that is shown
    line = beside_line(beside, row.unit, scale(row).step)
    return f"{row.title}: {line[:1].lower()}{line[1:]}"


def _too_few(row: BenchmarkRow) -> str:
    if row.point is None and row.note:
        return row.note
    n, n_open = (row.point.n, row.point.n_open) if row.point else (0, 0)
    if n + n_open < row.n_needed:
        return f"{outcomes(row.kpi, n + n_open)}, too few to say ({counted(row.n_needed)} needed)"
    if n_open:
        return f"{counted(n_open)} of {outcomes(row.kpi, n + n_open)} are not known yet, too few to say"
    return row.note or "too few to say"


def last_day(point: SeriesPoint) -> date:
    """The last day a period covers."""
    return point.period_end - timedelta(days=1)


def count_on_plan(summary: Summary) -> str:
    """`five of eight benchmarks are on plan`; empty without benchmarks."""
    rows = summary.benchmarks
    if not rows:
        return ""
    good = sum(row.standing.is_good for row in rows)
    unknown = len(summary.standing(Standing.TOO_FEW, Standing.COMING, Standing.NO_DATA))
    if len(rows) == 1:
        return f"the one benchmark {_ONE[rows[0].standing]}"
    told = f"{spelt(good) if good else 'none'} of {spelt(len(rows))} benchmarks {'is' if good < 2 else 'are'} on plan"
    return f"{told}, {spelt(unknown)} cannot be judged yet" if unknown else told


def no_benchmarks() -> str:
    """Said where the table would stand."""
    return sentence("the roadmap names no benchmark yet.")
