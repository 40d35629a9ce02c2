"""kill -9 in the middle of a fetch: the next run goes on at that page, and knows what was new on those before."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from domain.connectors import Options, Page, Rows
from tasks.extract import catalog
from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.test_interface import ROADMAP, SOURCES, N, tickets
from tests.fakes.fault_server import FaultServer, serving
from tests.fakes.vendor import Desk, with_stream

CHILD = """\
import sys
from tasks.extract import catalog
from tests.acceptance.runner import cxloop
from tests.acceptance.test_interface_kill import lenient
from tests.fakes.vendor import with_stream

catalog.CONNECTORS["zendesk"] = with_stream(parse=lenient)[0]
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
