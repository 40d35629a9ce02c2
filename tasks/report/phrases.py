"""What the summary says, line by line, as plain text: page, Markdown and message say the same words."""

from collections.abc import Iterator
from datetime import date, timedelta

from domain.kpis import KPIS
from domain.shown import began_shown, counted, day_shown, due_shown, period_shown, window_shown
from tasks.report.change import Change, sure_range
from tasks.report.set_aside import rows_of, rule_shown
from tasks.report.summary import (
    Alert,
    BenchmarkRow,
    CapabilityLine,
    Coming,
    Gap,
    InitiativeLine,
    Judged,
    Listened,
    Restated,
    SeriesPoint,
    SetAside,
    SmallPrint,
    SourceDay,
    Standing,
    Summary,
    TaskLine,
    ValueRow,
)
from tasks.report.words import (
    Scale,
    days_between,
    ended,
    listed,
    month_and_year,
    month_name,
    outcomes,
    plural,
    sentence,
    spelt,
    weeks_long,
)

ICONS = {
    Standing.BEHIND: "🔴", Standing.UNSURE: "🟡", Standing.ON_PLAN: "🟢", Standing.AHEAD: "🟢",
    Standing.TOO_FEW: "⚪", Standing.NO_DATA: "⚪",
}  # fmt: skip
_ONE = {
    Standing.BEHIND: "is behind", Standing.UNSURE: "is below plan, not surely", Standing.ON_PLAN: "is on plan",
    Standing.AHEAD: "is ahead of plan", Standing.TOO_FEW: "cannot be judged yet", Standing.NO_DATA: "has no data",
}  # fmt: skip
OUTCOME_ICONS = {"worked": "✅", "no change seen": "▫️", "made worse": "❌", "cannot be judged": "❔"}
_CHANGED = {"clearly better": "better", "clearly worse": "worse", "clearly changed": "changed"}
MOST_RULES = 6
"""So many reasons for setting rows aside are named."""
_FEWEST_SOURCES_TO_NAME = 6


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
        case Standing.NO_DATA:
            return ended(f"{row.title}: {row.note}") if row.note else ""
        case _:
            return ""


def _too_few(row: BenchmarkRow) -> str:
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
    unknown = len(summary.standing(Standing.TOO_FEW, Standing.NO_DATA))
    if len(rows) == 1:
        return f"the one benchmark {_ONE[rows[0].standing]}"
    told = f"{spelt(good) if good else 'none'} of {spelt(len(rows))} benchmarks {'is' if good < 2 else 'are'} on plan"
    return f"{told}, {spelt(unknown)} cannot be judged yet" if unknown else told


def alerts_count(summary: Summary) -> str:
    """`2 new · 0 snoozed · 1 over`, and what goes on."""
    a = summary.alerts
    told = f"{len(a.new)} new · {len(a.snoozed)} snoozed · {len(a.over)} over"
    return f"{told} · {len(a.going_on)} still open" if a.going_on else told


_OFF = {"pace": "behind plan", "listening": "not kept"}
"""What an alert says that is not about a KPI's own past."""


def alert_new(alert: Alert, summary: Summary) -> str:
    """`Office NPS, fired Mon 16 Mar → CX-41: 16, plan 29; began in the week of 9 Mar`."""
    drifted = ", worse than its own past" if alert.rule not in _OFF else ""
    told = f"{alert.title}{drifted}, fired {due_shown(alert.opened_on, summary.as_of)}"
    told += f" → {alert.task}" if alert.task else ""
    began = began_shown(alert.since, alert.window, summary.as_of) if alert.since else ""
    more = "; ".join(part for part in (alert.said, began) if part)
    return ended(f"{told}: {more}" if more else told)


def alert_over(alert: Alert, summary: Summary) -> str:
    """`SLA attainment, over on 18 Apr after 3 weeks`."""
    if alert.resolved_on is None:
        return f"{alert.title}."
    lasted = weeks_long(alert.opened_on, alert.resolved_on)
    return f"{alert.title}, over on {day_shown(alert.resolved_on, summary.as_of)} after {lasted}."


def alert_going_on(alert: Alert, summary: Summary) -> str:
    """`SLA attainment, behind plan, began in the week of 29 Feb (acknowledged) → CX-1`."""
    state = "" if alert.state == "firing" else f" ({alert.state})"
    task = f" → {alert.task}" if alert.task else ""
    return f"{alert.title}, {since(alert, summary)}{state}{task}."


def since(alert: Alert, summary: Summary) -> str:
    """`behind plan, began in the week of 29 Feb`: the words of its message."""
    what = _OFF.get(alert.rule, "worse than its own past")
    if alert.since is None:
        return f"{what}, fired {due_shown(alert.opened_on, summary.as_of)}"
    return f"{what}, {began_shown(alert.since, alert.window, summary.as_of)}"


def alerts_record(summary: Summary) -> str:
    """`Since January: 7 alerts, 6 acted on.`; empty if there were none."""
    a = summary.alerts
    if not a.since or not (a.n_since or a.n_before):
        return ""
    told = f"{plural(a.n_since, 'alert')}, {counted(a.n_acted_on)} acted on" if a.n_since else "no alert"
    found = f"; {plural(a.n_before, 'episode')} found in the past, over by then" if a.n_before else ""
    return f"Since {month_name(a.since)}: {told}{found}."


def board_count(summary: Summary) -> str:
    """`9 open · 1 overdue · 2 judged this week`."""
    b = summary.board
    return f"{b.n_open} open · {len(b.overdue)} overdue · {len(b.judged)} judged this week"


def task_line(task: TaskLine, summary: Summary) -> str:
    """`CX-36 Cancel page … · product-lead · due 6 Mar · blocked: legal text`."""
    due = f" · due {due_shown(task.due_on, summary.as_of)}" if task.due_on else ""
    state = f" · {task.state}" + (f": {task.reason}" if task.reason else "")
    return f"{task.number} {task.title} · {task.owner}{due}{state}"


def judged_line(judged: Judged) -> str:
    """`CX-33 Refund's state in the app: 13.4 before (n …), 12.4 after (n …): −1.0 [−1.7, −0.3]`."""
    return ended(
        f"{judged.number} {judged.title}: {judged.reason}" if judged.reason else f"{judged.number} {judged.title}"
    )


def initiative_line(initiative: InitiativeLine, summary: Summary) -> str:
    """`next: Berlin and Hamburg live, due 31 Mar, in danger. Spent 22,000 of 90,000 EUR`."""
    step = initiative.next_milestone
    if initiative.is_done:
        told = "done"
    elif step:
        told = f"next: {step.title}, due {day_shown(step.due, summary.as_of)}"
        told += f", {plural((summary.as_of - step.due).days, 'day')} late" if step.standing == "slipped" else ""
    else:
        told = f"by {day_shown(initiative.end, summary.as_of)}" if initiative.end else "no date"
    return told


def initiative_money(initiative: InitiativeLine, summary: Summary) -> str:
    """`22,000 of 90,000 EUR`; empty without a budget."""
    if initiative.planned is None:
        return ""
    return f"{counted(initiative.spent or 0)} of {counted(initiative.planned)} {summary.currency}".rstrip()


def milestones_done(initiative: InitiativeLine) -> str:
    """`1 of 3 milestones hit, 1 late`, of a single one `hit, late`; empty without milestones."""
    n = len(initiative.milestones)
    hit = sum(m.done is not None for m in initiative.milestones)
    late = sum(m.standing == "hit late" for m in initiative.milestones)
    if n < 2:
        return "hit, late" if late else "hit in time" if hit else ""
    told = f"{hit} of {plural(n, 'milestone')} hit"
    return f"{told}, {late} late" if late else told


def capability_line(capability: CapabilityLine, summary: Summary) -> str:
    """`routing-data 2, wanted 4 by 30 Jun (logistics-lead)`."""
    by = day_shown(capability.by, summary.as_of)
    return f"{capability.name} {capability.now}, wanted {capability.want} by {by} ({capability.owner})"


def coming_line(coming: Coming, summary: Summary) -> str:
    """`Roadmap and funding, 1 Apr (coo, cx-lead)`."""
    return f"{coming.title}, {day_shown(coming.on, summary.as_of)} ({', '.join(coming.who)})"


def restated_line(restated: Restated, summary: Summary) -> str:
    """`Deliveries on time, 4 weeks to 8 Mar: 95.3 → 90.7 %`."""
    written = Scale(restated.unit, 0.001 if restated.unit == "share" else None)
    period = period_shown(restated.period_start, restated.period_end, summary.as_of)
    before = written.told(restated.before).removesuffix(" %")
    return f"{restated.title}, {period}: {before} → {written.told(restated.now)}"


def small_print(summary: Summary) -> tuple[str, ...]:
    """What the numbers rest on, one sentence each."""
    small = summary.small_print
    lines = [_data_to(small.sources, summary), _set_aside(small)]
    if small.rejected:
        lines.append(f"Refused, nothing of it is counted: {listed(small.rejected)}.")
    if small.restated:
        lines.append(f"Restated: {'; '.join(restated_line(r, summary) for r in small.restated)}.")
    if small.excluded:
        lines.append(f"Not counted this week: {_counts(small.excluded)}.")
    if small.left_out:
        lines.append(f"Left out by the mapping: {listed(rows_of(name, n) for name, n in small.left_out)}.")
    lines.extend(_noted(small))
    lines.extend(_missed(gap, summary) for gap in small.gaps)
    lines.append(_listening(small.listening))
    return tuple(line for line in lines if line)


def _counts(items: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{counted(n)} {name.replace('_', ' ')}" for name, n in items)


def _noted(small: SmallPrint) -> Iterator[str]:
    """How the unclear was read."""
    if n := small.n_ambiguous_times:
        yield f"{plural(n, 'local time')} came twice as clocks went back: read as the earlier."
    if n := small.n_swapped_dates:
        yield f"{plural(n, 'date')} had day and month swapped: settled by {'its' if n == 1 else 'their'} neighbours."
    if n := small.n_without_score:
        yield f"{plural(n, 'answer')} without a score: in no denominator."


def _missed(gap: Gap, summary: Summary) -> str:
    first, last = (day_shown(day, summary.as_of) for day in (gap.first_day, gap.last_day))
    days = first if first == last else f"{first} to {last}"
    return f"Missed for good, {gap.source} no longer shows it: {gap.stream} of {days}."


def _listening(surveys: tuple[Listened, ...]) -> str:
    """Whether the listening plan is kept; nothing where no invitation is known."""
    broken = [f"{s.survey} ({s.said})" for s in surveys if s.said]
    if broken:
        return f"The listening plan is not kept by {listed(broken)}."
    n = sum(s.n for s in surveys)
    return f"The listening plan is kept: {plural(n, 'invitation')} in four weeks, nobody asked too soon." if n else ""


def _data_to(sources: tuple[SourceDay, ...], summary: Summary) -> str:
    known = [s for s in sources if s.through]
    days = {s.through for s in known}
    silent = [s.source for s in sources if not s.through]
    if not known:
        return "No source says through which day it is complete." if sources else ""
    if len(days) == 1 or len(known) > _FEWEST_SOURCES_TO_NAME:
        through = min(d for d in days if d)
        complete = "complete" if through >= summary.last_day else "not complete"
        told = f"Data to {due_shown(through, summary.as_of)}, {complete}."
    else:
        told = f"Data to: {', '.join(f'{s.source} {due_shown(s.through, summary.as_of)}' for s in known if s.through)}."
    return told + (f" Nothing yet from {listed(silent)}." if silent else "")


def _set_aside(small: SmallPrint) -> str:
    n = sum(item.n for item in small.set_aside)
    if not n:
        return f"No row was set aside, of {counted(small.n_rows)} read." if small.n_rows else ""
    share = n / max(1, small.n_rows)
    told = f"{100 * share:.1f} %" if share >= 0.0005 else "under 0.1 %"
    named, rest = small.set_aside[:MOST_RULES], sum(item.n for item in small.set_aside[MOST_RULES:])
    reasons = [*map(_rule, named), *([f"{counted(rest)} for rarer reasons"] if rest else [])]
    return f"{plural(n, 'row')} set aside ({told}): {listed(reasons)}."


def _rule(item: SetAside) -> str:
    return f"{counted(item.n)} {rule_shown(item.rule)} ({item.source})"


def no_benchmarks() -> str:
    """Said where the table would stand."""
    return sentence("the roadmap names no benchmark yet.")
