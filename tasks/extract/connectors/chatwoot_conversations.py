"""Chatwoot's conversations: contacts, their messages, and the ratings that survey messages carry.

Private notes are not public; greetings, away messages and surveys, which Chatwoot sends by itself, are no replies.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from domain.connectors import Options, Page, Row, Rows, iso
from domain.paging import inside
from tasks.extract.connectors.surveys import extras

Record = Mapping[str, Any]

MESSAGES: Final = "messages"
"""The child that brings a conversation's messages."""
EVENTS: Final = "reporting_events"
"""The child that brings when it was resolved and reopened."""

STATUSES: Final = {"open": "open", "pending": "pending", "snoozed": "hold", "resolved": "solved"}
CHANNELS: Final = {
    "Channel::WebWidget": "chat", "Channel::Email": "email", "Channel::Api": "api", "Channel::Whatsapp": "whatsapp",
    "Channel::Sms": "sms", "Channel::TwilioSms": "sms", "Channel::FacebookPage": "social", "Channel::Voice": "phone",
    "Channel::Instagram": "social", "Channel::TwitterProfile": "social", "Channel::Telegram": "social",
    "Channel::Line": "social", "Channel::Tiktok": "social",
}  # fmt: skip
RATINGS: Final = {"scale_low": 1, "scale_high": 5, "direction": "up", "satisfied_from": 4, "measure": "csat"}
SURVEY: Final = "csat-after-contact"

_INCOMING, _OUTGOING = 0, 1
_TURNS: Final = {"conversation_resolved": "solved", "resolution": "solved", "conversation_opened": "open"}
_PEOPLE: Final = ("User", "user")
_CUSTOMERS: Final = ("Contact", "contact")
_BOTS: Final = ("AgentBot", "agent_bot", "Captain::Assistant", "captain_assistant")
"""Who may write, as messages and as their senders call it; not every version tells both."""
_OUTCOMES: Final = {"hit": True, "missed": False, "active_with_misses": False, "active": True}


def parse_conversations(page: Page, options: Options) -> Rows:
    """A page of conversations, each with its messages and events."""
    rows: dict[str, list[Row]] = {"tickets": [], "ticket_events": [], "survey_answers": [], "survey_sends": []}
    for conversation in page.body["data"]["payload"]:
        messages = _messages(page, conversation)
        opened_at = next((_at(m["created_at"]) for m in messages if m["message_type"] == _INCOMING), None)
        started_at = opened_at if messages and messages[0]["message_type"] == _OUTGOING else None
        at = started_at or iso(conversation["created_at"]) or ""
        turns = _turns(page, conversation, at)
        rows["tickets"].append({
            **_ticket(conversation, messages, options), "opened_at": at, **_outcome(turns),
            "excluded_as": "outbound" if messages and opened_at is None else None,
        })  # fmt: skip
        rows["ticket_events"] += _events(conversation, [*turns, *_comments(messages, at)])
        for message in messages:
            _rate(rows, conversation, message)
    return rows


def role_of(message: Record) -> str | None:
    """Who wrote a message. What a rule or a campaign sends in a person's name is no person's.

    >>> role_of({"sender_type": "User", "content_attributes": {"automation_rule_id": 3}})
    'bot'
    """
    sender = message.get("sender_type") or inside(message, ("sender", "type"))
    if sender in _CUSTOMERS or message.get("message_type") == _INCOMING:
        return "customer"
    is_rule = inside(message, ("content_attributes", "automation_rule_id"))
    if sender in _BOTS or is_rule or inside(message, ("additional_attributes", "campaign_id")):
        return "bot"
    return "agent" if sender in _PEOPLE else None


def _messages(page: Page, conversation: Record) -> list[Record]:
    found = [message for body in page.of(MESSAGES, conversation["id"]) for message in body["payload"]]
    return sorted(found, key=lambda message: message["id"])


def _at(told: Any) -> str:
    """An instant to the second, which Chatwoot writes as seconds or, in events, as ISO 8601."""
    seconds = told if isinstance(told, int | float) else datetime.fromisoformat(str(told)).timestamp()
    return iso(int(seconds)) or ""


def _id(value: Any) -> str | None:
    return str(value) if value is not None else None


# ---- the ticket -----------------------------------------------------------------------------------------------------


def _ticket(conversation: Record, messages: list[Record], options: Options) -> Row:
    key, status = conversation["id"], conversation["status"]
    sla = inside(conversation, ("applied_sla", "sla_status"))
    changed_at = max(float(conversation.get(name) or 0) for name in ("updated_at", "last_activity_at", "created_at"))
    return {
        "ticket_id": str(key),
        "url": f"{options['server'].rstrip('/')}/app/accounts/{options['account']}/conversations/{key}",
        "channel": CHANNELS.get(inside(conversation, ("meta", "channel")) or ""),
        "language": inside(conversation, ("additional_attributes", "conversation_language")),
        "customer_id": _id(inside(conversation, ("meta", "sender", "id"))),
        "team": inside(conversation, ("meta", "team", "name")),
        "agent": _id(inside(conversation, ("meta", "assignee", "id"))),
        "priority": conversation.get("priority"),
        "status": STATUSES.get(status, "open"),
        "handler": _handler(messages),
        "first_reply_at": iso(conversation.get("first_reply_created_at")),
        "sla_met": None if sla == "active" and status == "resolved" else _OUTCOMES.get(sla),
        "version_at": iso(int(changed_at)),
        "inbox": _id(conversation.get("inbox_id")),
        "labels": ", ".join(conversation.get("labels") or ()) or None,
        "subject": inside(conversation, ("additional_attributes", "mail_subject")),
        "is_blocked": inside(conversation, ("meta", "sender", "blocked")),
        **extras(conversation.get("custom_attributes") or {}, "custom"),
        **extras(inside(conversation, ("meta", "sender", "custom_attributes")) or {}, "contact"),
    }  # fmt: skip


def _handler(messages: list[Record]) -> str | None:
    roles = {role_of(message) for message in messages if message["message_type"] == _OUTGOING}
    return "people" if "agent" in roles else "bot" if "bot" in roles else None


def _outcome(turns: list[Row]) -> Row:
    is_solved = turns[-1]["new"] == "solved"
    n_reopens = sum(turn["old"] == "solved" for turn in turns)
    return {"resolved_at": turns[-1]["at"] if is_solved else None, "n_reopens": n_reopens}


# ---- what happened --------------------------------------------------------------------------------------------------


def _turns(page: Page, conversation: Record, opened_at: str) -> list[Row]:
    """Opened, resolved, reopened …; last, what the conversation itself says and no event told."""
    turns: list[Row] = [{"part": "opened", "at": opened_at, "field": "status", "old": None, "new": "open"}]
    events = [event for body in page.of(EVENTS, conversation["id"]) for event in body]
    for event in sorted(events, key=lambda event: (_at(event["event_end_time"]), event["id"])):
        at, new, old = _at(event["event_end_time"]), _TURNS.get(event["name"]), turns[-1]["new"]
        if new and new != old and at >= opened_at:
            turns.append({"part": event["id"], "at": at, "field": "status", "old": old, "new": new})
    status, old = STATUSES.get(conversation["status"], "open"), turns[-1]["new"]
    if status != old:
        at = max(iso(conversation["last_activity_at"]) or "", turns[-1]["at"])
        turns.append({"part": f"{status}:{at}", "at": at, "field": "status", "old": old, "new": status})
    return turns


def _comments(messages: list[Record], opened_at: str) -> Iterator[Row]:
    """Messages and private notes. Of several by the customer in a row only the first: from then on they wait."""
    is_waiting = False
    for message in messages:
        role, at = role_of(message), _at(message["created_at"])
        if message["message_type"] not in (_INCOMING, _OUTGOING) or role is None:
            continue
        is_public, is_customer = not message.get("private"), role == "customer"
        if is_customer and is_waiting:
            continue
        is_waiting = is_customer if is_public else is_waiting
        yield {
            "part": message["id"], "at": at, "is_public": is_public,
            "field": "outreach" if not is_customer and is_public and at < opened_at else "comment",
            "actor": _id(message.get("sender_id") or inside(message, ("sender", "id"))), "actor_role": role,
        }  # fmt: skip


def _events(conversation: Record, found: list[Row]) -> Iterator[Row]:
    key = conversation["id"]
    for sequence, event in enumerate(sorted(found, key=lambda event: event["at"])):
        name = f"{key}:{event.pop('part')}:{event['field']}"
        yield {**event, "event_id": name, "ticket_id": str(key), "sequence": sequence}


# ---- how it was rated -----------------------------------------------------------------------------------------------


def _rate(rows: dict[str, list[Row]], conversation: Record, message: Record) -> None:
    """The survey that a message is, and its answer, which the message carries once it was given."""
    if message.get("content_type") != "input_csat":
        return
    key = f"{conversation['id']}:{message['id']}"  # it is there as long as its conversation is
    answer: Record = inside(message, ("content_attributes", "submitted_values", "csat_survey_response")) or {}
    answered_at = _at(message.get("updated_at") or message["created_at"]) if answer.get("rating") is not None else None
    shared: Row = {
        "send_id": key, "survey": SURVEY,
        "channel": CHANNELS.get(inside(conversation, ("meta", "channel")) or ""),
        "customer_id": _id(inside(conversation, ("meta", "sender", "id"))),
        "answered_at": answered_at, "version_at": iso(conversation["last_activity_at"]),
    }  # fmt: skip
    rows["survey_sends"].append({**shared, "sent_at": _at(message["created_at"])})
    if answered_at:
        rows["survey_answers"].append({
            **shared, **RATINGS, "answer_id": key, "response_id": key,
            "question": "rating", "ticket_id": str(conversation["id"]), "score": answer["rating"],
            "comment": answer.get("feedback_message") or None, "is_anonymous": False,
            "agent": _id(inside(conversation, ("meta", "assignee", "id"))),
        })  # fmt: skip
