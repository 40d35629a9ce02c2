"""Fetches a list of the made-up vendor again and again, as the runs of a project do."""

import json
from datetime import timedelta
from typing import Any

from domain.connectors import Connector, Stream
from tests.fakes.clock import FakeClock
from tests.fakes.fault_server import FaultServer
from tests.fakes.vendor import CONNECTOR, FIRST, SECRET, STREAM
from wire.containers import page_of
from wire.http import Caller
from wire.line import Limits
from wire.pages import Fetched, fetch
from wire.progress import Progress

LIMITS = Limits(connect=2, read=0.3, n_tries=3, most_bytes=1 << 20)
HOUR = timedelta(hours=1)


class Fetching:
    def __init__(self, server: FaultServer, clock: FakeClock) -> None:
        self.server, self.clock = server, clock
        self.told: list[Progress] = []
        self.position: Any = None
        self.options: dict[str, Any] = {}
        self.start: Any = FIRST
        self.deadline = HOUR

    def __call__(
        self, connector: Connector = CONNECTOR, stream: Stream = STREAM, n: int | None = None
    ) -> list[Fetched]:
        pages: list[Fetched] = []
        with Caller(connector, self.server.address, {"token": SECRET}, clock=self.clock, limits=LIMITS) as caller:
            for page in fetch(
                caller, stream, self.position, start=self.start, options=self.options, now=self.clock.now(),
                deadline=self.deadline, told=self.told.append,
            ):  # fmt: skip
                pages.append(page)
                self.position = json.loads(json.dumps(page.position))
                if len(pages) == n:
                    break
        return pages

    def again_and_again(self, n: int) -> None:
        for _ in range(n):
            self()

    def ids(self, *facts: Any, **more: Any) -> list[int]:
        return [one["id"] for page in self(*facts, **more) for one in page_of(page.content).body["tickets"]]
