"""`cxloop customers retention` and `at-risk` on a small store."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cxloop.cli.at_risk import at_risk
from cxloop.cli.place import Place
from cxloop.cli.retention import retention
from sql.setup import prepare
from sql.store import Store, open_store
from sql.tables import FACTS, batch_tables, batches, cursors, people
from tests.acceptance.small import ROADMAP
from tests.factories import at

LAST = date(2026, 3, 15)


class World:
    """A project whose facts are put straight into its store."""

    def __init__(self, folder: Path) -> None:
        (folder / ".cxloop").mkdir()
        (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
        (folder / "sources.yaml").write_text("version: 1\nsources: {}\n", encoding="utf-8")
        self.place = Place(folder)
        self.store = open_store(f"sqlite:///{folder / '.cxloop' / 'cxloop.db'}")
        prepare(self.store)

    def put(self, table: Any, *rows: dict[str, Any]) -> None:
        with self.store.transaction() as connection:
            Store.put(connection, table, list(rows))

    def complete(self, fact: str, day: date = LAST) -> None:
        batch = {
            "batch_id": fact, "source": "crm", "stream": fact, "name": fact, "sha256": "", "mapping": "", "n_bytes": 0,
            "state": "published",
        }  # fmt: skip
        self.put(batches, batch)
        counts = {column.name: 0 for column in batch_tables.c if column.name.startswith("n_")}
        self.put(batch_tables, {"batch_id": fact, "table_name": fact, **counts})
        self.put(cursors, {"source": "crm", "stream": fact, "position": "", "complete_through": day})

    def contracts(self, *rows: tuple[str, str, str | None], cents: int = 1000) -> None:
        self.put(FACTS["subscriptions"], *(
            {"subscription_id": name, "source": "crm", "customer_id": name, "started_at": at(start),
             "ended_at": at(end) if end else None, "mrr_minor": cents, "currency": "EUR", "row_hash": i,
             "batch_id": "b"}
            for i, (name, start, end) in enumerate(rows)
        ))  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.store.engine.dispose()


def many(n: int, n_left: int, start: str = "2025-03-03", end: str = "2025-09-01") -> list[tuple[str, str, str | None]]:
    return [(f"crm:{start}-{i}", start, end if i < n_left else None) for i in range(n)]


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_without_contracts_it_says_what_to_bring(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    retention(here=world.place)
    at_risk(here=world.place)
    assert capsys.readouterr().out == "No contract is known. Bring in subscriptions, then: cxloop run\n" * 2


def test_a_cohort_under_50_is_listed_without_a_share_and_masked(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.complete("subscriptions")
    world.contracts(
        ("crm:before", "2024-01-01", "2025-03-01"), *many(80, 20), ("crm:ann@example.org", "2025-05-05", "2025-06-01")
    )
    retention(by="cohort", json=True, here=world.place)
    told = said(capsys)
    everybody, *cohorts = told["groups"]
    assert told["known_from"] == {"crm": "2025-03-01"}
    assert [(one["group"], one["n"], one["n_left"]) for one in cohorts] == [
        ("2024-01", 1, 1), ("2025-03", 80, 20), ("2025-05", 1, 1),
    ]  # fmt: skip
    big, small = cohorts[1]["months"], cohorts[2]["months"]
    assert [mark["retained_share"] for mark in big] == [1.0, 1.0, pytest.approx(0.75), pytest.approx(0.75)]
    assert {mark["why_not"] for mark in small} == {"too few customers"}
    assert everybody["n"] == 82
    assert told["few"] == [
        {"cohort": "2024-01", "customer_id": "crm:before", "days": 425, "has_left": True},
        {"cohort": "2025-05", "customer_id": "crm:[e-mail]", "days": 27, "has_left": True},
    ]


def test_a_table_says_what_was_assumed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.complete("subscriptions")
    world.contracts(*many(80, 20), ("crm:gone", "2025-01-01", "2025-03-03"))
    retention(here=world.place)
    out = capsys.readouterr().out
    assert "75.3 %" not in out
    assert "75.0 %, 64.0 to 83.1 % (60)" in out
    assert "Who left is on record (assumed): crm from 3 Mar 2025." in out
    retention(known_from=date(2024, 1, 1), here=world.place)
    assert "Who left is on record (as you say): crm from 1 Jan 2024." in capsys.readouterr().out


def test_a_source_that_tells_of_nobody_who_left_tells_no_share(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.complete("subscriptions")
    world.contracts(*many(80, 0))
    retention(here=world.place)
    out = capsys.readouterr().out
    assert "Of no customer it is known how long they stay." in out
    assert "80 customers are left out" in out


def test_too_little_history_is_said_and_is_no_failure(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.complete("subscriptions")
    world.contracts(*many(30, 2))
    at_risk(here=world.place)
    assert "Too little history to tell: churn risk is unknown: the history has" in capsys.readouterr().out


def test_the_list_counts_persons_is_as_old_as_the_latest_source_and_masks(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for fact, day in {"subscriptions": LAST, "tickets": date(2026, 3, 14)}.items():
        world.complete(fact, day)
    # moments 90 days before 15 March: most who wrote left, of the others one in fifty
    rows: list[tuple[str, str, str | None]] = [("crm:first", "2024-01-01", "2025-01-01")]
    tickets: list[tuple[str, str]] = [("crm:first", "2025-02-01")]
    for moment, month in {"2025-06-18": "2025-07-20", "2025-09-16": "2025-10-20", "2025-12-15": "2026-01-20"}.items():
        for i in range(100):
            leaves = i < 45 or i == 60
            rows.append((f"crm:{moment}-{i}", "2025-06-01", month if leaves else None))
            if i < 50:
                day = date.fromisoformat(moment).replace(day=10)
                tickets.append((f"crm:{moment}-{i}", str(day)))
    rows.append(("crm:ann@example.org", "2025-06-01", None))
    tickets.append(("desk:1", "2026-03-10"))
    world.contracts(*rows)
    world.put(people, *(
        {"person_id": "crm:ann@example.org", "customer_id": name, "through": "email", "since_run": "r"}
        for name in ("crm:ann@example.org", "desk:1")
    ))  # fmt: skip
    world.put(FACTS["tickets"], *(
        {"ticket_id": f"t{i}", "source": "desk", "customer_id": name, "status": "solved", "opened_at": at(day),
         "resolved_at": at(day), "row_hash": i, "batch_id": "b"}
        for i, (name, day) in enumerate(tickets)
    ))  # fmt: skip
    at_risk(json=True, here=world.place)
    told = said(capsys)
    assert (told["as_of"], told["why_not"]) == ("2026-03-14", None)
    first = told["customers"][0]
    assert (first["customer_id"], first["revenue"]) == ("crm:[e-mail]", [{"mrr_minor": 1000, "currency": "EUR"}])
    assert "one contact in 30 days" in first["reasons"]
    at_risk(unmask=True, here=world.place)
    out = capsys.readouterr().out
    assert "crm:ann@example.org" in out
    assert "10.00 EUR" in out
