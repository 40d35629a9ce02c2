"""A helpdesk to read from: a server of its own process, and the connector that reads it.

python -m benchmarks.desk PORT N_RECORDS
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from domain.connectors import Connector, Field, Options, Page, Rate, Rows, Secret, Since, Stream, Token
from domain.paging import NextToken, Request

PER_PAGE = 1000
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
STATES = ("new", "open", "pending", "solved", "closed")
CHANNELS = ("email", "chat", "phone", "social")


def page(begin: int, n_records: int) -> bytes:
    """Records from `begin` on, as the server sends them."""
    end = min(begin + PER_PAGE, n_records)
    records = [record(number) for number in range(begin, end)]
    return json.dumps({"tickets": records, "next": str(end) if end < n_records else None}).encode()


def record(number: int) -> dict[str, Any]:
    opened = FIRST + timedelta(seconds=17 * number)
    return {
        "id": number, "status": STATES[number % 5], "via": CHANNELS[number % 4], "subject": f"question {number}",
        "customer": number % 50_000, "team": f"team-{number % 12}", "priority": "normal", "language": "en",
        "tags": ["bench", f"t{number % 40}"], "opened_at": opened.isoformat(),
        "solved_at": (opened + timedelta(hours=number % 72)).isoformat() if number % 5 > 2 else None,
        "updated_at": (opened + timedelta(hours=72)).isoformat(),
    }  # fmt: skip


def tickets(page: Page, _: Options) -> Rows:
    """A page's tickets."""
    return {
        "tickets": [
            {
                "ticket_id": one["id"], "status": one["status"], "channel": one["via"], "subject": one["subject"],
                "customer_id": one["customer"], "team": one["team"], "priority": one["priority"],
                "language": one["language"], "tags": one["tags"], "opened_at": one["opened_at"],
                "resolved_at": one["solved_at"], "version_at": one["updated_at"],
            }
            for one in page.body["tickets"]
        ]
    }  # fmt: skip


CONNECTOR = Connector(
    "zendesk", "Bench Desk", "http://127.0.0.1", Token(), (Secret("token", "BENCH_TOKEN", "any"),),
    (
        Stream(
            "tickets", Request("/tickets"), tickets, ("tickets",), records=("tickets",),
            paging=NextToken(("next",), "cursor"), since=Since(("updated_at",), "since"),
            fields=(Field(("id",), "number"), Field(("status",), "text", STATES)),
        ),
    ),
    rate=Rate(1e9, 1),
)  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: ClassVar[list[bytes]] = []

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        body = self.pages[int(query.get("cursor", ["0"])[0]) // PER_PAGE]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""


def main() -> None:
    # made before anybody asks: a vendor's server does not take our processors' time
    n_records = int(sys.argv[2])
    _Handler.pages = [page(begin, n_records) for begin in range(0, n_records, PER_PAGE)]
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Handler).serve_forever()


if __name__ == "__main__":
    main()
