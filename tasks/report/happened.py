"""What happened: alerts, tasks and verdicts of one week, as they stood on a day."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from domain import listening
from domain.kpis import KPIS
from domain.roadmap import Roadmap, survey_owner
from domain.windows import week_of
from tasks.report.benchmarks import Watch
from tasks.report.episodes import Alert, Alerts, Board, Judged, TaskLine
from tasks.report.words import Scale, title_of

ENDED = ("worked", "cannot be judged", "won't do")
"""Nobody works on the task any more; one that changed nothing waits for another idea."""
_DONE = ("done", "verifying", *ENDED)
_UNTOUCHED = ("proposed",)

Row = Mapping[str, Any]


def states_on(rows: pl.DataFrame, events: pl.DataFrame, key: str, known_to: date) -> dict[str, str]:
    """The state of each row on a day: what the first later change found, else today's.

    Args:
        rows: one row per `key` with `state`.
        events: one row per change with `key`, moment (date), old, new.
        key: `incident_id` or `task_id`.
        known_to: changes up to and including this day count.

    Returns:
        State by key.
    """
    states = dict(rows.select(key, "state").iter_rows())
    later = events.filter(pl.col("moment") > known_to)
    for (name, *_), mine in later.group_by(key, maintain_order=True):
        same_day = mine.filter(pl.col("moment") == pl.col("moment").min())
        made = set(same_day["new"])
        # of several changes on one day the first is the one whose old state no other one made
        firsts = [old for old in same_day["old"].sort() if old not in made] or [same_day["old"].sort()[0]]
        states[str(name)] = firsts[0]
    return states


def alerts_of(
    incidents: pl.DataFrame,
    states: Mapping[str, str],
    findings: pl.DataFrame,
    tasks: pl.DataFrame,
    task_states: Mapping[str, str],
    roadmap: Roadmap,
    moment: date,
) -> Alerts:
    """The episodes of the week that ends at `moment`, and the record of the year.

    Args:
        incidents: one row per incident, columns of the table `incidents`.
        states: state by incident_id, as `states_on` gives it.
        findings: columns of the table `findings`: what was said when an incident fired.
        tasks: one row per task, columns of the table `improvement_tasks`.
        task_states: state by task_id.
        roadmap: names and owners.
        moment: the Monday after the week.
    """
    week_start = moment - timedelta(days=7)
    by_incident: dict[str, Row] = {row["incident_id"]: row for row in tasks.iter_rows(named=True)}
    said = {(f["rule"], f["kpi"], f["scope"], f["benchmark"], f["moment"]): f for f in findings.iter_rows(named=True)}
    known = [
        row for row in incidents.sort("opened_at", "key").iter_rows(named=True)
        if row["opened_at"] <= moment and states[row["incident_id"]] != "pending" and not _is_inside(row)
    ]  # fmt: skip

    def alert(row: Row) -> Alert:
        finding = said.get((row["rule"], row["kpi"], row["scope"], row["benchmark"], row["opened_at"]))
        return _alert(row, states[row["incident_id"]], finding, by_incident.get(row["incident_id"]), roadmap)

    over = [r for r in known if r["resolved_at"] and r["resolved_at"] <= moment]
    open_ = [r for r in known if not (r["resolved_at"] and r["resolved_at"] <= moment)]
    new = [r for r in open_ if r["opened_at"] > week_start]
    snoozed = [r for r in open_ if states[r["incident_id"]] == "snoozed" and r not in new]
    year = moment.replace(month=1, day=1)
    this_year = [r for r in known if r["opened_at"] >= year]
    told = [r for r in this_year if r["incident_id"] in by_incident or r in open_ or _is_told_without_task(r)]
    acted = [
        r for r in this_year
        if (task := by_incident.get(r["incident_id"])) and task_states[task["task_id"]] not in _UNTOUCHED
    ]  # fmt: skip
    return Alerts(
        new=tuple(map(alert, new)), snoozed=tuple(map(alert, snoozed)),
        over=tuple(alert(r) for r in over if r["resolved_at"] > week_start),
        going_on=tuple(alert(r) for r in open_ if r not in new and r not in snoozed),
        since=year, n_since=len(told), n_before=len(this_year) - len(told), n_acted_on=len(acted),
    )  # fmt: skip


def _is_told_without_task(row: Row) -> bool:
    return row["rule"] == listening.RULE and bool(row["is_told"])


def _is_inside(row: Row) -> bool:
    """Another incident speaks for it."""
    return bool(json.loads(row["figures"]).get("muted_by"))


def _alert(row: Row, state: str, finding: Row | None, task: Row | None, roadmap: Roadmap) -> Alert:
    benchmark = roadmap.benchmarks.get(row["benchmark"])
    return Alert(
        title=benchmark.title if benchmark else _title(row),
        said=_said(finding), rule=row["rule"], state=state, opened_on=row["opened_at"],
        resolved_on=row["resolved_at"], since=row["since"], task=number_of(task) if task else "",
        owner=task["owner"] if task else benchmark.owner if benchmark else _owner(row, roadmap),
        window=benchmark.window if benchmark and row["rule"] == "pace" else "week",
    )  # fmt: skip


def _owner(row: Row, roadmap: Roadmap) -> str:
    is_listening = row["rule"] == listening.RULE
    return survey_owner(roadmap, listening.survey_of(row["scope"])) if is_listening else ""


def _title(row: Row) -> str:
    is_listening = row["rule"] == listening.RULE
    return listening.title_of(row["scope"]) if is_listening else title_of(row["kpi"], row["scope"])


def _said(finding: Row | None) -> str:
    """`4.1 %, plan 3.0 %`: what was told when it fired."""
    if finding is not None and finding["rule"] == listening.RULE:
        return str(finding["note"] or "")
    kpi = KPIS.get(finding["kpi"]) if finding else None
    if finding is None or kpi is None or finding["value"] is None:
        return ""
    tolerance = abs(finding["expected"] - finding["line"]) if finding["line"] is not None else None
    scale = Scale(kpi.unit, tolerance or None)
    word = "plan" if finding["rule"] == "pace" else "usual"
    return scale.told(finding["value"]) + (
        f", {word} {scale.told(finding['expected'])}" if finding["expected"] is not None else ""
    )


def board_of(
    tasks: pl.DataFrame,
    states: Mapping[str, str],
    events: pl.DataFrame,
    verdicts: pl.DataFrame,
    today: date,
) -> Board:
    """The board as it stands on a day.

    Args:
        tasks: one row per task, columns of the table `improvement_tasks`.
        states: state by task_id, as `states_on` gives it.
        events: columns of the table `task_events`: why a task is blocked.
        verdicts: columns of the table `verdicts`.
        today: the day.

    Returns:
        New and judged: since the Monday before last week's end. Overdue: due before today. Due: until Sunday.
    """
    monday = week_of(today)
    known = [row for row in tasks.sort("number").iter_rows(named=True) if row["opened_on"] <= today]
    by_id: dict[str, Row] = {row["task_id"]: row for row in known}
    open_ = [row for row in known if states[row["task_id"]] not in ENDED]
    to_do = [row for row in open_ if states[row["task_id"]] not in _DONE and row["due_on"]]
    reasons = {
        row["task_id"]: row["reason"]
        for row in events.filter(pl.col("new") == "blocked").sort("moment").iter_rows(named=True)
    }

    def line(row: Row) -> TaskLine:
        state = states[row["task_id"]]
        reason = reasons.get(row["task_id"], "") if state == "blocked" else ""
        return TaskLine(number_of(row), row["title"], row["owner"], state, row["opened_on"], row["due_on"], reason)

    since = monday - timedelta(days=7)
    judged = verdicts.filter(pl.col("moment") > since, pl.col("moment") <= today).sort("moment", "verdict_id")
    return Board(
        n_open=len(open_), n_ever=len(known),
        new=tuple(line(r) for r in open_ if r["opened_on"] > since),
        overdue=tuple(line(r) for r in to_do if r["due_on"] < today),
        due=tuple(line(r) for r in to_do if today <= r["due_on"] < monday + timedelta(days=7)),
        judged=tuple(_judged(v, by_id[v["task_id"]]) for v in judged.iter_rows(named=True) if v["task_id"] in by_id),
    )  # fmt: skip


def _judged(verdict: Row, task: Row) -> Judged:
    return Judged(
        number_of(task), task["title"], task["kpi"], KPIS[task["kpi"]].unit, verdict["outcome"], verdict["change"],
        verdict["change_low"], verdict["change_high"], verdict["detectable"], verdict["reason"],
    )  # fmt: skip


def number_of(task: Row) -> str:
    """`CX-41`."""
    return f"CX-{task['number']}"


def watch_of(
    incidents: pl.DataFrame, tasks: pl.DataFrame, task_states: Mapping[str, str], moment: date, today: date
) -> dict[str, Watch]:
    """By benchmark: did its alert fire in the week before `moment`, and which task is open for it `today`."""
    watched: dict[str, Watch] = {}
    for row in tasks.sort("number").iter_rows(named=True):
        if row["benchmark"] and row["opened_on"] <= today and task_states[row["task_id"]] not in ENDED:
            watched[row["benchmark"]] = Watch(task=number_of(row))
    for row in incidents.iter_rows(named=True):
        is_new = moment - timedelta(days=7) < row["opened_at"] <= moment and row["rule"] == "pace"
        is_over = row["resolved_at"] is not None and row["resolved_at"] <= moment
        if row["benchmark"] and is_new and not is_over and row["state"] != "pending":
            watched[row["benchmark"]] = Watch(True, watched.get(row["benchmark"], Watch()).task)
    return watched
