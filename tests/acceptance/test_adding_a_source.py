"""docs/adding-a-source.md, followed to the letter."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from domain.source_specs import KINDS
from tasks.extract import catalog
from tests.acceptance.dumps import table
from tests.acceptance.runner import cxloop
from tests.acceptance.small import ROADMAP
from tests.fakes.fault_server import Asked, FaultServer, Reply, serving

PAGE = (Path(__file__).parents[2] / "docs/adding-a-source.md").read_text(encoding="utf-8")
CODE, YAML = (re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)[-1] for kind in ("python", "yaml"))
TICKETS = [
    {"id": 1, "status": "done", "created_at": "2026-01-05T08:00:00Z", "updated_at": "2026-01-05T10:00:00Z",
     "customer": 7, "via": "chat", "custom": {"plan": "office"},
     "changes": [{"at": "2026-01-05T08:00:00Z", "to": "new", "by": "customer"},
                 {"at": "2026-01-05T10:00:00Z", "from": "new", "to": "done", "by": "agent"}]},
    {"id": 2, "status": "open", "created_at": "2026-01-06T08:00:00Z", "updated_at": "2026-01-06T08:00:00Z",
     "custom": {"plan": "internal"}},
    {"id": 3, "status": "new", "created_at": "2026-01-06T09:00:00Z", "updated_at": "2026-01-06T09:00:00Z",
     "custom": {"plan": "home"}, "spam": True},
]  # fmt: skip


def served(asked: Asked) -> Reply:
    assert asked.path == "/api/tickets"
    assert asked.query["limit"] == "100"
    if asked.query.get("cursor") == "2":
        return Reply({"tickets": TICKETS[2:], "next": None})
    return Reply({"tickets": TICKETS[:2], "next": "2"})


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    module = ModuleType("acmedesk")
    exec(compile(CODE, "acmedesk.py", "exec"), module.__dict__)
    monkeypatch.setitem(catalog.CONNECTORS, "acmedesk", module.CONNECTOR)
    monkeypatch.setattr("domain.sources.KINDS", (*KINDS, "acmedesk"))
    monkeypatch.setenv("ACMEDESK_TOKEN", "k")
    with serving(FaultServer(served)) as address:
        lines = "\n".join(f"  {line}" for line in YAML.replace("https://acme.example", address).splitlines())
        (tmp_path / "sources.yaml").write_text(f"version: 1\nsources:\n{lines}\n")
        (tmp_path / "roadmap.yaml").write_text(ROADMAP)
        yield tmp_path


def test_the_connector_of_the_page_works_and_is_short(desk: Path):
    assert cxloop(desk, "ingest") == 0
    tickets = {row["ticket_id"]: row for row in table(desk, "tickets")}
    assert tickets.keys() == {"desk:1", "desk:2", "desk:3"}
    assert (tickets["desk:1"]["segment"], tickets["desk:1"]["status"]) == ("office", "solved")
    assert [tickets[f"desk:{n}"]["excluded_as"] for n in (1, 2, 3)] == [None, "test", "spam"]
    assert len(table(desk, "ticket_events")) == 2
    assert len(CODE.splitlines()) < 80
