"""A source that shows seven days, read too late: the days missed are told, once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from tasks.extract import catalog
from tests.acceptance.dumps import table
from tests.acceptance.runner import answer, cxloop
from tests.acceptance.test_interface import ROADMAP, SOURCES, tickets
from tests.fakes.fault_server import FaultServer, refused, serving
from tests.fakes.vendor import Desk, with_stream

BEGUN = datetime(2026, 3, 2, 8, tzinfo=UTC)
MISSED = {"source": "desk", "stream": "tickets", "first_day": date(2026, 3, 2), "keeps_days": 7.0}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    connector, _ = with_stream(parse=tickets)
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", replace(connector, keeps=timedelta(days=7)))
    monkeypatch.setenv("ACMEDESK_TOKEN", "canary")
    made = FaultServer(Desk(5))
    with serving(made):
        yield made


@pytest.fixture
def kiosk(tmp_path: Path, server: FaultServer) -> Path:
    (tmp_path / "roadmap.yaml").write_text(ROADMAP)
    (tmp_path / "sources.yaml").write_text(SOURCES.replace("ADDRESS", server.address))
    return tmp_path


def ingest(folder: Path, days: float, code: int = 0) -> None:
    with time_machine.travel(BEGUN + timedelta(days=days), tick=True):
        assert cxloop(folder, "ingest") == code


def test_who_comes_every_day_misses_none(kiosk: Path) -> None:
    for day in (0, 1, 7.9):
        ingest(kiosk, day)
    assert table(kiosk, "gaps") == []
    assert answer(kiosk, "status")["days_missed"] == []


def test_a_pause_longer_than_the_source_looks_back_is_a_gap_told_once(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(kiosk, 0)
    ingest(kiosk, 10)
    ingest(kiosk, 11)
    assert table(kiosk, "gaps") == [{**MISSED, "last_day": date(2026, 3, 5)}]
    assert cxloop(kiosk, "status") == 0
    assert "desk tickets 2026-03-02 to 2026-03-05 (it shows 7 days)" in capsys.readouterr().out
    for day in (11, 12):
        with time_machine.travel(BEGUN + timedelta(days=day), tick=True):
            assert cxloop(kiosk, "run") == 0
    told = [row["text"].splitlines()[0] for row in table(kiosk, "outbox") if row["key"].startswith("gap:")]
    assert told == ["🟠 desk: Mon 2 Mar to Thu 5 Mar are missed for good"]


def test_while_it_does_not_answer_the_gap_grows_and_stays_one(kiosk: Path, server: FaultServer) -> None:
    ingest(kiosk, 0)
    server.fails(refused(401))
    ingest(kiosk, 10, code=3)
    ingest(kiosk, 12)
    assert table(kiosk, "gaps") == [{**MISSED, "last_day": date(2026, 3, 7)}]
