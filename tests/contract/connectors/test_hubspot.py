import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page
from domain.errors import SourcesError
from domain.paging import Answer
from tasks.extract.connectors.hubspot import CONNECTOR
from tasks.extract.connectors.hubspot_feedback import parse_submissions
from tasks.extract.connectors.hubspot_people import parse_contacts, parse_owners
from tasks.extract.connectors.hubspot_tickets import DETAILS, STAGES, parse_tickets
from wire.filling import filled

PAGES = Path(__file__).parents[1] / "pages" / "hubspot"
NPS = {"measure": "nps", "scale": {"low": 0, "high": 10, "direction": "up"}}
CES = {"measure": "ces", "scale": {"low": 1, "high": 7, "direction": "up"}, "comment": "hs_content"}
CSAT = {"measure": "csat", "scale": {"low": 1, "high": 5, "direction": "up", "satisfied_from": 4}}
SURVEYS = {
    "5": {"survey": "nps-relationship", "questions": {"hs_value": NPS}},
    "6": {"survey": "ces-after-contact", "questions": {"hs_value": CES}, "anonymous": True},
    "7": {"survey": "csat-after-contact", "questions": {"hs_value": CSAT}},
}


def body(name: str) -> Any:
    return json.loads((PAGES / f"{name}.json").read_text())


def tickets(**options: Any) -> dict[str, Any]:
    children = {(DETAILS, key): bodies for key, bodies in body("details").items()}
    return parse_tickets(Page(body("tickets"), children), {"portal": "1", "stages": STAGES, **options})


def ticket(key: str, **options: Any) -> dict[str, Any]:
    return next(row for row in tickets(**options)["tickets"] if row["ticket_id"] == key)


def changes(key: str, field: str, **options: Any) -> list[tuple[Any, ...]]:
    return [
        (event["at"][:19], event["old"], event["new"])
        for event in tickets(**options)["ticket_events"] if (event["ticket_id"], event["field"]) == (key, field)
    ]  # fmt: skip


def test_a_ticket_is_a_ticket():
    assert ticket("701") == {
        "ticket_id": "701", "url": "https://app.hubspot.com/contacts/1/record/0-5/701", "channel": "email",
        "customer_id": "301", "account_id": "401", "team": "12", "agent": "88", "topic": "Billing", "priority": "high",
        "status": "solved", "opened_at": "2024-07-01T08:00:00Z", "first_reply_at": "2024-07-01T08:30:00Z",
        "resolved_at": "2024-07-03T08:00:00Z", "sla_met": False, "sla_known_at": "2024-07-02T08:00:00Z",
        "version_at": "2024-07-03T08:00:01.500Z", "deleted_at": None, "subject": "Example", "pipeline": "0",
        "stage": "4", "merged_tickets": None, "custom_brand": "north",
    }  # fmt: skip


def test_stages_become_statuses_and_one_action_is_one_event():
    assert changes("701", "status") == [
        ("2024-07-01T08:00:00", None, "new"), ("2024-07-01T08:31:00", "new", "pending"),
        ("2024-07-02T06:00:00", "pending", "solved"), ("2024-07-02T15:00:00", "solved", "open"),
        ("2024-07-03T08:00:00", "open", "solved"),
    ]  # fmt: skip


def test_a_stage_that_is_not_declared_is_solved_while_there_is_a_close_date():
    assert (ticket("702")["status"], ticket("703")["status"]) == ("open", "solved")
    assert changes("703", "status") == [
        ("2024-07-01T08:00:00", None, "open"), ("2024-07-01T12:00:00", "open", "solved"),
    ]  # fmt: skip


def test_a_declared_stage_means_what_is_declared():
    assert ticket("702", stages={"9001": "hold"})["status"] == "hold"
    assert changes("702", "status", stages={"9001": "hold"}) == [("2024-07-01T08:00:00", None, "hold")]


def test_priority_and_team_have_their_history():
    assert changes("701", "priority") == [("2024-07-01T08:00:00", None, "low"), ("2024-07-01T09:00:00", "low", "high")]
    assert changes("701", "team") == [("2024-07-01T08:00:00", None, "12")]


def test_a_team_is_told_by_its_name_where_it_has_one():
    names = {"12": "Billing"}
    assert ticket("701", teams=names)["team"] == "Billing"
    assert changes("701", "team", teams=names) == [("2024-07-01T08:00:00", None, "Billing")]
    assert parse_owners(Page(body("owners")), {"teams": names})["agents"][0]["team"] == "Billing"


def test_a_service_level_that_is_not_due_yet_is_open():
    assert (ticket("702")["sla_met"], ticket("702")["sla_known_at"]) == (True, None)
    assert (ticket("703")["sla_met"], ticket("703")["sla_known_at"]) == (None, None)


def test_without_history_a_ticket_was_opened_and_is_what_it_is():
    rows = parse_tickets(Page(body("tickets")), {"stages": STAGES})
    told = [(event["at"][:19], event["new"]) for event in rows["ticket_events"] if event["ticket_id"] == "701"]
    assert told == [("2024-07-01T08:00:00", "open"), ("2024-07-03T08:00:00", "solved")]
    assert rows["tickets"][0]["customer_id"] is None


def test_an_archived_ticket_is_deleted_and_newer_than_its_last_change():
    rows = parse_tickets(Page(body("archived_tickets")), {"stages": STAGES})
    (gone,) = rows["tickets"]
    assert (gone["status"], gone["deleted_at"], gone["version_at"]) == (
        "deleted", "2024-07-05T10:00:00Z", "2024-07-05T10:00:00Z",
    )  # fmt: skip
    assert (gone["customer_id"], rows["ticket_events"]) == ("301", [])


def test_events_have_ids_of_their_own():
    told = tickets()["ticket_events"]
    assert len({event["event_id"] for event in told}) == len(told)


def test_a_submission_is_an_answer_on_its_declared_scale():
    nps, ces, csat = parse_submissions(Page(body("feedback_submissions")), {"surveys": SURVEYS})["survey_answers"]
    assert (nps["answer_id"], nps["survey"], nps["measure"]) == ("901:hs_value", "nps-relationship", "nps")
    assert (nps["score"], nps["scale_low"], nps["scale_high"], nps["direction"]) == ("9", 0, 10, "up")
    assert (nps["customer_id"], nps["channel"], nps["answered_at"]) == ("301", "email", "2024-07-02T10:00:00Z")
    assert (ces["customer_id"], ces["is_anonymous"], ces["comment"]) == (None, True, "Fine.")
    assert (csat["score"], csat["satisfied_from"], csat["survey_type"]) == (None, 4, "CSAT")


def test_a_survey_that_is_not_declared_is_left_out():
    assert parse_submissions(Page(body("feedback_submissions")), {"surveys": {}}) == {"survey_answers": []}


def test_a_survey_without_its_scale_is_refused():
    broken = {"5": {"survey": "nps-relationship", "questions": {"hs_value": {"measure": "nps"}}}}
    with pytest.raises(SourcesError, match="scale"):
        parse_submissions(Page(body("feedback_submissions")), {"surveys": broken})


def test_a_contact_is_a_customer_and_every_address_an_identity():
    rows = parse_contacts(Page(body("contacts")), {})
    kim, other = rows["customers"]
    assert (kim["customer_id"], kim["account_id"], kim["country"], kim["language"]) == ("301", "401", "DE", "de")
    assert (kim["lifecyclestage"], kim["merged_contacts"], kim["custom_tier"]) == ("customer", "299", "gold")
    assert (other["country"], other["account_id"]) == (None, None)
    assert [(row["kind"], row["value_hash"]) for row in rows["identities"]] == [
        ("email", "kim@example.test"), ("email", "kim@work.example.test"), ("phone", "+49 30 000002"),
    ]  # fmt: skip


def test_an_archived_contact_is_deleted_with_its_addresses():
    rows = parse_contacts(Page(body("archived_contacts")), {})
    gone = "2024-07-04T00:00:00Z"
    assert [(row["deleted_at"], row["version_at"]) for row in (*rows["customers"], *rows["identities"])] == [
        (gone, gone), (gone, gone),
    ]  # fmt: skip


def test_an_owner_belongs_to_the_main_team():
    (owner,) = parse_owners(Page(body("owners")), {})["agents"]
    assert (owner["agent_id"], owner["team"], owner["team_name"]) == ("88", "12", "Billing")


@pytest.mark.parametrize("parse", [parse_tickets, parse_submissions, parse_contacts, parse_owners])
def test_an_empty_page_gives_no_rows(parse: Any):
    assert not any(parse(Page({"results": []}), {}).values())


def test_a_broken_page_is_not_taken_for_an_empty_one():
    with pytest.raises(KeyError):
        CONNECTOR.stream("tickets").records_of({"status": "error", "category": "RATE_LIMITS"})


def test_a_search_asks_for_what_changed_in_milliseconds_as_text():
    stream = CONNECTOR.stream("tickets")
    assert stream.since is not None
    asked = stream.request.saying(stream.since.into, stream.since.text(datetime(2024, 7, 1, 8, tzinfo=UTC)))
    assert asked.body is not None
    (only,) = asked.body["filterGroups"][0]["filters"]
    assert only == {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "1719820800000"}


def test_more_properties_are_asked_for_beside_ours():
    asked = filled(CONNECTOR.stream("tickets").request, {"more_properties": ["brand", "journey"]}).body
    assert asked is not None
    assert asked["properties"][-3:] == ["hs_merged_object_ids", "brand", "journey"]
    assert filled(CONNECTOR.stream("tickets").request, {"more_properties": ()}).body == {
        **asked, "properties": asked["properties"][:-2],
    }  # fmt: skip


def test_contacts_keep_their_last_change_under_a_name_of_their_own():
    body = CONNECTOR.stream("contacts").request.body
    assert body is not None
    assert body["sorts"] == ["lastmodifieddate"]


def test_the_next_page_is_asked_for_by_its_cursor_and_a_search_ends_after_ten_thousand():
    stream = CONNECTOR.stream("tickets")
    following = stream.paging.following(stream.request, Answer("", {}, b"", body("tickets")), 3)
    assert following is not None
    assert following.body is not None
    assert following.body["after"] == "200"
    assert stream.paging.following(following, Answer("", {}, b"", {"results": []}), 0) is None
    assert stream.window == 10_000
