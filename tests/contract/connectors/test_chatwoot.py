import json
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page, iso
from domain.paging import Answer
from tasks.extract.connectors.chatwoot import CONNECTOR, parse_agents, parse_contacts, parse_conversation_ids
from tasks.extract.connectors.chatwoot_conversations import EVENTS, MESSAGES, parse_conversations, role_of

PAGES = Path(__file__).parents[1] / "pages" / "chatwoot"
OPTIONS = {"server": "https://chat.acme.test/", "account": 1}
BEGUN = 1719820800  # 2024-07-01, 08:00 UTC


def body(name: str) -> Any:
    return json.loads((PAGES / f"{name}.json").read_text())


def conversations(*, without: str = "") -> dict[str, Any]:
    children = {
        (child, key): bodies
        for child in (MESSAGES, EVENTS) if child != without
        for key, bodies in body(child).items()
    }  # fmt: skip
    return parse_conversations(Page(body("conversations"), children), OPTIONS)


def ticket(key: str) -> dict[str, Any]:
    return next(row for row in conversations()["tickets"] if row["ticket_id"] == key)


def events(key: str, field: str, rows: Any = None) -> list[dict[str, Any]]:
    found = (rows or conversations())["ticket_events"]
    return [row for row in found if (row["ticket_id"], row["field"]) == (key, field)]


def after(seconds: int) -> str | None:
    return iso(BEGUN + seconds)


def test_a_conversation_is_a_ticket():
    assert ticket("501") == {
        "ticket_id": "501", "url": "https://chat.acme.test/app/accounts/1/conversations/501", "channel": "chat",
        "language": None, "customer_id": "31", "team": "billing", "agent": "9", "priority": "high",
        "status": "solved", "handler": "people", "first_reply_at": after(600), "sla_met": False,
        "version_at": after(8100), "inbox": "2", "labels": "refund, vip", "subject": None, "is_blocked": False,
        "custom_order": "A-1", "contact_tier": "gold", "opened_at": after(0), "resolved_at": after(8100),
        "n_reopens": 1, "excluded_as": None,
    }  # fmt: skip


def test_it_is_solved_and_reopened_when_the_reporting_events_say_so():
    assert [(event["at"], event["old"], event["new"]) for event in events("501", "status")] == [
        (after(0), None, "open"), (after(1000), "open", "solved"), (after(7000), "solved", "open"),
        (after(8100), "open", "solved"),
    ]  # fmt: skip


def test_what_no_event_tells_the_conversation_itself_does():
    told = events("503", "status")[-1]
    assert (told["at"], told["old"], told["new"]) == (after(260), "open", "solved")
    assert ticket("503")["resolved_at"] == after(260)


def test_private_notes_are_not_public_and_messages_are_read_in_order_of_time():
    told = [(event["at"], event["actor_role"], event["is_public"]) for event in events("501", "comment")]
    assert told == [
        (after(0), "customer", True), (after(300), "agent", False), (after(600), "agent", True),
        (after(7000), "customer", True), (after(8000), "agent", True),
    ]  # fmt: skip


def test_a_greeting_and_a_survey_are_no_replies():
    assert all(event["actor_role"] != "bot" for event in events("501", "comment"))


def test_a_conversation_that_no_person_answered_was_handled_by_a_bot():
    assert (ticket("503")["handler"], ticket("503")["channel"]) == ("bot", "whatsapp")


def test_a_campaign_that_nobody_answered_is_no_contact():
    assert (ticket("502")["excluded_as"], ticket("502")["handler"]) == ("outbound", "bot")


@pytest.mark.parametrize(("message", "role"), [
    ({"message_type": 0}, "customer"), ({"message_type": 1, "sender_type": "User"}, "agent"),
    ({"message_type": 1, "sender": {"type": "user"}}, "agent"), ({"message_type": 1, "sender_type": "AgentBot"}, "bot"),
    ({"message_type": 1, "sender": {"type": "captain_assistant"}}, "bot"), ({"message_type": 1}, None),
    ({"message_type": 1, "sender_type": "User", "content_attributes": {"automation_rule_id": 1}}, "bot"),
])  # fmt: skip
def test_what_a_rule_sends_in_a_persons_name_is_no_persons(message: Any, role: str | None):
    assert role_of(message) == role


def test_a_survey_message_is_an_invitation_and_carries_the_answer():
    rows = conversations()
    (send,), (answer,), key = rows["survey_sends"], rows["survey_answers"], "501:7"
    assert (send["send_id"], send["sent_at"], send["answered_at"]) == (key, after(1001), after(1100))
    assert (answer["answer_id"], answer["score"], answer["comment"]) == (key, 5, "Thanks")
    assert (answer["ticket_id"], answer["customer_id"], answer["agent"]) == ("501", "31", "9")
    assert (answer["measure"], answer["scale_low"], answer["scale_high"]) == ("csat", 1, 5)


def test_without_events_a_resolved_conversation_is_solved_when_something_last_happened():
    rows = conversations(without=EVENTS)
    assert [event["at"] for event in events("501", "status", rows)] == [after(0), after(8100)]


def test_events_have_ids_of_their_own():
    told = conversations()["ticket_events"]
    assert len({event["event_id"] for event in told}) == len(told)


def test_a_contact_is_a_customer_with_addresses():
    rows = parse_contacts(Page(body("contacts")), {})
    kim, other = rows["customers"]
    assert (kim["customer_id"], kim["country"], kim["custom_tier"]) == ("31", "DE", "gold")
    assert (kim["created_at"], kim["version_at"], other["version_at"]) == (after(-100), after(8100), after(-50))
    assert other["is_blocked"] is True
    assert [(row["customer_id"], row["kind"]) for row in rows["identities"]] == [
        ("31", "email"), ("31", "phone"), ("31", "external"), ("32", "external"),
    ]  # fmt: skip


def test_agents_have_ids_and_no_names():
    assert parse_agents(Page(body("agents")), {})["agents"] == [{"agent_id": "9", "role": "agent"}]


@pytest.mark.parametrize(("parse", "empty"), [
    (parse_conversations, {"data": {"payload": []}}), (parse_contacts, {"payload": []}), (parse_agents, []),
])  # fmt: skip
def test_an_empty_page_gives_no_rows(parse: Any, empty: Any):
    assert not any(parse(Page(empty), OPTIONS).values())


def test_a_broken_page_is_not_taken_for_an_empty_one():
    with pytest.raises(KeyError):
        CONNECTOR.stream("conversations").records_of({"error": "You are not authorized"})


def test_messages_are_asked_for_until_a_page_is_not_full():
    child = next(child for child in CONNECTOR.stream("conversations").children if child.name == MESSAGES)
    answer = Answer("", {}, b"", body("messages")["501"][0])
    request = child.paging.following(child.request, answer, 100)
    assert child.request.query == {"after": "0"}
    assert request is not None
    assert request.query == {"after": "5"}
    assert child.paging.following(request, answer, 99) is None


def test_an_older_server_without_reporting_events_is_read_too():
    optional = {child.name for child in CONNECTOR.stream("conversations").children if child.is_optional}
    assert optional == {EVENTS}


def test_keys_are_read_from_the_same_lists_the_oldest_first():
    conversations, contacts = (CONNECTOR.stream(name) for name in ("conversation_ids", "contact_ids"))
    assert conversations.request.query == {
        "status": "all", "assignee_type": "all", "page": "1", "sort_by": "created_at_asc",
    }  # fmt: skip
    assert contacts.request.query == {"page": "1", "sort": "last_activity_at"}
    assert (conversations.since, conversations.children) == (None, ())
    assert parse_conversation_ids(Page(body("conversations")), {}) == {
        "tickets": [{"ticket_id": key} for key in ("501", "502", "503")]
    }
