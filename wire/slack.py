"""Slack by bot token: post, edit, and look whether a message arrived.

What Slack promises (docs.slack.dev, methods chat.postMessage, chat.update, conversations.history):
there is no idempotency key, so every message carries its id as metadata, and a message whose
answer was lost is looked for before it is sent again. Needed scopes: chat:write, channels:history,
and channels:read to find a channel by name (groups:… for private ones).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from typing import Any, cast

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler
from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web import SlackResponse

from domain.errors import DeliveryError

EVENT = "cxloop"
"""Event type of the metadata that every message carries."""
LONGEST_WAIT = 60
"""Seconds that Slack may ask us to wait; more, and the next run sends the rest."""
_TIMEOUT, _PAGE, _MOST_PAGES, _MOST_TEXT = 30, 200, 10, 3_900


class Method(StrEnum):
    """The methods called."""

    POST = "chat.postMessage"
    UPDATE = "chat.update"
    HISTORY = "conversations.history"
    REPLIES = "conversations.replies"
    LIST = "conversations.list"


class Refusal(StrEnum):
    """The errors that mean something of their own."""

    NOT_AUTHED = "not_authed"
    INVALID_AUTH = "invalid_auth"
    ACCOUNT_INACTIVE = "account_inactive"
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    MISSING_SCOPE = "missing_scope"
    CHANNEL_NOT_FOUND = "channel_not_found"
    NOT_IN_CHANNEL = "not_in_channel"
    IS_ARCHIVED = "is_archived"
    MESSAGE_NOT_FOUND = "message_not_found"
    CANT_UPDATE_MESSAGE = "cant_update_message"
    THREAD_NOT_FOUND = "thread_not_found"
    RATELIMITED = "ratelimited"
    RATE_LIMITED = "rate_limited"
    INTERNAL_ERROR = "internal_error"
    FATAL_ERROR = "fatal_error"
    SERVICE_UNAVAILABLE = "service_unavailable"


class SlackUnreachableError(DeliveryError):
    """Slack did not answer, or asks to wait long: nothing more is sent in this run."""


class TokenRefusedError(DeliveryError):
    """Slack refuses the token: nothing more is sent in this run."""


class ChannelRefusedError(DeliveryError):
    """Slack refuses one channel or message: the other channels go on."""


class MessageGoneError(DeliveryError):
    """The message that was to be edited is not there any more."""


@dataclass(frozen=True)
class Sent:
    """Where Slack put a message: the channel's id and the message's timestamp, which is its id there."""

    channel: str
    ts: str

    @property
    def far_id(self) -> str:
        """Both as one text."""
        return f"{self.channel}:{self.ts}"

    @classmethod
    def parsed(cls, far_id: str) -> "Sent":
        """The inverse of `far_id`."""
        channel, ts = far_id.split(":", 1)
        return cls(channel, ts)


class PatientRateLimit(RateLimitErrorRetryHandler):
    """Waits as long as Slack asks for, within reason."""

    def _can_retry(
        self,
        *,
        state: RetryState,  # noqa: ARG002
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> bool:
        if response is None or response.status_code != 429:
            return False
        asked = next((str(v[0]) for k, v in response.headers.items() if k.lower() == "retry-after"), "")
        return asked.isdigit() and int(asked) <= LONGEST_WAIT


class Slack:
    """One workspace, by the token of one bot."""

    def __init__(self, token: str, base_url: str) -> None:
        url = base_url if base_url.endswith("/") else f"{base_url}/"
        limits = PatientRateLimit(max_retry_count=3)
        # a post is never repeated blindly: the first one may have arrived
        self._posting = WebClient(token, base_url=url, timeout=_TIMEOUT, retry_handlers=[limits], logger=_quiet())
        again: list[RetryHandler] = [limits, ConnectionErrorRetryHandler(max_retry_count=2)]
        self._client = WebClient(token, base_url=url, timeout=_TIMEOUT, retry_handlers=again, logger=_quiet())
        self._ids: dict[str, str] = {}

    def knows(self, channel: str, channel_id: str) -> None:
        """Remember a channel's id, so that it need not be asked for."""
        self._ids[channel] = channel_id

    def post(
        self,
        channel: str,
        text: str,
        blocks: Sequence[Mapping[str, Any]],
        message_id: str,
        thread_ts: str | None = None,
    ) -> Sent:
        """Post a message, or a reply in the thread of `thread_ts`.

        Raises:
            SlackUnreachableError: it may or may not have arrived: `find` tells.
            TokenRefusedError, ChannelRefusedError: it did not.
        """
        answer = _called(
            Method.POST, channel, lambda: self._posting.chat_postMessage(
                channel=channel, **payload(text, blocks, message_id), thread_ts=thread_ts,
                unfurl_links=False, unfurl_media=False, link_names=True,
            ),
        )  # fmt: skip
        sent = Sent(str(answer["channel"]), str(answer["ts"]))
        self.knows(channel, sent.channel)
        return sent

    def update(self, sent: Sent, text: str, blocks: Sequence[Mapping[str, Any]], message_id: str) -> Sent:
        """Edit a message; MessageGoneError when somebody deleted it, else as `post`."""
        answer = _called(
            Method.UPDATE, sent.channel, lambda: self._client.chat_update(
                channel=sent.channel, ts=sent.ts, **payload(text, blocks, message_id), link_names=True
            ),
        )  # fmt: skip
        return Sent(str(answer["channel"]), str(answer["ts"]))

    def find(self, channel: str, message_id: str, thread_ts: str | None = None) -> Sent | None:
        """The message with this id among the channel's latest 2,000 (or the thread's); None: it never arrived."""
        channel_id, cursor = self._id_of(channel), ""
        for _ in range(_MOST_PAGES):
            page = self._page(channel, channel_id, thread_ts, cursor)
            for message in page.get("messages", []):
                if _id_in(message.get("metadata") or {}) == message_id:
                    return Sent(channel_id, str(message["ts"]))
            cursor = _next(page)
            if not cursor:
                break
        return None

    def _page(self, channel: str, channel_id: str, thread_ts: str | None, cursor: str) -> dict[str, Any]:
        if thread_ts is not None:
            return _called(
                Method.REPLIES, channel, lambda: self._client.conversations_replies(
                    channel=channel_id, ts=thread_ts, cursor=cursor or None, limit=_PAGE, include_all_metadata=True
                ),
            )  # fmt: skip
        return _called(
            Method.HISTORY, channel, lambda: self._client.conversations_history(
                channel=channel_id, cursor=cursor or None, limit=_PAGE, include_all_metadata=True
            ),
        )  # fmt: skip

    def _id_of(self, channel: str) -> str:
        """The id of a channel given by name; looked up once."""
        if not channel.startswith("#"):
            return channel
        # a kind at a time: asking for private ones takes a right that a bot in public channels does not have
        for kind in ("public_channel", "private_channel"):
            cursor: str | None = None
            while channel not in self._ids and cursor != "":
                page = _called(
                    Method.LIST, channel, lambda kind=kind, cursor=cursor: self._client.conversations_list(
                        cursor=cursor, exclude_archived=True, limit=1000, types=kind
                    ),
                )  # fmt: skip
                self._ids.update({f"#{found['name']}": str(found["id"]) for found in page.get("channels", [])})
                following = _next(page)
                cursor = "" if following == cursor else following
        if channel not in self._ids:
            raise ChannelRefusedError(_in_words(Method.LIST, channel, Refusal.CHANNEL_NOT_FOUND))
        return self._ids[channel]


def payload(text: str, blocks: Sequence[Mapping[str, Any]], message_id: str) -> dict[str, Any]:
    """What a message consists of, with the id it is found again by."""
    return {
        "text": text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]} …",
        "blocks": [dict(block) for block in blocks],
        "metadata": {"event_type": EVENT, "event_payload": {"message_id": message_id}},
    }


def _quiet() -> logging.Logger:
    """The library logs what it sends and gets; bodies do not belong into logs, and errors are told by us."""
    logger = logging.getLogger("wire.slack.sdk")
    logger.setLevel(logging.CRITICAL)
    return logger


def _next(page: Mapping[str, Any]) -> str:
    """Where the next page begins; empty: this was the last."""
    return _text(page.get("response_metadata"), "next_cursor")


def _id_in(metadata: Mapping[str, Any]) -> str:
    return _text(metadata.get("event_payload"), "message_id") if metadata.get("event_type") == EVENT else ""


def _text(part: Mapping[str, Any] | None, name: str) -> str:
    return str(part.get(name) or "") if part else ""


_ADVICE: dict[str, str] = {
    Refusal.CHANNEL_NOT_FOUND: "Check the name in roadmap.yaml; a private channel must have invited the bot",
    Refusal.NOT_IN_CHANNEL: "Invite the bot: write /invite @cxloop there",
    Refusal.IS_ARCHIVED: "Name another channel in roadmap.yaml",
    Refusal.MISSING_SCOPE: "Give the bot chat:write, channels:history, channels:read (private channels: groups:…)",
}
_TOKEN = frozenset({
    Refusal.NOT_AUTHED, Refusal.INVALID_AUTH, Refusal.ACCOUNT_INACTIVE, Refusal.TOKEN_REVOKED, Refusal.TOKEN_EXPIRED
})  # fmt: skip
_GONE = frozenset({Refusal.MESSAGE_NOT_FOUND, Refusal.CANT_UPDATE_MESSAGE, Refusal.THREAD_NOT_FOUND})
_LATER = frozenset({
    Refusal.RATELIMITED, Refusal.RATE_LIMITED, Refusal.INTERNAL_ERROR, Refusal.FATAL_ERROR, Refusal.SERVICE_UNAVAILABLE
})  # fmt: skip


def _called(method: Method, channel: str, call: Callable[[], SlackResponse]) -> dict[str, Any]:
    """Slack's answer, or an error that says what to do; never a token in it."""
    try:
        return cast("dict[str, Any]", call().data)
    except SlackApiError as error:
        raise _refusal(method, channel, error) from None
    except (SlackClientError, OSError, HTTPException) as error:
        raise SlackUnreachableError(
            f"Slack ({method}) could not be reached: {type(error).__name__}. Messages wait in the outbox; "
            "the next run sends them."
        ) from None


def _refusal(method: Method, channel: str, error: SlackApiError) -> DeliveryError:
    response: Any = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    said = response.get("error") if hasattr(response, "get") else None
    if status == 429 or status >= 500 or said in _LATER or not said:
        what = f"HTTP {status}" if status and not said else str(said or "no answer that can be read")
        return SlackUnreachableError(
            f"Slack ({method}) asks to come back later: {what}. Messages wait in the outbox; the next run sends them."
        )
    if said in _TOKEN:
        return TokenRefusedError(
            f"Slack refuses the token: {said}. Set CXLOOP_SLACK_TOKEN to a valid one; messages wait in the outbox."
        )
    if said in _GONE:
        return MessageGoneError(_in_words(method, channel, str(said)))
    return ChannelRefusedError(_in_words(method, channel, str(said)))


def _in_words(method: Method, channel: str, said: str) -> str:
    advice = _ADVICE.get(said, "See docs.slack.dev for this error")
    return f"Slack ({method}) refuses {channel}: {said}. {advice}; its messages wait in the outbox."
