"""Finished tasks are judged by their KPI: before against after."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection

from domain.context import RunContext
from domain.estimates import points
from domain.kpis import KPIS, Kpi
from domain.records import Incident, Point, Task, TaskEvent, Verdict
from domain.roadmap import Roadmap, breaks_of, load_roadmap
from domain.windows import Window
from sql.queries.intake import watermarks
from sql.queries.kpis import last_moment, parts_of, values_of
from sql.store import store_at
from tasks.improve.board import DUE
from tasks.improve.lifecycle import moved, reopened
from tasks.improve.spans import PATIENCE, Spans, spans
from tasks.improve.steps.rows import all_tasks, incident_of, save
from tasks.improve.verdict import verdict

_POINT = ("period_start", "period_end", "n", "n_open", "value", "low", "high", "bound_low", "bound_high")


def judge_all(context: RunContext) -> dict[str, int]:
    """Tasks that are done go to verifying; those whose time has come are judged; how many came to each state.

    Without a visible change, or with one for the worse, a task is proposed again.
    """
    roadmap = load_roadmap(context.project.roadmap)
    changed: list[Task] = []
    events: list[TaskEvent] = []
    judged: list[Verdict] = []
    with store_at(context.folder).transaction(context.run_id) as connection:
        complete = watermarks(connection)
        moment = last_moment(connection, context.as_of)
        for task in all_tasks(connection):
            after, happened = _verifying(task, context.as_of)
            if after.state == "verifying" and after.judge_on is not None and after.judge_on <= moment:
                found = _judge(connection, after, roadmap, moment, complete.get(KPIS[task.kpi].fact))
                if found is not None:
                    after, told = _concluded(after, found)
                    happened += told
                    judged.append(found)
            if happened:
                changed.append(after)
                events += happened
        save(connection, changed, events, judged)
    return dict(sorted(Counter(event.new for event in events).items()))


def _verifying(task: Task, as_of: date) -> tuple[Task, list[TaskEvent]]:
    if task.state != "done" or task.done_on is None or task.done_on > as_of:
        return task, []
    after, event = moved(task, "verifying", as_of, f"its effect can be judged from {task.judge_on}")
    return after, [event]


def _concluded(task: Task, found: Verdict) -> tuple[Task, list[TaskEvent]]:
    after, event = moved(task, found.outcome, found.moment, found.reason)
    if found.outcome not in ("no change seen", "made worse"):
        return after, [event]
    again, reopening = reopened(after, found.moment, found.moment + DUE, f"{found.outcome}: another idea, or stop?")
    return again, [event, reopening]


def _judge(connection: Connection, task: Task, roadmap: Roadmap, moment: date, through: date | None) -> Verdict | None:
    """The verdict; None: the data is not there yet, and there is still time."""
    kpi, benchmark, incident = KPIS[task.kpi], roadmap.benchmarks.get(task.benchmark), incident_of(connection, task)
    assert task.done_on is not None  # noqa: S101
    assert task.judge_on is not None  # noqa: S101
    if incident is None:
        return replace(verdict(task.task_id, moment, kpi, None, None), reason="Its incident is not there any more.")
    alarm = _alarm(incident)
    span = spans(incident.opened_at, alarm, task.done_on, benchmark.window if benchmark else "")
    across = [
        day for day in breaks_of(roadmap, task.kpi, task.scope) if span.before.start < day < span.after.end
    ]  # fmt: skip
    if across:
        told = verdict(task.task_id, moment, kpi, None, None)
        why = f"The series broke on {across[-1]}: what came before cannot be compared with what came after."
        return replace(told, reason=why)
    before, after, is_alarm = _points(connection, task, kpi, span, alarm, moment)
    is_late = moment >= task.judge_on + PATIENCE
    is_there = through is not None and through + timedelta(days=1) >= span.after.end
    is_decided = after is not None and after.n_open <= kpi.max_open_share * (after.n + after.n_open)
    if not (is_there and is_decided):
        if not is_late:
            return None
        why = "its outcomes are still open" if is_there and after is not None else "the data does not reach so far"
        told = verdict(task.task_id, moment, kpi, before, None)
        return replace(told, after=after, reason=f"After the fix nothing can be said: {why}.")
    line = incident.figures.get("line")
    alarm_line = float(line) if is_alarm and isinstance(line, int | float) else None
    return verdict(task.task_id, moment, kpi, before, after, alarm_line=alarm_line)


def _alarm(incident: Incident) -> Window:
    """The period that raised the alarm."""
    start, end = (incident.figures[name] for name in ("fired_start", "fired_end"))
    return Window(date.fromisoformat(str(start)), date.fromisoformat(str(end)))


def _points(
    connection: Connection, task: Task, kpi: Kpi, span: Spans, alarm: Window, moment: date
) -> tuple[Point | None, Point | None, bool]:
    """Before, after, and whether before is the window that raised the alarm."""
    wanted = [span.before, span.after]
    if kpi.kind == "cohort":  # only whole periods were counted
        return _counted(connection, task, span, alarm)
    names = kpi.rests_on
    parts = parts_of(connection, names, scope=task.scope)
    held = points(parts, "week", as_of=moment, spans=[(window.start, window.end) for window in wanted])
    rows = [row for row in held.iter_rows(named=True) if row["kpi"] == kpi.name]
    return _at(rows, span.before), _at(rows, span.after), span.is_alarm_window


def _counted(connection: Connection, task: Task, span: Spans, alarm: Window) -> tuple[Point | None, Point | None, bool]:
    """Periods as they are kept: the last one between alarm and fix, or else the one that raised the alarm."""
    length = timedelta(days=span.after.days)
    rows = [
        row
        for row in values_of(connection, [task.kpi]).iter_rows(named=True)
        if row["scope"] == task.scope and row["period_end"] - row["period_start"] == length
    ]
    after = _at(rows, span.after)
    between = [r for r in rows if r["period_start"] >= span.before.start and r["period_end"] <= span.before.end]
    if not between:
        return _at(rows, alarm), after, True
    latest = max(between, key=lambda row: row["period_start"])
    return Point(**{name: latest[name] for name in _POINT}), after, span.is_alarm_window


def _at(rows: Sequence[dict[str, object]], window: Window) -> Point | None:
    for row in rows:
        if (row["period_start"], row["period_end"]) == (window.start, window.end):
            return Point(**{name: row[name] for name in _POINT})  # pyright: ignore[reportArgumentType]
    return None
