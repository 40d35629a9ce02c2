"""Intercom's conversations: contacts, what happened in them, and how customers rated them.

A conversation begins when the customer writes: what we sent before (a campaign, a greeting of the messenger) is
no reply, and without an answer no contact. Intercom measures from the same moment.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.connectors import Options, Page, Row, Rows, iso
from domain.paging import inside
from tasks.extract.connectors.surveys import extras

Record = Mapping[str, Any]

WHOLE: Final = "conversation"
"""The child that brings a conversation with its parts."""

STATES: Final = {"open": "open", "snoozed": "pending", "closed": "solved"}
CHANNELS: Final = {
    "conversation": "chat", "email": "email", "facebook": "social", "instagram": "social", "phone_call": "phone",
    "phone_switch": "phone", "push": "push", "sms": "sms", "twitter": "social", "whatsapp": "whatsapp",
}  # fmt: skip
PRIORITIES: Final = {"priority": "high", "not_priority": "normal"}
RATINGS: Final = {"scale_low": 1, "scale_high": 5, "direction": "up", "satisfied_from": 4, "measure": "csat"}

_REOPENING: Final = (
    "open",
    "unsnoozed",
    "timer_unsnooze",
    "assign_and_reopen",
    "assign_and_unsnooze",
    "note_and_reopen",
)
_STATE_AFTER: Final = {"close": "closed", "snoozed": "snoozed", **dict.fromkeys(_REOPENING, "open")}
_MESSAGES: Final = ("comment", "quick_reply")
_WITH_MESSAGE: Final = ("assignment", "default_assignment", *_STATE_AFTER)
"""Parts that are a message as well when they have a text: reply and close, reply and assign."""
_NOTES: Final = ("note", "note_and_reopen")
_SOURCE: Final = "source"
_PREVIEWS: Final = ("fin_preview", "workflow_preview")


@dataclass(frozen=True)
class _Part:
    """Something that happened in a conversation.

    Attributes:
        at: seconds since 1970.
        state: the conversation's state from then on; empty: not told.
        is_message: the customer wrote or could read it.
    """

    id: str
    at: int
    role: str | None
    actor: str | None
    kind: str
    state: str
    is_message: bool
    team: str | None


def parse_conversations(page: Page, options: Options) -> Rows:
    """A page of conversations; each whole, where the call for its parts was made."""
    rows: dict[str, list[Row]] = {"tickets": [], "ticket_events": [], "survey_answers": [], "survey_sends": []}
    for listed in page.body["conversations"]:
        conversation: Record = next(iter(page.of(WHOLE, listed["id"])), listed)
        parts = _parts(conversation)
        opened_at = _opened_at(conversation, parts)
        rows["tickets"].append(_ticket(conversation, parts, opened_at, options))
        rows["ticket_events"] += _events(conversation, parts, opened_at or conversation["created_at"], options)
        _rate(rows, conversation)
    return rows


def role_of(author: Any) -> str | None:
    """Who an author is. Operator, Intercom's own bot, appears as a teammate with an address of Intercom's.

    >>> role_of({"type": "admin", "id": "1", "email": "operator+x@intercom.io"})
    'bot'
    """
    told: Record = author or {}
    kind, email = told.get("type"), str(told.get("email") or "")
    if kind in ("user", "lead", "contact"):
        return "customer"
    is_operator = email.startswith("operator+") and email.endswith("@intercom.io")
    if kind == "bot" or told.get("from_ai_agent") is True or is_operator:
        return "bot"
    return "agent" if kind in ("admin", "team") else None


def _parts(conversation: Record) -> list[_Part]:
    """In order of time. At most 500 come: of a longer conversation the newest."""
    listed: Sequence[Record] = inside(conversation, ("conversation_parts", "conversation_parts")) or ()
    return sorted((_part(part) for part in listed), key=lambda part: part.at)


def _part(part: Record) -> _Part:
    kind = part["part_type"]
    is_message = kind in _MESSAGES or (kind in _WITH_MESSAGE and kind not in _NOTES and bool(part.get("body")))
    assigned: Record = part.get("assigned_to") or {}
    return _Part(
        id=str(part["id"]), at=int(part["created_at"]), role=role_of(part.get("author")),
        actor=_id(inside(part, ("author", "id"))), kind=kind,
        state=_STATE_AFTER.get(kind) or part.get("state") or "", is_message=is_message,
        team=_id(assigned.get("id")) if assigned.get("type") == "team" else None,
    )  # fmt: skip


def _opened_at(conversation: Record, parts: list[_Part]) -> int | None:
    """When the customer made contact; None: never."""
    delivered_as = inside(conversation, ("source", "delivered_as"))
    author = role_of(inside(conversation, ("source", "author")))
    if delivered_as == "customer_initiated" or (delivered_as is None and author in ("customer", None)):
        return int(conversation["created_at"])
    answered = inside(conversation, ("first_contact_reply", "created_at"))
    return int(answered) if answered else next((p.at for p in parts if p.is_message and p.role == "customer"), None)


# ---- the ticket -----------------------------------------------------------------------------------------------------


def _ticket(conversation: Record, parts: list[_Part], opened_at: int | None, options: Options) -> Row:
    key, state = conversation["id"], conversation["state"]
    statistics: Record = conversation.get("statistics") or {}
    team, names = _id(conversation.get("team_assignee_id")), options.get("teams", {})
    return {
        "ticket_id": key,
        "url": _url(key, options),
        "channel": CHANNELS.get(inside(conversation, ("source", "type")) or ""),
        "customer_id": _id(inside(conversation, ("contacts", "contacts", "0", "id"))),
        "account_id": _id(inside(conversation, ("company", "id"))),
        "team": names.get(team or "", team),
        "agent": _id(conversation.get("admin_assignee_id")),
        "priority": PRIORITIES.get(conversation.get("priority") or ""),
        "status": STATES.get(state, "open"),
        "handler": _handler(parts),
        "opened_at": iso(opened_at or conversation["created_at"]),
        "first_reply_at": iso(statistics.get("first_admin_reply_at")),
        "resolved_at": iso(_closed_at(conversation, parts)) if state == "closed" else None,
        "n_reopens": statistics.get("count_reopens"),
        "sla_met": _sla(conversation),
        "excluded_as": _exclusion(conversation, opened_at),
        "version_at": iso(conversation["updated_at"]),
        "title": conversation.get("title"),
        "subject": inside(conversation, ("source", "subject")) or None,
        "delivered_as": inside(conversation, ("source", "delivered_as")),
        "page": inside(conversation, ("source", "url")),
        "tags": ", ".join(tag["name"] for tag in inside(conversation, ("tags", "tags")) or ()) or None,
        "sla": inside(conversation, ("sla_applied", "sla_name")),
        "ai_resolution": inside(conversation, ("ai_agent", "resolution_state")),
        **extras(conversation.get("custom_attributes") or {}, "custom"),
    }  # fmt: skip


def _handler(parts: list[_Part]) -> str | None:
    """People, if one of them wrote or closed; assignments alone are no work."""
    roles = {part.role for part in parts if part.is_message or part.kind in (*_NOTES, "close")}
    return "people" if "agent" in roles else "bot" if "bot" in roles else None


def _exclusion(conversation: Record, opened_at: int | None) -> str | None:
    if inside(conversation, ("ai_agent", "source_type")) in _PREVIEWS:
        return "test"
    return "outbound" if opened_at is None else None


def _sla(conversation: Record) -> bool | None:
    """Final when the conversation is closed; until then a running one counts as kept so far."""
    match inside(conversation, ("sla_applied", "sla_status")):
        case "hit":
            return True
        case "missed":
            return False
        case "active":
            return True if conversation["state"] != "closed" else None
        case _:
            return None


def _closed_at(conversation: Record, parts: list[_Part]) -> int:
    told = inside(conversation, ("statistics", "last_close_at"))
    found = (part.at for part in reversed(parts) if part.kind == "close")
    return int(told or next(found, conversation["updated_at"]))


# ---- what happened --------------------------------------------------------------------------------------------------


def _events(conversation: Record, parts: list[_Part], opened_at: int, options: Options) -> Iterator[Row]:
    """Its states, its messages and its teams, in order."""
    key = conversation["id"]
    states, messages = _states(conversation, parts, opened_at), _messages(conversation, parts, opened_at)
    found = [*states, *messages, *_teams(parts, options.get("teams", {}))]
    for sequence, event in enumerate(sorted(found, key=lambda event: event["at"])):
        name = f"{key}:{event.pop('part')}:{event['field']}"
        yield {**event, "event_id": name, "ticket_id": key, "at": iso(event["at"]), "sequence": sequence}


def _states(conversation: Record, parts: list[_Part], opened_at: int) -> Iterator[Row]:
    """Opened, then each change. What the parts do not tell, the conversation's own state does."""
    yield {"part": "opened", "at": opened_at, "field": "status", "old": None, "new": "open"}
    now = "open"
    for part in parts:
        if part.at >= opened_at and part.state in STATES and part.state != now:
            yield {**_by(part), "field": "status", "old": STATES[now], "new": STATES[part.state]}
            now = part.state
    if conversation["state"] in STATES and conversation["state"] != now:
        is_closed = conversation["state"] == "closed"
        at = max(_closed_at(conversation, parts) if is_closed else int(conversation["updated_at"]), opened_at)
        yield {"part": at, "at": at, "field": "status", "old": STATES[now], "new": STATES[conversation["state"]]}


def _messages(conversation: Record, parts: list[_Part], opened_at: int) -> Iterator[Row]:
    """Public messages and notes. Of several by the customer in a row only the first: from then on the customer waits.

    Those that we sent before the customer wrote are no replies: `outreach`.
    """
    is_waiting = False
    for part in (*_source(conversation), *_untold(conversation, parts), *parts):
        is_customer = part.role == "customer"
        if part.kind in _NOTES:
            yield {**_by(part), "field": "comment", "is_public": False}
        elif part.is_message and not is_customer and (part.at < opened_at or part.id == _SOURCE):
            yield {**_by(part), "field": "outreach", "is_public": True}
        elif part.is_message and not (is_customer and is_waiting):
            is_waiting = is_customer
            yield {**_by(part), "field": "comment", "is_public": True}


def _source(conversation: Record) -> Iterator[_Part]:
    """The message it began with, which is no part."""
    if source := conversation.get("source"):
        author: Record = source.get("author") or {}
        at = int(conversation["created_at"])
        yield _Part(_SOURCE, at, role_of(author), _id(author.get("id")), "comment", "", is_message=True, team=None)


def _untold(conversation: Record, parts: list[_Part]) -> Iterator[_Part]:
    """The first reply, where it is older than the parts that came."""
    at = inside(conversation, ("statistics", "first_admin_reply_at"))
    n_parts = inside(conversation, ("conversation_parts", "total_count")) or 0
    if at and n_parts > len(parts) and int(at) < min((part.at for part in parts), default=int(at) + 1):
        yield _Part("first-reply", int(at), "agent", None, "comment", "", is_message=True, team=None)


def _teams(parts: list[_Part], names: Mapping[str, str]) -> Iterator[Row]:
    before: str | None = None
    for part in parts:
        team = names.get(part.team or "", part.team)
        if team and team != before:
            yield {**_by(part), "field": "team", "old": before, "new": team}
            before = team


def _by(part: _Part) -> Row:
    return {"part": part.id, "at": part.at, "actor": part.actor, "actor_role": part.role}


# ---- how it was rated -----------------------------------------------------------------------------------------------


def _rate(rows: dict[str, list[Row]], conversation: Record) -> None:
    """The ratings of people and of the AI agent, which are never pooled: requests, and answers where there are any."""
    people: Record = conversation.get("conversation_rating") or {}
    robot: Record = conversation.get("ai_agent") or {}
    agent = _id(inside(people, ("teammate", "id")))
    for survey, rating, comment, by in (
        ("conversation-rating", people, people.get("remark"), agent),
        ("ai-agent-rating", robot, robot.get("rating_remark"), None),
    ):
        if not rating.get("created_at"):
            continue
        is_answered = rating.get("rating") is not None
        answered_at = iso(rating.get("updated_at") or rating["created_at"]) if is_answered else None
        shared: Row = {
            "send_id": f"{conversation['id']}:{survey}", "survey": survey,
            "channel": CHANNELS.get(inside(conversation, ("source", "type")) or ""),
            "customer_id": _id(inside(conversation, ("contacts", "contacts", "0", "id"))),
            "account_id": _id(inside(conversation, ("company", "id"))),
            "answered_at": answered_at, "version_at": iso(conversation["updated_at"]),
        }  # fmt: skip
        rows["survey_sends"].append({**shared, "sent_at": iso(rating["created_at"])})
        if is_answered:
            rows["survey_answers"].append({
                **shared, **RATINGS, "answer_id": shared["send_id"], "response_id": shared["send_id"],
                "question": "rating", "ticket_id": conversation["id"], "score": rating["rating"],
                "comment": comment or None, "agent": by, "is_anonymous": False,
            })  # fmt: skip


def _id(value: Any) -> str | None:
    """An id as text; Intercom writes 0 for nobody.

    >>> _id(0), _id(12)
    (None, '12')
    """
    return str(value) if value not in (None, "", 0, "0") else None


def _url(key: str, options: Options) -> str | None:
    workspace = options.get("workspace")
    return f"https://app.intercom.com/a/inbox/{workspace}/inbox/conversation/{key}" if workspace else None
