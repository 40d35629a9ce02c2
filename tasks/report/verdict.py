"""Section 1, in one minute: what went wrong and who has it, what worked, what is wanted from whom."""

from datetime import date, timedelta

from domain.maturity import coming_in
from domain.shown import due_shown
from tasks.report.episodes import Alert, Alerts, Board, TaskLine
from tasks.report.phrases import count_on_plan, initiative_line, now, plan, since
from tasks.report.standing import Standing
from tasks.report.summary import Summary
from tasks.report.words import few, plural, sentence, spelt, weeks_long

MOST_WANTED = 4
_SOON = timedelta(days=14)


def is_quiet(alerts: Alerts, board: Board, *, is_first_look: bool = False) -> bool:
    """Nothing fired, ended, was opened or judged, is due or overdue; nothing open is told for the first time."""
    told_now = alerts.going_on if is_first_look else ()
    return not any((alerts.new, told_now, alerts.over, board.new, board.overdue, board.due, board.judged))


def sentences(summary: Summary) -> tuple[str, ...]:
    """The verdict of the week, most important first; of a quiet week two sentences or three."""
    if summary.is_empty:
        return ("Nothing was measured yet, so nothing can be told of this week.",)
    if summary.is_quiet:
        told = (
            _later(summary),
            f"A quiet week: nothing fired, nothing ended, no task is due.{_still_open(summary)}",
            _standings(summary),
        )
        return tuple(s for s in (*told, _next(summary)) if s)
    told = (_later(summary), _wrong(summary), _right(summary), _standings(summary), _wanted(summary))
    return tuple(s for s in told if s)


def _later(summary: Summary) -> str:
    """That a later week is over and cannot be told yet."""
    later = summary.later
    if later is None:
        return ""
    days = [due_shown(day, summary.as_of) for day in (later.last_day, summary.last_day)]
    coming = coming_in(later.share_in, later.fact)
    why = f"no benchmark can be judged so far: {coming}"
    return f"Data reach {days[0]}, but {why}. So this is still the week to {days[1]}."


def _wrong(summary: Summary) -> str:
    new = summary.told_first
    if summary.is_first_look and new:
        are = "thing is" if len(new) == 1 else "things are"
        names = few(_named(alert, summary) for alert in new)
        return f"{sentence(spelt(len(new)))} {are} not as planned, told now for the first time: {names}."
    if not new:
        return f"Nothing new went wrong.{_still_open(summary)}"
    things = "thing" if len(new) == 1 else "things"
    names = few(_named(alert, summary) for alert in new)
    return f"{sentence(spelt(len(new)))} {things} went wrong{_owned(new)}: {names}.{_still_open(summary)}"


def _named(alert: Alert, summary: Summary) -> str:
    row = next((r for r in summary.benchmarks if r.title == alert.title and alert.rule == "pace"), None)
    said = f"{now(row)}, plan {plan(row)}" if row else alert.said
    return f"{alert.title} ({said})" if said else alert.title


def _owned(alerts: tuple[Alert, ...]) -> str:
    if not all(alert.owner for alert in alerts):
        return ""
    return {1: " and it has an owner", 2: " and both have an owner"}.get(len(alerts), " and each has an owner")


def _still_open(summary: Summary) -> str:
    going_on = summary.alerts.going_on
    if not going_on:
        return ""
    return f" Still open: {few(f'{a.title} ({since(a, summary)})' for a in going_on)}."


def _right(summary: Summary) -> str:
    worked = [j for j in summary.board.judged if j.outcome == "worked"]
    parts: list[str] = []
    if worked:
        things = "thing" if len(worked) == 1 else "things"
        names = few(f"{j.title} ({j.number})" for j in worked)
        parts.append(f"{sentence(spelt(len(worked)))} {things} worked, verified: {names}.")
    if summary.alerts.over:
        over = (
            f"{a.title} (after {weeks_long(a.opened_on, a.resolved_on)})" for a in summary.alerts.over if a.resolved_on
        )
        parts.append(f"Over: {few(over)}.")
    return " ".join(parts)


def _standings(summary: Summary) -> str:
    """How many are on plan; those behind by name, unless the first sentence named them."""
    told = sentence(count_on_plan(summary))
    named = {alert.title for alert in summary.told_first}
    behind = [row for row in summary.standing(Standing.BEHIND) if row.title not in named]
    if not told or len(summary.benchmarks) == 1 or not behind:
        return f"{told}." if told else ""
    also = "also behind" if named else "behind"
    return f"{told}; {also}: {few(row.title + (f' ({row.task})' if row.task else '') for row in behind)}."


def _wanted(summary: Summary) -> str:
    board, told = summary.board, list[str]()
    seen: set[str] = set()
    for task in (*board.overdue, *board.due, *board.new):
        if task.number not in seen and task.due_on:
            seen.add(task.number)
            told.append(_asked(task, task.due_on, summary))
    if not told:
        return ""
    more = f" And {plural(len(told) - MOST_WANTED, 'more task')}." if len(told) > MOST_WANTED else ""
    return f"Wanted: {'; '.join(told[:MOST_WANTED])}.{more}"


def _asked(task: TaskLine, due_on: date, summary: Summary) -> str:
    late = ", overdue since" if due_on < summary.today else " by"
    return f"{task.owner} for {task.number}{late} {due_shown(due_on, summary.as_of)}"


def _next(summary: Summary) -> str:
    coming = [
        (step.due, i) for i in summary.progress.initiatives
        if (step := i.next_milestone) and step.due < summary.as_of + _SOON
    ]  # fmt: skip
    if not coming:
        return ""
    first = min(coming, key=lambda item: (item[0], item[1].title))[1]
    return f"{first.title}, {initiative_line(first, summary)} ({first.owner})."
