"""kill -9 in the middle of a reading: nothing counts as deleted until a reading has ended whole."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.runner import cxloop
from tests.acceptance.test_deletions import SOURCES, Vendor, connector, deleted, n_agents
from tests.acceptance.test_interface import ROADMAP
from tests.fakes.fault_server import FaultServer, serving

CHILD = """\
import sys
from pathlib import Path

from tasks.extract import catalog
from tests.acceptance.runner import cxloop
from tests.acceptance.test_deletions import connector

catalog.CONNECTORS["zendesk"] = connector()
sys.exit(cxloop(Path(sys.argv[1]), "ingest"))
"""
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", [0, 1, 2, 3, 5])
def test_a_reading_that_was_killed_deletes_nothing_and_the_next_run_tells(
    page: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ACMEDESK_TOKEN", "k")
    monkeypatch.setenv("CXLOOP_LEASE_SECONDS", "5")
    monkeypatch.setitem(sys.modules["tasks.extract.catalog"].CONNECTORS, "zendesk", connector())
    vendor = Vendor()
    server = FaultServer(vendor)
    with serving(server) as address:
        (tmp_path / "roadmap.yaml").write_text(ROADMAP)
        (tmp_path / "sources.yaml").write_text(SOURCES.replace("ADDRESS", address))
        assert cxloop(tmp_path, "ingest") == 0
        vendor.lose("/agents", "g0", "g24")
        vendor.lose("/answers/a", "a25")
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], cwd=ROOT, env={**os.environ})
        server.fails(*[None] * page, lambda *_: os.kill(child.pid, signal.SIGKILL))
        assert child.wait() == -signal.SIGKILL
        # agents are read in three pages, and judged while the next list is fetched
        assert n_agents(tmp_path) in ([(25, 0)] if page < 3 else [(25, 0), (23, 2)])
        assert deleted(tmp_path, "survey_answers") == set()
        assert cxloop(tmp_path, "ingest") == 0
        assert n_agents(tmp_path) == (23, 2)
        assert deleted(tmp_path, "survey_answers") == {"a25"}
