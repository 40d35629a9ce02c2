"""Freshdesk: tickets with their conversations, contacts, companies, agents and satisfaction ratings."""

from datetime import timedelta
from typing import Final

from domain.connectors import Basic, Child, Connector, Covers, Field, Option, Rate, Secret, Since, Stream
from domain.paging import LinkHeader, Request
from tasks.extract.connectors.freshdesk_events import CONVERSATIONS, has_conversations, parse_events
from tasks.extract.connectors.freshdesk_parsing import (
    CHANNELS,
    parse_agents,
    parse_companies,
    parse_contacts,
    parse_deleted_contacts,
    parse_deleted_tickets,
    parse_ratings,
    parse_spam,
    parse_tickets,
)

SIZE: Final = "100"
WINDOW: Final = 1000
"""Freshdesk shows 300 pages of a list. A search is begun anew much earlier: its pages are numbered, so a ticket that is
changed while they are read moves to their end, and the first one of the next page to a page that was read."""
PAGES: Final = LinkHeader(counted_by="page")
ORDERED: Final = {"include": "stats", "order_by": "updated_at", "order_type": "asc", "per_page": SIZE}
CHANGED: Final = Since(("updated_at",), "updated_since", overlap=timedelta(hours=1))
CHANGED_PEOPLE: Final = Since(("updated_at",), "_updated_since", overlap=timedelta(hours=1))

SOURCES: Final = tuple(map(str, CHANNELS))
TICKET: Final = (
    Field(("id",), "number"),
    Field(("status",), "number"),
    Field(("created_at",), "text"),
    Field(("updated_at",), "text"),
    Field(("requester_id",), "number"),
    Field(("source",), "number", SOURCES),
    Field(("priority",), "number", is_required=False),
    Field(("stats",), "object", is_required=False),
    Field(("due_by",), "text", is_required=False),
    Field(("fr_due_by",), "text", is_required=False),
    Field(("custom_fields",), "object", is_required=False),
    Field(("tags",), "list", is_required=False),
)
CONTACT: Final = (
    Field(("id",), "number"),
    Field(("created_at",), "text"),
    Field(("updated_at",), "text"),
    Field(("email",), "text", is_required=False),
    Field(("phone",), "text", is_required=False),
    Field(("other_emails",), "list", is_required=False),
    Field(("custom_fields",), "object", is_required=False),
)

TICKETS: Final = Stream(
    name="tickets",
    request=Request("/tickets", ORDERED),
    parse=parse_tickets,
    feeds=("tickets",),
    paging=PAGES,
    since=CHANGED,
    fields=TICKET,
    window=WINDOW,
)
DELETED_TICKETS: Final = Stream(
    name="deleted_tickets",
    request=Request("/tickets", {"filter": "deleted", **ORDERED}),
    parse=parse_deleted_tickets,
    feeds=("tickets",),
    paging=PAGES,
    since=CHANGED,
    fields=TICKET,
    window=WINDOW,
)
SPAM: Final = Stream(
    name="spam",
    request=Request("/tickets", {"filter": "spam", **ORDERED}),
    parse=parse_spam,
    feeds=("tickets",),
    paging=PAGES,
    since=CHANGED,
    fields=TICKET,
    window=WINDOW,
)
TICKET_EVENTS: Final = Stream(
    name="ticket_events",
    request=Request("/tickets", ORDERED),
    parse=parse_events,
    feeds=("ticket_events",),
    paging=PAGES,
    since=CHANGED,
    fields=TICKET,
    children=(
        Child(
            CONVERSATIONS,
            Request("/tickets/{id}/conversations", {"per_page": SIZE}),
            PAGES,
            wanted=has_conversations,
        ),
    ),
    window=WINDOW,
)
RATINGS: Final = Stream(
    name="satisfaction_ratings",
    request=Request("/surveys/satisfaction_ratings", {"per_page": SIZE}),
    parse=parse_ratings,
    feeds=("survey_answers",),
    paging=PAGES,
    since=Since(("created_at",), "created_since"),
    fields=(
        Field(("id",), "number"),
        Field(("survey_id",), "number"),
        Field(("ticket_id",), "number"),
        Field(("created_at",), "text"),
        Field(("ratings",), "object", is_required=False),
        Field(("feedback",), "text", is_required=False),
    ),
)
CONTACTS: Final = Stream(
    name="contacts",
    request=Request("/contacts", {"per_page": SIZE}),
    parse=parse_contacts,
    feeds=("customers", "identities"),
    paging=PAGES,
    since=CHANGED_PEOPLE,
    fields=CONTACT,
)
DELETED_CONTACTS: Final = Stream(
    name="deleted_contacts",
    request=Request("/contacts", {"state": "deleted", "per_page": SIZE}),
    parse=parse_deleted_contacts,
    feeds=("customers", "identities"),
    paging=PAGES,
    since=CHANGED_PEOPLE,
    fields=CONTACT,
)
COMPANIES: Final = Stream(
    name="companies",
    request=Request("/companies", {"per_page": SIZE}),
    parse=parse_companies,
    feeds=("accounts",),
    paging=PAGES,
    covers=Covers(),
    fields=(
        Field(("id",), "number"),
        Field(("name",), "text"),
        Field(("created_at",), "text"),
        Field(("updated_at",), "text"),
        Field(("custom_fields",), "object", is_required=False),
    ),
)
AGENTS: Final = Stream(
    name="agents",
    request=Request("/agents", {"per_page": SIZE}),
    parse=parse_agents,
    feeds=("agents",),
    paging=PAGES,
    covers=Covers(),
    fields=(
        Field(("id",), "number"),
        Field(("updated_at",), "text"),
        Field(("group_ids",), "list", is_required=False),
    ),
)

CONNECTOR: Final = Connector(
    kind="freshdesk",
    title="Freshdesk",
    address="https://{subdomain}.freshdesk.com/api/v2",
    auth=Basic("{key}", "X"),
    secrets=(Secret("key", "FRESHDESK_API_KEY", "an administrator's API key: Profile settings, View API key"),),
    options=(
        Option("subdomain", "`acme` of acme.freshdesk.com", is_required=True),
        Option("teams", "names of groups by their number: {4300012: Payments}", "mapping", {}),
        Option("products", "names of products by their number", "mapping", {}),
        Option("survey_names", "names of satisfaction surveys by their number", "mapping", {}),
        Option("statuses", "our word for each status of your own: {8: hold}", "mapping", {}),
    ),
    rate=Rate(100, 60),
    streams=(
        COMPANIES, CONTACTS, DELETED_CONTACTS, AGENTS, TICKETS, DELETED_TICKETS, SPAM, TICKET_EVENTS, RATINGS,
    ),
)  # fmt: skip
