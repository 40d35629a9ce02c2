"""Request Tracker's pages: one ticket's life worked by hand, merged, rejected, deleted ones, and the people."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Options, Page, Row
from tasks.extract.catalog import with_defaults
from tasks.extract.connectors.request_tracker import CONNECTOR

PAGES = Path(__file__).parents[1] / "pages" / "request_tracker"
TABLES = {"tickets": "ticket_id", "ticket_events": "event_id", "customers": "customer_id", "agents": "agent_id"}


def page(stream: str) -> Page:
    kept = json.loads((PAGES / f"{stream}.json").read_text(encoding="utf-8"))
    children = {(name, key): bodies for name, of in kept["children"].items() for key, bodies in of.items()}
    return Page(kept["body"], children)


def options(**written: Any) -> Options:
    return with_defaults(CONNECTOR, written)


def parsed(stream: str, **written: Any) -> dict[str, dict[str, Row]]:
    """Rows by table and key."""
    rows = CONNECTOR.stream(stream).parse(page(stream), options(**written))
    return {table: {row[TABLES[table]]: row for row in made} for table, made in rows.items() if table in TABLES}


def told(events: dict[str, Row], ticket: str) -> list[tuple[Any, ...]]:
    kept = [event for event in events.values() if event["ticket_id"] == ticket]
    return [(event["at"][11:16], event["field"], event["old"], event["new"], event["actor_role"]) for event in kept]


def test_a_ticket_is_told_as_it_is_now() -> None:
    assert parsed("tickets")["tickets"]["7"] == {
        "ticket_id": "7", "url": "https://rt.example/Ticket/Display.html?id=7", "customer_id": "33", "team": "Support",
        "agent": "31", "priority": "50", "status": "solved", "handler": "people",
        "opened_at": "2026-03-02T09:00:00Z", "resolved_at": "2026-03-02T10:00:00Z", "closed_at": None,
        "excluded_as": None, "version_at": "2026-03-02T10:05:00Z", "deleted_at": None, "subject": "Coffee late",
        "queue_id": "3", "sla": None, "due_at": None, "custom_2": "office", "custom_5": "late vip",
    }  # fmt: skip


def test_its_history_is_one_event_for_each_change_with_the_role_of_that_moment() -> None:
    assert told(parsed("tickets", queues={1: "General"})["ticket_events"], "7") == [
        ("09:00", "status", None, "new", "agent"),
        ("09:00", "team", None, "General", "agent"),
        ("09:05", "comment", None, None, "customer"),
        ("09:05", "status", "new", "open", "bot"),
        ("09:06", "comment", None, None, "customer"),  # a requestor then, and none any more at 09:45
        ("09:10", "comment", None, None, "agent"),
        ("09:30", "comment", None, None, "agent"),
        ("09:31", "team", "General", "3", "agent"),
        ("09:31", "owner", None, "somebody", "agent"),
        ("09:32", "priority", "0", "50", "agent"),
        ("09:45", "comment", None, None, "agent"),
        ("10:00", "status", "open", "solved", "agent"),
        ("10:05", "absorbed", None, "7", "agent"),
    ]


def test_only_what_the_customer_could_read_is_public() -> None:
    comments = [each for each in parsed("tickets")["ticket_events"].values() if each["field"] == "comment"]
    assert [each["at"][11:16] for each in comments if not each["is_public"]] == ["09:10"]


def test_who_writes_from_outside_the_staffs_domains_is_a_customer_whatever_his_part_in_the_ticket() -> None:
    events = parsed("tickets", staff_domains=["Desk.example"])["ticket_events"]
    assert events["113:comment"]["actor_role"] == "customer"
    assert events["107:comment"]["actor_role"] == "agent"


def test_a_merged_ticket_is_no_contact_and_keeps_its_own_events_alone() -> None:
    rows = parsed("tickets")
    assert (rows["tickets"]["8"]["excluded_as"], rows["tickets"]["8"]["status"]) == ("merged", "new")
    assert told(rows["ticket_events"], "8") == [
        ("09:50", "status", None, "new", "customer"),
        ("09:50", "team", None, "3", "customer"),
        ("10:05", "merged_into", None, "7", "agent"),
    ]


def test_a_rejected_ticket_is_closed_and_no_contact_unless_declared_one() -> None:
    rejected = parsed("tickets")["tickets"]["9"]
    assert (rejected["status"], rejected["excluded_as"], rejected["customer_id"]) == ("closed", "rejected", None)
    assert rejected["closed_at"] == rejected["resolved_at"] == "2026-03-02T11:30:00Z"
    assert parsed("tickets", no_contacts=[])["tickets"]["9"]["excluded_as"] is None


def test_statuses_of_a_lifecycle_of_ones_own_mean_what_is_declared_and_are_open_else() -> None:
    own = page("tickets")
    own.body["items"][0]["Status"] = "waiting for parts"
    for written, status in (({}, "open"), ({"statuses": {"waiting for parts": "pending"}}, "pending")):
        assert CONNECTOR.stream("tickets").parse(own, options(**written))["tickets"][0]["status"] == status


def test_a_deleted_ticket_is_told_with_the_time_of_its_deletion() -> None:
    rows = parsed("departures")
    deleted = rows["tickets"]["10"]
    assert (deleted["status"], deleted["deleted_at"]) == ("deleted", "2026-03-03T08:10:00Z")
    assert deleted["url"] == "https://rt.example/Ticket/Display.html?id=10"
    assert deleted["customer_id"] is None  # a single ticket names its requestor by address, which is no key
    assert told(rows["ticket_events"], "10") == [
        ("08:00", "status", None, "new", "customer"),
        ("08:00", "team", None, "3", "customer"),
        ("08:10", "status", "new", "deleted", "agent"),
    ]


def test_a_merge_is_a_version_of_its_own_since_the_search_does_not_tell_it() -> None:
    merged = parsed("departures")["tickets"]["8"]
    assert (merged["excluded_as"], merged["version_at"]) == ("merged", "2026-03-02T10:05:00Z")


def test_a_ticket_that_was_brought_back_is_left_to_the_search() -> None:
    rows = parsed("departures")
    assert "11" not in rows["tickets"]
    assert [event["new"] for event in rows["ticket_events"].values() if event["ticket_id"] == "11"] == ["deleted"]


def test_both_streams_tell_the_same_of_one_event() -> None:
    searched, departed = parsed("tickets")["ticket_events"], parsed("departures")["ticket_events"]
    both = searched.keys() & departed.keys()
    assert both == {"120:status", "120:team", "121:merged_into"}
    assert all(searched[key] == departed[key] for key in both)


def test_users_are_customers_unless_they_are_privileged() -> None:
    rows = parsed("users")
    assert rows["agents"]["31"]["role"] == "agent"
    assert rows["agents"]["1"]["role"] == "bot"
    assert rows["customers"].keys() == {"33", "44"}
    assert rows["customers"]["33"] == {
        "customer_id": "33", "account_id": "Buyer GmbH", "country": "DE", "language": "de-DE", "custom_9": "gold",
        "created_at": "2026-03-02T08:00:00Z", "version_at": "2026-03-02T09:00:00Z", "deleted_at": None,
    }  # fmt: skip
    assert rows["customers"]["44"]["deleted_at"] == "2026-03-02T09:00:00Z"


def test_a_customer_is_known_by_mail_address_and_phone() -> None:
    rows = CONNECTOR.stream("users").parse(page("users"), options())
    known = [(row["customer_id"], row["kind"], row["value_hash"]) for row in rows["identities"]]
    assert known == [
        ("33", "email", "carla@buyer.example"), ("33", "phone", "+49 30 901820"), ("44", "email", "bob@buyer.example"),
    ]  # fmt: skip
    assert rows["accounts"] == [{"account_id": "Buyer GmbH", "name": "Buyer GmbH"}]


@pytest.mark.parametrize("stream", ["tickets", "departures", "users"])
def test_an_empty_page_gives_no_rows(stream: str) -> None:
    rows = CONNECTOR.stream(stream).parse(Page({"items": [], "pages": 0.0, "page": 1}), options())
    assert not any(rows.values())


@pytest.mark.parametrize(("stream", "lost"), [("tickets", "Status"), ("departures", "ObjectId"), ("users", "Name")])
def test_a_page_without_what_is_needed_is_an_error(stream: str, lost: str) -> None:
    broken = page(stream)
    del broken.body["items"][0][lost]
    with pytest.raises(KeyError, match=lost):
        CONNECTOR.stream(stream).parse(Page(broken.body), options())


def test_the_searches_ask_in_the_words_that_rt_reads() -> None:
    since = CONNECTOR.stream("users").since
    assert since is not None
    from datetime import UTC, datetime

    assert since.text(datetime(2026, 3, 2, 9, tzinfo=UTC)) == (
        '[{"field":"LastUpdated","operator":">=","value":"2026-03-02 09:00:00"}]'
    )
