import json
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page
from domain.paging import Answer
from tasks.extract.connectors.freshdesk import CONNECTOR
from tasks.extract.connectors.freshdesk_events import CONVERSATIONS, parse_events
from tasks.extract.connectors.freshdesk_parsing import (
    parse_agents,
    parse_companies,
    parse_contacts,
    parse_deleted_contacts,
    parse_deleted_tickets,
    parse_ratings,
    parse_spam,
    parse_tickets,
)

PAGES = Path(__file__).parents[1] / "pages" / "freshdesk"
OPTIONS: dict[str, Any] = {"subdomain": "acme", "teams": {430: "Delivery"}, "statuses": {8: "hold"}}
SHOWN = {"deleted_tickets": "tickets", "spam": "tickets", "ticket_events": "tickets", "deleted_contacts": "contacts"}
"""Which made-up page stands for a stream's."""


def read(name: str) -> Any:
    return json.loads((PAGES / f"{name}.json").read_text())


def ticket(number: str, options: dict[str, Any] = OPTIONS) -> dict[str, Any]:
    return next(
        dict(row) for row in parse_tickets(Page(read("tickets")), options)["tickets"] if row["ticket_id"] == number
    )


def events(number: str) -> list[dict[str, Any]]:
    held = Page(read("tickets"), {(CONVERSATIONS, key): said for key, said in read("conversations").items()})
    return [dict(row) for row in parse_events(held, OPTIONS)["ticket_events"] if row["ticket_id"] == number]


def test_a_ticket_is_read_with_its_names_and_what_happened_when():
    row = ticket("901")
    assert (row["status"], row["priority"], row["channel"], row["team"]) == ("solved", "high", "email", "Delivery")
    assert (row["customer_id"], row["account_id"], row["agent"], row["topic"]) == ("51", "81", "7", "Question")
    assert (row["first_reply_at"], row["resolved_at"]) == ("2026-03-02T09:40:00Z", "2026-03-03T10:00:00Z")
    assert (row["custom_cf_journey"], row["custom_cf_order"], row["tags"]) == ("delivery", 1204, "vip delay")
    assert row["url"] == "https://acme.freshdesk.com/a/tickets/901"


def test_a_status_of_your_own_is_what_the_options_say_and_open_where_they_say_nothing():
    assert (ticket("904")["status"], ticket("904", {})["status"]) == ("hold", "open")


def test_a_ticket_that_was_reopened_is_not_solved():
    assert ticket("904")["resolved_at"] is None


def test_spam_and_outbound_tickets_are_rows_that_are_no_contacts():
    why = {row["ticket_id"]: row["excluded_as"] for row in parse_tickets(Page(read("tickets")), {})["tickets"]}
    assert why == {"901": None, "902": None, "903": "outbound", "904": None, "905": None, "906": "spam"}
    assert {row["excluded_as"] for row in parse_spam(Page(read("tickets")), {})["tickets"]} == {"spam"}


def test_a_ticket_in_the_trash_is_deleted():
    row = parse_deleted_tickets(Page(read("tickets")), OPTIONS)["tickets"][0]
    assert (row["status"], row["deleted_at"]) == ("deleted", "2026-03-03T10:00:00Z")


def test_a_service_level_is_kept_when_reply_and_solution_came_in_time():
    assert (ticket("901")["sla_met"], ticket("901")["sla_known_at"]) == (True, "2026-03-03T10:00:00Z")


def test_a_service_level_is_missed_when_the_first_of_them_was_due():
    assert (ticket("902")["sla_met"], ticket("902")["sla_known_at"]) == (False, "2026-03-02T13:00:00Z")
    assert (ticket("905")["sla_met"], ticket("905")["sla_known_at"]) == (False, "2026-03-02T13:00:00Z")


def test_a_service_level_is_open_while_the_ticket_is_and_there_is_none_without_a_due_time():
    assert (ticket("903")["sla_met"], ticket("903")["sla_known_at"]) == (True, None)
    assert ticket("906")["sla_met"] is None


def test_turns_of_a_ticket_are_told_in_order():
    found = [(row["at"][8:16], row["old"], row["new"]) for row in events("901") if row["field"] == "status"]
    assert found == [
        ("02T09:00", None, "open"), ("02T09:40", "open", "pending"), ("02T15:00", "pending", "open"),
        ("03T10:00", "open", "solved"),
    ]  # fmt: skip
    assert [row["sequence"] for row in events("901")] == [*range(len(events("901")))]


def test_a_turn_keeps_its_key_when_a_later_one_hides_it():
    first = read("tickets")[0]
    before = {**first, "status": 2, "stats": {**first["stats"], "resolved_at": None}}
    keys = [
        {row["event_id"] for row in parse_events(Page([record]), {})["ticket_events"]} for record in (before, first)
    ]
    assert keys[0] < keys[1]


def test_the_last_turn_leads_to_the_status_the_ticket_has():
    assert [row["new"] for row in events("904") if row["field"] == "status"] == ["open", "solved", "hold"]
    assert events("904")[-1]["at"] == "2026-03-03T09:00:00Z"
    assert [row["new"] for row in events("902") if row["field"] == "status"] == ["open", "solved", "closed"]


def test_notes_and_forwards_are_no_words_to_the_customer():
    said = [(row["actor_role"], row["is_public"]) for row in events("901") if row["field"] == "comment"]
    assert said == [("agent", False), ("agent", False), ("agent", True), ("customer", True)]
    assert "carrier" not in str(events("901")).lower()


def test_a_contact_is_a_customer_known_by_every_address():
    rows = parse_contacts(Page(read("contacts")), {})
    assert [row["customer_id"] for row in rows["customers"]] == ["51", "52"]
    assert (rows["customers"][0]["custom_plan"], rows["customers"][0]["account_id"]) == ("pro", "81")
    assert [(row["kind"], row["value_hash"]) for row in rows["identities"]] == [
        ("email", "person51@example.com"), ("email", "p51@example.org"), ("phone", "+4930901820"),
        ("phone", "+4930901821"), ("handle", "@p51"), ("external", "C-51"),
    ]  # fmt: skip
    assert "Nobody" not in str(rows)


def test_a_deleted_contact_is_marked():
    rows = parse_deleted_contacts(Page(read("contacts")), {})
    assert {row["deleted_at"] for row in [*rows["customers"], *rows["identities"]]} == {"2026-03-01T08:00:00Z"}


def test_a_company_is_an_account():
    account = parse_companies(Page(read("companies")), {})["accounts"][0]
    assert (account["account_id"], account["industry"], account["account_tier"]) == ("81", "Retail", "Premium")


def test_an_agent_of_several_groups_has_no_team_and_none_has_a_name():
    rows = parse_agents(Page(read("agents")), OPTIONS)["agents"]
    assert [(row["agent_id"], row["team"], row["role"]) for row in rows] == [
        ("7", "Delivery", "agent"), ("8", None, "agent"), ("9", None, "bot"),
    ]  # fmt: skip
    assert "Nobody" not in str(rows)


def test_a_rating_is_an_answer_for_each_question_on_one_scale():
    rows = parse_ratings(Page(read("satisfaction_ratings")), {"survey_names": {10: "after-help"}})["survey_answers"]
    assert [(row["answer_id"], row["survey"], row["measure"], row["score"]) for row in rows[:4]] == [
        ("1:default_question", "after-help", "csat", 3), ("1:question_101", "after-help", "other", -2),
        ("2:default_question", "after-help", "csat", -3), ("3:default_question", "ticket-csat-11", "csat", 0),
    ]  # fmt: skip
    assert (rows[0]["comment"], rows[1]["comment"]) == ("Fast in the end", None)
    assert (rows[0]["scale_low"], rows[0]["scale_high"], rows[0]["satisfied_from"]) == (-3, 3, 1)


def test_a_number_that_is_no_answer_stays_off_the_scale_where_it_is_set_aside():
    last = parse_ratings(Page(read("satisfaction_ratings")), {})["survey_answers"][-1]
    assert last["score"] > last["scale_high"]


def test_a_list_goes_on_where_its_header_says():
    stream = CONNECTOR.stream("tickets")
    url = "https://acme.freshdesk.com/api/v2/tickets?page=2&per_page=100"
    following = stream.paging.following(stream.request, Answer("", {"link": f'<{url}>;rel="next"'}, b"", []), 100)
    assert following is not None
    assert following.path == url
    assert stream.paging.following(stream.request, Answer("", {}, b"", []), 3) is None


def test_a_search_of_tickets_is_begun_anew_long_before_freshdesk_shows_no_more_pages():
    for name in ("tickets", "ticket_events", "deleted_tickets", "spam"):
        stream = CONNECTOR.stream(name)
        assert stream.window is not None
        assert stream.window < 300 * int(stream.request.query["per_page"])
        assert (stream.request.query["order_by"], stream.request.query["order_type"]) == ("updated_at", "asc")


@pytest.mark.parametrize("stream", CONNECTOR.streams, ids=lambda stream: stream.name)
def test_every_record_gives_a_row_and_an_empty_page_none(stream: Any):
    held = Page(read(SHOWN.get(stream.name, stream.name)))
    rows = stream.parse(held, {})
    assert set(rows) <= set(stream.feeds)
    assert len(rows[stream.feeds[0]]) >= len(stream.records_of(held.body)) > 0
    assert not any(stream.parse(Page([]), {}).values())


@pytest.mark.parametrize("stream", CONNECTOR.streams, ids=lambda stream: stream.name)
def test_an_answer_that_is_no_list_is_refused(stream: Any):
    with pytest.raises(TypeError, match="dict"):
        stream.records_of({"code": "invalid_credentials", "message": "You have to be logged in"})
