"""A helpdesk read over REST2 through the connector, without a database: what is kept after each sweep."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.connectors import Row
from tasks.extract.connectors.request_tracker import CONNECTOR
from wire.containers import page_of
from wire.http import Caller
from wire.pages import fetch

KEYS = {
    "tickets": "ticket_id", "ticket_events": "event_id", "customers": "customer_id", "identities": "identity_id",
    "accounts": "account_id", "agents": "agent_id",
}  # fmt: skip


@dataclass
class Reading:
    """What one reader keeps of a desk, sweep after sweep: the latest version of each row."""

    caller: Caller
    options: dict[str, Any]
    positions: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: {table: {} for table in KEYS})

    def sweep(self) -> "Reading":
        """Read what is new of every stream; what is kept now, as a copy."""
        for stream in CONNECTOR.streams:
            if stream.covers is not None:  # keys alone, which only a database can hold rows against
                continue
            position = self.positions.get(stream.name)
            for piece in fetch(
                self.caller, stream, position, start=None, options=self.options, now=datetime.now(UTC),
                deadline=timedelta(minutes=2),
            ):  # fmt: skip
                self.positions[stream.name] = piece.position
                assert not piece.new_words
                for table, rows in stream.parse(page_of(piece.content), self.options).items():
                    for row in rows:
                        self._keep(table, row)
        return replace(self, tables=deepcopy(self.tables))

    def _keep(self, table: str, row: Row) -> None:
        held = self.tables[table].get(row[KEYS[table]])
        if held is None or (row.get("version_at") or "") >= (held.get("version_at") or ""):
            self.tables[table][row[KEYS[table]]] = row

    def statuses(self) -> dict[str, tuple[str, str | None]]:
        """Status of each ticket, and why it is no contact."""
        return {key: (row["status"], row["excluded_as"]) for key, row in self.tables["tickets"].items()}

    def told(self, ticket: str, *fields: str) -> list[tuple[Any, ...]]:
        """What happened to a ticket: field, value and role, in order."""
        events = sorted(self.tables["ticket_events"].values(), key=lambda event: event["sequence"])
        return [
            (event["field"], event["new"], event["actor_role"])
            for event in events
            if event["ticket_id"] == ticket and event["field"] in fields
        ]
