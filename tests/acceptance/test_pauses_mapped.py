"""Pauses of contracts, mapped as docs/sources.md shows it, from files and from a warehouse."""

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.dumps import table
from tests.acceptance.runner import cxloop
from tests.acceptance.small import ROADMAP

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"


def shown(kind: str) -> str:
    """The example of one kind, as the page has it."""
    section = PAGE.read_text(encoding="utf-8").split("## Contracts and their pauses")[1]
    (found,) = (text for text in re.findall(r"```yaml\n(.*?)```", section, re.DOTALL) if f"kind: {kind}" in text)
    return f"version: 1\nsources:\n{found}"


def pauses(folder: Path) -> dict[str, tuple[Any, Any]]:
    """paused_at and resumed_at of each contract."""
    return {row["subscription_id"]: (row["paused_at"], row["resumed_at"]) for row in table(folder, "subscriptions")}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def company(tmp_path: Path) -> Path:
    (tmp_path / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    return tmp_path


def test_a_pause_in_an_export_is_a_pause_of_its_contract(company: Path) -> None:
    (company / "sources.yaml").write_text(shown("files"), encoding="utf-8")
    (company / "contracts_20260331.csv").write_text(
        "contract,customer,begins,ends,pause_from,pause_until,fee\n"
        "K1,C1,01.06.2025,,,,9.90\n"
        "K2,C2,01.06.2025,,10.02.2026,,9.90\n"
        "K3,C3,01.06.2025,,10.02.2026,29.03.2026,9.90\n"  # the night on which clocks go forward
        "K4,C4,01.06.2025,,,29.03.2026,9.90\n",  # an end without a beginning is none
        encoding="utf-8",
    )
    assert cxloop(company, "ingest") == 0
    midnight = utc("2026-02-09T23:00")
    assert pauses(company) == {
        "billing:K1": (None, None), "billing:K2": (midnight, None), "billing:K3": (midnight, utc("2026-03-28T23:00")),
        "billing:K4": (None, None),
    }  # fmt: skip
    assert {row["mrr_minor"] for row in table(company, "subscriptions")} == {990}


def test_the_last_pause_of_a_log_is_a_pause_of_its_contract(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = company / "theirs.db"
    monkeypatch.setenv("WAREHOUSE_URL", f"sqlite:///{theirs}")
    (company / "sources.yaml").write_text(shown("sql"), encoding="utf-8")

    def run(*statements: str) -> None:
        with sqlite3.connect(theirs) as connection:
            for statement in statements:
                connection.execute(statement)

    run("CREATE TABLE contract (id TEXT, customer TEXT, begins TEXT, ends TEXT, cents INTEGER)",
        "CREATE TABLE pause (contract TEXT, since TEXT, until TEXT)",
        "INSERT INTO contract VALUES ('K1', 'C1', '2025-06-01', NULL, 990), ('K2', 'C2', '2025-06-01', NULL, 990)",
        "INSERT INTO pause VALUES ('K2', '2025-09-01', '2025-10-01'), ('K2', '2026-02-10', NULL)")  # fmt: skip
    assert cxloop(company, "ingest") == 0
    assert pauses(company) == {"billing:K1": (None, None), "billing:K2": (utc("2026-02-10"), None)}
    before = table(company, "subscriptions")
    assert cxloop(company, "ingest") == 0
    assert table(company, "subscriptions") == before
    run(
        "UPDATE pause SET until = '2026-03-10' WHERE until IS NULL",
        "INSERT INTO pause VALUES ('K1', '2026-03-01', NULL)",
    )
    assert cxloop(company, "ingest") == 0
    assert pauses(company) == {
        "billing:K1": (utc("2026-03-01"), None), "billing:K2": (utc("2026-02-10"), utc("2026-03-10")),
    }  # fmt: skip
