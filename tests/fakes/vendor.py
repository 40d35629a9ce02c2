"""A made-up vendor: its records, how it hands them out, and the connector that reads them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from domain.connectors import Connector, Field, Rate, Rows, Secret, Since, Stream, Token
from domain.paging import NextToken, Request
from tests.fakes.fault_server import Asked, Reply

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "canary-7f3a9c"


def no_rows(page: Any, options: Any) -> Rows:
    return {}


STREAM = Stream(
    "tickets", Request("/tickets", {"since": "0"}), no_rows, ("tickets",), records=("tickets",),
    paging=NextToken(("next",), "cursor"),
    since=Since(("updated_at",), "since", written="epoch_s", overlap=timedelta(minutes=5)),
    fields=(Field(("id",), "number"), Field(("status",), "text", ("new", "open"))),
)  # fmt: skip
CONNECTOR = Connector(
    "acmedesk", "Acme Desk", "{address}", Token(), (Secret("token", "ACMEDESK_TOKEN", "the key"),), (STREAM,),
    rate=Rate(inf, 1),
)  # fmt: skip


def with_stream(**facts: Any) -> tuple[Connector, Stream]:
    """The connector with one stream of other facts."""
    stream = replace(STREAM, **facts)
    return replace(CONNECTOR, streams=(stream,)), stream


def record(number: int, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    stamp = at or FIRST + timedelta(hours=number)
    return {"id": number, "updated_at": stamp.isoformat(), "status": "open", **fields}


class Desk:
    """Hands out what changed at or after `since`, in the order of change, by a cursor that says how many are read."""

    def __init__(self, n_records: int, size: int = 10) -> None:
        self.records = [record(number) for number in range(n_records)]
        self.size = size
        self.changes: Callable[[dict[str, Any]], dict[str, Any]] = lambda body: body

    def __call__(self, asked: Asked) -> Reply:
        since = datetime.fromtimestamp(float(asked.query["since"]), UTC)
        found = sorted(
            (one for one in self.records if datetime.fromisoformat(one["updated_at"]) >= since),
            key=lambda one: (one["updated_at"], one["id"]),
        )
        begin = int(asked.query.get("cursor", "0"))
        after = begin + self.size
        body = {"tickets": found[begin:after], "next": str(after) if after < len(found) else None}
        return Reply(self.changes(body))
