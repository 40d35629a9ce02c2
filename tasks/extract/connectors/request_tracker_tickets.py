"""Request Tracker's tickets, as a search or a single call gives them."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote

from domain.connectors import Options, Page, Row, Rows
from domain.paging import inside
from tasks.extract.connectors.extras import named, plain
from tasks.extract.connectors.request_tracker_history import NOBODY, Record, Ticket, events_of, status_of

NEVER: Final = "1970-01-01T00:00:00Z"
_SOLVED: Final = ("solved", "closed")
_API: Final = "/REST/2.0/ticket/"
_SCREEN: Final = "/Ticket/Display.html?id="


def parse_tickets(page: Page, options: Options) -> Rows:
    """A row for each ticket found, merged ones too, and its own events."""
    rows: dict[str, list[Row]] = {"tickets": [], "ticket_events": []}
    for record in page.body["items"]:
        rows["tickets"].append(_ticket(record, options))
        rows["ticket_events"] += events_of(_known(record), _items(page, "history", record["id"]), options)
    return rows


def parse_ticket_ids(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """The ids of all tickets there are, but for deleted ones, which the search does not show."""
    return {"tickets": [{"ticket_id": str(record["id"])} for record in page.body["items"]]}


def parse_departures(page: Page, options: Options) -> Rows:
    """Tickets that were deleted or merged: the search does not tell the first, nor the second's change.

    A ticket that was brought back since is left to the search.
    """
    rows: dict[str, list[Row]] = {"ticket_events": [], "tickets": []}
    for change in page.body["items"]:
        key = str(change["ObjectId"])
        found = [*page.of("deleted", key), *_items(page, "merged", key)]
        record = next((each for each in found if str(each["id"]) == key), None)
        history = [change, *_items(page, "history", key)]
        rows["ticket_events"] += events_of(_known(record) if record else Ticket(key), history, options)
        if record and (record["Status"] == "deleted" or _is_merged(record)):
            row = _ticket(record, options)
            rows["tickets"].append(row | {"version_at": max(row["version_at"], change["Created"])})
    return rows


def custom_fields(record: Record) -> Row:
    """`custom_<number>` for each custom field: its value, or its values with blanks between."""
    return {f"custom_{each['id']}": plain(each["values"]) for each in record.get("CustomFields") or ()}


def _items(page: Page, child: str, key: object) -> Iterable[Record]:
    return (item for body in page.of(child, key) for item in body["items"])


def _known(record: Record) -> Ticket:
    people = (*(record.get("Requestor") or ()), *(record.get("Cc") or ()))
    return Ticket(
        str(record["id"]), record["Status"], str(record["Queue"]["id"]), frozenset(_name(each) for each in people)
    )


def _name(user: Record) -> str:
    """A user's name: a search gives it in the address alone, where a number is asked for as id."""
    return unquote(user["_url"].rsplit("/", 1)[-1])


def _is_merged(record: Record) -> bool:
    effective = inside(record, ("EffectiveId", "id")) or record["EffectiveId"]
    return str(effective) != str(record["id"])


def _ticket(record: Record, options: Options) -> Row:
    key, word = str(record["id"]), record["Status"]
    status, queue = status_of(word, options), str(record["Queue"]["id"])
    resolved_at = _instant(record.get("Resolved"))
    return {
        "ticket_id": key,
        "url": _screen(record),
        "customer_id": _number(record.get("Requestor") or [{}]),
        "team": named(options, "queues", queue, else_=record["Queue"].get("Name")),
        "agent": _agent(record.get("Owner")),
        "priority": str(record["Priority"]),
        "status": status,
        "handler": "people",
        "opened_at": record["Created"],
        "resolved_at": resolved_at if status in _SOLVED else None,
        "closed_at": resolved_at if status == "closed" else None,
        "excluded_as": _excluded(record, word, options),
        "version_at": record["LastUpdated"],
        "deleted_at": record["LastUpdated"] if status == "deleted" else None,
        "subject": record.get("Subject"),
        "queue_id": queue,
        "sla": record.get("SLA") or None,
        "due_at": _instant(record.get("Due")),
        **custom_fields(record),
    }


def _excluded(record: Record, word: str, options: Options) -> str | None:
    if _is_merged(record):
        return "merged"
    return word if word in (options.get("no_contacts") or ()) else None


def _instant(value: Any) -> str | None:
    return None if value in (None, "", NEVER) else value


def _number(people: list[Record]) -> str | None:
    """The first one's number; a single call tells names alone, which are addresses and no keys."""
    found = people[0].get("id")
    return str(found) if str(found).isdigit() else None


def _agent(owner: Record | None) -> str | None:
    found = _number([owner or {}])
    return None if found == NOBODY else found


def _screen(record: Record) -> str | None:
    address = record.get("_url") or inside(record, ("_hyperlinks", "0", "_url"))
    return address.replace(_API, _SCREEN) if address else None
