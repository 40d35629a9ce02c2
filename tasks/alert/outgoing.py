"""What is to be said now, given what was said before: posts, edits, replies, and what is over budget."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from domain.ids import derived
from domain.windows import week_of

Kind = Literal["post", "edit", "reply"]
DIGEST_KEY = "digest:first-contact"


@dataclass(frozen=True)
class Body:
    """The words of one message: readable text and Block Kit blocks."""

    text: str
    blocks: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Draft:
    """How one message in one channel should stand now.

    Attributes:
        key: the same for every edit. channel: where.
        body: what it should say. reply: what is added to its thread, if anything.
        may_post: it may be posted if it is not there yet.
        is_budgeted: it counts against the channel's messages of the week.
    """

    key: str
    channel: str
    body: Body
    reply: Body | None = None
    may_post: bool = True
    is_budgeted: bool = True


@dataclass(frozen=True)
class Row:
    """One row of the outbox, as far as it matters here."""

    message_id: str
    key: str
    channel: str
    kind: str
    moment: date
    sequence: int
    text: str
    blocks: str
    state: str
    n_tries: int = 0


@dataclass(frozen=True)
class Plan:
    """New rows in order, and waiting edits that a newer one makes needless."""

    rows: list[Row]
    superseded: list[str]


def plan(drafts: Sequence[Draft], before: Sequence[Row], budget: Mapping[str, int], moment: date) -> Plan:
    """The rows to add to the outbox.

    Args:
        drafts: in order of weight: where a channel's budget ends, the later ones wait for Monday's summary.
        before: every row of the drafts' keys and every post of the week, in the order written.
        budget: messages a week by channel; a channel without an entry has no limit.
        moment: the Monday it is told for.

    Returns:
        Nothing where nothing changed: the same drafts planned again give no row.
    """
    made, superseded = list[Row](), list[str]()
    sequence = max((row.sequence for row in before if row.moment == moment), default=-1) + 1
    spent = Counter(
        row.channel
        for row in before
        if row.kind == "post" and row.state != "collapsed" and week_of(row.moment) == week_of(moment)
        and row.key.startswith("incident-")
    )  # fmt: skip
    for draft in drafts:
        same = [row for row in before if (row.key, row.channel) == (draft.key, draft.channel)]
        live = [row for row in same if row.kind != "reply" and (row.state != "collapsed" or row.kind == "edit")]
        if live:
            if _content(live[-1].text, live[-1].blocks) != _content_of(draft.body):
                made.append(_row(draft, "edit", draft.body, live[-1], moment, sequence + len(made)))
                superseded += [
                    r.message_id for r in live if r.kind == "edit" and r.state == "waiting" and not r.n_tries
                ]  # fmt: skip
            if draft.reply is not None:
                made.append(_row(draft, "reply", draft.reply, live[-1], moment, sequence + len(made)))
        elif draft.may_post:
            row = _row(draft, "post", draft.body, same[-1] if same else None, moment, sequence + len(made))
            limit = budget.get(draft.channel) if draft.is_budgeted else None
            if limit is not None and spent[draft.channel] >= limit:
                row = replace(row, state="collapsed")
            else:
                spent[draft.channel] += draft.is_budgeted
            made.append(row)
    return Plan(made, superseded)


def _row(draft: Draft, kind: Kind, body: Body, previous: Row | None, moment: date, sequence: int) -> Row:
    blocks = json.dumps(list(body.blocks), ensure_ascii=False, sort_keys=True)
    # after what it is said: the same words may come back later and are then said again
    message_id = derived(
        "message", draft.key, draft.channel, kind, moment if kind == "reply" else "", body.text, blocks,
        previous.message_id if previous else "",
    )  # fmt: skip
    return Row(message_id, draft.key, draft.channel, kind, moment, sequence, body.text, blocks, "waiting")


def _content(text: str, blocks: str) -> str:
    return f"{text}\n{blocks}"


def _content_of(body: Body) -> str:
    return _content(body.text, json.dumps(list(body.blocks), ensure_ascii=False, sort_keys=True))
