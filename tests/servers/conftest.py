"""What is tested against programs that nobody here wrote: stand-ins on Node, and Chromium.

Vendors' contracts are looked for beside the checkout, since others' documents are not kept in it: where they are not
there, the tests against them are not collected.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.processes import ROOT
from tests.servers.chromium import Browser, chromium
from tests.servers.node_tools import serving
from tests.servers.relay import Relay, relaying

CONTRACT = ROOT.parent / "shared" / "specs" / "slack.json"
TOKEN = "xoxb-only-for-tests"
WORKSPACE = f"""\
slack:
  strict_scopes: true
  users: [{{name: cxloop}}]
  channels: [{{name: support}}, {{name: cx}}, {{name: data}}]
  tokens: [{{token: {TOKEN}, user: cxloop, scopes: [chat:write, channels:read, channels:history]}}]
"""
"""What the documentation asks for, and no right more."""

collect_ignore = [] if CONTRACT.is_file() else ["test_slack_contract.py", "test_contracts.py"]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[str]:
    """The address of a Slack workspace with a memory, empty at first."""
    seed = tmp_path / "workspace.yaml"
    seed.write_text(WORKSPACE, encoding="utf-8")
    with serving("emulate", "start", "--service", "slack", "--seed", str(seed)) as address:
        yield address


@pytest.fixture
def relay(workspace: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """The way to that workspace, which this process takes for Slack."""
    with relaying(workspace, _with_plain_channel) as (relay, address):
        monkeypatch.setenv("CXLOOP_SLACK_BASE_URL", f"{address}/api/")
        monkeypatch.setenv("CXLOOP_SLACK_TOKEN", TOKEN)
        yield relay


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests, with an empty profile."""
    with (
        tempfile.TemporaryDirectory(prefix="cxloop-chromium-", ignore_cleanup_errors=True) as home,
        chromium(Path(home)) as running,
    ):
        yield running


def _with_plain_channel(body: bytes) -> bytes:
    """Slack takes a channel's name with its sign; this stand-in knows the name alone."""
    return body.replace(b'"channel": "#', b'"channel": "')
