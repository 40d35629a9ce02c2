"""Reads one list of a played vendor again and again, as the runs of a project do."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.connectors import Connector, Page, Rows, Stream
from domain.paging import inside
from domain.source_specs import CompleteThrough, Interface, SourceSpec
from tasks.extract.interface_rows import gathered, mappings_of
from tasks.extract.stage import Staged, staged
from tests.fakes.clock import FakeClock
from tests.fakes.fault_server import FaultServer
from tests.fakes.listing import Listing
from tests.fakes.vendor_of import VendorOf
from wire.containers import page_of
from wire.http import Caller
from wire.pages import Fetched, fetch

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Reading:
    """The line to one list.

    Attributes:
        connector, stream: as declared, with pages of a few records.
        position: where the next fetch goes on.
    """

    def __init__(self, connector: Connector, name: str) -> None:
        self.vendor = VendorOf(connector, name)
        self.connector: Connector = self.vendor.connector
        self.stream: Stream = self.connector.stream(name)
        self.list: Listing = self.vendor.lists[name]
        self.server = FaultServer(self.vendor)
        self.position: Any = None
        self.now = NOW

    def pages(self, n: int | None = None, *, is_key_right: bool = True) -> list[Fetched]:
        """What is new; cut off after `n` pages."""
        got: list[Fetched] = []
        secrets = self.vendor.door.secrets(self.server.address, are_right=is_key_right)
        with Caller(self.connector, self.server.address, secrets, clock=FakeClock(self.now)) as caller:
            fetching = fetch(
                caller, self.stream, self.position, start=None, options=self.vendor.options, now=self.now,
                deadline=DAY,
            )  # fmt: skip
            for page in fetching:
                got.append(page)
                self.position = json.loads(json.dumps(page.position))
                if len(got) == n:
                    break
        return got

    def keys(self, pages: list[Fetched]) -> list[str]:
        """Of the records that came."""
        shape = self.list.shape
        bodies = (written(page_of(page.content)) for page in pages)
        return [str(inside(record, shape.key)) for body in bodies for record in inside(body, shape.records) or ()]

    def rows(self, pages: list[Fetched]) -> dict[str, list[dict[str, Any]]]:
        """The parser's rows by fact table."""
        made: dict[str, list[dict[str, Any]]] = {}
        for page in pages:
            for table, rows in self.parsed(page_of(page.content)).items():
                made.setdefault(table, []).extend(dict(row) for row in rows)
        return made

    def parsed(self, page: Page) -> Rows:
        """One page's."""
        return self.stream.parse(page, {**self.vendor.options, "each": page.each})

    def staged(self, pages: list[Fetched]) -> Staged:
        """The fact rows of pages, on the way that a run takes."""
        read = gathered((page_of(page.content) for page in pages), self.stream, self.vendor.options)
        spec = SourceSpec("desk", self.connector.kind, Interface(), (), CompleteThrough("arrival"), namespace="desk")
        return staged(read, mappings_of(read, ()), spec, "secret")


def plain(rows: Rows) -> set[str]:
    """Rows in no order, each once."""
    return {f"{table}: {sorted(row.items())}" for table, made in rows.items() for row in made}


def written(page: Page) -> Any:
    """A page's body as names and lists, of a feed too."""
    return json.loads(page.body) if isinstance(page.body, str) else page.body
