"""Slack: what colleagues write about customers in a channel, threads included."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from html import unescape
from typing import Any, Final

from domain.connectors import (
    Child,
    Connector,
    Covers,
    Field,
    Option,
    Options,
    Page,
    Rate,
    Row,
    Rows,
    Secret,
    Since,
    Stream,
    Token,
    iso,
)
from domain.paging import Answer, NextToken, Request, inside
from tasks.extract.connectors.authors import addresses_of, customer_of

NEXT: Final = NextToken(at=("response_metadata", "next_cursor"), parameter="cursor")
BROADCAST: Final = "thread_broadcast"
WRITTEN_BY_PEOPLE: Final = ("", "file_share", "me_message", BROADCAST)
"""Kinds of messages that somebody wrote; all others tell what happened in the channel."""
_MAIL: Final = re.compile(r"<mailto:([^|>\s]+@[^|>\s]+)[|>]")
"""An address as Slack writes it."""
DELETED: Final = "tombstone"
"""What stands where a message was that has replies."""


def refused(answer: Answer) -> str | None:
    """Slack says what went wrong with status 200."""
    if inside(answer.body, ("ok",)) is not False:
        return None
    needed = inside(answer.body, ("needed",))
    return f"{inside(answer.body, ('error',))}" + (f" (it needs the scope {needed})" if needed else "")


def notes(page: Page, options: Options) -> Rows:
    """One note for each message and each reply in its thread that somebody wrote.

    Left out: what bots say, unless the option `bots` names them, and what only tells of the channel (somebody
    joined, changed its topic).
    """
    channel, counted = str(options["each"]), frozenset[str](options.get("bots") or ())
    own = frozenset(str(domain).lower() for domain in options.get("own_domains") or ())
    found = [
        _note(message, channel, first["ts"])
        for first in page.body["messages"]
        for message in (first, *_replies(page, first["ts"]))
        if _is_note(message, counted)
    ]
    if not own:
        return {"feedback_notes": found}
    named = [(note, _customer(note["body"], own)) for note in found]
    return {
        "feedback_notes": [{**note, "customer_id": customer_of(known)} for note, known in named],
        "identities": [one for note, known in named for one in addresses_of(known, note["noted_at"])],
    }


def _customer(body: str | None, own: frozenset[str]) -> list[tuple[str, str]]:
    """The customer whom a note names: by the one e-mail address in it that is none of ours; of several nobody knows."""
    found = {address.lower() for address in _MAIL.findall(body or "")}
    theirs = sorted(address for address in found if address.rpartition("@")[2] not in own)
    return [("email", theirs[0])] if len(theirs) == 1 else []


def _replies(page: Page, thread: str) -> Iterator[Mapping[str, Any]]:
    """Answers that are in the thread alone: its first message is on each page, and the channel shows broadcasts."""
    for body in page.of("replies", thread):
        for message in body["messages"]:
            if message["ts"] != thread and message.get("subtype") != BROADCAST:
                yield message


def _is_note(message: Mapping[str, Any], counted: frozenset[str]) -> bool:
    if bot := message.get("bot_id"):
        return bot in counted
    return (message.get("subtype") or "") in (*WRITTEN_BY_PEOPLE, DELETED)


def _note(message: Mapping[str, Any], channel: str, listed: str) -> Row:
    at, is_deleted = iso(message["ts"]), message.get("subtype") == DELETED
    return {
        "note_id": f"{channel}:{message['ts']}",
        "body": None if is_deleted else unescape(message.get("text") or "") or None,
        "noted_at": at,
        "version_at": iso(inside(message, ("edited", "ts"))) or at,
        "deleted_at": at if is_deleted else None,  # Slack does not tell when
        "channel_id": channel,
        "thread_id": f"{channel}:{message.get('thread_ts') or message['ts']}",
        "listed_at": iso(listed),
        "author": message.get("user") or message.get("bot_id"),
    }


def _has_replies(message: Mapping[str, Any]) -> bool:
    return message.get("reply_count", 0) > 0


CONNECTOR: Final = Connector(
    kind="slack_channel",
    title="Slack",
    address="https://slack.com",
    auth=Token("Bearer {token}"),
    secrets=(
        Secret("token", "CXLOOP_SLACK_TOKEN", "bot token (xoxb-…) with channels:history; groups:history if private"),
    ),
    options=(
        Option("channels", "ids of the channels (C…) that the app is a member of", "texts", is_required=True),
        Option("own_domains", "your company's mail domains: a note that names one e-mail address of another is "
               "then about that customer", "texts", ()),
        Option("bots", "ids of bots (B…) whose messages count: forms that colleagues fill in", "texts", ()),
    ),
    streams=(
        Stream(
            name="messages",
            request=Request("/api/conversations.history", {"channel": "{each}", "limit": "200"}),
            parse=notes,
            feeds=("feedback_notes", "identities"),
            records=("messages",),
            key=("ts",),
            paging=NEXT,
            # Replies and edits do not move a message: what is younger than this is read again each time.
            since=Since(mark=("ts",), parameter="oldest", written="epoch_s", overlap=timedelta(days=30)),
            covers=Covers("listed_at", ("feedback_notes",)),
            fields=(Field(("ts",), "text"), Field(("type",), "text", words=("message",)), Field(("text",), "text")),
            children=(
                Child(
                    name="replies",
                    request=Request(
                        "/api/conversations.replies", {"channel": "{each}", "ts": "{id}", "limit": "200"}
                    ),
                    paging=NEXT,
                    records=("messages",),
                    wanted=_has_replies,
                ),
            ),
            per_option="channels",
        ),
    ),
    rate=Rate(50, 60),
    refusal=refused,
)  # fmt: skip
"""Facts: Slack's published contract of its Web API, and its documentation of rate tiers."""
