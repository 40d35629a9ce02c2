import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page, iso
from domain.paging import Answer
from tasks.extract.connectors.intercom import CONNECTOR, parse_admins, parse_companies, parse_contacts
from tasks.extract.connectors.intercom_conversations import WHOLE, parse_conversations, role_of

PAGES = Path(__file__).parents[1] / "pages" / "intercom"
OPTIONS = {"workspace": "acme", "teams": {"55": "Billing"}}
BEGUN = 1719820800  # 2024-07-01, 08:00 UTC


def body(name: str) -> Any:
    return json.loads((PAGES / f"{name}.json").read_text())


def conversations(*, change: Any = None) -> dict[str, Any]:
    whole = body("conversation")
    if change:
        change(whole)
    return parse_conversations(
        Page(body("conversations"), {(WHOLE, key): bodies for key, bodies in whole.items()}), OPTIONS
    )


def ticket(key: str, rows: Any = None) -> dict[str, Any]:
    return next(row for row in (rows or conversations())["tickets"] if row["ticket_id"] == key)


def events(key: str, field: str, rows: Any = None) -> list[dict[str, Any]]:
    found = (rows or conversations())["ticket_events"]
    return [row for row in found if (row["ticket_id"], row["field"]) == (key, field)]


def after(seconds: int) -> str | None:
    return iso(BEGUN + seconds)


def test_a_conversation_is_a_ticket():
    assert ticket("1001") == {
        "ticket_id": "1001", "url": "https://app.intercom.com/a/inbox/acme/inbox/conversation/1001",
        "channel": "chat", "customer_id": "c-1", "account_id": "co-1", "team": "Billing", "agent": "7",
        "priority": "high", "status": "solved", "handler": "people", "opened_at": "2024-07-01T08:00:00Z",
        "first_reply_at": "2024-07-01T08:10:00Z", "resolved_at": "2024-07-01T10:46:40Z", "n_reopens": 1,
        "sla_met": True, "excluded_as": None, "version_at": "2024-07-01T10:55:00Z", "title": None, "subject": None,
        "delivered_as": "customer_initiated", "page": None, "tags": "billing, vip", "sla": "First reply 15 min",
        "ai_resolution": None, "custom_Plan": "pro", "custom_Seats": 12,
    }  # fmt: skip


def test_every_change_of_state_is_an_event_and_snoozing_is_no_reopening():
    assert [(event["at"], event["old"], event["new"]) for event in events("1001", "status")] == [
        (after(0), None, "open"), (after(1000), "open", "pending"), (after(1200), "pending", "open"),
        (after(1500), "open", "solved"), (after(9000), "solved", "open"), (after(10000), "open", "solved"),
    ]  # fmt: skip


def test_customers_messages_in_a_row_are_one_and_a_reply_may_close():
    told = [(event["at"], event["actor_role"], event["is_public"]) for event in events("1001", "comment")]
    assert told == [
        (after(0), "customer", True), (after(120), "agent", False), (after(600), "agent", True),
        (after(900), "customer", True), (after(1500), "agent", True), (after(9000), "customer", True),
    ]  # fmt: skip


def test_the_operators_notice_of_reply_times_is_no_reply():
    assert "bot" not in {event["actor_role"] for event in events("1001", "comment")}


def test_a_team_is_told_by_its_name_where_it_has_one():
    assert [(event["old"], event["new"], event["actor_role"]) for event in events("1001", "team")] == [
        (None, "Billing", "bot")
    ]
    assert ticket("1001", parse_conversations(Page(body("conversations")), {}))["team"] == "55"


def test_a_conversation_that_nobody_of_us_took_part_in_was_handled_by_a_bot():
    assert (ticket("1002")["handler"], ticket("1002")["channel"]) == ("bot", "email")
    assert [event["actor_role"] for event in events("1002", "comment")] == ["customer", "bot"]
    assert (ticket("1003")["handler"], ticket("1004")["handler"]) == (None, "people")


def test_what_we_sent_is_no_contact_until_the_customer_answers():
    assert (ticket("1003")["excluded_as"], ticket("1004")["excluded_as"]) == ("outbound", None)
    assert ticket("1004")["opened_at"] == after(3900)


def test_what_happened_before_the_customer_wrote_is_neither_reply_nor_reopening():
    assert [event["at"] for event in events("1004", "outreach")] == [after(300)]
    assert [event["at"] for event in events("1004", "comment")] == [after(3900), after(4500)]
    assert [(event["at"], event["new"]) for event in events("1004", "status")] == [(after(3900), "open")]


def test_a_preview_of_the_ai_agent_is_a_test():
    def preview(whole: Any) -> None:
        whole["1002"][0]["ai_agent"]["source_type"] = "fin_preview"

    assert ticket("1002", conversations(change=preview))["excluded_as"] == "test"


@pytest.mark.parametrize(("status", "state", "met"), [
    ("hit", "closed", True), ("missed", "open", False), ("active", "open", True), ("active", "closed", None),
    ("cancelled", "closed", None),
])  # fmt: skip
def test_a_service_level_that_runs_counts_as_kept_so_far(status: str, state: str, met: bool | None):
    def judged(whole: Any) -> None:
        whole["1001"][0] |= {"sla_applied": {"sla_status": status}, "state": state}

    assert ticket("1001", conversations(change=judged))["sla_met"] is met


def test_of_a_long_conversation_the_first_reply_comes_from_the_statistics():
    def cut(whole: Any) -> None:
        parts = whole["1001"][0]["conversation_parts"]
        parts["conversation_parts"] = parts["conversation_parts"][5:]

    rows = conversations(change=cut)
    first = next(event for event in events("1001", "comment", rows) if event["actor_role"] == "agent")
    assert first["at"] == after(600)
    assert next(event["new"] for event in events("1001", "status", rows)) == "open"


def test_a_state_that_no_part_told_is_an_event():
    def silent(whole: Any) -> None:
        whole["1001"][0]["conversation_parts"]["conversation_parts"].pop()

    told = events("1001", "status", conversations(change=silent))[-1]
    assert (told["at"], told["old"], told["new"]) == (after(10000), "open", "solved")


def test_without_its_parts_a_conversation_is_still_a_ticket():
    rows = parse_conversations(Page(body("conversations")), {})
    assert [row["status"] for row in rows["tickets"]] == ["solved", "solved", "open", "open"]
    assert ticket("1001", rows)["url"] is None
    assert [event["new"] for event in events("1001", "status", rows)] == ["open", "solved"]


def test_a_rating_is_an_answer_and_its_request_an_invitation():
    rows = conversations()
    answer, robots = rows["survey_answers"]
    assert (answer["answer_id"], answer["survey"], answer["score"]) == (
        "1001:conversation-rating", "conversation-rating", 4,
    )  # fmt: skip
    assert (answer["scale_low"], answer["scale_high"], answer["direction"]) == (1, 5, "up")
    assert (answer["ticket_id"], answer["customer_id"], answer["agent"]) == ("1001", "c-1", "7")
    assert (answer["answered_at"], answer["comment"], answer["is_anonymous"]) == (after(10500), "Quick.", False)
    assert (robots["survey"], robots["score"], robots["agent"]) == ("ai-agent-rating", 2, None)


def test_a_rating_that_was_asked_for_and_not_given_is_an_invitation_alone():
    sends = {row["send_id"]: (row["sent_at"], row["answered_at"]) for row in conversations()["survey_sends"]}
    assert sends == {
        "1001:conversation-rating": (after(10010), after(10500)),
        "1002:conversation-rating": (after(410), None),
        "1002:ai-agent-rating": (after(420), after(450)),
    }


def test_events_have_ids_of_their_own_and_an_order():
    told = conversations()["ticket_events"]
    assert len({event["event_id"] for event in told}) == len(told)
    of_one = [event["sequence"] for event in told if event["ticket_id"] == "1001"]
    assert of_one == list(range(len(of_one)))


@pytest.mark.parametrize(("author", "role"), [
    ({"type": "user"}, "customer"), ({"type": "lead"}, "customer"), ({"type": "admin", "email": "a@b.test"}, "agent"),
    ({"type": "bot"}, "bot"), ({"type": "admin", "from_ai_agent": True}, "bot"),
    ({"type": "admin", "email": "operator+acme@intercom.io"}, "bot"), ({}, None), (None, None),
])  # fmt: skip
def test_a_bot_is_known_even_where_it_appears_as_a_teammate(author: Any, role: str | None):
    assert role_of(author) == role


def test_a_contact_is_a_customer_with_addresses():
    rows = parse_contacts(Page(body("contacts")), {})
    kim, lead = rows["customers"]
    assert (kim["customer_id"], kim["account_id"], kim["language"]) == ("c-1", "co-1", "de")
    assert (kim["created_at"], kim["version_at"]) == (after(-172800), after(0))
    assert (kim["country_name"], kim["custom_Plan"], "country" in kim) == ("Germany", "pro", False)
    assert (lead["account_id"], lead["country_name"]) == (None, None)
    assert [(row["customer_id"], row["kind"], row["value_hash"]) for row in rows["identities"]] == [
        ("c-1", "email", "lead@example.test"), ("c-1", "phone", "+49 30 000000"), ("c-1", "external", "u-77"),
        ("c-1", "handle", "https://social.example.test/@lead"),
    ]  # fmt: skip


def test_a_company_is_an_account():
    (company,) = parse_companies(Page(body("companies")), {})["accounts"]
    assert (company["account_id"], company["name"], company["industry"]) == ("co-1", "Example Ltd", "Retail")
    assert (company["created_at"], company["plan"], company["custom_Tier"]) == (after(-9000000), "Pro", "gold")


def test_the_operator_is_a_bot_among_the_teammates():
    assert parse_admins(Page(body("admins")), OPTIONS)["agents"] == [
        {"agent_id": "7", "team": "Billing", "role": "agent"}, {"agent_id": "900", "team": None, "role": "bot"},
    ]  # fmt: skip


@pytest.mark.parametrize(("parse", "empty"), [
    (parse_conversations, {"conversations": []}), (parse_contacts, {"data": []}), (parse_companies, {"data": []}),
    (parse_admins, {"admins": []}),
])  # fmt: skip
def test_an_empty_page_gives_no_rows(parse: Any, empty: Any):
    assert not any(parse(Page(empty), {}).values())


def test_a_broken_page_is_not_taken_for_an_empty_one():
    with pytest.raises(KeyError):
        CONNECTOR.stream("conversations").records_of({"errors": [{"code": "server_error"}]})
    broken = deepcopy(body("conversations"))
    del broken["conversations"][0]["created_at"]
    with pytest.raises(KeyError):
        parse_conversations(Page(broken), {})


def test_the_next_page_is_asked_for_by_its_cursor():
    stream = CONNECTOR.stream("conversations")
    after_first = stream.paging.following(stream.request, Answer("", {}, b"", body("conversations")), 4)
    assert after_first is not None
    assert after_first.body is not None
    assert after_first.body["pagination"] == {"per_page": 150, "starting_after": "cursor-2"}
    assert stream.paging.following(after_first, Answer("", {}, b"", body("companies")), 1) is None


def test_a_search_asks_for_what_changed_in_seconds():
    stream = CONNECTOR.stream("conversations")
    assert stream.since is not None
    asked = stream.request.saying(stream.since.into, stream.since.text(datetime(2024, 7, 1, 8, tzinfo=UTC)))
    assert asked.body is not None
    assert asked.body["query"] == {"field": "updated_at", "operator": ">", "value": BEGUN}


def test_a_search_for_contacts_knows_days_alone_and_begins_on_an_earlier_one():
    since = CONNECTOR.stream("contacts").since
    longest_day = timedelta(hours=25)  # when clocks are put back
    assert since is not None
    assert since.overlap > longest_day
