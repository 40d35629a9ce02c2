import json
from pathlib import Path
from typing import Any

from domain.connectors import Page
from tasks.extract.connectors.zendesk import CONNECTOR
from tasks.extract.connectors.zendesk_audits import AUDITS, has_audits, parse_audits

PAGES = Path(__file__).parents[1] / "pages" / "zendesk"


def read(name: str) -> Any:
    return json.loads((PAGES / f"{name}.json").read_text())


def events(number: str = "701", **options: Any) -> list[dict[str, Any]]:
    held = Page(read("ticket_events"), {(AUDITS, "701"): read("audits")})
    return [dict(row) for row in parse_audits(held, options)["ticket_events"] if row["ticket_id"] == number]


def of(ticket: dict[str, Any], *audits: dict[str, Any], users: Any = ()) -> list[dict[str, Any]]:
    whole = {"id": 1, "status": "open", "created_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-03T09:00:00Z"}
    record = whole | {"requester_id": 31} | ticket
    held = Page({"tickets": [record], "users": users}, {(AUDITS, "1"): [{"audits": [*audits]}]})
    return [dict(row) for row in parse_audits(held, {})["ticket_events"]]


def audit(number: int, author: int, *happened: dict[str, Any]) -> dict[str, Any]:
    made = [{"id": number * 10 + place, **event} for place, event in enumerate(happened)]
    return {"id": number, "created_at": f"2026-03-02T1{number}:00:00Z", "author_id": author, "events": made}


def comment(author: int, *, public: bool = True) -> dict[str, Any]:
    return {"type": "Comment", "author_id": author, "public": public}


def test_a_tickets_changes_are_told_in_order():
    found = [(row["at"][8:16], row["old"], row["new"]) for row in events() if row["field"] == "status"]
    assert found == [
        ("02T09:00", None, "new"), ("02T10:35", "new", "pending"), ("02T12:00", "pending", "open"),
        ("04T10:00", "open", "solved"),
    ]  # fmt: skip
    assert [row["sequence"] for row in events()] == [*range(len(events()))]
    assert len({row["event_id"] for row in events()}) == len(events())


def test_teams_have_the_names_that_the_options_give_them():
    found = [
        (row["old"], row["new"], row["actor_role"]) for row in events(teams={98: "Payments"}) if row["field"] == "team"
    ]
    assert found == [(None, "Payments", "customer"), ("Payments", "99", "bot")]


def test_a_comment_has_the_role_its_author_had_then():
    said = [(row["actor"], row["actor_role"], row["is_public"]) for row in events() if row["field"] == "comment"]
    assert said == [
        ("31", "customer", True), ("12", "agent", False), ("12", "agent", True), ("31", "customer", True),
        ("44", "customer", True), ("13", "agent", True),
    ]  # fmt: skip


def test_who_left_since_then_was_an_agent_still():
    gone = next(user for user in read("ticket_events")["users"] if user["id"] == 12)
    assert gone["role"] == "end-user"
    assert {row["actor_role"] for row in events() if row["field"] == "comment" and row["actor"] == "12"} == {"agent"}


def test_what_a_merge_writes_is_no_reply():
    assert [row["actor_role"] for row in events() if row["field"] == "merge"] == ["agent"]


def test_what_an_agent_wrote_to_open_a_ticket_is_no_reply():
    agent = [{"id": 12, "role": "agent"}]
    found = of({}, audit(1, 12, comment(12)), audit(2, 12, comment(12)), users=agent)
    assert [row["field"] for row in found] == ["status", "opening", "comment"]


def test_an_agent_who_is_the_requester_writes_as_a_customer():
    found = of({"requester_id": 12}, audit(1, 12, comment(12)), users=[{"id": 12, "role": "agent"}])
    assert [row["actor_role"] for row in found if row["field"] == "comment"] == ["customer"]


def test_a_ticket_that_was_handed_to_another_requester_keeps_who_spoke_before():
    moved = {"type": "Change", "field_name": "requester_id", "previous_value": "31", "value": "44"}
    found = of({"requester_id": 44}, audit(1, 31, comment(31)), audit(2, 12, moved), audit(3, 44, comment(44)))
    assert [row["actor_role"] for row in found if row["field"] == "comment"] == ["customer", "customer"]


def test_somebody_nobody_knows_has_no_role():
    found = of({}, audit(1, 31, comment(31)), audit(2, 77, comment(77)))
    assert [row["actor_role"] for row in found if row["field"] == "comment"] == ["customer", None]


def test_a_chat_is_one_message_of_each_side():
    said = [("agent", 12, 1772442060000), ("end-user", 31, 1772442000000), ("agent", 12, 1772442120000)]
    history = [{"type": "ChatMessage", "actor_type": who, "actor_id": n, "timestamp": at} for who, n, at in said]
    joined = {"type": "ChatJoin", "actor_type": "agent", "actor_id": 13, "timestamp": 1772441990000}
    started = {"type": "ChatStartedEvent", "value": {"history": [joined, *history]}}
    found = [row for row in of({}, audit(1, 31, started)) if row["field"] == "comment"]
    assert [(row["at"], row["actor_role"]) for row in found] == [
        ("2026-03-02T09:01:00Z", "agent"), ("2026-03-02T09:00:00Z", "customer"),
    ]  # fmt: skip


def test_a_ticket_whose_first_status_nobody_wrote_down_begins_with_what_it_was_changed_from():
    change = {"type": "Change", "field_name": "status", "previous_value": "open", "value": "solved"}
    found = [(row["old"], row["new"]) for row in of({"status": "solved"}, audit(1, 12, change))]
    assert found == [(None, "open"), ("open", "solved")]


def test_a_deleted_ticket_has_no_audits_and_is_an_event_of_its_own():
    assert not has_audits({"status": "deleted"})
    assert [(row["field"], row["new"], row["at"]) for row in events("703")] == [
        ("status", "new", "2026-03-02T09:00:00Z"), ("status", "deleted", "2026-03-05T08:00:00Z"),
    ]  # fmt: skip


def test_no_word_that_anybody_wrote_is_taken():
    assert "refused" not in str(events())


def test_audits_are_asked_for_each_ticket_by_its_number():
    child = CONNECTOR.stream("ticket_events").children[0]
    assert child.request.path == "/api/v2/tickets/{id}/audits"
    assert child.records == ("audits",)
