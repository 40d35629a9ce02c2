"""A Slack channel with a memory, read again and again while colleagues write, answer, edit and delete."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk import WebClient

from domain.connectors import Rate, Row
from domain.errors import SourceRefusedError
from domain.source_specs import Quota
from tasks.extract import catalog
from tasks.extract.catalog import with_defaults
from tasks.extract.connectors.slack_channel import CONNECTOR
from tests.acceptance.dumps import adds_up, table
from tests.acceptance.runner import cxloop
from tests.servers.node_tools import serving
from tests.servers.relay import Relay, relaying
from wire.containers import page_of
from wire.http import Caller
from wire.pages import fetch

pytestmark = pytest.mark.servers
READER, COLLEAGUE, STRANGER = "xoxb-reader", "xoxb-colleague", "xoxb-stranger"
WORKSPACE = f"""\
slack:
  strict_scopes: true
  users: [{{name: ann}}, {{name: cxloop}}]
  channels: [{{name: support}}, {{name: sales}}]
  tokens:
    - {{token: {READER}, user: cxloop, scopes: [channels:history]}}
    - {{token: {STRANGER}, user: cxloop, scopes: [chat:write]}}
    - {{token: {COLLEAGUE}, user: ann, scopes: [chat:write, channels:read, channels:history, channels:manage]}}
"""
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
  voices:
    kind: slack_channel
    address: %s
    quota: 1
    options: {channels: [%s]}
    tables:
      feedback_notes: {columns: {team: "'support'"}}
"""
MESSAGES = CONNECTOR.stream("messages")
HASTY = replace(CONNECTOR, rate=Rate(50, 1))
"""As the connector, with more calls than Slack allows."""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[str]:
    seed = tmp_path / "workspace.yaml"
    seed.write_text(WORKSPACE, encoding="utf-8")
    with serving("emulate", "start", "--service", "slack", "--seed", str(seed)) as address:
        yield address


@dataclass
class Channel:
    """A channel as a colleague uses it."""

    client: WebClient
    id: str

    def write(self, text: str, thread: str | None = None, **more: Any) -> str:
        """Post; the message's time."""
        return self.client.chat_postMessage(channel=self.id, text=text, thread_ts=thread, **more)["ts"]


@pytest.fixture
def colleague(workspace: str) -> WebClient:
    return WebClient(COLLEAGUE, base_url=f"{workspace}/api/")


def channel_of(colleague: WebClient, name: str) -> Channel:
    found = {each["name"]: each["id"] for each in colleague.conversations_list()["channels"]}
    return Channel(colleague, found[name])


@pytest.fixture
def support(colleague: WebClient) -> Channel:
    return channel_of(colleague, "support")


@pytest.fixture
def sales(colleague: WebClient) -> Channel:
    return channel_of(colleague, "sales")


@pytest.fixture
def line(workspace: str) -> Iterator[tuple[Relay, str]]:
    with relaying(workspace) as relay_and_address:
        yield relay_and_address


@dataclass
class Reading:
    """What one reader keeps of its channels."""

    address: str
    options: dict[str, Any]
    token: str = READER
    position: Mapping[str, Any] | None = None
    notes: dict[str, Row] = field(default_factory=dict)

    def sweep(self) -> list[str | None]:
        """Read what is new; the notes there are now, the oldest first."""
        with Caller(HASTY, self.address, {"token": self.token}, quota=Quota(1)) as caller:
            for piece in fetch(
                caller, MESSAGES, self.position, start=None, options=self.options, now=datetime.now(UTC),
                deadline=timedelta(minutes=2),
            ):  # fmt: skip
                self.position = piece.position
                read = {**self.options, "each": piece.each}
                self.notes |= {
                    row["note_id"]: row for row in MESSAGES.parse(page_of(piece.content), read)["feedback_notes"]
                }
        return [note["body"] for note in sorted(self.notes.values(), key=lambda note: note["noted_at"])]


@pytest.fixture
def reading(line: tuple[Relay, str], support: Channel, sales: Channel) -> Reading:
    """A reader of both channels."""
    return Reading(line[1], with_defaults(CONNECTOR, {"channels": [support.id, sales.id]}))


def test_messages_and_answers_of_both_channels_are_notes_and_nothing_else_is(
    reading: Reading, support: Channel, sales: Channel
) -> None:
    first = support.write("Carla (carla@buyer.example) waits two weeks & more <!channel>")
    support.write("So does Bob", thread=first)
    sales.write("Café Nord asks for decaf")
    support.write("CSAT is 70 %", bot_id="B0CXLOOP")
    support.client.conversations_setTopic(channel=support.id, topic="voices of customers")
    assert reading.sweep() == [
        "Carla (carla@buyer.example) waits two weeks & more <!channel>", "So does Bob", "Café Nord asks for decaf",
    ]  # fmt: skip
    assert {note["channel_id"] for note in reading.notes.values()} == {support.id, sales.id}
    assert reading.notes[f"{support.id}:{first}"]["thread_id"] == f"{support.id}:{first}"


def test_later_messages_answers_and_edits_come_with_the_next_sweep(reading: Reading, support: Channel) -> None:
    first = support.write("Carla waits two weeks")
    assert reading.sweep() == ["Carla waits two weeks"]
    support.write("Bob, too", thread=first)
    support.client.chat_update(channel=support.id, ts=first, text="Carla waits three weeks")
    support.write("Café Nord asks for decaf")
    assert reading.sweep() == ["Carla waits three weeks", "Bob, too", "Café Nord asks for decaf"]
    edited = reading.notes[f"{support.id}:{first}"]
    assert edited["version_at"] > edited["noted_at"]


def test_a_sweep_without_changes_changes_nothing_and_asks_a_month_back_only(
    reading: Reading, line: tuple[Relay, str], support: Channel
) -> None:
    written = float(support.write("Carla waits two weeks"))
    reading.sweep()
    before = dict(reading.notes)
    reading.sweep()
    assert reading.notes == before
    asked = [parse_qs(call.asked) for call in line[0].passed]
    since = [int(query["oldest"][0]) for query in asked if query["channel"] == [support.id]]
    assert since == [0, int(written) - timedelta(days=30).total_seconds()]


def test_a_long_channel_comes_in_pages_each_message_once(reading: Reading, support: Channel) -> None:
    for number in range(5):
        support.write(f"Number {number}")
    read = {**reading.options, "channels": [support.id]}
    paged = replace(MESSAGES, request=MESSAGES.request.asking(limit="2"))
    with Caller(HASTY, reading.address, {"token": READER}, quota=Quota(1)) as caller:
        pieces = [*fetch(caller, paged, None, start=None, options=read, now=datetime.now(UTC),
                         deadline=timedelta(minutes=2))]  # fmt: skip
    found = [message["text"] for piece in pieces for message in page_of(piece.content).body["messages"]]
    assert (sorted(found), [piece.n_records for piece in pieces]) == ([f"Number {n}" for n in range(5)], [2, 2, 1])


def test_a_deleted_message_is_not_read_again_and_its_answers_stay(reading: Reading, support: Channel) -> None:
    first = support.write("Carla waits two weeks")
    support.write("Bob, too", thread=first)
    reading.sweep()
    support.client.chat_delete(channel=support.id, ts=first)
    fresh = Reading(reading.address, reading.options)
    assert fresh.sweep() == []  # Slack itself leaves a tombstone where answers are; this stand-in does not
    assert reading.sweep() == ["Carla waits two weeks", "Bob, too"]


def project_in(folder: Path, address: str, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose one source is a channel, and nothing of the tester's settings."""
    monkeypatch.delenv("CXLOOP_DATABASE_URL", raising=False)
    project = folder / "project"
    project.mkdir()
    (project / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (project / "sources.yaml").write_text(SOURCES % (address, channel.id), encoding="utf-8")
    (project / ".env").write_text(f"CXLOOP_SLACK_TOKEN={READER}\n", encoding="utf-8")
    return project


def test_the_database_holds_each_note_once_in_its_latest_words(
    reading: Reading, support: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_in(tmp_path, reading.address, support, monkeypatch)
    first = support.write("Carla waits two weeks")
    assert cxloop(project, "ingest") == 0
    support.write("Bob, too", thread=first)
    support.client.chat_update(channel=support.id, ts=first, text="Carla waits three weeks")
    assert (cxloop(project, "ingest"), cxloop(project, "ingest")) == (0, 0)
    notes = sorted(table(project, "feedback_notes"), key=lambda note: note["noted_at"])
    assert [(note["body"], note["team"]) for note in notes] == [
        ("Carla waits three weeks", "support"), ("Bob, too", "support"),
    ]  # fmt: skip
    assert notes[0]["note_id"] == f"voices:{support.id}:{first}"
    adds_up(project)


def test_messages_and_answers_that_were_deleted_are_deleted_here_too(
    reading: Reading, support: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # no message here is older than what Slack may still leave out
    monkeypatch.setitem(catalog.CONNECTORS, CONNECTOR.kind, replace(CONNECTOR, delay=timedelta()))
    project = project_in(tmp_path, reading.address, support, monkeypatch)
    kept, lost = support.write("Carla waits two weeks"), support.write("Wrong channel")
    answers = [support.write(text, thread=kept) for text in ("Bob, too", "Never mind")]
    assert cxloop(project, "ingest") == 0
    for message in (lost, answers[1]):
        support.client.chat_delete(channel=support.id, ts=message)
    for _ in range(2):
        assert cxloop(project, "ingest") == 0
        notes = table(project, "feedback_notes")
        assert {note["note_id"].split(":")[-1] for note in notes if note["deleted_at"]} == {lost, answers[1]}
    adds_up(project)


def test_a_token_without_the_right_to_read_is_a_matter_of_settings(reading: Reading) -> None:
    with pytest.raises(SourceRefusedError, match=r"missing_scope.*channels:history"):
        Reading(reading.address, reading.options, token=STRANGER).sweep()


def test_the_wait_that_slack_asks_for_is_kept(reading: Reading, line: tuple[Relay, str], support: Channel) -> None:
    support.write("Carla waits two weeks")
    line[0].asks_to_wait("conversations.history", 1)
    assert reading.sweep() == ["Carla waits two weeks"]
    statuses = [call.status for call in line[0].passed]
    assert (statuses[:2], line[0].passed[1].at - line[0].passed[0].at >= 1) == ([429, 200], True)
