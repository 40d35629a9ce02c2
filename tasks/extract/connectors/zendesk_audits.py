"""Zendesk's audits of a ticket as its events, each with the role its author had on the ticket at that moment.

Zendesk tells what role somebody has now. Who has left would become a customer, and the replies of years would vanish:
so what somebody did on the ticket counts before what they are now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.connectors import Options, Page, Row, Rows, iso
from domain.paging import inside
from tasks.extract.connectors.extras import key, named
from tasks.extract.connectors.zendesk_parsing import SOLVED

AUDITS: Final = "audits"
FIELDS: Final[Mapping[str, str]] = {"status": "status", "priority": "priority", "group_id": "team"}
"""Zendesk's names of the fields whose changes are events, and ours."""
ROLES: Final[Mapping[str, str]] = {"agent": "agent", "admin": "agent", "end-user": "customer"}
SPEAKERS: Final[Mapping[str, str]] = {**ROLES, "trigger": "bot", "system": "bot"}
"""Who a message of a chat is by."""

Json = Mapping[str, Any]


def parse_audits(page: Page, options: Options) -> Rows:
    """A page of tickets with the audits of each: changes of status, team and priority, and comments.

    `comment` is what one side wrote to the other. What an agent wrote to open the ticket is an `opening`, what a merge
    left is a `merge`: neither is a reply. Of a chat, each side's first message is a comment.
    """
    now = _roles(page.body.get("users"))
    rows: list[Row] = []
    for record in page.body["tickets"]:
        bodies = page.of(AUDITS, record["id"])
        audits = sorted((audit for body in bodies for audit in body["audits"]), key=_order)
        known = now | {user: role for body in bodies for user, role in _roles(body.get("users")).items()}
        rows += _events(record, audits, known, options) if audits else _without_audits(record)
    return {"ticket_events": rows}


def has_audits(record: Json) -> bool:
    """Whether Zendesk still shows what happened to a ticket."""
    return record.get("status") != "deleted"


def _order(audit: Json) -> tuple[str, int]:
    return audit["created_at"], audit["id"]


def _roles(users: Sequence[Json] | None) -> dict[str, str]:
    return {str(user["id"]): ROLES[user["role"]] for user in users or () if user.get("role") in ROLES}


@dataclass(frozen=True)
class People:
    """Who is who on one ticket.

    Attributes:
        now: roles that Zendesk tells today.
        staff: who was the ticket's assignee or wrote a private comment: customers can do neither.
        requester: whose ticket it is at the moment.
    """

    now: Mapping[str, str]
    staff: frozenset[str]
    requester: str | None

    def role(self, author: str | None, event: Json) -> str | None:
        """An author's role when the event happened; None where nothing tells it."""
        if author is None:
            return None
        if author.startswith("-") or author == "0" or inside(event, ("via", "channel")) == "rule":
            return "bot"
        if event.get("public") is False:
            return "agent"
        if author == self.requester:
            return "customer"
        return "agent" if author in self.staff else self.now.get(author)


def _events(record: Json, audits: Sequence[Json], now: Mapping[str, str], options: Options) -> list[Row]:
    ticket, requester = str(record["id"]), _first_requester(record, audits)
    staff = frozenset(_staff(audits))
    rows: list[Row] = []
    if (opened := _opened(record, audits)) is not None:
        rows.append(opened)
    for audit in audits:
        people = People(now, staff, requester)
        for event in audit["events"]:
            rows.extend(_rows(event, audit, people, options, is_first=audit is audits[0]))
        requester = _changed(audit["events"], "requester_id", requester)
    return [{"ticket_id": ticket, **row, "sequence": place} for place, row in enumerate(rows)]


def _rows(event: Json, audit: Json, people: People, options: Options, *, is_first: bool) -> Iterator[Row]:
    """The rows of one entry of an audit: none for what we do not follow."""
    author = key(event.get("author_id") or audit.get("author_id"))
    role = people.role(author, event)
    made: Row = {"at": audit["created_at"], "actor": author, "actor_role": role}
    if _is_comment(event):
        is_merge = "merge" in (inside(event, ("via", "source", "rel")), inside(audit, ("via", "source", "rel")))
        field = "merge" if is_merge else "opening" if is_first and role == "agent" else "comment"
        yield made | {"event_id": str(event["id"]), "field": field, "is_public": event.get("public", True)}
    elif event.get("type") == "ChatStartedEvent":
        yield from _first_messages(event)
    elif event.get("type") in ("Create", "Change") and event.get("field_name") in FIELDS:
        field = FIELDS[event["field_name"]]
        old, new = (_value(field, event.get(name), options) for name in ("previous_value", "value"))
        if old != new:
            yield made | {"event_id": str(event["id"]), "field": field, "old": old, "new": new}


def _first_messages(event: Json) -> Iterator[Row]:
    spoken: set[str] = set()
    for message in inside(event, ("value", "history")) or ():
        role = SPEAKERS.get(str(message.get("actor_type")))
        if message.get("type") == "ChatMessage" and role is not None and role not in spoken:
            spoken.add(role)
            yield {
                "event_id": f"{event['id']}:{role}",
                "at": iso(message["timestamp"], per_second=1000),
                "field": "comment",
                "actor": key(message.get("actor_id")),
                "actor_role": role,
                "is_public": True,
            }


def _opened(record: Json, audits: Sequence[Json]) -> Row | None:
    """The status a ticket began with, where no audit says so."""
    statuses = [event for audit in audits for event in audit["events"] if event.get("field_name") == "status"]
    if any(event.get("type") == "Create" for event in statuses):
        return None
    first = next((event.get("previous_value") for event in statuses), None)
    status = first or (record["status"] if record["status"] not in SOLVED else "new")
    return _turn(record, "opened", record["created_at"], status)


def _without_audits(record: Json) -> list[Row]:
    """What a ticket tells without its audits (deleted ones have none): when it came, and what became of it."""
    ticket, status = str(record["id"]), record["status"]
    rows = [_turn(record, "opened", record["created_at"], "new")]
    if status != "new":
        rows.append(_turn(record, "now", record["updated_at"], status) | {"old": "new"})
    return [{"ticket_id": ticket, **row, "sequence": place} for place, row in enumerate(rows)]


def _turn(record: Json, name: str, at: str, status: str) -> Row:
    return {"event_id": f"{record['id']}:{name}", "at": at, "field": "status", "old": None, "new": status}


def _value(field: str, value: Any, options: Options) -> str | None:
    return named(options, "teams", value) if field == "team" else key(value)


def _is_comment(event: Json) -> bool:
    return str(event.get("type")).endswith("Comment")


def _staff(audits: Sequence[Json]) -> Iterator[str]:
    for audit in audits:
        for event in audit["events"]:
            author = event.get("author_id") or audit.get("author_id")
            if _is_comment(event) and event.get("public") is False and author is not None:
                yield str(author)
            elif event.get("field_name") == "assignee_id":
                yield from (str(event[name]) for name in ("value", "previous_value") if event.get(name))


def _first_requester(record: Json, audits: Sequence[Json]) -> str | None:
    for audit in audits:
        for event in audit["events"]:
            if event.get("field_name") == "requester_id":
                return key(event.get("value") if event.get("type") == "Create" else event.get("previous_value"))
    return key(record.get("requester_id"))


def _changed(events: Sequence[Json], field: str, value: str | None) -> str | None:
    found = [event.get("value") for event in events if event.get("field_name") == field]
    return key(found[-1]) if found else value
