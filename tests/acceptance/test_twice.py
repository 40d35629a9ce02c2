"""The loop run again, on another database, and week by week: what must come out the same."""

import inspect
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.project import Project
from domain.settings import load_settings
from flows import source_intake
from flows.daily_loop import daily_loop
from sql.store import store_of
from sql.tables import FACTS, METADATA, findings, improvement_tasks, incidents, kpi_days, kpi_values, outbox
from tests.acceptance.dumps import compared, differences, files_of, tables_of
from tests.acceptance.projects import LAST_MONDAY, MONDAYS, N_DIRTY, whole_project
from tests.acceptance.runner import SHOWN_ONLY, run_loop, steps

FULL = (
    "batches", "batch_tables", "cursors", "findings", "improvement_tasks", "incident_events", "incidents", "kpi_days",
    "kpi_stretches", "kpi_values", "kpi_versions", "kpi_years", "meta", "outbox", "quarantine", "reports",
    "reviews", "roadmap_versions", "subscriptions", "survey_answers", "survey_sends", "task_events",
    "ticket_events", "tickets",
)  # fmt: skip
"""Tables that the project fills: comparing empty ones would prove nothing."""


def rows(folder: Path, *columns: Any) -> list[tuple[Any, ...]]:
    project = Project.at(folder)
    store = store_of(project, load_settings(project))
    try:
        with store.reading() as connection:
            return sorted(map(tuple, connection.execute(select(*columns))), key=str)
    finally:
        store.engine.dispose()


def test_the_project_has_a_story_with_every_kind_of_ending(project: Path) -> None:
    assert run_loop(project, LAST_MONDAY) is None
    tables = tables_of(project)
    assert [name for name in FULL if not tables[name]] == []
    told = rows(project, incidents.c.benchmark, incidents.c.state)
    assert told == [("csat-support", "firing"), ("sla", "resolved")]
    assert rows(project, improvement_tasks.c.number, improvement_tasks.c.state) == [(1, "proposed")]
    rules = [row[METADATA.tables["quarantine"].c.keys().index("rule")] for row in tables["quarantine"]]
    assert {rule: rules.count(rule) for rule in rules} == N_DIRTY
    assert {path.rsplit(".", 1)[1] for path in files_of(project)} == {"html", "md", "json", "txt"}


def test_a_second_turn_changes_no_row_and_no_file_and_sends_nothing(any_project: Path) -> None:
    run_loop(any_project, LAST_MONDAY)
    tables, files, sent = tables_of(any_project), files_of(any_project), rows(any_project, *outbox.c)
    run_loop(any_project, LAST_MONDAY)
    assert differences(tables, tables_of(any_project)) == []
    assert files_of(any_project) == files
    assert rows(any_project, *outbox.c) == sent  # also when it was sent, and how often that was tried


def test_both_databases_hold_the_same_rows(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = whole_project(tmp_path / "a" / "roastery"), whole_project(tmp_path / "b" / "roastery")
    run_loop(here, LAST_MONDAY)
    tables = tables_of(here)
    monkeypatch.setenv("CXLOOP_DATABASE_URL", postgresql_url)
    run_loop(there, LAST_MONDAY)
    assert differences(tables, tables_of(there)) == []
    assert files_of(there) == files_of(here)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    "late", ["tickets-1.csv.gz", "tickets-2.csv.gz", "answers.csv.gz", "events.csv", "subscriptions.csv.gz"]
)
def test_facts_and_figures_are_the_same_in_whatever_order_files_come(tmp_path: Path, late: str) -> None:
    at_once, in_pieces = whole_project(tmp_path / "a" / "roastery"), whole_project(tmp_path / "b" / "roastery")
    run_loop(at_once, LAST_MONDAY)
    expected = tables_of(at_once)
    file = in_pieces / "data" / late
    away = file.rename(tmp_path / late)
    run_loop(in_pieces, LAST_MONDAY)
    away.rename(file)
    assert run_loop(in_pieces, LAST_MONDAY) is None
    found = tables_of(in_pieces)
    figures = (
        *FACTS,
        "kpi_days",
        "kpi_stretches",
        "kpi_values",
        "kpi_years",
        "batch_tables",
        "quarantine",
        "dirty_days",
    )
    assert differences({n: expected[n] for n in figures}, {n: found[n] for n in figures}) == []


@pytest.mark.usefixtures("undrawn")
def test_week_by_week_and_at_first_sight_the_past_is_the_same(tmp_path: Path) -> None:
    """Messages and tasks differ, as they should: who watches is told as it happens, who comes late is told once."""
    late, watching = whole_project(tmp_path / "late" / "roastery"), whole_project(tmp_path / "watching" / "roastery")
    run_loop(late, LAST_MONDAY)
    for monday in MONDAYS[8:]:
        run_loop(watching, monday)
    history = [incidents.c[name] for name in ("incident_id", "key", "state", "opened_at", "resolved_at", "since",
                                              "judged_through", "n_breaches", "n_recovered")]  # fmt: skip
    for columns in (list(findings.c), history, list(kpi_days.c), list(kpi_values.c)):
        assert rows(watching, *columns) == rows(late, *columns)
    transitions = METADATA.tables["incident_events"]
    assert rows(watching, *transitions.c) == rows(late, *transitions.c)
    opened = (improvement_tasks.c.incident_id, improvement_tasks.c.benchmark, improvement_tasks.c.opened_on)
    benchmarks = [benchmark for _, benchmark, _ in rows(watching, *opened)]
    assert benchmarks == ["csat-support", "sla"], "who watches has a task for the episode that is over, too"
    assert [benchmark for _, benchmark, _ in rows(late, *opened)] == ["csat-support"]


def test_every_column_is_compared_unless_it_is_a_clock_a_process_or_an_answer_from_elsewhere() -> None:
    left_out = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.c
        if column not in set(compared(table)) and not table.info.get("volatile")
    }
    assert left_out == {
        "batches.landed_at", "batches.published_at", "outbox.sent_to", "outbox.far_id", "outbox.error",
        "outbox.n_tries", "outbox.sent_at", "people.since_run", "merge_reviews.since_run", "batches.position",
        "cursors.position", "fetches.position", "fetches.whole_at", "source_calls.n_calls",
        "sightings.gone_at", "readings.began", "readings.since", "readings.until", "readings.n_told",
        "day_changes.told_on",
    }  # fmt: skip
    assert [name for name, table in METADATA.tables.items() if table.info.get("volatile")] == ["runs"]


def test_the_runner_leaves_out_nothing_that_the_flow_calls() -> None:
    names = {name for module, name in steps() if module in ("flows.daily_loop", "flows.source_intake")}
    assert SHOWN_ONLY in names
    called = inspect.getsource(daily_loop.fn) + inspect.getsource(source_intake)
    assert [name for name in names if f"{name}(run" not in called] == []
