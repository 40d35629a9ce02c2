"""Files, row and message of one week, from a real store."""

import json
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import insert, select

from domain.context import RunContext
from domain.errors import ConfigError
from domain.estimates import PARTS_SCHEMA
from domain.roadmap import parse_roadmap
from sql.setup import prepare
from sql.store import store_at
from sql.tables import cursors, findings, kpi_days, meta, outbox, reports, roadmap_versions, runs
from tasks.report.steps.publish import channel_for, composed, publish, put_message

MONDAY = date(2026, 3, 16)
WEEK = timedelta(days=7)
ROADMAP = """
version: 1
company: {name: Acme Brew}
vision: Good coffee never runs out.
owners: {support-lead: {channel: "#support"}, cx-lead: {channel: "#cx"}}
benchmarks:
  sla: {kpi: sla_attainment, window: week, baseline: 0.7, on: 2025-07-01, target: 0.7, by: 2026-12-31,
        tolerance: 0.05, owner: support-lead}
reviews: [{title: Weekly progress, every: monday 08:00, who: [cx-lead]}]
"""


@pytest.fixture
def context(tmp_path) -> RunContext:
    """A project on the embedded database."""
    return a_project(tmp_path)


def a_project(tmp_path: Path) -> RunContext:
    """Twelve weeks of one KPI; of the last one a hundred more outcomes came out on Tuesday 17 March."""
    (tmp_path / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("version: 1\nsources: {}\n", encoding="utf-8")
    (tmp_path / ".cxloop").mkdir()
    store = store_at(str(tmp_path))
    prepare(store)
    parts = [
        ("sla_attainment", "{}", MONDAY - i * WEEK, MONDAY - i * WEEK, 100, 100, 80.0 + i, 80.0 + i, None)
        for i in range(1, 13)
    ]
    parts.append(("sla_attainment", "{}", MONDAY - WEEK, MONDAY + timedelta(days=1), 0, 100, 0.0, 0.0, None))
    judged = [
        {"rule": "pace", "kpi": "sla_attainment", "scope": "{}", "benchmark": "sla", "moment": MONDAY - i * WEEK,
         "verdict": "on track", "is_breach": False, "is_recovered": True, "is_provisional": False,
         "period_start": MONDAY - (i + 1) * WEEK, "period_end": MONDAY - i * WEEK, "n": 100, "n_open": 0,
         "value": 0.81, "low": 0.72, "high": 0.87, "expected": 0.7, "line": 0.65, "note": ""} for i in range(10)
    ]  # fmt: skip
    with store.transaction() as connection:
        connection.execute(insert(runs).values(run_id="daily-1", fence=1, kind="daily", day=MONDAY, state="running"))
        store.write(connection, kpi_days, pl.DataFrame(parts, schema=PARTS_SCHEMA, orient="row"))
        store.put(connection, findings, judged)
        store.put(
            connection,
            cursors,
            [{"source": "desk", "stream": "a", "position": "", "complete_through": MONDAY - timedelta(days=1)}],
        )
    return RunContext(str(tmp_path), "daily-1", MONDAY)


def rows(context, table):
    store = store_at(context.folder)
    with store.reading() as connection:
        return store.rows(connection, select(table))


def files(context):
    return {path.name: path.read_bytes() for path in sorted((context.project.out / "summary").iterdir())}


def test_a_week_is_written_as_page_markdown_and_numbers_and_as_the_latest(context):
    page = publish(context)
    assert page == context.project.out / "summary" / "2026-W11.html"
    written = files(context)
    assert sorted(written) == [f"{name}.{end}" for name in ("2026-W11", "latest") for end in ("html", "json", "md")]
    assert written["2026-W11.html"] == written["latest.html"]
    assert "The one benchmark is on plan." in json.loads(written["latest.json"])["sentences"]


def test_published_twice_everything_is_the_same(context):
    publish(context)
    first = (files(context), rows(context, reports), rows(context, roadmap_versions))
    publish(context)
    assert (files(context), rows(context, reports), rows(context, roadmap_versions)) == first


def test_the_store_keeps_every_number_shown_and_the_roadmap_it_was_judged_by(context):
    publish(context)
    report = rows(context, reports)[0]
    assert (report["report_id"], report["week_start"]) == ("weekly:2026-W11", MONDAY - WEEK)
    assert report["numbers"].encode() == files(context)["2026-W11.json"]
    assert rows(context, roadmap_versions)[0]["version"] == report["roadmap_version"]


def test_no_chart_shows_what_came_out_after_the_week(context):
    publish(context)
    series = json.loads(files(context)["latest.json"])["benchmarks"][0]["series"]
    assert (series[-1]["n"], series[-1]["value"]) == (100, 0.81)


def test_an_older_week_is_told_as_it_was_and_is_not_the_latest(context):
    page = publish(context, MONDAY - 3 * WEEK)
    assert page.name == "2026-W09.html"
    assert "latest.html" not in files(context)
    told = json.loads(files(context)["2026-W09.json"])
    assert told["benchmarks"][0]["series"][-1]["period_end"] == "2026-03-02"


@pytest.mark.parametrize(("week", "said"), [(MONDAY, "not complete"), (MONDAY - timedelta(days=2), "is no Monday")])
def test_a_week_that_cannot_be_told_is_refused_in_words(context, week, said):
    with pytest.raises(ConfigError, match=said):
        publish(context, week)


def test_a_week_is_posted_once_and_a_new_one_again(context):
    assert put_message(context) == "#cx"
    assert put_message(context) is None
    later = dict(rows(context, findings)[-1], moment=MONDAY + WEEK)
    store = store_at(context.folder)
    with store.transaction() as connection:
        store.put(connection, findings, [later])
    assert put_message(RunContext(context.folder, context.run_id, MONDAY + WEEK)) == "#cx"
    assert [row["key"] for row in rows(context, outbox)] == ["summary:2026-W11", "summary:2026-W12"]
    assert {row["state"] for row in rows(context, outbox)} == {"waiting"}


def test_the_first_look_is_the_monday_of_the_first_message_and_the_latest_week_before_any(context):
    assert composed(context)[0].is_first_look
    assert not composed(context, MONDAY - 3 * WEEK)[0].is_first_look
    store = store_at(context.folder)
    with store.transaction() as connection:
        store.put(connection, meta, [{"name": "first_contact_on", "value": (MONDAY - WEEK).isoformat()}])
    assert not composed(context)[0].is_first_look
    assert composed(context, MONDAY - 2 * WEEK)[0].is_first_look


def test_without_any_number_a_page_is_written_and_nothing_is_posted(context):
    store = store_at(context.folder)
    with store.transaction() as connection:
        connection.execute(findings.delete())
        connection.execute(kpi_days.delete())
    assert put_message(context) is None
    assert publish(context).is_file()
    assert rows(context, outbox) == []


def test_the_summary_goes_to_the_default_channel_else_to_the_first_review(context):
    assert channel_for(parse_roadmap(ROADMAP)) == "#cx"
    assert channel_for(parse_roadmap(ROADMAP + 'alerts: {default_channel: "#all"}\n')) == "#all"
    assert channel_for(parse_roadmap(ROADMAP[: ROADMAP.index("reviews")])) == "#support"


def test_a_changed_roadmap_is_shown_in_the_week_it_changed(context):
    publish(RunContext(context.folder, context.run_id, MONDAY - WEEK))
    changed = ROADMAP.replace("target: 0.7,", "target: 0.75,").replace(
        "owner: support-lead}", "owner: support-lead, why: More}"
    )
    context.project.roadmap.write_text(changed, encoding="utf-8")
    publish(context)
    assert json.loads(files(context)["latest.json"])["roadmap"]["changed"][0].startswith("sla target 0.7 → 0.75")
    publish(context, MONDAY - 2 * WEEK)
    assert json.loads(files(context)["2026-W10.json"])["benchmarks"][0]["target"] == 0.7


def test_on_postgresql_the_files_are_the_same(tmp_path, postgresql_url, monkeypatch):
    publish(here := a_project_in(tmp_path / "sqlite"))
    monkeypatch.setenv("CXLOOP_DATABASE_URL", postgresql_url)
    publish(there := a_project_in(tmp_path / "postgresql"))
    assert files(there) == files(here)
    assert put_message(there) == "#cx"
    store_at(there.folder).engine.dispose()


def a_project_in(folder: Path) -> RunContext:
    folder.mkdir()
    return a_project(folder)


def test_a_folder_that_cannot_be_written_is_told_in_words(context):
    context.project.out.mkdir()
    (context.project.out / "summary").write_text("in the way", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written"):
        publish(context)
