"""Freshdesk's tickets and conversations as events.

Freshdesk tells when a ticket was last solved, closed and reopened, not each time; what it told before stays, so the
history is whole from the first fetch on.
"""

from collections.abc import Mapping
from typing import Any, Final

from domain.connectors import Options, Page, Row, Rows
from tasks.extract.connectors.extras import key
from tasks.extract.connectors.freshdesk_parsing import SOLVED, stats_of, status_of

CONVERSATIONS: Final = "conversations"
FORWARD: Final = 8
"""Source of a conversation that an agent forwarded to somebody else."""
TURNS: Final[Mapping[str, str]] = {
    "pending_since": "pending", "reopened_at": "open", "resolved_at": "solved", "closed_at": "closed",
}  # fmt: skip
"""Where a ticket's statistics say when it took on a status."""

Json = Mapping[str, Any]


def parse_events(page: Page, options: Options) -> Rows:
    """A page of tickets with the conversations of each: status changes and comments."""
    rows: list[Row] = []
    for record in page.body:
        comments = [_comment(said) for body in page.of(CONVERSATIONS, record["id"]) for said in body]
        events = sorted([*_turns(record, options), *comments], key=lambda row: str(row["at"]))
        rows += [{"ticket_id": str(record["id"]), **row, "sequence": place} for place, row in enumerate(events)]
    return {"ticket_events": rows}


def _turns(record: Json, options: Options) -> list[Row]:
    """Turns in order of time; the last one leads to the status the ticket has."""
    stats, status = stats_of(record), status_of(record, options)
    known = sorted((stats[name], place, word) for place, (name, word) in enumerate(TURNS.items()) if stats.get(name))
    turns = [(at, word) for at, _, word in known]
    if (status in SOLVED) != (bool(turns) and turns[-1][1] in SOLVED):
        turns.append((stats.get("status_updated_at") or record["updated_at"], status))
    rows: list[Row] = [_turn(record, record["created_at"], None, "open")]
    for at, word in turns:
        rows.append(_turn(record, at, rows[-1]["new"], word))
    return rows


def _turn(record: Json, at: str, old: str | None, new: str) -> Row:
    name = "opened" if old is None else f"{new}:{at}"
    return {"event_id": f"{record['id']}:{name}", "at": at, "field": "status", "old": old, "new": new}


def _comment(said: Json) -> Row:
    """Freshdesk says of each message whether it came in: that is its author's role then."""
    return {
        "event_id": f"conversation:{said['id']}",
        "at": said["created_at"],
        "field": "comment",
        "actor": key(said.get("user_id")),
        "actor_role": "customer" if said.get("incoming") else "agent",
        "is_public": not said.get("private") and said.get("source") != FORWARD,
    }


def has_conversations(record: Json) -> bool:
    """Whether there can be messages."""
    return not record.get("spam")
