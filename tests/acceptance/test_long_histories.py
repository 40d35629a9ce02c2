"""A history too long for memory: measured piece by piece it gives the same rows as at once, on either database."""

import csv
import gzip
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import delete

from domain.errors import StoreError
from domain.project import Project
from domain.settings import load_settings
from sql.store import store_of
from sql.tables import kpi_days, kpi_stretches, kpi_values, meta
from tasks.measure.steps.making import Made, together
from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.projects import FIRST, LAST_MONDAY, whole_project, write_csv
from tests.acceptance.runner import cxloop, run_loop
from tests.acceptance.small import MONDAY

pytestmark = pytest.mark.usefixtures("undrawn")

BUSY_DAY = date(2026, 2, 10)
MEASURED = ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years")
MORE = """\
kpis: all
channels: {chat: {owner: support-lead, answer_within: 1 h}, email: {owner: support-lead, answer_within: 8 h}}
segments:
  north: {when: "plan = 'x'", count: accounts}
"""
OWN = """\
version: 1
kpis:
  our_csat:
    {question: How many?, fact: survey_answers, statistic: share, numerator: score >= satisfied_from, better: up}
  our_rating: {question: How do they rate us?, fact: reviews, statistic: mean, value: rating, better: up}
  our_time: {question: How long?, fact: tickets, statistic: quantile, quantile: 0.5, value: resolved_at - opened_at,
             known_at: resolved_at, better: down, booked_at: resolved_at}
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
    (folder / "kpis.yaml").write_text(OWN, encoding="utf-8")
    mapped(folder, "ended_at: ended", "ended_at: ended, term_ends_at: started")
    return folder


def mapped(folder: Path, told: str, other: str) -> None:
    """A source tells something else."""
    sources = folder / "sources.yaml"
    sources.write_text(sources.read_text(encoding="utf-8").replace(told, other), encoding="utf-8")


def forgotten(folder: Path) -> None:
    """Nothing was ever measured."""
    store = store_of(Project.at(folder), load_settings(Project.at(folder)))
    with store.transaction() as connection:
        for kept in (kpi_days, kpi_stretches, kpi_values):
            connection.execute(delete(kept))
        for mark in ("measured_with:", "valued_through:"):
            connection.execute(delete(meta).where(meta.c.name.startswith(mark)))
    store.engine.dispose()


def measured(folder: Path) -> None:
    """All that is loaded is measured, and nothing else is done."""
    assert cxloop(folder, "measure", "--as-of", LAST_MONDAY.isoformat()) == 0


def overheard(folder: Path) -> None:
    """The helpdesk tells its replies."""
    sources = folder / "sources.yaml"
    sources.write_text(sources.read_text(encoding="utf-8") + SAID, encoding="utf-8")
    files = sorted((folder / "data").glob("tickets-*.csv.gz"))
    texts = [gzip.decompress(file.read_bytes()).decode().splitlines() for file in files]
    tickets = [row for lines in texts for row in csv.DictReader(lines)]
    said = [{"ticket": row["ticket"], "at": row["replied"]} for row in tickets if row["replied"]]
    write_csv(folder / "said.csv", said)


def on_one_day(folder: Path) -> None:
    """All contacts came on the same day."""
    late: dict[str, timedelta] = {}
    for file in sorted((folder / "data").glob("tickets-*.csv.gz")):
        rows = list(csv.DictReader(gzip.decompress(file.read_bytes()).decode().splitlines()))
        for row in rows:
            if row["opened"][:2] == "20":
                late[row["ticket"]] = BUSY_DAY - date.fromisoformat(row["opened"][:10])
                row |= {name: shifted(row[name], late[row["ticket"]]) for name in ("opened", "replied", "solved")}
        write_csv(file, rows)
    events = folder / "data" / "events.csv"
    rows = list(csv.DictReader(events.read_text(encoding="utf-8").splitlines()))
    write_csv(events, [{**row, "at": shifted(row["at"], late[row["ticket"]])} for row in rows])


def shifted(at: str, late: timedelta) -> str:
    return str(datetime.fromisoformat(at) + late) if at else ""


@pytest.mark.parametrize(("database", "most"), [("sqlite", "150"), ("sqlite", "400"), ("postgresql", "300")])
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
    assert {"our_csat", "our_rating", "our_time", "renewal_rate", "active_customers"} <= kpis
    forgotten(busy)
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", most)
    measured(busy)
    assert differences(at_once, tables_of(busy, *MEASURED)) == []


@pytest.mark.parametrize("replies", ["none at all", "none for months"])
def test_a_helpdesk_that_tells_no_replies_has_no_open_ones_in_any_piece(
    busy: Path, replies: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (
        "CASE WHEN channel = 'x' THEN replied END"
        if replies == "none at all"
        else (f"CASE WHEN opened > '{FIRST.replace(year=FIRST.year + 1, month=1)}' THEN replied END")
    )
    mapped(busy, "first_reply_at: replied", f'first_reply_at: "{told}"')
    if replies == "none at all":
        mapped(busy, "term_ends_at: started", "term_ends_at: ended")
    assert run_loop(busy, LAST_MONDAY) is None
    at_once = tables_of(busy, *MEASURED)
    assert ("first_reply_time" in {row[0] for row in at_once["kpi_days"]}) == (replies == "none for months")
    assert ("renewal_rate" in {row[0] for row in at_once["kpi_days"]}) == (replies == "none for months")
    forgotten(busy)
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", "400")
    measured(busy)
    assert differences(at_once, tables_of(busy, *MEASURED)) == []


def test_what_comes_later_is_measured_in_pieces_too(busy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = busy / "data" / "tickets-2.csv.gz"
    kept = later.read_bytes()
    later.unlink()
    assert run_loop(busy, LAST_MONDAY) is None
    later.write_bytes(kept)
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", "400")
    assert run_loop(busy, LAST_MONDAY) is None
    in_pieces = tables_of(busy, *MEASURED)
    forgotten(busy)
    monkeypatch.delenv("CXLOOP_ROWS_AT_ONCE")
    measured(busy)
    assert differences(in_pieces, tables_of(busy, *MEASURED)) == []


def test_a_run_that_ends_between_two_pieces_leaves_nothing_of_them(busy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_loop(busy, LAST_MONDAY) is None
    at_once = tables_of(busy, *MEASURED)
    forgotten(busy)
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", "300")
    with monkeypatch.context() as patched:
        done = count(1)

        def together_until_the_third(pieces: Iterable[list[Made]]) -> list[Made]:
            if next(done) == 3:
                raise StoreError("the disk is full")
            return together(pieces)

        patched.setattr("tasks.measure.steps.history.together", together_until_the_third)
        with pytest.raises(StoreError, match="the disk is full"):
            run_loop(busy, LAST_MONDAY)
    assert tables_of(busy, "kpi_days")["kpi_days"] == []
    measured(busy)
    assert differences(at_once, tables_of(busy, *MEASURED)) == []


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_day_too_busy_for_memory_is_measured_in_blocks(
    busy: Path, database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database == "postgresql":
        monkeypatch.setenv("CXLOOP_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    on_one_day(busy)
    mapped(busy, "answered_at: answered, score", f"answered_at: \"'{BUSY_DAY} ' || substr(answered, 12)\", score")
    assert run_loop(busy, LAST_MONDAY) is None
    at_once = tables_of(busy, *MEASURED)
    whole = {
        row["kpi"]: row for row in table(busy, "kpi_days") if row["scope"] == "{}" and row["booked_day"] == BUSY_DAY
    }
    assert whole["ticket_volume"]["n"] > 500
    forgotten(busy)
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", "600")
    measured(busy)
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
