"""Vendors' published contracts, each played by a program that knows the contract and nothing else."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from domain.connectors import Connector
from tests.fakes.fault_server import Asked, FaultServer, Reply
from tests.fakes.fault_server import serving as relaying
from tests.fakes.keys import TOKENS, Door
from tests.flow.processes import ROOT
from tests.servers.node_tools import serving

SPECS = ROOT.parent / "shared" / "specs"
_OWN = {"host", "connection", "content-length", "accept-encoding"}
_KEYS = {"authorization", "api_access_token", "x-api-key"}
_TOLD = ("content-type", "link")


@dataclass(frozen=True)
class Spec:
    """One document.

    Attributes:
        file: its name.
        prefix: of the calls that it is about; `is_left_out`: it writes its paths without it.
    """

    file: str
    prefix: str = ""
    is_left_out: bool = False


@dataclass(frozen=True)
class Passed:
    """One call and its answer, on its way between a connector and a contract."""

    call: str
    status: int
    body: Any
    wrong: tuple[str, ...]


@dataclass
class Contract:
    """A vendor as its contract says; use it as the `serve` of a FaultServer.

    Attributes:
        is_made_up: answers are random, within what the contract allows, instead of its own examples.
        is_keyless: keys are taken off the calls.
    """

    connector: Connector
    servers: Mapping[Spec, str]
    is_made_up: bool = False
    is_keyless: bool = False
    passed: list[Passed] = field(default_factory=list[Passed])

    def __post_init__(self) -> None:
        self.door = Door(self.connector)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == TOKENS:
            return self.door.token(asked)
        spec = next(one for one in self.servers if asked.path.startswith(one.prefix))
        target = asked.target.removeprefix(spec.prefix) if spec.is_left_out else asked.target
        left_out = _OWN | (_KEYS if self.is_keyless else set())
        headers = {name: value for name, value in asked.headers.items() if name not in left_out}
        headers["Prefer"] = f"dynamic={'true' if self.is_made_up else 'false'}"
        line = HTTPConnection(urlsplit(self.servers[spec]).netloc, timeout=60)
        try:
            line.request(asked.method, target, asked.content or None, headers)
            answer = line.getresponse()
            content, told = answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            line.close()
        found = json.loads(told.get("sl-violations", "[]"))
        wrong = tuple(one["message"] for one in found if one["location"][0] == "request")
        body = json.loads(content) if "json" in told.get("content-type", "") else content
        self.passed.append(Passed(f"{asked.method} {asked.path}", answer.status, body, wrong))
        return Reply(content, answer.status, {name.title(): told[name] for name in _TOLD if name in told})


@contextmanager
def played(connector: Connector, specs: tuple[Spec, ...]) -> Iterator[tuple[Contract, str]]:
    """A vendor's contract and its address; the processes that play it are gone afterwards."""
    with ExitStack() as held:
        programs = {
            spec: held.enter_context(serving("prism", "mock", "--multiprocess", "false", str(SPECS / spec.file)))
            for spec in specs
        }
        contract = Contract(connector, programs)
        yield contract, held.enter_context(relaying(FaultServer(contract)))
