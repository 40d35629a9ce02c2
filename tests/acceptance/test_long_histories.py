"""A history too long for memory: measured piece by piece it gives the same rows as at once, on either database."""

import csv
import gzip
from pathlib import Path

import pytest
from sqlalchemy import delete

from domain.project import Project
from domain.settings import load_settings
from sql.store import store_of
from sql.tables import kpi_days, kpi_stretches, kpi_values, meta
from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.projects import FIRST, LAST_MONDAY, whole_project, write_csv
from tests.acceptance.runner import run_loop
from tests.acceptance.small import MONDAY

pytestmark = pytest.mark.usefixtures("undrawn")

MEASURED = ("kpi_days", "kpi_stretches", "kpi_values")
MORE = """\
kpis: all
channels: {chat: {owner: support-lead, answer_within: 1 h}, email: {owner: support-lead, answer_within: 8 h}}
segments:
  north: {when: "plan = 'x'", count: accounts}
"""
SAID = """\
  said:
    kind: files
    path: said.csv
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d %H:%M:%S"]
    complete_through: 2026-03-15
    tables:
      ticket_events:
        refers_to: {ticket_id: helpdesk}
        columns: {ticket_id: ticket, at: at, field: "'comment'", actor_role: "'agent'", is_public: "'true'", sequence: _row}
"""  # noqa: E501


@pytest.fixture
def busy(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The whole project with every KPI, its customers so few that they come again and again."""
    monkeypatch.setattr("tests.acceptance.projects.N_CUSTOMERS", 40)
    folder = whole_project(tmp_path / "busy")
    roadmap = folder / "roadmap.yaml"
    roadmap.write_text(roadmap.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    return folder


def forgotten(folder: Path) -> None:
    """Nothing was ever measured."""
    store = store_of(Project.at(folder), load_settings(Project.at(folder)))
    with store.transaction() as connection:
        for kept in (kpi_days, kpi_stretches, kpi_values):
            connection.execute(delete(kept))
        for mark in ("measured_with:", "valued_through:"):
            connection.execute(delete(meta).where(meta.c.name.startswith(mark)))
    store.engine.dispose()


def overheard(folder: Path) -> None:
    """The helpdesk tells its replies."""
    sources = folder / "sources.yaml"
    sources.write_text(sources.read_text(encoding="utf-8") + SAID, encoding="utf-8")
    files = sorted((folder / "data").glob("tickets-*.csv.gz"))
    texts = [gzip.decompress(file.read_bytes()).decode().splitlines() for file in files]
    tickets = [row for lines in texts for row in csv.DictReader(lines)]
    said = [{"ticket": row["ticket"], "at": row["replied"]} for row in tickets if row["replied"]]
    write_csv(folder / "said.csv", said)


@pytest.mark.parametrize(("database", "most"), [("sqlite", "1"), ("sqlite", "400"), ("postgresql", "200")])
def test_the_pieces_of_a_history_give_what_it_gives_at_once(
    busy: Path, database: str, most: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    overheard(busy)
    if database == "postgresql":
        monkeypatch.setenv("CXLOOP_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    assert run_loop(busy, LAST_MONDAY) is None
    at_once = tables_of(busy, *MEASURED)
    kpis = {row["kpi"] for row in table(busy, "kpi_days")}
    assert {"first_contact_resolution", "repeat_contact_rate_30d", "backlog", "answered_in_time", "csat"} <= kpis
    forgotten(busy)
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", most)
    assert run_loop(busy, LAST_MONDAY) is None
    assert differences(at_once, tables_of(busy, *MEASURED)) == []


@pytest.mark.parametrize("replies", ["none at all", "none for months"])
def test_a_helpdesk_that_tells_no_replies_has_no_open_ones_in_any_piece(
    busy: Path, replies: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = busy / "sources.yaml"
    told = (
        "CASE WHEN channel = 'x' THEN replied END"
        if replies == "none at all"
        else (f"CASE WHEN opened > '{FIRST.replace(year=FIRST.year + 1, month=1)}' THEN replied END")
    )
    text = sources.read_text(encoding="utf-8").replace("first_reply_at: replied", f'first_reply_at: "{told}"')
    sources.write_text(text, encoding="utf-8")
    assert run_loop(busy, LAST_MONDAY) is None
    at_once = tables_of(busy, *MEASURED)
    assert ("first_reply_time" in {row[0] for row in at_once["kpi_days"]}) == (replies == "none for months")
    forgotten(busy)
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", "60")
    assert run_loop(busy, LAST_MONDAY) is None
    assert differences(at_once, tables_of(busy, *MEASURED)) == []


DESK = """\
version: 1
sources:
  desk:
    kind: files
    path: tickets*.csv
    format: csv
    zone: UTC
    dates: ["%Y-%m-%d %H:%M"]
    complete_through: 2026-03-15
    tables:
      tickets:
        key: ticket
        latest_by: changed
        columns: {customer_id: customer, channel: "'email'", opened_at: opened, resolved_at: solved, version_at: changed,
                  status: "CASE WHEN solved IS NULL THEN 'open' ELSE 'solved' END"}
  said:
    kind: files
    path: said*.csv
    format: csv
    zone: UTC
    dates: ["%Y-%m-%d %H:%M"]
    complete_through: 2026-03-15
    tables:
      ticket_events:
        refers_to: {ticket_id: desk}
        columns: {ticket_id: ticket, at: at, field: "'comment'", actor_role: "'agent'", is_public: "'true'", sequence: _row}
"""  # noqa: E501


def test_who_asked_something_else_while_the_first_question_waited_was_not_helped_at_once(kiosk: Path) -> None:
    (kiosk / "sources.yaml").write_text(DESK, encoding="utf-8")
    roadmap = (kiosk / "roadmap.yaml").read_text(encoding="utf-8")
    (kiosk / "roadmap.yaml").write_text(roadmap + "kpis: [first_contact_resolution]\n", encoding="utf-8")
    header = "ticket,customer,opened,solved,changed"
    asked = ("A,c,2026-01-05 10:00,,2026-01-05 10:00", "B,c,2026-02-02 10:00,2026-02-02 12:00,2026-02-02 12:00")
    (kiosk / "tickets.csv").write_text("\n".join([header, *asked]) + "\n", encoding="utf-8")
    (kiosk / "said.csv").write_text("ticket,at\nB,2026-02-02 11:00\n", encoding="utf-8")
    assert run_loop(kiosk, MONDAY) is None
    solved = "A,c,2026-01-05 10:00,2026-03-04 12:00,2026-03-04 12:00"
    (kiosk / "tickets-2.csv").write_text(f"{header}\n{solved}\n", encoding="utf-8")
    (kiosk / "said-2.csv").write_text("ticket,at\nA,2026-03-04 11:00\n", encoding="utf-8")
    assert run_loop(kiosk, MONDAY) is None
    whole = [row for row in table(kiosk, "kpi_days") if row["scope"] == "{}"]
    known = {
        str(row["booked_day"]): row["total"] for row in whole if row["kpi"] == "first_contact_resolution" and row["n"]
    }
    assert known == {"2026-02-02": 1.0, "2026-03-04": 0.0}
