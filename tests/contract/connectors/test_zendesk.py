import json
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Page
from domain.paging import Answer
from domain.sources import read_sources
from tasks.extract.catalog import check
from tasks.extract.connectors.zendesk import CONNECTOR, EXPORT, LIST
from tasks.extract.connectors.zendesk_parsing import (
    parse_metric_events,
    parse_organizations,
    parse_ratings,
    parse_tickets,
    parse_users,
)
from tasks.extract.interface_rows import gathered, mappings_of
from tasks.extract.stage import staged

PAGES = Path(__file__).parents[1] / "pages" / "zendesk"
OPTIONS: dict[str, Any] = {"teams": {98: "Payments"}, "brands": {"5": "Acme"}}


def page(name: str) -> Page:
    return Page(json.loads((PAGES / f"{name}.json").read_text()))


def ticket(number: str, options: dict[str, Any] = OPTIONS) -> dict[str, Any]:
    rows = parse_tickets(page("tickets"), options)["tickets"]
    return next(dict(row) for row in rows if row["ticket_id"] == number)


def test_a_ticket_is_read_with_its_names_and_what_happened_when():
    row = ticket("701")
    assert (row["status"], row["channel"], row["team"], row["brand"]) == ("solved", "email", "Payments", "Acme")
    assert (row["customer_id"], row["account_id"], row["agent"]) == ("31", "61", "12")
    assert (row["opened_at"], row["resolved_at"], row["closed_at"]) == (
        "2026-03-02T09:00:00Z", "2026-03-04T10:00:00Z", None,
    )  # fmt: skip
    assert row["first_reply_at"] == "2026-03-02T10:35:00Z"
    assert row["n_reopens"] == 1
    assert row["url"] == "https://acme.zendesk.com/agent/tickets/701"


def test_the_version_of_a_ticket_moves_with_changes_of_the_system_too():
    assert ticket("701")["version_at"] == "2026-03-04T10:00:00Z"
    assert ticket("703")["version_at"] > ticket("703")["deleted_at"]


def test_custom_fields_tags_and_the_organisation_can_be_mapped():
    row = ticket("701")
    assert (row["custom_360001"], row["custom_360002"], row["custom_360003"]) == ("checkout", "card wallet", None)
    assert (row["tags"], row["organization_tier"], row["organization_tags"]) == ("vip refund", "gold", "enterprise")
    assert row["follow_up_of"] == "655"


def test_a_follow_up_says_which_ticket_it_follows():
    body = page("tickets").body
    record = next(record for record in body["tickets"] if record["id"] == 706)
    record["via"]["source"] = {"from": {"ticket_id": 655, "subject": "Card refused"}, "to": {}, "rel": "follow_up"}
    rows = parse_tickets(Page(body), OPTIONS)["tickets"]
    assert {row["ticket_id"]: row["follows"] for row in rows if row["follows"]} == {"701": "655", "706": "655"}


def test_a_group_without_a_name_keeps_its_number():
    assert ticket("701", {})["team"] == "98"
    assert ticket("706", {})["team"] is None


def test_merged_deleted_and_outbound_tickets_are_rows_that_are_no_contacts():
    why = {row["ticket_id"]: row["excluded_as"] for row in parse_tickets(page("tickets"), {})["tickets"]}
    assert why == {
        "701": None, "702": "merged", "703": None, "704": "outbound", "705": "outbound", "706": None, "707": "internal",
    }  # fmt: skip
    assert (ticket("703")["status"], ticket("703")["deleted_at"]) == ("deleted", "2026-03-05T08:00:00Z")


def test_tickets_that_agents_write_for_callers_count_where_the_options_say_so():
    options = {"agent_created": "contact"}
    assert ticket("704", options)["excluded_as"] is None
    assert ticket("705", options)["excluded_as"] == "outbound"


def test_a_closed_ticket_was_closed_when_its_status_last_changed():
    assert (ticket("706")["resolved_at"], ticket("706")["closed_at"]) == (
        "2026-03-03T09:00:00Z",
        "2026-03-07T09:00:00Z",
    )


def test_a_ticket_without_a_reply_has_none_rather_than_one_at_once():
    assert ticket("706")["first_reply_at"] is None


def test_metrics_beside_the_tickets_are_read_like_metrics_within_them():
    body = page("tickets").body
    sets = [
        record.pop("metric_set") | {"ticket_id": record["id"]} for record in body["tickets"] if "metric_set" in record
    ]
    beside = parse_tickets(Page(body | {"metric_sets": sets}), OPTIONS)
    assert beside == parse_tickets(page("tickets"), OPTIONS)


def test_service_level_events_name_their_clock_and_what_happened_to_it():
    rows = parse_metric_events(page("sla_events"), {})["ticket_events"]
    assert [(row["field"], row["new"]) for row in rows] == [
        ("sla_activate", "reply_time:1"), ("sla_applied", "reply_time:1"), ("sla_breached", "reply_time:1"),
        ("sla_fulfilled", "reply_time:1"), ("sla_withdrawn", "requester_wait_time:1"),
        ("sla_measure", "agent_work_time:0"),
    ]  # fmt: skip
    assert (rows[1]["policy"], rows[1]["target_s"], rows[1]["business_hours"]) == ("Paying customers", 3600, False)
    assert len({row["event_id"] for row in rows}) == len(rows)


def test_clocks_may_belong_to_tickets_that_another_source_brings():
    """Fivetran lands what a service level promises and not what became of it: the interface tells that beside it."""
    text = """\
version: 1
sources:
  helpdesk: {kind: sql, database: URL, complete_through: arrival, use: fivetran_zendesk}
  clocks:
    kind: zendesk
    options: {subdomain: acme}
    streams: [sla_events]
    tables: {ticket_events: {refers_to: {ticket_id: helpdesk}}}
"""
    _, clocks = read_sources(text)
    check(clocks)
    stream = CONNECTOR.stream("sla_events")
    read = gathered([page("sla_events")], stream, {})
    laid = staged(read, mappings_of(read, clocks.tables), clocks, "secret")
    events = laid.tables["ticket_events"]
    assert {*events["ticket_id"]} == {"helpdesk:701"}
    assert all(key.startswith("clocks:sla:") for key in events["event_id"])
    assert "sla_applied" in {*events["field"]}


def test_a_rating_is_an_answer_to_an_invitation_and_an_offer_is_an_invitation_alone():
    rows = parse_ratings(page("satisfaction_ratings"), OPTIONS)
    assert [(row["answer_id"], row["score"]) for row in rows["survey_answers"]] == [("701", 1), ("706", 0)]
    assert [(row["send_id"], row["answered_at"]) for row in rows["survey_sends"]] == [
        ("701", "2026-03-06T11:30:00Z"), ("706", "2026-03-06T11:30:00Z"), ("708", None), ("709", None),
    ]  # fmt: skip


def test_an_invitation_that_was_never_sent_counts_nowhere():
    sends = parse_ratings(page("satisfaction_ratings"), {})["survey_sends"]
    assert [row["send_id"] for row in sends if row["deleted_at"]] == ["709"]


def test_good_and_bad_have_a_declared_scale():
    answer = parse_ratings(page("satisfaction_ratings"), {"survey": "after-help"})["survey_answers"][1]
    assert (answer["scale_low"], answer["scale_high"], answer["direction"], answer["satisfied_from"]) == (0, 1, "up", 1)
    assert (answer["survey"], answer["measure"], answer["comment"]) == ("after-help", "csat", "Took days")
    assert (answer["ticket_id"], answer["send_id"], answer["customer_id"]) == ("706", "706", "31")


def test_a_customer_who_changes_a_rating_has_one_answer():
    body = page("satisfaction_ratings").body
    again = body["satisfaction_ratings"][0] | {"id": 899, "score": "bad", "updated_at": "2026-03-08T00:00:00Z"}
    body["satisfaction_ratings"].append(again)
    answers = parse_ratings(Page(body), {})["survey_answers"]
    assert [row["score"] for row in answers if row["answer_id"] == "701"] == [1, 0]
    assert answers[0]["version_at"] < answers[-1]["version_at"]


def test_end_users_are_customers_and_the_others_agents_without_a_name():
    rows = parse_users(page("users"), OPTIONS)
    assert [row["customer_id"] for row in rows["customers"]] == ["31", "32", "33"]
    assert [(row["agent_id"], row["team"], row["deleted_at"]) for row in rows["agents"]] == [
        ("12", "Payments", None), ("13", None, "2026-03-01T08:00:00Z"),
    ]  # fmt: skip
    assert "example.com" not in str(rows["agents"])
    assert "Nobody" not in str(rows)
    assert (rows["customers"][0]["user_plan"], rows["customers"][0]["language"]) == ("pro", "de")
    assert rows["customers"][2]["deleted_at"] == "2026-03-03T08:00:00Z"


def test_a_shared_phone_number_makes_no_two_people_one():
    known = {
        (row["customer_id"], row["kind"]): row["value_hash"] for row in parse_users(page("users"), {})["identities"]
    }
    assert known == {
        ("31", "email"): "person31@example.com", ("31", "phone"): "+4930901820", ("31", "external"): "C-1007",
        ("33", "email"): "person33@example.com",
    }  # fmt: skip


def test_an_organisation_is_an_account_and_a_deleted_one_is_marked():
    kept, deleted = parse_organizations(page("organizations"), {})["accounts"]
    assert (kept["account_id"], kept["name"], kept["organization_tier"]) == ("61", "Kestrel Bikes", "gold")
    assert (kept["deleted_at"], deleted["deleted_at"]) == (None, "2026-02-01T00:00:00Z")


def test_an_export_goes_on_by_cursor_alone_and_ends_where_zendesk_says():
    stream = CONNECTOR.stream("tickets")
    first = stream.request.asking(start_time="1772323200")
    body = page("users").body
    following = EXPORT.following(first, Answer("", {}, b"", body), 5)
    assert following is not None
    assert following.query == {**stream.request.query, "cursor": "VVNFUg"}
    assert EXPORT.following(first, Answer("", {}, b"", body | {"end_of_stream": True}), 5) is None
    assert body["after_cursor"] == "VVNFUg"
    assert (stream.keeps_token, stream.token) == ("cursor", ("after_cursor",))


def test_a_list_goes_on_with_its_filter_and_ends_when_there_is_no_more():
    first = CONNECTOR.stream("satisfaction_ratings").request.asking(start_time="1772323200")
    body = page("satisfaction_ratings").body
    following = LIST.following(first, Answer("", {}, b"", body), 4)
    assert following is not None
    assert following.query == {"page[size]": "100", "start_time": "1772323200", "page[after]": "cHAx"}
    assert LIST.following(first, Answer("", {}, b"", body | {"meta": {"has_more": False}}), 4) is None


@pytest.mark.parametrize("name", ["organizations", "sla_events"])
def test_an_export_by_time_ends_with_a_short_page_although_it_names_a_next_one(name: str):
    stream = CONNECTOR.stream(name)
    url = "https://acme.zendesk.com/api/v2/incremental/organizations.json?start_time=1769904000"
    unsaid = Answer("", {}, b"", {"next_page": url})
    following = stream.paging.following(stream.request, unsaid, 1000)
    assert following is not None
    assert following.path == url
    assert stream.paging.following(stream.request, unsaid, 999) is None
    assert (
        stream.paging.following(stream.request, Answer("", {}, b"", unsaid.body | {"end_of_stream": True}), 1000)
        is None
    )


def test_an_export_by_time_goes_on_after_a_short_page_that_is_said_not_to_be_the_last():
    stream = CONNECTOR.stream("sla_events")
    url = "https://acme.zendesk.com/api/v2/incremental/ticket_metric_events.json?start_time=1769904000"
    said = Answer("", {}, b"", {"next_page": url, "end_of_stream": False})
    following = stream.paging.following(stream.request, said, 999)
    assert following is not None
    assert following.path == url


def test_every_export_keeps_to_the_limit_of_exports():
    exports = [stream for stream in CONNECTOR.streams if "/incremental/" in stream.request.path]
    assert {stream.name: stream.rate.n for stream in exports if stream.rate} == dict.fromkeys(
        ["organizations", "users", "tickets", "ticket_events", "sla_events"], 10
    )


def test_events_of_audits_and_of_service_levels_never_have_the_same_key():
    assert all(
        row["event_id"].startswith("sla:") for row in parse_metric_events(page("sla_events"), {})["ticket_events"]
    )


@pytest.mark.parametrize("stream", CONNECTOR.streams, ids=lambda stream: stream.name)
def test_an_empty_page_gives_no_rows_and_a_broken_one_says_what_it_misses(stream: Any):
    assert not any(stream.parse(Page({stream.records[0]: []}), {}).values())
    with pytest.raises(KeyError, match=stream.records[0]):
        stream.records_of({"error": "Not found"})


@pytest.mark.parametrize("stream", CONNECTOR.streams, ids=lambda stream: stream.name)
def test_every_record_gives_a_row_of_what_the_stream_feeds(stream: Any):
    held = page(stream.name)
    rows = stream.parse(held, {})
    assert set(rows) <= set(stream.feeds)
    assert sum(map(len, rows.values())) >= len(stream.records_of(held.body))
