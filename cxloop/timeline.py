"""One person's timeline: what facts of every channel and source say, in the words of a line each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from domain.masking import masked
from domain.segments import BEGINNING
from domain.shown import money

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Moment:
    """Something that happened.

    Attributes:
        at: when (UTC).
        kind: ticket | survey | review | mention | note | subscription | order | customer.
        channel: where, if the source says so.
        what: what happened, in words of ours.
        text: what was written, in words of theirs; empty: nothing.
        url: the row in the vendor's own system.
        customer_id: which of the person's ids it is about.
    """

    at: datetime
    kind: str
    source: str
    channel: str
    what: str
    text: str
    url: str
    customer_id: str

    def masked(self) -> "Moment":
        """The same without addresses, phone and card numbers."""
        return replace(
            self, what=masked(self.what), text=masked(self.text), url=masked(self.url),
            customer_id=masked(self.customer_id),
        )  # fmt: skip


Said = Iterable[tuple[datetime | None, str]]


@dataclass(frozen=True)
class _Told:
    """How the rows of a fact table are told: which columns, and when something happened in them."""

    kind: str
    columns: tuple[str, ...]
    said: Callable[[Row], Said]
    text: tuple[str, ...] = ()


def _ticket(row: Row) -> Said:
    about = _after(": ", row["topic"])
    no_contact = _after(", no contact: ", row["excluded_as"])
    yield row["opened_at"], f"ticket opened{about}{no_contact}"
    yield row["resolved_at"], f"ticket solved{about}"


def _answer(row: Row) -> Said:
    score = "" if row["score"] is None else f": {row['score']:g} of {row['scale_low']:g} to {row['scale_high']:g}"
    yield row["answered_at"], f"answered {row['survey']}{_after(', ', row['question'])}{score}"


def _send(row: Row) -> Said:
    yield row["sent_at"], f"asked: {row['survey']}"


def _review(row: Row) -> Said:
    rating = "" if row["rating"] is None else f": {row['rating']:g} of {row['scale_high']:g}"
    about = "" if row["about"] == "us" else f" of {row['about']}"
    yield row["reviewed_at"], f"review{about}{rating}"


def _mention(row: Row) -> Said:
    about = "" if row["about"] in (None, "us") else f" of {row['about']}"
    yield row["mentioned_at"], f"mention{about}"
    yield row["answered_at"], "mention answered"


def _note(row: Row) -> Said:
    yield row["noted_at"], f"note{_after(' of team ', row['team'])}{_after(', on ', row['touchpoint'])}"


def _subscription(row: Row) -> Said:
    product = _after(": ", row["product"])
    paid = _after(", ", money(row["mrr_minor"], row["currency"]))
    yield row["started_at"], f"subscription began{product}{paid and f'{paid} a month'}"
    yield row["notice_at"], f"notice given{product}"
    yield row["ended_at"], f"subscription ended{product}{_after(', because of ', row['end_reason'])}"


def _order(row: Row) -> Said:
    pieces = _after(" ", row["quantity"] and f"{row['quantity']} ×")
    product = _after(" ", row["product"])
    yield row["ordered_at"], f"ordered{pieces}{product}{_after(', ', money(row['amount_minor'], row['currency']))}"


def _customer(row: Row) -> Said:
    yield row["created_at"], f"became a customer{_after(', plan now ', row['plan'])}"


def _attribute(row: Row) -> Said:
    if row["valid_from"] > BEGINNING:  # what was so from the beginning is no event
        yield row["valid_from"], f"{row['attribute']} is {row['value'] or 'empty'} from now on"


TOLD: Final = {
    "tickets": _Told("ticket", ("url", "channel", "topic", "excluded_as", "opened_at", "resolved_at"), _ticket),
    "survey_answers": _Told(
        "survey",
        ("url", "channel", "survey", "question", "score", "scale_low", "scale_high", "comment", "answered_at"),
        _answer, ("comment",),
    ),
    "survey_sends": _Told("survey", ("channel", "survey", "sent_at"), _send),
    "reviews": _Told(
        "review", ("url", "channel", "about", "rating", "scale_high", "title", "body", "reviewed_at"), _review,
        ("title", "body"),
    ),
    "mentions": _Told(
        "mention", ("url", "channel", "about", "body", "mentioned_at", "answered_at"), _mention, ("body",)
    ),
    "feedback_notes": _Told("note", ("url", "channel", "team", "touchpoint", "body", "noted_at"), _note, ("body",)),
    "subscriptions": _Told(
        "subscription", ("product", "mrr_minor", "currency", "end_reason", "started_at", "notice_at", "ended_at"),
        _subscription,
    ),
    "orders": _Told("order", ("product", "quantity", "amount_minor", "currency", "ordered_at"), _order),
    "customers": _Told("customer", ("url", "plan", "created_at"), _customer),
    "customer_history": _Told("customer", ("attribute", "value", "valid_from"), _attribute),
}  # fmt: skip
"""Fact tables that tell of a customer, and how."""

_ALWAYS: Final = ("source", "customer_id")


def columns_of(table: str) -> tuple[str, ...]:
    """Columns of a fact table that its moments are made of."""
    return (*_ALWAYS, *TOLD[table].columns)


def timeline(facts: Mapping[str, Sequence[Row]]) -> list[Moment]:
    """What happened, the newest first.

    Args:
        facts: by fact table, rows with `columns_of` it.
    """
    found = [moment for table, rows in facts.items() for row in rows for moment in _moments(TOLD[table], row)]
    return sorted(found, key=lambda m: (m.at, m.kind, m.source, m.what, m.text, m.customer_id), reverse=True)


def _moments(told: _Told, row: Row) -> Iterable[Moment]:
    text = ": ".join(row[name] for name in told.text if row[name])
    for place, (at, what) in enumerate(told.said(row)):
        if at is not None:
            yield Moment(
                at, told.kind, row["source"], row.get("channel") or "", what, "" if place else text,
                row.get("url") or "", row["customer_id"],
            )  # fmt: skip


def _after(between: str, value: object) -> str:
    return f"{between}{value}" if value else ""
