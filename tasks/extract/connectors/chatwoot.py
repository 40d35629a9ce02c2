"""Chatwoot: conversations with their messages, contacts and agents.

It has no list of satisfaction ratings; they are read from the survey messages that carry them.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
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
from domain.paging import NextToken, PageNumber, Request
from tasks.extract.connectors.chatwoot_conversations import (
    CHANNELS,
    EVENTS,
    MESSAGES,
    STATUSES,
    parse_conversations,
)
from tasks.extract.connectors.identities import identities
from tasks.extract.connectors.surveys import extras

Record = Mapping[str, Any]

_MESSAGES_A_PAGE: Final = 100
_ACCOUNT: Final = "/api/v1/accounts/{account}"
_OF_CONVERSATIONS: Final = ("survey_answers", "survey_sends")
"""What is deleted with a conversation: its survey messages are in no list."""
_WEEKLY: Final = timedelta(days=7)


def parse_contacts(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A page of contacts with their addresses."""
    customers, known = list[Row](), list[Row]()
    for contact in page.body["payload"]:
        customer = _customer(contact)
        customers.append(customer)
        known += identities(customer, [
            ("email", contact.get("email")), ("phone", contact.get("phone_number")),
            ("external", contact.get("identifier")),
        ])  # fmt: skip
    return {"customers": customers, "identities": known}


def parse_agents(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """All agents; the interface tells none of them a team."""
    return {"agents": [{"agent_id": str(agent["id"]), "role": "agent"} for agent in page.body]}


def parse_conversation_ids(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """The keys of a page of conversations."""
    return {"tickets": [{"ticket_id": str(one["id"])} for one in page.body["data"]["payload"]]}


def _customer(contact: Record) -> Row:
    about: Record = contact.get("additional_attributes") or {}
    return {
        "customer_id": str(contact["id"]),
        "country": about.get("country_code"),
        "created_at": iso(contact.get("created_at")),
        "version_at": iso(contact.get("last_activity_at") or contact.get("created_at")),
        "country_name": about.get("country"),
        "is_blocked": contact.get("blocked"),
        **extras(contact.get("custom_attributes") or {}, "custom"),
    }  # fmt: skip


_CONVERSATIONS: Final = Stream(
    name="conversations",
    request=Request(f"{_ACCOUNT}/conversations", {"status": "all", "assignee_type": "all", "page": "1"}),
    parse=parse_conversations,
    feeds=("tickets", "ticket_events", "survey_answers", "survey_sends"),
    records=("data", "payload"),
    paging=PageNumber(),
    since=Since(("last_activity_at",)),
    children=(
        Child(
            MESSAGES,
            Request(f"{_ACCOUNT}/conversations/{{id}}/messages", {"after": "0"}),
            paging=NextToken(("payload", "-1", "id"), "after", size=_MESSAGES_A_PAGE),
            records=("payload",),
        ),
        Child(EVENTS, Request(f"{_ACCOUNT}/conversations/{{id}}/reporting_events"), is_optional=True),
    ),
    fields=(
        Field(("id",), "number"),
        Field(("status",), "text", tuple(STATUSES)),
        Field(("created_at",), "number"),
        Field(("last_activity_at",), "number"),
        Field(("meta",), "object"),
        Field(("meta", "channel"), "text", tuple(CHANNELS), is_required=False),
        Field(("labels",), "list", is_required=False),
    ),
)
_CONTACTS: Final = Stream(
    name="contacts",
    request=Request(f"{_ACCOUNT}/contacts", {"sort": "-last_activity_at", "page": "1"}),
    parse=parse_contacts,
    feeds=("customers", "identities"),
    records=("payload",),
    paging=PageNumber(),
    since=Since(("last_activity_at",)),
    fields=(Field(("id",), "number"), Field(("created_at",), "number"), Field(("last_activity_at",), "number")),
)


def _keys_of(stream: Stream, name: str, **by: Any) -> Stream:
    """All that are there, in an order in which what comes, or is active meanwhile, is never moved to where was read."""
    query = {key: value for key, value in stream.request.query.items() if key != "sort"}
    request = replace(stream.request, query={**query, **by.pop("query")})
    return replace(stream, name=name, request=request, since=None, children=(), **by)


_CONVERSATION_IDS: Final = _keys_of(
    _CONVERSATIONS,
    "conversation_ids",
    query={"sort_by": "created_at_asc"},
    parse=parse_conversation_ids,
    feeds=("tickets",),
    covers=Covers(
        of="conversations",
        tables=("tickets", *_OF_CONVERSATIONS),
        every=_WEEKLY,
        along=_OF_CONVERSATIONS,
        total=("data", "meta", "all_count"),
    ),
)
_CONTACT_IDS: Final = _keys_of(
    _CONTACTS,
    "contact_ids",
    query={"sort": "last_activity_at"},
    covers=Covers(of="contacts", every=_WEEKLY, total=("meta", "count")),
)

CONNECTOR: Final = Connector(
    kind="chatwoot",
    title="Chatwoot",
    address="{server}",
    auth=Token("{token}", header="api_access_token"),
    secrets=(
        Secret("token", "CHATWOOT_TOKEN", "access token of an administrator (Profile settings, Access token): it "
               "sees every inbox"),
    ),
    options=(
        Option("account", "the account's number, as in the address of its pages: /app/accounts/1/…", "whole",
               is_required=True),
        Option("server", "where Chatwoot is", default="https://app.chatwoot.com"),
    ),
    rate=Rate(60, 60),
    streams=(
        _CONVERSATIONS,
        _CONVERSATION_IDS,
        _CONTACTS,
        _CONTACT_IDS,
        Stream(
            name="agents",
            request=Request(f"{_ACCOUNT}/agents"),
            parse=parse_agents,
            feeds=("agents",),
            covers=Covers(),
            fields=(Field(("id",), "number"),),
        ),
    ),
)  # fmt: skip
