"""Slack's pages: what people wrote is a note, whoever and wherever they mention, and nothing else is."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.connectors import Options, Page, Row
from domain.paging import Answer
from tasks.extract.catalog import with_defaults
from tasks.extract.connectors.slack_channel import CONNECTOR

KEPT = Path(__file__).parents[1] / "pages" / "slack_channel" / "messages.json"
MESSAGES = CONNECTOR.stream("messages")


def page() -> Page:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return Page(kept["body"], {("replies", key): bodies for key, bodies in kept["children"]["replies"].items()})


def options(**written: Any) -> Options:
    return {**with_defaults(CONNECTOR, {"channels": ["C0SUPPORT"], **written}), "each": "C0SUPPORT"}


def notes(read: Page, **written: Any) -> dict[str, Row]:
    """Rows by the message's time."""
    rows = MESSAGES.parse(read, options(**written))["feedback_notes"]
    assert len({row["note_id"] for row in rows}) == len(rows)
    return {row["note_id"].removeprefix("C0SUPPORT:"): row for row in rows}


def refusal(body: Any) -> str | None:
    return CONNECTOR.refusal(Answer("https://slack.com/api/conversations.history", {}, b"", body))


def test_messages_and_replies_of_people_are_notes_each_once() -> None:
    assert {key: note["body"] for key, note in notes(page()).items() if note["deleted_at"] is None} == {
        "1772449200.000300": "Same in Hamburg",
        "1772448100.000900": "Which shop?",
        "1772445600.000200": "<@U0BEN> R&D: <mailto:carla@buyer.example|carla@buyer.example> waits > 2 weeks "
        "<!channel>",
        "1772445000.000700": None,
    }


def test_an_edited_message_has_a_later_version_and_its_own_time() -> None:
    note = notes(page())["1772445600.000200"]
    assert (note["noted_at"], note["version_at"]) == ("2026-03-02T10:00:00.000200Z", "2026-03-02T10:01:40Z")


def test_a_reply_belongs_to_its_thread() -> None:
    found = notes(page())
    assert found["1772448100.000900"]["thread_id"] == "C0SUPPORT:1772448000.000400"
    assert found["1772445000.000700"]["thread_id"] == "C0SUPPORT:1772445000.000700"


def test_a_deleted_message_that_has_replies_is_deleted_and_says_nothing() -> None:
    deleted = notes(page())["1772448000.000400"]
    assert (deleted["body"], deleted["deleted_at"]) == (None, "2026-03-02T10:40:00.000400Z")


def test_bots_and_arrivals_say_nothing_of_customers_unless_a_bot_is_named() -> None:
    assert notes(page(), bots=["B0FORM"]).keys() - notes(page()).keys() == {"1772447000.000500"}


def test_a_message_of_a_kind_that_slack_adds_later_is_no_note() -> None:
    body = {"messages": [{"type": "message", "subtype": "huddle_thread", "ts": "1772445000.000700", "text": "…"}]}
    assert notes(Page(body)) == {}


def test_an_empty_channel_gives_no_rows() -> None:
    assert notes(Page({"ok": True, "messages": [], "has_more": False})) == {}


def test_a_page_without_messages_is_an_error() -> None:
    with pytest.raises(KeyError, match="messages"):
        MESSAGES.parse(Page({"ok": True}), options())


def test_an_answer_that_is_not_ok_is_a_refusal_in_slacks_words() -> None:
    assert refusal({"ok": False, "error": "not_in_channel"}) == "not_in_channel"
    needed = {"ok": False, "error": "missing_scope", "needed": "channels:history", "provided": "chat:write"}
    assert refusal(needed) == "missing_scope (it needs the scope channels:history)"
    assert refusal({"ok": True, "messages": []}) is None


def test_threads_alone_are_asked_for_their_replies() -> None:
    (replies,) = MESSAGES.children
    wanted = [message["ts"] for message in page().body["messages"] if replies.wanted(message)]
    assert wanted == ["1772448000.000400", "1772445600.000200"]


def test_the_next_page_is_the_one_that_the_cursor_names() -> None:
    body = {"ok": True, "messages": [], "response_metadata": {"next_cursor": "bmV4dA=="}}
    following = MESSAGES.paging.following(MESSAGES.request, Answer("", {}, b"", body), 200)
    assert following is not None
    assert following.query == {**MESSAGES.request.query, "cursor": "bmV4dA=="}


def test_a_note_that_names_one_address_of_somebody_else_is_about_that_customer() -> None:
    rows = MESSAGES.parse(page(), options(own_domains=["acme.example"]))
    assert [(one["kind"], one["value_hash"]) for one in rows["identities"]] == [("email", "carla@buyer.example")]
    about = {note["note_id"].rpartition(":")[2]: note["customer_id"] for note in rows["feedback_notes"]}
    assert {key for key, customer in about.items() if customer} == {"1772445600.000200"}
    assert about["1772445600.000200"] == rows["identities"][0]["customer_id"]


@pytest.mark.parametrize(
    ("written", "n"),
    [
        ("<mailto:a@buyer.example|a@buyer.example> and <mailto:A@Buyer.example>", 1),
        ("<mailto:a@buyer.example> and <mailto:b@buyer.example>: which of them nobody knows", 0),
        ("<mailto:ann@acme.example> of ours and <mailto:a@buyer.example>", 1),
        ("<mailto:ann@acme.example> of ours", 0),
        ("nobody", 0),
    ],
)
def test_of_several_addresses_nobody_knows_whom_a_note_is_about(written: str, n: int) -> None:
    body = {"messages": [{"type": "message", "ts": "1772445600.000200", "user": "U1", "text": written}]}
    rows = MESSAGES.parse(Page(body), options(own_domains=["Acme.example"]))
    assert len(rows["identities"]) == n


def test_without_own_domains_nobody_is_guessed() -> None:
    assert MESSAGES.parse(page(), options()).keys() == {"feedback_notes"}
