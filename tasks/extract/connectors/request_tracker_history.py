"""Request Tracker's transactions as events of tickets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.connectors import Options, Row
from tasks.extract.connectors.extras import named

Record = Mapping[str, Any]

HISTORY_FIELDS: Final = {
    "fields": "id,Type,Field,OldValue,NewValue,Created,Creator,ObjectId,ObjectType",
    "fields[Creator]": "id,Name,EmailAddress",
}
STATUSES: Final = {
    "new": "new", "open": "open", "stalled": "pending", "resolved": "solved", "rejected": "closed",
    "deleted": "deleted",
}  # fmt: skip
"""The default lifecycle's; of a lifecycle of their own a company says what its statuses mean."""

MACHINE: Final = "RT_System"
NOBODY: Final = "6"
_OUTSIDE: Final = ("Requestor", "Cc")
_MESSAGES: Final = {"Correspond": True, "Comment": False}


@dataclass(frozen=True)
class Ticket:
    """What a ticket's transactions do not say themselves.

    Attributes:
        status, queue: now, in RT's words; None: not known.
        outside: names of its requestors and Ccs now.
    """

    id: str
    status: str | None = None
    queue: str | None = None
    outside: frozenset[str] = frozenset()


def status_of(word: str, options: Options) -> str:
    """RT's status in our words; one that nobody explained is at work."""
    own: Mapping[str, str] = options.get("statuses") or {}
    return own.get(word) or STATUSES.get(word, "open")


def events_of(ticket: Ticket, transactions: Iterable[Record], options: Options) -> list[Row]:
    """One event for each status, team, owner, priority, merge and message, in order.

    Args:
        ticket: the ticket as it is now.
        transactions: its own, and those of tickets merged into it, which are left to those.
        options: what sources.yaml says about queues, statuses and staff.
    """
    by_id = {int(each["id"]): each for each in transactions if str(each["ObjectId"]) == ticket.id}
    own = [by_id[number] for number in sorted(by_id)]
    outside = _outside_then(ticket.outside, own)
    return [
        {**event, **_by_whom(each, is_outside, options)}
        for each, is_outside in zip(own, outside, strict=True)
        for event in _changes(ticket, each, own, options)
    ]


def _changes(ticket: Ticket, each: Record, own: Sequence[Record], options: Options) -> Iterator[Row]:
    kind, changed, old, new = each["Type"], each["Field"], each["OldValue"], each["NewValue"]
    if kind == "Create":
        if status := _first(own, "Status", ticket.status):
            yield _event(each, "status", None, status_of(status, options))
        if queue := _first(own, "Queue", ticket.queue):
            yield _event(each, "team", None, named(options, "queues", queue))
    elif kind in _MESSAGES:
        yield _event(each, "comment", None, None) | {"is_public": _MESSAGES[kind]}
    elif kind == "Status":
        yield _event(each, "status", status_of(old, options), status_of(new, options))
    elif kind == "Set" and changed == "Queue":
        yield _event(each, "team", named(options, "queues", old), named(options, "queues", new))
    elif kind == "Set" and changed == "Priority":
        yield _event(each, "priority", old, new)
    elif kind == "Set" and changed == "Owner":
        yield _event(each, "owner", _held(old), _held(new))
    elif kind == "AddLink" and changed == "MergedInto":
        target = new.rsplit("/", 1)[-1]
        yield _event(each, "merged_into" if target != ticket.id else "absorbed", None, target)


def _event(each: Record, field: str, old: str | None, new: str | None) -> Row:
    return {
        "event_id": f"{each['id']}:{field}", "ticket_id": str(each["ObjectId"]), "at": each["Created"],
        "field": field, "old": old, "new": new, "sequence": int(each["id"]), "is_public": field == "status",
    }  # fmt: skip


def _first(own: Sequence[Record], field: str, now: str | None) -> str | None:
    """A field's value at creation: what its first change found, else what it is now."""
    return next((each["OldValue"] for each in own if each["Field"] == field and each["Type"] in ("Set", "Status")), now)


def _held(user: str) -> str | None:
    """Whether somebody has it; never who."""
    return None if user in ("", NOBODY) else "somebody"


def _by_whom(each: Record, is_outside: bool, options: Options) -> Row:
    creator = each["Creator"]
    if creator["Name"] == MACHINE:
        return {"actor": str(creator["id"]), "actor_role": "bot"}
    domains = [str(domain).lower() for domain in options.get("staff_domains") or ()]
    domain = str(creator.get("EmailAddress") or "").lower().rpartition("@")[2]
    is_customer = is_outside or bool(domains and domain not in domains)
    return {"actor": str(creator["id"]), "actor_role": "customer" if is_customer else "agent"}


def _outside_then(now: frozenset[str], own: Sequence[Record]) -> list[bool]:
    """For each transaction whether its creator asked, or was in copy, at that moment: read back from today."""
    names = {str(each["Creator"]["id"]): each["Creator"]["Name"] for each in own}
    held, found = set(now), list[bool]()
    for each in reversed(own):
        found.append(each["Creator"]["Name"] in held)
        if each["Field"] in _OUTSIDE:
            if each["Type"] == "AddWatcher":
                held.discard(names.get(each["NewValue"], ""))
            elif each["Type"] == "DelWatcher":
                held.add(names.get(each["OldValue"], ""))
    return found[::-1]
