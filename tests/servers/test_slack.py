"""Messages in a Slack workspace with a memory: what people would see there."""

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from cxloop.cli.projects import init
from tests.flow.processes import cxloop
from tests.servers.alert_room import AlertRoom
from tests.servers.conftest import TOKEN
from tests.servers.relay import Relay

pytestmark = pytest.mark.servers
POST, UPDATE, HISTORY, REPLIES = "chat.postMessage", "chat.update", "conversations.history", "conversations.replies"


class Channel:
    """A channel as its members read it, past the relay."""

    def __init__(self, workspace: str, name: str) -> None:
        self.client = WebClient(TOKEN, base_url=f"{workspace}/api/")
        self.id = next(found["id"] for found in self.client.conversations_list()["channels"] if found["name"] == name)

    def messages(self) -> list[dict[str, Any]]:
        """Every message outside of threads, the oldest first."""
        found = self.client.conversations_history(channel=self.id)["messages"]
        return [message for message in reversed(found) if message.get("thread_ts") in {None, message["ts"]}]

    def thread(self, message: dict[str, Any]) -> list[str]:
        """First lines of the replies to a message."""
        replies = self.client.conversations_replies(channel=self.id, ts=message["ts"])["messages"]
        return [reply["text"].splitlines()[0] for reply in replies if reply["ts"] != message["ts"]]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AlertRoom:
    """A room that looked once and found all well."""
    monkeypatch.delenv("CXLOOP_DATABASE_URL", raising=False)
    room = AlertRoom(tmp_path / "acme")
    room.monday(0, 0.9)
    return room


@pytest.fixture
def support(workspace: str) -> Channel:
    return Channel(workspace, "support")


def first_lines(channel: Channel) -> list[str]:
    return [message["text"].splitlines()[0] for message in channel.messages()]


def test_an_episode_is_one_message_edited_in_place_with_its_history_in_the_thread(
    room: AlertRoom, relay: Relay, support: Channel
) -> None:
    room.monday(1, 0.70)
    assert first_lines(support) == ["🔴 CSAT is 70 %; we should be at 87 % by now @support-lead"]
    room.monday(2, 0.50)
    room.monday(3, 0.91)
    (message,) = support.messages()
    assert message["text"].splitlines()[0] == "🟢 CSAT is back on plan: 91 % (plan 87 %)"
    assert message["blocks"][0]["text"]["text"] == "🟢 *CSAT is back on plan: 91 % (plan 87 %)*"
    assert message["edited"]
    assert support.thread(message) == ["🔴 CSAT got worse: 50 %, it was 70 % when this was last told @support-lead"]
    assert relay.methods() == [POST, UPDATE, POST, UPDATE]


def test_the_next_episode_is_a_message_of_its_own(room: AlertRoom, relay: Relay, support: Channel) -> None:
    for week, value in enumerate((0.70, 0.91, 0.60), start=1):
        room.monday(week, value)
    assert [line[:1] for line in first_lines(support)] == ["🟢", "🔴"]


def test_the_same_monday_again_calls_nobody(room: AlertRoom, relay: Relay, support: Channel) -> None:
    room.monday(1, 0.70)
    called, there = relay.methods(), support.messages()
    assert room.turn(1) == {"sent": 0, "waiting": 0}
    assert (relay.methods(), support.messages()) == (called, there)


def test_a_message_whose_answer_was_lost_is_found_by_its_metadata_and_not_sent_again(
    room: AlertRoom, relay: Relay, support: Channel
) -> None:
    relay.loses_the_next(POST)
    assert room.monday(1, 0.70) == {"sent": 0, "waiting": 1}
    (there,) = support.messages()
    assert room.turn(1) == {"sent": 1, "waiting": 0}
    assert support.messages() == [there]
    assert room.far_ids() == [("post", f"{support.id}:{there['ts']}")]
    assert relay.methods() == [POST, "conversations.list", HISTORY]


def test_a_reply_whose_answer_was_lost_is_found_in_its_thread(room: AlertRoom, relay: Relay, support: Channel) -> None:
    room.monday(1, 0.70)
    relay.loses_the_next(POST)
    assert room.monday(2, 0.50) == {"sent": 1, "waiting": 1}
    assert room.turn(2) == {"sent": 1, "waiting": 0}
    (message,) = support.messages()
    assert len(support.thread(message)) == 1
    assert relay.methods() == [POST, UPDATE, POST, REPLIES]


def test_an_edit_whose_answer_was_lost_is_made_again(room: AlertRoom, relay: Relay, support: Channel) -> None:
    room.monday(1, 0.70)
    relay.loses_the_next(UPDATE)
    room.monday(2, 0.91)
    room.turn(2)
    assert first_lines(support) == ["🟢 CSAT is back on plan: 91 % (plan 87 %)"]


def test_a_message_that_never_arrived_is_sent_by_the_next_run(
    room: AlertRoom, relay: Relay, support: Channel, workspace: str
) -> None:
    relay.server = "http://127.0.0.1:9"
    assert room.monday(1, 0.70) == {"sent": 0, "waiting": 1}
    relay.server = workspace
    assert room.turn(1) == {"sent": 1, "waiting": 0}
    assert len(support.messages()) == 1


def test_the_wait_that_slack_asks_for_is_kept(room: AlertRoom, relay: Relay, support: Channel) -> None:
    relay.asks_to_wait(POST, 1)
    assert room.monday(1, 0.70) == {"sent": 1, "waiting": 0}
    assert [call.status for call in relay.passed] == [429, 200]
    assert all(later.at - earlier.at >= 1 for earlier, later in pairwise(relay.passed))
    assert len(support.messages()) == 1


def test_a_long_wait_is_left_to_the_next_run(room: AlertRoom, relay: Relay, support: Channel) -> None:
    relay.asks_to_wait(POST, 3600)
    assert room.monday(1, 0.70) == {"sent": 0, "waiting": 1}
    assert room.turn(1) == {"sent": 1, "waiting": 0}
    assert len(support.messages()) == 1


def test_a_message_that_somebody_deleted_is_posted_anew(room: AlertRoom, relay: Relay, support: Channel) -> None:
    room.monday(1, 0.70)
    (message,) = support.messages()
    support.client.chat_delete(channel=support.id, ts=message["ts"])
    room.monday(2, 0.91)
    assert first_lines(support) == ["🟢 CSAT is back on plan: 91 % (plan 87 %)"]


def test_a_project_tells_its_week_once(tmp_path: Path, relay: Relay, workspace: str) -> None:
    folder = tmp_path / "shop"
    init(folder)
    slack = {name: os.environ[name] for name in ("CXLOOP_SLACK_BASE_URL", "CXLOOP_SLACK_TOKEN")}
    first = cxloop("--project", str(folder), "run", "--as-of", "2026-03-16", **slack)
    assert (first.returncode, first.stderr) == (0, "")
    assert "Sent: 1 to #cx" in first.stdout
    second = cxloop("--project", str(folder), "run", "--as-of", "2026-03-16", **slack)
    assert "Sent: nothing new." in second.stdout
    (message,) = Channel(workspace, "cx").messages()
    assert "Week 11" in message["text"]
    assert relay.methods() == [POST]
    assert TOKEN not in first.stdout + second.stdout + second.stderr
