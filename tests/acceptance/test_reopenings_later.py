"""Contacts that come back later: what is measured again is what measuring everything at once gives."""

from datetime import date
from pathlib import Path

import pytest

from sql.store import store_at
from tests.acceptance.dumps import table
from tests.acceptance.runner import run_loop
from tests.acceptance.small import ROADMAP

pytestmark = pytest.mark.usefixtures("undrawn")

EARLY, LATE = date(2026, 1, 26), date(2026, 3, 16)
SOURCES = """\
version: 1
sources:
  desk:
    kind: files
    path: tickets_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      tickets:
        key: id
        exclude: {{spam: "what = 'spam'"}}
        columns: {{status: status, opened_at: opened, resolved_at: solved, follows: follows}}
  events:
    kind: files
    path: events_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      ticket_events:
        refers_to: {{ticket_id: desk}}
        columns: {{ticket_id: ticket, at: at, field: field, new: new, actor_role: role, is_public: "'true'", sequence: _row}}
"""  # noqa: E501
TICKETS = {
    "a": [*(f"T{n},closed,2026-01-{n + 4:02}T10:00:00Z,2026-01-{n + 5:02}T10:00:00Z,," for n in range(15))],
    # T3 is followed up in time, T4 late, T5 by spam alone; T21 follows nobody
    "b": [
        "T20,open,2026-01-15T10:00:00Z,,T3,", "T21,open,2026-01-15T10:00:00Z,,,", "T22,open,2026-03-01T10:00:00Z,,T4,",
        "T23,open,2026-01-15T10:00:00Z,,T5,spam",
    ],
}  # fmt: skip
EVENTS = {
    "a": [f"T{n},2026-01-{n + 5:02}T10:00:00Z,{what},agent"
          for n in range(15) for what in ("comment,", "status,solved")],
    "b": [
        # T1: thanks; T2: a question that is answered; T14: a question, and its two weeks end later
        "T1,2026-01-14T10:00:00Z,status,open,customer", "T1,2026-01-14T10:00:00Z,comment,,customer",
        "T1,2026-01-15T10:00:00Z,status,solved,agent",
        "T2,2026-01-14T10:00:00Z,status,open,customer", "T2,2026-01-14T10:00:00Z,comment,,customer",
        "T2,2026-01-15T10:00:00Z,comment,,agent", "T2,2026-01-15T10:00:00Z,status,solved,agent",
        "T14,2026-01-30T10:00:00Z,status,open,customer",
    ],
}  # fmt: skip


def desk(folder: Path, through: str, rule: str) -> Path:
    """A helpdesk that is complete through a day."""
    folder.mkdir(exist_ok=True)
    (folder / "roadmap.yaml").write_text(f"{ROADMAP}{rule}", encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES.format(through=through), encoding="utf-8")
    return folder


def send(folder: Path, name: str) -> None:
    """One more file of each kind."""
    for kind, head, rows in (("tickets", "id,status,opened,solved,follows,what", TICKETS[name]),
                             ("events", "ticket,at,field,new,role", EVENTS[name])):  # fmt: skip
        (folder / f"{kind}_{name}.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def reopened(folder: Path) -> tuple[int, int, int]:
    """Known, reopened, open."""
    (row,) = [
        row for row in table(folder, "kpi_values")
        if (row["kpi"], row["period"], row["scope"]) == ("reopen_rate", "all", "{}")
    ]  # fmt: skip
    return row["n"], round(row["total"]), row["n_open"]


@pytest.mark.parametrize(
    ("rule", "early", "late"),
    [
        ("reopening: {thanks: counted}\n", (15, 0, 0), (15, 5, 0)),
        ("reopening: {within: 14 days}\n", (7, 0, 8), (15, 3, 0)),
        ("reopening: {within: 14 days, follow_ups: ignored, thanks: counted}\n", (7, 0, 8), (15, 3, 0)),
        ("reopening: {follow_ups: ignored}\n", (15, 0, 0), (15, 2, 0)),
    ],
)
def test_what_comes_back_late_and_days_that_went_by_change_what_they_touch_and_nothing_else(
    tmp_path: Path, rule: str, early: tuple[int, int, int], late: tuple[int, int, int]
) -> None:
    folder, at_once = desk(tmp_path / "desk", "2026-01-25", rule), desk(tmp_path / "at_once", "2026-03-15", rule)
    send(folder, "a")
    assert run_loop(folder, EARLY) is None
    assert reopened(folder) == early
    desk(folder, "2026-03-15", rule)
    send(folder, "b")
    assert run_loop(folder, LATE) is None
    assert reopened(folder) == late
    for name in "ab":
        send(at_once, name)
    assert run_loop(at_once, LATE) is None
    for name in ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years"):
        assert table(folder, name) == table(at_once, name)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_another_rule_counts_the_past_again_and_back(
    tmp_path: Path, database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database == "postgresql":
        monkeypatch.setenv("CXLOOP_DATABASE_URL", request.getfixturevalue("postgresql_url"))
        store_at.cache_clear()
    counted = "reopening: {thanks: counted}\n"
    folder = desk(tmp_path / "desk", "2026-03-15", counted)
    for name in "ab":
        send(folder, name)
    found: list[tuple[int, int, int]] = []
    for rule in (counted, "reopening: {within: 14 days, thanks: counted}\n", "", counted):
        desk(folder, "2026-03-15", rule)
        assert run_loop(folder, LATE) is None
        found.append(reopened(folder))
    assert found == [(15, 5, 0), (15, 4, 0), (15, 4, 0), (15, 5, 0)]
