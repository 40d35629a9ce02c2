"""HubSpot's tickets: their state, and what it was before.

HubSpot knows stages, which every company names itself. What a stage means is declared; where it is not, the close
date tells: HubSpot sets it when a ticket enters a closed stage and clears it when the ticket leaves it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from domain.connectors import Options, Page, Row, Rows
from domain.paging import inside
from tasks.extract.connectors.surveys import extras

Record = Mapping[str, Any]

DETAILS: Final = "details"
"""The child that brings a ticket's associations and history."""
HISTORY: Final = ("hs_pipeline_stage", "closed_date", "hs_ticket_priority", "hubspot_team_id")
TICKET: Final = (
    "subject", "createdate", "closed_date", "hs_lastmodifieddate", "hs_pipeline", "hs_pipeline_stage",
    "hs_ticket_category", "hs_ticket_priority", "source_type", "hubspot_owner_id", "hubspot_team_id",
    "first_agent_reply_date", "hs_time_to_close_sla_at", "hs_merged_object_ids",
)  # fmt: skip
"""Properties of a ticket that are read. The rest of what comes is an extra."""

STAGES: Final = {"1": "new", "2": "pending", "3": "open", "4": "solved"}
"""The stages of the support pipeline that every account begins with."""

_DECIDING: Final = ("hs_pipeline_stage", "closed_date")
_ONE_ACTION: Final = timedelta(seconds=1)
_CHANNELS: Final = {"EMAIL": "email", "CHAT": "chat", "FORM": "form", "PHONE": "phone"}


def parse_tickets(page: Page, options: Options) -> Rows:
    """A page of tickets, archived or not."""
    tickets, events = list[Row](), list[Row]()
    for ticket in page.body["results"]:
        details: Record = next(iter(page.of(DETAILS, ticket["id"])), ticket)
        turns = list(_turns(ticket, details, options))
        tickets.append(_ticket(ticket, details, turns, options))
        if not ticket["archived"]:
            events += _events(ticket["id"], [
                *turns, *_changes(details, "hs_ticket_priority", "priority"),
                *({**change, "old": _named(change["old"], options), "new": _named(change["new"], options)}
                  for change in _changes(details, "hubspot_team_id", "team")),
            ])  # fmt: skip
    return {"tickets": tickets, "ticket_events": events}


def _events(key: str, changes: list[Row]) -> Iterator[Row]:
    for sequence, event in enumerate(changes):
        yield {**event, "ticket_id": key, "event_id": f"{key}:{event['event_id']}", "sequence": sequence}


def _ticket(ticket: Record, details: Record, turns: list[Row], options: Options) -> Row:
    told: Record = ticket["properties"] or {}
    status = _status(told.get("hs_pipeline_stage"), told.get("closed_date"), options)
    solved_at = told.get("closed_date") or turns[-1]["at"] if status == "solved" else None
    source = told.get("source_type")
    return {
        **extras({name: value for name, value in told.items() if name not in TICKET}, "custom"),
        "ticket_id": ticket["id"],
        "url": _url(ticket["id"], options),
        "channel": _CHANNELS.get(source or "", source.lower() if source else None),
        "customer_id": _first(details, "contacts"),
        "account_id": _first(details, "companies"),
        "team": _named(told.get("hubspot_team_id"), options),
        "agent": told.get("hubspot_owner_id") or None,
        "topic": told.get("hs_ticket_category") or None,
        "priority": (told.get("hs_ticket_priority") or "").lower() or None,
        "status": "deleted" if ticket["archived"] else status,
        "opened_at": told.get("createdate") or ticket["createdAt"],
        "first_reply_at": told.get("first_agent_reply_date") or None,
        "resolved_at": solved_at,
        **_sla(told, solved_at),
        "version_at": ticket.get("archivedAt") or told.get("hs_lastmodifieddate") or ticket["updatedAt"],
        "deleted_at": ticket.get("archivedAt") if ticket["archived"] else None,
        "subject": told.get("subject"),
        "pipeline": told.get("hs_pipeline"),
        "stage": told.get("hs_pipeline_stage"),
        "merged_tickets": told.get("hs_merged_object_ids") or None,
    }  # fmt: skip


def _status(stage: str | None, closed_date: str | None, options: Options) -> str:
    stages: Mapping[str, str] = options.get("stages") or STAGES
    return stages.get(str(stage)) or ("solved" if closed_date else "open")


def _sla(told: Record, solved_at: str | None) -> Row:
    """Kept, if it was solved by the moment it was due; missed from that moment on; until then open."""
    due_at = told.get("hs_time_to_close_sla_at")
    if not due_at:
        return {"sla_met": None, "sla_known_at": None}
    due, seen = datetime.fromisoformat(due_at), datetime.fromisoformat(told["hs_lastmodifieddate"])
    if solved_at:
        solved = datetime.fromisoformat(solved_at)
        return {"sla_met": solved <= due, "sla_known_at": solved_at if solved <= due else due_at}
    return {"sla_met": seen <= due, "sla_known_at": None if seen <= due else due_at}


def _turns(ticket: Record, details: Record, options: Options) -> Iterator[Row]:
    """Each change of status, from the histories of stage and close date together; the ticket's own state last."""
    told: Record = ticket["properties"] or {}
    opened_at = told.get("createdate") or ticket["createdAt"]
    held: dict[str, str | None] = dict.fromkeys(_DECIDING)
    before: str | None = None
    for at, changed in _moments(details, opened_at):
        held |= changed
        new = _status(held["hs_pipeline_stage"], held["closed_date"], options)
        if new != before:
            yield {"event_id": f"status:{at}", "at": at, "field": "status", "old": before, "new": new}
            before = new
    now = _status(told.get("hs_pipeline_stage"), told.get("closed_date"), options)
    if now != before:
        at = told.get("closed_date") if now == "solved" else None
        at = at or told.get("hs_lastmodifieddate") or ticket["updatedAt"]
        yield {"event_id": f"status:{at}", "at": at, "field": "status", "old": before, "new": now}


def _moments(details: Record, opened_at: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    """When stage or close date changed, and to what; a ticket without history begins when it was created.

    Both change in one action whose two entries may lie a moment apart: what happened within a second is one.
    """
    moments: list[tuple[datetime, dict[str, str | None]]] = [(datetime.fromisoformat(opened_at), {})]
    found = [(_at(entry), name, entry) for name in _DECIDING for entry in _history(details, name)]
    for at, name, entry in sorted(found, key=lambda each: each[0]):
        if at - moments[-1][0] < _ONE_ACTION:
            moments[-1][1][name] = entry["value"] or None
        else:
            moments.append((at, {name: entry["value"] or None}))
    yield from ((at.isoformat(), changed) for at, changed in moments)


def _changes(details: Record, name: str, field: str) -> Iterator[Row]:
    """Each change of one property."""
    before: str | None = None
    for entry in _history(details, name):
        new = str(entry["value"] or "").lower() or None
        if new != before:
            at = _at(entry).isoformat()
            yield {"event_id": f"{field}:{at}", "at": at, "field": field, "old": before, "new": new}
            before = new


def _history(details: Record, name: str) -> list[Record]:
    """A property's values, oldest first; HubSpot gives the newest first."""
    entries: list[Record] = inside(details, ("propertiesWithHistory", name)) or []
    return entries[::-1]


def _at(entry: Record) -> datetime:
    return datetime.fromisoformat(entry["timestamp"])


def _first(details: Record, kind: str) -> str | None:
    """The first of a ticket's associated records."""
    return inside(details, ("associations", kind, "results", "0", "id"))


def _named(team: str | None, options: Options) -> str | None:
    return options.get("teams", {}).get(team, team) or None


def _url(key: str, options: Options) -> str | None:
    portal = options.get("portal")
    return f"https://app.hubspot.com/contacts/{portal}/record/0-5/{key}" if portal else None
