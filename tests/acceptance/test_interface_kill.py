"""kill -9 in the middle of a fetch: the next run goes on at that page, and knows what was new on those before."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table

from domain.connectors import Options, Page, Rows
from sql.store import Store
from sql.tables import fetches
from tasks.extract import catalog
from tasks.extract.steps import gathering
from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.test_interface import ROADMAP, SOURCES, N, tickets
from tests.fakes.fault_server import FaultServer, serving
from tests.fakes.vendor import Desk, with_stream

CHILD = """\
import sys
from sql.store import Store
from tasks.extract import catalog
from tests.acceptance.runner import cxloop
from tests.acceptance.test_interface_kill import lenient
from tests.fakes.vendor import with_stream

catalog.CONNECTORS["zendesk"] = with_stream(parse=lenient)[0]
if len(sys.argv) > 2:
    Store.is_taken = lambda _: True  # another thread writes all the time
sys.exit(cxloop(__import__("pathlib").Path(sys.argv[1]), "ingest"))
"""
ROOT = Path(__file__).parents[2]


def lenient(page: Page, options: Options) -> Rows:
    """A word that is not known is read as `open`."""
    return {"tickets": [{**row, "status": "open"} for row in tickets(page, options)["tickets"]]}


def project(folder: Path, address: str) -> Path:
    folder.mkdir()
    (folder / "roadmap.yaml").write_text(ROADMAP)
    (folder / "sources.yaml").write_text(SOURCES.replace("ADDRESS", address))
    return folder


@pytest.mark.parametrize("page", [0, 1, 3])
def test_a_run_after_a_kill_has_every_row_once(page: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ACMEDESK_TOKEN", "k")
    monkeypatch.setenv("CXLOOP_LEASE_SECONDS", "5")
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", with_stream(parse=lenient)[0])
    vendor = Desk(N)
    for number in (2, 15, 16, 34):  # on the first, second and fourth page
        vendor.records[number]["status"] = "merged"
    server = FaultServer(vendor)
    with serving(server) as address:
        never, killed = (project(tmp_path / name, address) for name in ("never", "killed"))
        assert cxloop(never, "ingest") == 0
        server.asked.clear()
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(killed)], cwd=ROOT, env={**os.environ})
        server.fails(*[None] * page, lambda *_: os.kill(child.pid, signal.SIGKILL))
        assert child.wait() == -signal.SIGKILL
        server.asked.clear()
        assert cxloop(killed, "ingest") == 0
        assert len(server.asked) == 4 - page  # four pages in all, and none is asked for again
        assert differences(tables_of(never), tables_of(killed)) == []
        (notes,) = [json.loads(row["notes"]) for row in table(killed, "batches")]
        assert notes == {"new_words": [{"field": "status", "n": 4, "word": "merged"}]}
        assert {row["field"] for row in table(killed, "source_fields")} == {"id", "status", "updated_at"}


def test_pages_that_landed_while_the_database_was_held_are_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Their places were to be noted with the next page's; all of them come again, and each row is there once."""
    monkeypatch.setenv("ACMEDESK_TOKEN", "k")
    monkeypatch.setenv("CXLOOP_LEASE_SECONDS", "5")
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", with_stream(parse=lenient)[0])
    server = FaultServer(Desk(N))
    with serving(server) as address:
        never, killed = (project(tmp_path / name, address) for name in ("never", "killed"))
        assert cxloop(never, "ingest") == 0
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(killed), "held"], cwd=ROOT, env={**os.environ})
        server.fails(None, None, lambda *_: os.kill(child.pid, signal.SIGKILL))
        assert child.wait() == -signal.SIGKILL
        server.asked.clear()
        assert cxloop(killed, "ingest") == 0
        assert len(server.asked) == 4
        assert differences(tables_of(never), tables_of(killed)) == []


def test_after_so_many_pages_the_place_is_noted_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    noted: list[int] = []
    put = Store.put

    def counted(connection: Connection, into: Table, rows: Sequence[dict[str, Any]], **more: Any) -> None:
        if into is fetches:
            noted.extend(row["n_records"] for row in rows)
        put(connection, into, rows, **more)

    monkeypatch.setenv("ACMEDESK_TOKEN", "k")
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", with_stream(parse=lenient)[0])
    monkeypatch.setattr(gathering, "MOST_UNNOTED", 2)
    monkeypatch.setattr(Store, "is_taken", lambda _: True)
    monkeypatch.setattr(Store, "put", staticmethod(counted))
    with serving(FaultServer(Desk(75))) as address:
        assert cxloop(project(tmp_path / "held", address), "ingest") == 0
    assert noted == [30, 60, 0]  # of pages of ten; the last one ends the batch
