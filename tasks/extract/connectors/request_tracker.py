"""Request Tracker 5 (REST2): tickets with their history, what was deleted or merged, and the people."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from domain.connectors import Child, Connector, Covers, Field, Option, Rate, Secret, Since, Stream, Token
from domain.paging import AfterKey, PageNumber, Request
from tasks.extract.connectors.request_tracker_history import HISTORY_FIELDS
from tasks.extract.connectors.request_tracker_people import parse_users
from tasks.extract.connectors.request_tracker_tickets import parse_departures, parse_ticket_ids, parse_tickets

API: Final = "/REST/2.0"
PAGES: Final = PageNumber(n_pages=("pages",))
TICKETS: Final = AfterKey(("items", "-1", "id"), " AND id > {key}", n_pages=("pages",))
BY_ID: Final = {"orderby": "id", "order": "ASC", "per_page": "100"}
"""By time, what changes while we read would move to the end, and the next page skip what takes its place."""
OVERLAP: Final = timedelta(hours=13)
"""Ticket SQL reads times in the zone of the token's user, which may be 12 hours behind UTC."""

TICKET_FIELDS: Final = {
    "fields": "EffectiveId,Queue,Owner,Status,Priority,Subject,SLA,Due,Created,Resolved,LastUpdated,Requestor,Cc,"
              "CustomFields",
    "fields[Queue]": "Name",
    "fields[Owner]": "id",
    "fields[Requestor]": "id",
}  # fmt: skip
HISTORY: Final = Child(
    name="history",
    request=Request(f"{API}/ticket/{{id}}/history", {**BY_ID, **HISTORY_FIELDS}),
    paging=PAGES,
    records=("items",),
)


def _is_status(record: Mapping[str, Any]) -> bool:
    return record["Type"] == "Status"


def _is_link(record: Mapping[str, Any]) -> bool:
    return record["Type"] == "AddLink"


CONNECTOR: Final = Connector(
    kind="request_tracker",
    title="Request Tracker",
    address="",
    auth=Token("token {token}"),
    secrets=(
        Secret("token", "REQUEST_TRACKER_TOKEN", "an authentication token (Logged in as …, Settings, Auth Tokens) of "
               "a user who may see the queues, their tickets, comments and custom fields"),
    ),
    options=(
        Option("queues", "number of a queue to its name, for tickets that moved between queues", "mapping", {}),
        Option("statuses", "status of a lifecycle of your own to new, open, pending, hold, solved or closed",
               "mapping", {}),
        Option("no_contacts", "statuses of tickets that are no contacts", "texts", ["rejected"]),
        Option("staff_domains", "domains of your agents' addresses (acme.com): who writes from elsewhere is a customer",
               "texts", []),
    ),
    streams=(
        Stream(
            name="tickets",
            request=Request(f"{API}/tickets", {**BY_ID, **TICKET_FIELDS}),
            parse=parse_tickets,
            feeds=("tickets", "ticket_events"),
            records=("items",),
            paging=TICKETS,
            since=Since(mark=("LastUpdated",), parameter="query", written="sql", overlap=OVERLAP,
                        template="LastUpdated >= '{since}' AND EffectiveId > 0"),
            fields=(
                Field(("id",)), Field(("EffectiveId",)), Field(("Queue",), "object"), Field(("Requestor",), "list"),
                Field(("Status",), "text"), Field(("Created",), "text"), Field(("LastUpdated",), "text"),
            ),
            children=(HISTORY,),
        ),
        Stream(
            name="ticket_ids",
            request=Request(f"{API}/tickets", {**BY_ID, "query": "EffectiveId > 0"}),
            parse=parse_ticket_ids,
            feeds=("tickets",),
            records=("items",),
            paging=TICKETS,
            covers=Covers(of="tickets", every=timedelta(days=7)),
            fields=(Field(("id",)),),
        ),
        Stream(
            name="departures",
            request=Request(f"{API}/transactions", {**BY_ID, **HISTORY_FIELDS}),
            parse=parse_departures,
            feeds=("ticket_events", "tickets"),
            records=("items",),
            key=("ObjectId",),
            paging=PAGES,
            since=Since(mark=("Created",), parameter="query", written="sql", overlap=OVERLAP,
                        template="((Type = 'Status' AND NewValue = 'deleted') OR "
                                 "(Type = 'AddLink' AND Field = 'MergedInto')) AND Created >= '{since}'"),
            fields=(Field(("id",)), Field(("ObjectId",)), Field(("Type",), "text", words=("Status", "AddLink")),
                    Field(("Created",), "text")),
            children=(
                Child("deleted", Request(f"{API}/ticket/{{id}}"), wanted=_is_status),
                Child("merged", Request(f"{API}/tickets", {"query": "id = {id} AND EffectiveId > 0", **TICKET_FIELDS}),
                      records=("items",), wanted=_is_link),
                HISTORY,
            ),
        ),
        Stream(
            name="users",
            request=Request(
                f"{API}/users", {**BY_ID, "find_disabled_rows": "1", "fields": "id,Name,Created,LastUpdated"}
            ),
            parse=parse_users,
            feeds=("customers", "identities", "accounts", "agents"),
            records=("items",),
            paging=PAGES,
            since=Since(mark=("LastUpdated",), parameter="query", written="sql",
                        template='[{{"field":"LastUpdated","operator":">=","value":"{since}"}}]'),
            fields=(Field(("id",)), Field(("Name",), "text"), Field(("LastUpdated",), "text")),
            children=(Child("user", Request(f"{API}/user/{{id}}")),),
        ),
    ),
    rate=Rate(20, 1),
)  # fmt: skip
"""Facts: RT's own REST2 documentation, and RT 5.0.3 as it answers."""
