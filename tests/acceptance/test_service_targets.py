"""Service levels from Fivetran's targets: through the flow, day by day as at once."""

import json
import sqlite3
from pathlib import Path

import pytest

from sql.tables import METADATA
from tests.acceptance.dumps import compared, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.small import ROADMAP
from tests.unit.extract.warehouse.made_up_zendesk import zendesk

SOURCES = """\
version: 1
sources:
  helpdesk:
    kind: sql
    database: WAREHOUSE_URL
    complete_through: {column: opened_at, lag_days: 1}
    use: fivetran_zendesk
    also: [sla_targets]
"""
HOURS = """\
calendars:
  office: {zone: Europe/Berlin, open: {mon-fri: "09:00-17:00"}}
channels:
  email: {owner: lead, calendar: office}
"""
KEPT = ("kpi_days", "kpi_values")


def project(folder: Path) -> Path:
    folder.mkdir()
    (folder / "roadmap.yaml").write_text(ROADMAP + HOURS)
    (folder / "sources.yaml").write_text(SOURCES)
    return folder


def opened(number: int, day: str) -> tuple[dict[str, str | None], list[dict[str, str | None]]]:
    """A ticket of eight in the morning that nobody answers, with ten business hours."""
    tables = zendesk(1, seed=1)
    at, key = f"{day} 08:00:00", str(number)
    common = {"ticket_id": key, "updated": at, "user_id": "10", "_fivetran_synced": at}
    target = json.dumps({"minutes": 600, "in_business_hours": True})
    ticket = tables["ticket"][0] | {
        "id": key, "status": "open", "created_at": at, "updated_at": at, "_fivetran_synced": at
    }  # fmt: skip
    return ticket, [
        {**common, "field_name": "status", "value": "open"},
        {**common, "field_name": "first_reply_time", "value": target},
    ]


class Helpdesk:
    """Fivetran's tables in SQLite, filled a ticket at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        columns = {name: list(rows[0]) for name, rows in zendesk(40, seed=1).items()}
        for table, names in columns.items():
            self.run(f'CREATE TABLE "{table}" ({", ".join(names)})')

    def run(self, statement: str, *values: str | None) -> None:
        with sqlite3.connect(self.path) as connection:
            connection.execute(statement, values)

    def add(self, table: str, row: dict[str, str | None]) -> None:
        self.run(f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({", ".join("?" * len(row))})', *row.values())

    def open(self, number: int, day: str) -> None:
        ticket, history = opened(number, day)
        self.add("ticket", ticket)
        for row in history:
            self.add("ticket_field_history", row)


@pytest.fixture
def helpdesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Helpdesk:
    monkeypatch.setenv("WAREHOUSE_URL", f"sqlite:///{tmp_path / 'theirs.db'}")
    return Helpdesk(tmp_path / "theirs.db")


def attained(folder: Path) -> list[tuple[object, ...]]:
    """What was known on which day, of all contacts: day of the contact, day known, contacts, outcomes, kept."""
    rows = tables_of(folder, "kpi_days")["kpi_days"]
    names = [column.name for column in compared(METADATA.tables["kpi_days"])]
    told = [dict(zip(names, row, strict=True)) for row in rows]
    return [
        (str(row["booked_day"]), str(row["known_day"]), row["n_items"], row["n"], row["total"])
        for row in told if row["kpi"] == "sla_attainment" and row["scope"] == "{}"
    ]  # fmt: skip


def test_a_target_that_is_over_though_nothing_happened_is_missed_and_day_by_day_gives_what_at_once_gives(
    tmp_path: Path, helpdesk: Helpdesk
):
    daily, judged = project(tmp_path / "daily"), list[list[tuple[object, ...]]]()
    for number, day in enumerate(("2026-03-06", "2026-03-07", "2026-03-09", "2026-03-10", "2026-03-20"), start=1):
        helpdesk.open(number, day)
        assert cxloop(daily, "ingest") == 0
        assert cxloop(daily, "measure") == 0
        judged.append([row for row in attained(daily) if row[3]])
    friday = ("2026-03-06", "2026-03-09", 0, 1, 0.0)  # nine to five, then two hours on Monday
    assert judged[:4] == [[], [], [], [friday]]
    assert judged[4] == [
        friday, ("2026-03-07", "2026-03-10", 0, 1, 0.0), ("2026-03-09", "2026-03-10", 0, 1, 0.0),
        ("2026-03-10", "2026-03-11", 0, 1, 0.0),
    ]  # fmt: skip
    first = tables_of(daily, *KEPT)
    assert cxloop(daily, "ingest") == 0
    assert cxloop(daily, "measure") == 0
    assert tables_of(daily, *KEPT) == first
    once = project(tmp_path / "once")
    assert cxloop(once, "ingest") == 0
    assert cxloop(once, "measure") == 0
    assert tables_of(once, *KEPT) == first


def test_other_opening_hours_judge_what_was_judged_again(tmp_path: Path, helpdesk: Helpdesk):
    folder = project(tmp_path / "shop")
    for number, day in enumerate(("2026-03-06", "2026-03-20"), start=1):
        helpdesk.open(number, day)
    assert cxloop(folder, "ingest") == 0
    assert cxloop(folder, "measure") == 0
    assert [row[1] for row in attained(folder) if row[3]] == ["2026-03-09"]
    (folder / "roadmap.yaml").write_text((ROADMAP + HOURS).replace("17:00", "22:00"))
    assert cxloop(folder, "measure") == 0
    assert [row[1] for row in attained(folder) if row[3]] == ["2026-03-06"]
