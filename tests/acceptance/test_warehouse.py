"""A source of kind `sql`, from somebody else's tables to ours: through the flow."""

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sql.queries.intake import unfinished, watermarks
from sql.store import store_at
from tests.acceptance.dumps import table
from tests.acceptance.runner import cxloop
from tests.acceptance.small import ROADMAP

SOURCES = """\
version: 1
sources:
  warehouse:
    kind: sql
    database: WAREHOUSE_URL
    complete_through: {column: opened_at, lag_days: 1}
    streams:
      tickets: {table: ticket, changed_at: changed, key: id}
      answers: {query: "SELECT * FROM answer WHERE score IS NOT NULL", key: id}
    tables:
      tickets:
        from: tickets
        key: id
        columns: {opened_at: opened, segment: plan, status: "CASE state WHEN 'done' THEN 'solved' ELSE 'open' END",
                  version_at: changed}
      survey_answers:
        from: answers
        survey: nps
        measure: nps
        scale: {low: 0, high: 10, direction: up}
        key: id
        columns: {score: score, answered_at: answered}
"""
READY = """\
version: 1
sources:
  warehouse:
    kind: sql
    database: WAREHOUSE_URL
    complete_through: {column: opened_at, lag_days: 1}
    use: fivetran_zendsk
"""


class Warehouse:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.run("CREATE TABLE ticket (id INTEGER, opened TEXT, changed TEXT, state TEXT, plan TEXT)")
        self.run("CREATE TABLE answer (id INTEGER, score INTEGER, answered TEXT)")
        for number in range(50):
            self.run(f"INSERT INTO ticket VALUES ({number}, '2026-01-{1 + number // 4:02} 10:00:00', "
                     f"'2026-01-{1 + number // 4:02} 12:00:00', 'open', 'office')")  # fmt: skip
            self.run(f"INSERT INTO answer VALUES ({number}, {number % 11 if number % 5 else 'NULL'}, "
                     f"'2026-01-{1 + number // 4:02} 10:00:00')")  # fmt: skip

    def run(self, statement: str) -> None:
        with sqlite3.connect(self.path) as connection:
            connection.execute(statement)


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("WAREHOUSE_URL", f"sqlite:///{tmp_path / 'theirs.db'}")
    return Warehouse(tmp_path / "theirs.db")


@pytest.fixture
def kiosk(tmp_path: Path, warehouse: Warehouse) -> Path:
    (tmp_path / "roadmap.yaml").write_text(ROADMAP)
    (tmp_path / "sources.yaml").write_text(SOURCES)
    return tmp_path


def tickets(folder: Path) -> dict[str, dict[str, Any]]:
    return {row["ticket_id"]: row for row in table(folder, "tickets")}


def test_every_row_comes_once_and_a_second_run_changes_nothing(kiosk: Path):
    assert cxloop(kiosk, "ingest") == 0
    first = tickets(kiosk), table(kiosk, "survey_answers")
    assert len(first[0]) == 50
    assert len(first[1]) == 40
    through = {row["stream"]: str(row["complete_through"]) for row in table(kiosk, "cursors")}
    assert through["tickets"] == "2026-01-12"
    assert cxloop(kiosk, "ingest") == 0
    assert (tickets(kiosk), table(kiosk, "survey_answers")) == first


def test_a_stream_without_the_column_that_tells_the_day_is_as_complete_as_the_source(kiosk: Path):
    assert cxloop(kiosk, "ingest") == 0
    with store_at(kiosk).reading() as connection:
        assert watermarks(connection) == {"tickets": date(2026, 1, 12), "survey_answers": date(2026, 1, 12)}
        assert unfinished(connection) == set()


def test_a_source_of_which_no_stream_tells_a_day_is_complete_through_none(kiosk: Path, warehouse: Warehouse):
    warehouse.run("DELETE FROM ticket")
    assert cxloop(kiosk, "ingest") == 0
    with store_at(kiosk).reading() as connection:
        assert (watermarks(connection), unfinished(connection)) == ({}, {"survey_answers"})


def test_a_value_that_comes_back_is_taken_back(kiosk: Path, warehouse: Warehouse):
    for score in (9, 1, 9):
        warehouse.run(f"UPDATE answer SET score = {score} WHERE id = 1")
        assert cxloop(kiosk, "ingest") == 0
        scores = {row["answer_id"]: row["score"] for row in table(kiosk, "survey_answers")}
        assert scores["warehouse:1:nps"] == score


def test_what_changed_is_read_and_an_older_version_takes_nothing_back(kiosk: Path, warehouse: Warehouse):
    assert cxloop(kiosk, "ingest") == 0
    warehouse.run("UPDATE ticket SET state = 'done', changed = '2026-01-20 12:00:00' WHERE id = 3")
    warehouse.run("INSERT INTO ticket VALUES (50, '2026-01-20 11:00:00', '2026-01-20 12:00:00', 'open', 'home')")
    assert cxloop(kiosk, "ingest") == 0
    now = tickets(kiosk)
    assert (len(now), now["warehouse:3"]["status"], now["warehouse:50"]["segment"]) == (51, "solved", "home")


def test_a_column_that_went_is_told_with_those_there_are(
    kiosk: Path, warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
):
    assert cxloop(kiosk, "ingest") == 0
    before = tickets(kiosk)
    warehouse.run("ALTER TABLE ticket RENAME COLUMN plan TO tier")
    warehouse.run("UPDATE ticket SET changed = '2026-02-01 12:00:00'")
    assert cxloop(kiosk, "ingest") == 3
    told = capsys.readouterr().err
    assert "'plan'" in told
    assert "tier" in told
    assert tickets(kiosk) == before


def test_a_warehouse_without_an_address_is_told(
    kiosk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("WAREHOUSE_URL")
    assert cxloop(kiosk, "ingest") == 3
    assert "WAREHOUSE_URL is not set" in capsys.readouterr().err


def test_a_ready_made_mapping_that_is_not_there_is_told_with_the_likely_one(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
):
    (kiosk / "sources.yaml").write_text(READY)
    assert cxloop(kiosk, "ingest") == 3
    assert "Did you mean 'fivetran_zendesk'?" in capsys.readouterr().err
