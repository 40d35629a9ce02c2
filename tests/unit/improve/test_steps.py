"""From an incident to a judged task, on SQLite and PostgreSQL."""

import json
from dataclasses import asdict
from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import select, update

from domain.context import RunContext
from domain.errors import ConfigError, TransitionError
from domain.records import Incident
from domain.roadmap import load_roadmap
from sql.ledger import begin_run, end_run
from sql.store import store_at
from sql.tables import batch_tables, batches, cursors, improvement_tasks, incidents, kpi_days, task_events, verdicts
from tasks.improve.steps.judging import judge_all
from tasks.improve.steps.opening import open_all
from tasks.improve.steps.people import accept_task, block_task, finish_task, refuse_task, start_task

MONDAY = date(2026, 3, 16)
ROADMAP = """\
version: 1
company: {name: Acme Brew}
vision: Good coffee never runs out.
principles: [{id: kind, we: We are kind., seen_in: [csat]}]
owners:
  support-lead: {slack: "@support-lead", channel: "#support", deputy: cx-lead}
  cx-lead: {channel: "#cx"}
benchmarks:
  csat-support: {kpi: csat, window: week, baseline: 0.84, on: 2025-07-01, target: 0.90, by: 2026-12-31,
                 tolerance: 0.02, owner: support-lead}
initiatives:
  - {id: training, title: Train everybody, horizon: next, owner: support-lead,
     outcomes: [{benchmark: csat-support, by: 0.03}]}
"""
FIGURES = {
    "value": 0.5, "low": 0.46, "high": 0.54, "n": 604, "n_open": 0, "bound_low": None, "bound_high": None,
    "expected": 0.87, "line": 0.85, "period_start": "2026-03-09", "period_end": "2026-03-16",
    "verdict": "surely behind", "note": "", "is_provisional": 0, "fired_start": "2026-03-09", "fired_end": "2026-03-16",
}  # fmt: skip
INCIDENT = Incident(
    "incident-1", "key-1", "csat", "{}", "pace", "csat-support", "firing", MONDAY, since=date(2026, 3, 9),
    judged_through=MONDAY, n_breaches=1, figures=FIGURES,
)  # fmt: skip


class World:
    def __init__(self, folder, store):
        self.folder, self.store = folder, store
        self.roadmap = load_roadmap(folder / "roadmap.yaml")

    def put(self, table, *rows):
        with self.store.transaction() as connection:
            self.store.put(connection, table, list(rows))

    def incident(self, incident: Incident) -> None:
        self.put(incidents, {**asdict(incident), "figures": json.dumps(incident.figures)})

    def answers(self, first: date, days: int, satisfied: int, n: int, n_items: int | None = None) -> None:
        rows = [
            {"kpi": "csat", "scope": "{}", "booked_day": first + timedelta(i), "known_day": first + timedelta(i),
             "n_items": n if n_items is None else n_items, "n": n, "total": float(satisfied),
             "total_sq": float(satisfied)}
            for i in range(days)
        ]  # fmt: skip
        with self.store.transaction() as connection:
            self.store.write(connection, kpi_days, pl.DataFrame(rows))

    def complete_through(self, day: date) -> None:
        counts = {c.name: 0 for c in batch_tables.c if c.name.startswith("n_")}
        batch = {"batch_id": "b", "source": "s", "stream": "files", "name": "f", "sha256": "0", "mapping": "0"}
        self.put(batches, {**batch, "n_bytes": 1, "state": "published"})
        self.put(batch_tables, {"batch_id": "b", "table_name": "survey_answers", **counts})
        self.put(cursors, {"source": "s", "stream": "files", "position": "", "complete_through": day})

    def run(self, step, as_of: date):
        run_id = begin_run(self.store, "daily", as_of, timedelta(seconds=90))
        found = step(RunContext(str(self.folder), run_id, as_of))
        end_run(self.store, run_id, "done", {})
        return found

    def rows(self, table):
        with self.store.reading() as connection:
            return self.store.rows(connection, select(table))

    def done(self, on: date) -> None:
        """The task accepted and finished."""
        self.run(open_all, MONDAY)
        accept_task(self.store, "CX-1", "support-lead", MONDAY)
        finish_task(self.store, self.roadmap, "1", "support-lead", on)


@pytest.fixture
def world(tmp_path, migrated_url, monkeypatch) -> World:
    (tmp_path / "roadmap.yaml").write_text(ROADMAP)
    (tmp_path / "sources.yaml").write_text("version: 1\nsources: {}\n")
    monkeypatch.setenv("CXLOOP_DATABASE_URL", migrated_url)
    store = store_at(str(tmp_path))
    made = World(tmp_path, store)
    made.incident(INCIDENT)
    yield made
    store.engine.dispose()


def test_a_task_says_what_the_data_knows_and_leaves_the_rest_to_people(world):
    assert world.run(open_all, MONDAY) == {"opened": 1, "reopened": 0}
    assert world.run(open_all, MONDAY) == {"opened": 0, "reopened": 0}
    (task,) = world.rows(improvement_tasks)
    assert (task["number"], task["title"]) == (1, "CSAT is behind its plan: find out why")
    assert (task["owner"], task["due_on"], task["state"]) == ("support-lead", date(2026, 3, 25), "proposed")
    body = json.loads(task["body"])
    assert body["what_happened"] == "50 % in the week of 9 Mar: −37 points against the plan, since 9 Mar 2026"
    assert body["five_whys"] == ["Why is CSAT at 50 % when 87 % was planned?", "", "", "", ""]
    assert body["what_can_be_seen"] == (
        "a change of 8.1 points from one window (week) to the next; closing the gap of 37 points in about 1 week"
    )
    assert body["serves"] == ["initiative training", "principle kind"]
    assert (body["deputy"], body["options"], body["hypothesis"]) == ("cx-lead", [], "")


def test_a_fix_that_moved_the_kpi_worked(world):
    world.answers(MONDAY, 10, 50, 100)
    world.answers(date(2026, 3, 30), 7, 85, 100)
    world.complete_through(date(2026, 4, 20))
    world.done(date(2026, 3, 26))
    assert world.run(judge_all, date(2026, 3, 30)) == {"verifying": 1}
    assert world.run(judge_all, date(2026, 4, 6)) == {}
    assert world.run(judge_all, date(2026, 4, 13)) == {"worked": 1}
    assert world.run(judge_all, date(2026, 4, 20)) == {}
    (found,) = world.rows(verdicts)
    assert (found["outcome"], found["moment"]) == ("worked", date(2026, 4, 13))
    assert found["change"] == pytest.approx(0.35)
    assert json.loads(found["before"])["period_start"] == "2026-03-19"  # the alarm's own week is not in it
    assert found["reason"].startswith("50 % before (n 700), 85 % after (n 700): +35 points [+30 points, +39 points]")


def test_a_fix_is_not_judged_across_a_break(world):
    events = "events:\n  - {title: Another survey tool, on: 2026-03-31, breaks: [csat]}\n"
    (world.folder / "roadmap.yaml").write_text(ROADMAP + events)
    world.answers(MONDAY, 10, 50, 100)
    world.answers(date(2026, 3, 30), 7, 85, 100)
    world.complete_through(date(2026, 4, 20))
    world.done(date(2026, 3, 26))
    assert world.run(judge_all, date(2026, 4, 13)) == {"cannot be judged": 1, "verifying": 1}
    assert world.rows(verdicts)[0]["reason"] == (
        "The series broke on 2026-03-31: what came before cannot be compared with what came after."
    )


def test_a_fix_without_a_change_is_opened_again(world):
    world.answers(MONDAY, 28, 50, 100)
    world.complete_through(date(2026, 4, 20))
    world.done(date(2026, 3, 26))
    assert world.run(judge_all, date(2026, 4, 13)) == {"no change seen": 1, "proposed": 1, "verifying": 1}
    (task,) = world.rows(improvement_tasks)
    assert (task["state"], task["done_on"], task["due_on"]) == ("proposed", None, date(2026, 4, 22))


def test_a_task_waits_for_its_data_and_then_for_four_weeks_at_most(world):
    world.answers(MONDAY, 10, 50, 100)
    world.complete_through(date(2026, 4, 1))
    world.done(date(2026, 3, 26))
    assert world.run(judge_all, date(2026, 4, 13)) == {"verifying": 1}
    assert world.run(judge_all, date(2026, 5, 4)) == {}
    assert world.run(judge_all, date(2026, 5, 11)) == {"cannot be judged": 1}
    assert world.rows(verdicts)[0]["reason"] == "After the fix nothing can be said: the data does not reach so far."


def test_open_outcomes_are_waited_for(world):
    world.answers(MONDAY, 10, 50, 100)
    world.answers(date(2026, 3, 30), 7, 85, 100, n_items=150)
    world.complete_through(date(2026, 5, 20))
    world.done(date(2026, 3, 26))
    assert world.run(judge_all, date(2026, 4, 13)) == {"verifying": 1}
    assert world.run(judge_all, date(2026, 5, 11)) == {"cannot be judged": 1}
    assert "outcomes are still open" in world.rows(verdicts)[0]["reason"]


def test_people_work_on_it(world):
    world.run(open_all, MONDAY)
    accept_task(world.store, "cx-1", "support-lead", MONDAY)
    blocked = block_task(world.store, "CX-1", "support-lead", MONDAY, "waiting for legal")
    assert blocked.body["blocked_by"] == "waiting for legal (since 2026-03-16)"
    start_task(world.store, "CX-1", "support-lead", MONDAY)
    refuse_task(world.store, "CX-1", "cx-lead", MONDAY, "too dear")
    with pytest.raises(TransitionError, match="CX-1 is won't do"):
        accept_task(world.store, "CX-1", "support-lead", MONDAY)
    with pytest.raises(ConfigError, match="There are CX-1 to CX-1"):
        accept_task(world.store, "CX-7", "support-lead", MONDAY)
    assert [e["new"] for e in sorted(world.rows(task_events), key=lambda e: e["event_id"])]
    assert world.run(open_all, MONDAY + timedelta(weeks=9)) == {"opened": 0, "reopened": 0}


def test_a_new_episode_soon_after_opens_the_same_task_again(world):
    world.done(MONDAY)
    with world.store.transaction() as connection:
        connection.execute(update(improvement_tasks).values(state="worked"))
        connection.execute(update(incidents).values(state="resolved"))
    later = MONDAY + timedelta(weeks=3)
    world.incident(Incident(**{**asdict(INCIDENT), "incident_id": "incident-2", "opened_at": later}))
    assert world.run(open_all, later) == {"opened": 0, "reopened": 1}
