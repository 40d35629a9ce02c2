"""A real helpdesk, Request Tracker 5, read over REST2 again and again while agents and customers use it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import SourceRefusedError
from domain.source_specs import Quota
from tasks.extract import catalog
from tasks.extract.catalog import with_defaults
from tasks.extract.connectors.request_tracker import CONNECTOR
from tests.acceptance.dumps import Rows, adds_up, table, tables_of
from tests.acceptance.runner import cxloop
from tests.servers.rt_reading import KEYS, Reading
from tests.servers.rt_server import READER, Desk, request_tracker
from wire.containers import page_of
from wire.http import Caller
from wire.pages import fetch

pytestmark = pytest.mark.servers
ROADMAP = """\
version: 1
company: {name: Desk, currency: EUR, languages: [en], zone: UTC}
vision: Every customer gets an answer that helps.
owners:
  lead: {slack: "@lead", channel: "#support"}
"""
SOURCES = """\
version: 1
sources:
  desk:
    kind: request_tracker
    address: %s
    quota: 1
    options: {staff_domains: [desk.example]}
    tables:
      tickets: {columns: {segment: custom_%s}}
"""
CARLA, BOB, FRIEND = "carla@buyer.example", "bob@buyer.example", "friend@elsewhere.example"


@dataclass(frozen=True)
class Story:
    """Some hours at a desk, and what was kept of them after each sweep.

    Attributes:
        night: nothing had changed since the evening.
        project: its database has ingested the desk each time; ingested: all its tables after the last two times.
    """

    late: str
    broken: str
    again: str
    spam: str
    morning: Reading
    noon: Reading
    evening: Reading
    night: Reading
    project: Path
    ingested: tuple[dict[str, Rows], dict[str, Rows]]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with request_tracker(tmp_path_factory.mktemp("rt") / "home") as desk:
        yield desk


@pytest.fixture(scope="module")
def reading(desk: Desk) -> Iterator[Reading]:
    """One reader for all, that waits for nobody."""
    with Caller(CONNECTOR, desk.address, {"token": desk.tokens[READER]}, quota=Quota(1)) as caller:
        yield Reading(caller, with_defaults(CONNECTOR, {"staff_domains": ["desk.example"]}))


@pytest.fixture(scope="module")
def project(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose one source is the desk, and nothing of the tester's settings."""
    folder = tmp_path_factory.mktemp("project")
    (plan,) = [each["id"] for each in desk.call("POST", "/customfields", [{"field": "Name", "value": "Plan"}])["items"]]
    (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES % (desk.address, plan), encoding="utf-8")
    (folder / ".env").write_text(f"REQUEST_TRACKER_TOKEN={desk.tokens[READER]}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CXLOOP_DATABASE_URL", raising=False)
        yield folder


def ingested(project: Path) -> dict[str, Rows]:
    """Every table after one more ingest."""
    assert cxloop(project, "ingest") == 0
    return tables_of(project)


@pytest.fixture(scope="module")
def story(desk: Desk, reading: Reading, project: Path) -> Story:
    late = desk.open(CARLA, "Coffee late", Content="Where is it?", CustomFields={"Plan": "office"})
    desk.mail(f"Bob Buyer <{BOB}>", "Grinder broken", "It does not turn.")
    broken = late + 1
    spam = desk.open("spam@spam.example", "Buy now")
    desk.say(late, "Hm, which shop?", is_public=False)
    desk.say(late, "It is on its way.")
    morning = reading.sweep()
    ingested(project)

    again = desk.open(CARLA, "Coffee late, again")
    desk.mail(CARLA, f"Re: [desk.example #{late}] Coffee late", "Still waiting.")
    desk.mail(FRIEND, f"Re: [desk.example #{late}] Coffee late", "So am I.")
    desk.change(late, Owner="anna", Priority=50, Queue="Billing")
    for status in ("resolved", "open", "resolved"):
        desk.change(late, Status=status)
    desk.change(broken, Status="stalled", CustomFields={"Plan": "home"})
    noon = reading.sweep()
    ingested(project)

    desk.change(again, MergeInto=str(late))
    desk.call("DELETE", f"/ticket/{spam}")
    evening, then = reading.sweep(), ingested(project)
    night, now = reading.sweep(), ingested(project)
    return Story(
        str(late), str(broken), str(again), str(spam), morning, noon, evening, night, project, (then, now)
    )  # fmt: skip


def test_new_tickets_come_with_what_was_said(story: Story) -> None:
    assert story.morning.statuses() == {
        story.late: ("open", None), story.broken: ("new", None), story.spam: ("new", None),
    }  # fmt: skip
    assert story.morning.told(story.late, "comment") == [("comment", None, "agent"), ("comment", None, "agent")]
    kept = story.morning.tables["tickets"]
    assert "office" in kept[story.late].values()  # a custom field, for segments


def test_changes_are_followed_with_the_role_of_who_made_them(story: Story) -> None:
    assert story.noon.statuses() == {
        story.late: ("solved", None), story.broken: ("pending", None), story.again: ("new", None),
        story.spam: ("new", None),
    }  # fmt: skip
    assert story.noon.told(story.late, "status", "comment") == [
        ("status", "new", "agent"), ("comment", None, "agent"), ("comment", None, "agent"), ("status", "open", "bot"),
        ("comment", None, "customer"), ("comment", None, "customer"),
        ("status", "solved", "agent"), ("status", "open", "agent"), ("status", "solved", "agent"),
    ]  # fmt: skip
    assert story.noon.told(story.late, "team", "owner", "priority") == [
        ("team", "3", "agent"), ("owner", "somebody", "agent"), ("priority", "50", "agent"), ("team", "4", "agent"),
    ]  # fmt: skip


def test_a_merge_and_a_deletion_are_followed_though_the_search_tells_neither(story: Story) -> None:
    assert story.evening.statuses() == {
        story.late: ("solved", None), story.broken: ("pending", None), story.again: ("new", "merged"),
        story.spam: ("deleted", None),
    }  # fmt: skip
    assert story.evening.tables["tickets"][story.spam]["deleted_at"] is not None
    assert story.evening.told(story.spam, "status") == [("status", "new", "agent"), ("status", "deleted", "agent")]
    assert story.evening.told(story.again, "status", "merged_into") == [
        ("status", "new", "agent"), ("merged_into", story.late, "agent"),
    ]  # fmt: skip


def test_a_sweep_without_changes_changes_nothing(story: Story) -> None:
    assert story.night.tables == story.evening.tables


def test_the_tables_say_what_rt_says(story: Story, desk: Desk) -> None:
    for key, row in story.night.tables["tickets"].items():
        there = desk.call("GET", f"/ticket/{key}")
        if row["excluded_as"] == "merged":
            assert str(there["id"]) == story.late  # RT shows the ticket that it went into
            continue
        assert (row["opened_at"], row["version_at"]) == (there["Created"], there["LastUpdated"])
        assert (row["subject"], row["priority"]) == (there["Subject"], there["Priority"])
        if row["deleted_at"]:
            assert there["Status"] == "deleted"
            continue
        assert row["team"] == desk.call("GET", f"/queue/{there['Queue']['id']}")["Name"]
        assert row["customer_id"] == str(desk.call("GET", f"/user/{there['Requestor'][0]['id']}")["id"])
        assert (row["resolved_at"] is None) == (there["Status"] != "resolved")
        assert (row["agent"] is None) == (there["Owner"]["id"] == "Nobody")


def test_people_who_ask_are_customers_with_their_address(story: Story) -> None:
    tables = story.night.tables
    addresses = {row["value_hash"]: row["customer_id"] for row in tables["identities"].values()}
    assert addresses.keys() >= {CARLA, BOB, FRIEND}
    assert not addresses.keys() & {"anna@desk.example", "cxloop@desk.example"}
    assert tables["tickets"][story.late]["customer_id"] == addresses[CARLA]
    assert {row["role"] for row in tables["agents"].values()} == {"agent", "bot"}


def test_the_database_holds_the_same_tickets_events_and_people(story: Story) -> None:
    def keys(of: str) -> set[str]:
        return {str(row[KEYS[of]]).removeprefix("desk:") for row in table(story.project, of)}

    tickets = {row["ticket_id"].removeprefix("desk:"): row for row in table(story.project, "tickets")}
    assert {key: (row["status"], row["excluded_as"]) for key, row in tickets.items()} == story.night.statuses()
    assert {key: row["segment"] for key, row in tickets.items() if row["segment"]} == {story.broken: "home"}
    assert keys("ticket_events") == story.night.tables["ticket_events"].keys()
    assert keys("customers") == story.night.tables["customers"].keys()
    assert len(keys("agents")) == len(story.night.tables["agents"])
    assert len(table(story.project, "identities")) == len(story.night.tables["identities"])


def test_the_database_holds_nothing_twice_and_every_row_is_accounted_for(story: Story) -> None:
    then, now = story.ingested
    assert {name: now[name] for name in KEYS} == {name: then[name] for name in KEYS}
    assert table(story.project, "quarantine") == []
    adds_up(story.project)


def test_two_ways_to_the_same_desk_give_the_same_tables(story: Story, reading: Reading) -> None:
    assert Reading(reading.caller, reading.options).sweep().tables == story.night.tables


def test_a_ticket_that_is_brought_back_is_a_ticket_again(story: Story, desk: Desk, reading: Reading) -> None:
    desk.change(int(story.spam), Status="open")
    brought = reading.sweep()
    assert brought.statuses()[story.spam] == ("open", None)
    assert brought.tables["tickets"][story.spam]["deleted_at"] is None


def test_a_ticket_that_was_shredded_is_deleted_when_the_ids_are_read_again(
    story: Story, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = CONNECTOR.stream("ticket_ids")
    assert ids.covers is not None
    now = replace(ids, covers=replace(ids.covers, every=timedelta()))
    others = [stream for stream in CONNECTOR.streams if stream.name != now.name]
    monkeypatch.setitem(catalog.CONNECTORS, CONNECTOR.kind, replace(CONNECTOR, streams=(*others, now)))
    ingested(story.project)
    desk.shred(int(story.broken))
    before = {row["ticket_id"]: row["deleted_at"] for row in table(story.project, "tickets")}
    for _ in range(2):
        ingested(story.project)
        after = {row["ticket_id"]: row["deleted_at"] for row in table(story.project, "tickets")}
        assert before[f"desk:{story.broken}"] is None
        assert after.pop(f"desk:{story.broken}") is not None
        assert after.items() <= before.items()


def test_tickets_come_in_pages_each_once(story: Story, reading: Reading) -> None:
    tickets = CONNECTOR.stream("tickets")
    paged = replace(tickets, request=tickets.request.asking(per_page="2"), children=())
    pieces = [*fetch(reading.caller, paged, None, start=None, options=reading.options, now=datetime.now(UTC),
                     deadline=timedelta(minutes=2))]  # fmt: skip
    found = [each["id"] for piece in pieces for each in page_of(piece.content).body["items"]]
    assert len({*map(str, found)}) == len(found) == 3


def test_a_token_that_rt_does_not_know_is_a_matter_of_settings(desk: Desk) -> None:
    with (
        Caller(CONNECTOR, desk.address, {"token": "1-1-unknown"}, quota=Quota(1)) as caller,
        pytest.raises(SourceRefusedError, match="REQUEST_TRACKER_TOKEN"),
    ):
        Reading(caller, with_defaults(CONNECTOR, {})).sweep()
