"""A list that is read once for each member of an option: what happens where the option has none."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from domain.connectors import Option
from domain.paging import Request
from tasks.extract import catalog
from tests.acceptance.dumps import table
from tests.acceptance.runner import cxloop
from tests.acceptance.test_interface import ROADMAP, N, tickets
from tests.fakes.fault_server import FaultServer, serving
from tests.fakes.vendor import Desk, with_stream

SOURCES = """\
version: 1
sources:
  desk: {kind: zendesk, address: ADDRESS, start: 2026-01-01, options: {OPTIONS}}
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    asked = Request("/tickets", {"since": "0", "box": "{each}"})
    connector, _ = with_stream(parse=tickets, per_option="boxes", request=asked)
    boxes = Option("boxes", "numbers of the boxes to read", "texts", ())
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", replace(connector, options=(boxes,)))
    monkeypatch.setenv("ACMEDESK_TOKEN", "k")
    server = FaultServer(Desk(N))
    with serving(server):
        yield server


@pytest.fixture
def kiosk(tmp_path: Path, server: FaultServer) -> Path:
    (tmp_path / "roadmap.yaml").write_text(ROADMAP)
    declare(tmp_path, server, "")
    return tmp_path


def declare(folder: Path, server: FaultServer, options: str) -> None:
    text = SOURCES.replace("ADDRESS", server.address).replace("OPTIONS", options)
    (folder / "sources.yaml").write_text(text)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    monkeypatch.setattr("tasks.extract.steps.fetching.get_run_logger", lambda: logging.getLogger("run"))
    caplog.set_level(logging.INFO, logger="run")
    return caplog


@pytest.mark.parametrize("options", ["", "boxes: []"])
def test_an_option_without_a_member_is_no_warning(
    kiosk: Path, server: FaultServer, said: pytest.LogCaptureFixture, options: str
) -> None:
    declare(kiosk, server, options)
    assert cxloop(kiosk, "ingest") == 0
    assert server.asked == []
    assert [record.levelname for record in said.records] == ["INFO"]
    assert "options: boxes names none" in said.text


def test_the_doctor_tells_an_option_that_was_never_set_and_not_one_that_is_empty_on_purpose(
    kiosk: Path, server: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    told = (
        "NOTE     sources       desk: tickets not read, for options: boxes is not set: numbers of the boxes to read. "
    )
    for options, is_told in (("", True), ("boxes: []", False), ("boxes: [b1]", False)):
        declare(kiosk, server, options)
        assert cxloop(kiosk, "doctor") == 0
        assert (told + "Write `boxes: []` if that is meant." in capsys.readouterr().out) == is_told


def test_a_list_whose_last_member_is_taken_out_is_waited_for_no_more(kiosk: Path, server: FaultServer) -> None:
    declare(kiosk, server, "boxes: [b1]")
    with time_machine.travel(datetime(2026, 2, 2, 6, tzinfo=UTC), tick=True):
        assert cxloop(kiosk, "ingest") == 0
    assert len(table(kiosk, "tickets")) == N
    declare(kiosk, server, "boxes: []")
    with time_machine.travel(datetime(2026, 3, 2, 6, tzinfo=UTC), tick=True):
        assert cxloop(kiosk, "ingest") == 0
    assert [row["complete_through"] for row in table(kiosk, "cursors")] == [date(2026, 3, 1)]
    assert len(table(kiosk, "tickets")) == N
