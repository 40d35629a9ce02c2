"""The transport against a stand-in for Slack on a real socket."""

from collections.abc import Iterator

import pytest

from domain.errors import DeliveryError
from tests.fakes.slack import FakeSlack, serving
from wire.slack import (
    ChannelRefusedError,
    MessageGoneError,
    Sent,
    Slack,
    SlackUnreachableError,
    TokenRefusedError,
    payload,
)

TOKEN = "xoxb-canary"


@pytest.fixture
def fake() -> FakeSlack:
    return FakeSlack()


@pytest.fixture
def url(fake) -> Iterator[str]:
    with serving(fake) as address:
        yield address


@pytest.fixture
def slack(url) -> Slack:
    return Slack(TOKEN, url)


def test_a_post_carries_its_id_and_unfurls_nothing(fake, slack):
    sent = slack.post("#cx", "words", [{"type": "divider"}], "message-1")
    assert sent == Sent("C00000001", "1700000000.000100")
    posted = fake.posted[0]
    assert posted["metadata"] == {"event_type": "cxloop", "event_payload": {"message_id": "message-1"}}
    assert (posted["unfurl_links"], posted["unfurl_media"], posted["text"]) == (False, False, "words")


def test_an_edit_names_the_message_by_channel_and_time(fake, slack):
    slack.update(Sent("C00000001", "17.1"), "words", [], "message-2")
    method, sent = fake.calls[-1]
    assert (method, sent["channel"], sent["ts"]) == ("chat.update", "C00000001", "17.1")


def test_a_message_is_found_again_by_its_id(slack):
    slack.post("#cx", "words", [], "message-1")
    sent = slack.post("#cx", "other", [], "message-2")
    assert slack.find("#cx", "message-2") == sent
    assert slack.find("#cx", "message-3") is None


def test_a_reply_is_looked_for_in_its_thread(slack):
    root = slack.post("#cx", "words", [], "message-1")
    reply = slack.post("#cx", "worse", [], "message-2", thread_ts=root.ts)
    assert slack.find("#cx", "message-2", root.ts) == reply
    assert slack.find("#cx", "message-2") is None


def test_a_channel_is_looked_up_by_name_only_when_it_must_be(fake, url):
    Slack(TOKEN, url).find("#cx", "message-1")
    assert [method for method, _ in fake.calls] == ["conversations.list", "conversations.history"]
    fake.calls.clear()
    known = Slack(TOKEN, url)
    known.knows("#cx", "C00000001")
    known.find("#cx", "message-1")
    assert [method for method, _ in fake.calls] == ["conversations.history"]


def test_an_unknown_channel_is_told_in_words(slack):
    with pytest.raises(ChannelRefusedError, match=r"refuses #nowhere: channel_not_found\. Check the name"):
        slack.find("#nowhere", "message-1")


def test_a_short_wait_is_waited(fake, slack, monkeypatch):
    waited = []
    monkeypatch.setattr("slack_sdk.http_retry.builtin_handlers.time.sleep", waited.append)
    fake.once("chat.postMessage", 429, {"ok": False, "error": "ratelimited"}, Retry_After="2")
    slack.post("#cx", "words", [], "message-1")
    assert len(fake.posted) == 1
    assert 2 <= waited[0] < 3


@pytest.mark.parametrize("asked", ["86400", "Wed, 21 Oct 2026 07:28:00 GMT", ""])
def test_a_long_or_unreadable_wait_is_left_to_the_next_run(fake, slack, asked):
    fake.once("chat.postMessage", 429, {"ok": False, "error": "ratelimited"}, Retry_After=asked)
    with pytest.raises(SlackUnreachableError, match="come back later"):
        slack.post("#cx", "words", [], "message-1")


@pytest.mark.parametrize("body", [{"ok": False, "error": "internal_error"}, "<html>busy</html>"])
def test_a_fault_of_slacks_is_left_to_the_next_run(fake, slack, body):
    fake.once("chat.postMessage", 503, body)
    with pytest.raises(SlackUnreachableError):
        slack.post("#cx", "words", [], "message-1")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("invalid_auth", TokenRefusedError),
        ("token_revoked", TokenRefusedError),
        ("not_in_channel", ChannelRefusedError),
        ("is_archived", ChannelRefusedError),
        ("msg_too_long", ChannelRefusedError),
        ("message_not_found", MessageGoneError),
    ],
)
def test_what_slack_refuses_says_what_to_do(fake, slack, said, error):
    fake.once("chat.postMessage", 200, {"ok": False, "error": said})
    with pytest.raises(error, match=said) as raised:
        slack.post("#cx", "words", [], "message-1")
    assert TOKEN not in str(raised.value)
    assert isinstance(raised.value, DeliveryError)


def test_a_lost_answer_is_never_answered_by_a_second_post(fake, slack):
    fake.once("chat.postMessage", 200, None)
    with pytest.raises(SlackUnreachableError, match="could not be reached"):
        slack.post("#cx", "words", [], "message-1")
    assert [method for method, _ in fake.calls] == ["chat.postMessage"]


def test_nobody_there_is_told_in_words():
    with pytest.raises(SlackUnreachableError, match="could not be reached"):
        Slack(TOKEN, "http://127.0.0.1:9").post("#cx", "words", [], "message-1")


def test_a_long_text_is_cut_to_what_slack_shows():
    assert len(payload("x" * 10_000, [], "message-1")["text"]) < 4_000
