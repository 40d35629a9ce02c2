"""The outbox is sent, row by row, in order: each is marked when the other side has answered."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

from sqlalchemy import Connection, select, update

from domain.context import RunContext
from domain.errors import ConfigError, DeliveryError
from domain.settings import Settings, load_settings
from sql.store import Store, store_at
from sql.tables import outbox
from tasks.alert.outgoing import Row
from tasks.alert.steps.rows import outbox_rows
from wire.blocks import secret_in
from wire.outfiles import message_name, write_message
from wire.slack import MessageGoneError, Sent, Slack, SlackUnreachableError, TokenRefusedError, payload

Deliver = Callable[[Row], str]
"""Hands one row over; what the other side calls it."""


@dataclass(frozen=True)
class _Way:
    """Where messages go, and how."""

    name: str
    deliver: Deliver


def send_all(context: RunContext) -> tuple[dict[str, int], list[str]]:
    """Send what waits; counts of sent and still waiting rows, and what went wrong in words.

    A channel that refuses stops only its own messages; a token that is refused or a network that is
    gone stops all. What was not sent stays in the outbox and is tried again by the next run.
    """
    store, settings = store_at(context.folder), load_settings(context.project)
    with store.reading() as connection:
        rows = outbox_rows(connection)
        far = _far_ids(connection)
    try:
        way = _slack(settings, far) if settings.slack_token else _files(context, rows)
    except ConfigError as problem:
        return {"sent": 0, "waiting": sum(row.state == "waiting" for row in rows)}, [f"Slack: {problem}"]
    sent, troubles, closed = 0, dict[str, str](), set[str]()
    waiting = [row for row in rows if row.state == "waiting"]
    for row in waiting:
        if "*" in closed or row.channel in closed:
            continue
        _note(store, context, row, n_tries=row.n_tries + 1)
        try:
            far_id = way.deliver(row)
        except DeliveryError as error:
            closed.add("*" if isinstance(error, SlackUnreachableError | TokenRefusedError) else row.channel)
            troubles[str(error)] = row.channel
            _note(store, context, row, error=str(error))
            continue
        _note(store, context, row, state="sent", sent_to=way.name, far_id=far_id, error=None, sent_at=datetime.now(UTC))
        sent += 1
    return {"sent": sent, "waiting": len(waiting) - sent}, list(troubles)


def _slack(settings: Settings, far: dict[str, str]) -> _Way:
    """Slack: posts are posted, edits edit the latest message of their key, replies go into its thread."""
    assert settings.slack_token is not None  # noqa: S101
    slack = Slack(secret_in(settings.slack_token.get_secret_value()), settings.slack_base_url)
    latest = _Latest(far, slack)

    def deliver(row: Row) -> str:
        blocks, there = json.loads(row.blocks), latest.of(row)
        if row.kind == "edit" and there is not None:
            try:
                return latest.now(row, slack.update(there, row.text, blocks, row.message_id))
            except MessageGoneError:
                there = None  # somebody deleted it: it is posted anew
        thread = there.ts if row.kind == "reply" and there is not None else None
        found = slack.find(row.channel, row.message_id, thread) if row.n_tries else None
        sent = found or slack.post(row.channel, row.text, blocks, row.message_id, thread)
        return latest.now(row, sent)

    return _Way("slack", deliver)


class _Latest:
    """Where the message of each key and channel stands in Slack."""

    def __init__(self, far: dict[str, str], slack: Slack) -> None:
        self._places: dict[tuple[str, str], Sent] = {}
        self._slack = slack
        for labels, far_id in far.items():
            key, channel = json.loads(labels)
            self._places[key, channel] = Sent.parsed(far_id)
            slack.knows(channel, self._places[key, channel].channel)

    def of(self, row: Row) -> Sent | None:
        """The message that a row edits or answers."""
        return self._places.get((row.key, row.channel))

    def now(self, row: Row, sent: Sent) -> str:
        """Note where a row went; a reply's root stays what it is."""
        if row.kind != "reply" or (row.key, row.channel) not in self._places:
            self._places[row.key, row.channel] = sent
        return sent.far_id


def _far_ids(connection: Connection) -> dict[str, str]:
    """(key, channel) as JSON → where Slack has its message, the latest one."""
    columns = (outbox.c[name] for name in ("key", "channel", "far_id"))
    wanted = select(*columns).where(
        outbox.c.state == "sent", outbox.c.sent_to == "slack", outbox.c.kind != "reply", outbox.c.far_id.is_not(None)
    )
    rows = Store.rows(connection, wanted.order_by(outbox.c.moment, outbox.c.sequence))
    return {json.dumps([row["key"], row["channel"]]): row["far_id"] for row in rows}


def _files(context: RunContext, rows: Sequence[Row]) -> _Way:
    """Files: one pair per message, holding its latest words and its thread."""

    def deliver(row: Row) -> str:
        same = [other for other in rows if (other.key, other.channel) == (row.key, row.channel)]
        said = [other for other in same[: same.index(row) + 1] if other.state != "collapsed"]
        body = next((other for other in reversed(said) if other.kind != "reply"), row)
        thread = [other for other in said if other.kind == "reply"]
        name = message_name(same[0].moment, row.channel, row.key)
        content = {
            "channel": row.channel,
            **payload(body.text, json.loads(body.blocks), body.message_id),
            "thread": [payload(other.text, json.loads(other.blocks), other.message_id) for other in thread],
        }
        text = "\n\n".join([f"{row.channel}\n{body.text}", *(f"in the thread:\n{other.text}" for other in thread)])
        write_message(context.project.out / "messages", name, content, unescape(text))
        return name

    return _Way("files", deliver)


def _note(store: Store, context: RunContext, row: Row, **values: object) -> None:
    with store.transaction(context.run_id) as connection:
        Store.execute(connection, update(outbox).where(outbox.c.message_id == row.message_id).values(**values))
