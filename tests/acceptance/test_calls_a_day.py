"""A vendor that allows so many calls a day: a first fetch takes days, and no run of it fails."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from tasks.extract import catalog
from tests.acceptance.dumps import table
from tests.acceptance.runner import cxloop
from tests.acceptance.test_interface import ROADMAP, SOURCES, N, tickets
from tests.fakes.fault_server import FaultServer, serving
from tests.fakes.vendor import Desk, with_stream

BEGUN = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    connector, _ = with_stream(parse=tickets)
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", replace(connector, per_day=500))
    monkeypatch.setenv("ACMEDESK_TOKEN", "canary")
    made = FaultServer(Desk(N))
    with serving(made):
        yield made


@pytest.fixture
def kiosk(tmp_path: Path, server: FaultServer) -> Path:
    (tmp_path / "roadmap.yaml").write_text(ROADMAP)
    sources = SOURCES.replace("ADDRESS", server.address).replace("start:", "calls_a_day: 4\n    start:")
    (tmp_path / "sources.yaml").write_text(sources)
    return tmp_path


def ingest(folder: Path, hours: float) -> None:
    with time_machine.travel(BEGUN + timedelta(hours=hours), tick=True):
        assert cxloop(folder, "ingest") == 0


def test_a_first_fetch_goes_on_day_by_day(kiosk: Path, server: FaultServer) -> None:
    ingest(kiosk, 0)
    assert (len(table(kiosk, "tickets")), len(server.asked)) == (20, 2)  # half of four calls, ten records each
    assert table(kiosk, "cursors")[0]["complete_through"] is None
    ingest(kiosk, 1)
    assert (len(table(kiosk, "tickets")), len(server.asked)) == (20, 2)
    ingest(kiosk, 24)
    assert (len(table(kiosk, "tickets")), len(server.asked)) == (N, 4)
    assert table(kiosk, "cursors")[0]["complete_through"] is not None


def test_a_limit_of_none_a_day_is_told(kiosk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = kiosk / "sources.yaml"
    sources.write_text(sources.read_text().replace("calls_a_day: 4", "calls_a_day: 0"))
    assert cxloop(kiosk, "ingest") == 2
    assert "calls_a_day: expected 1 or more" in capsys.readouterr().err
