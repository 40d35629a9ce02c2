"""What the summary says of alerts, tasks, initiatives, and of what comes."""

from domain.shown import began_shown, counted, day_shown, due_shown
from tasks.report.episodes import Alert, Judged, TaskLine
from tasks.report.progress import CapabilityLine, Coming, InitiativeLine
from tasks.report.summary import Summary
from tasks.report.words import ended, month_name, plural, weeks_long

OUTCOME_ICONS = {"worked": "✅", "no change seen": "▫️", "made worse": "❌", "cannot be judged": "❔"}

_OFF = {"pace": "behind plan", "listening": "not kept"}
"""What an alert says that is not about a KPI's own past."""


def alerts_count(summary: Summary) -> str:
    """`2 new · 0 snoozed · 1 over`, and what goes on."""
    a = summary.alerts
    told = f"{len(a.new)} new · {len(a.snoozed)} snoozed · {len(a.over)} over"
    return f"{told} · {len(a.going_on)} still open" if a.going_on else told


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
