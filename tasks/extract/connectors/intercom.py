"""Intercom: conversations with their ratings, contacts, companies and teammates."""

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
from domain.paging import NextToken, PageNumber, Path, Request, inside
from tasks.extract.connectors.identities import identities
from tasks.extract.connectors.intercom_conversations import CHANNELS, STATES, WHOLE, parse_conversations, role_of
from tasks.extract.connectors.surveys import extras

Record = Mapping[str, Any]

VERSION: Final = "2.15"

_CHANGED: Final[Path] = ("updated_at",)
_SINCE: Final[Path] = ("query", "value")
_NEXT: Final = NextToken(("pages", "next", "starting_after"), into=("pagination", "starting_after"))


def parse_contacts(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A page of contacts (users and leads) with their addresses."""
    customers, known = list[Row](), list[Row]()
    for contact in page.body["data"]:
        customer = _customer(contact)
        customers.append(customer)
        handles: list[Record] = inside(contact, ("social_profiles", "data")) or []
        known += identities(customer, [
            ("email", contact.get("email")), ("phone", contact.get("phone")), ("external", contact.get("external_id")),
            *(("handle", profile.get("url")) for profile in handles),
        ])  # fmt: skip
    return {"customers": customers, "identities": known}


def parse_companies(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A page of companies."""
    return {"accounts": [_account(company) for company in page.body["data"]]}


def parse_admins(page: Page, options: Options) -> Rows:
    """All teammates; Operator among them is a bot. Of several teams the first is theirs."""
    names: Mapping[str, str] = options.get("teams", {})
    return {"agents": [_agent(admin, names) for admin in page.body["admins"]]}


def _customer(contact: Record) -> Row:
    return {
        "customer_id": contact["id"],
        "account_id": inside(contact, ("companies", "data", "0", "id")),
        "language": contact.get("language_override") or contact.get("browser_language"),
        "created_at": iso(contact.get("signed_up_at") or contact["created_at"]),
        "version_at": iso(contact["updated_at"]),
        "role": contact.get("role"),
        "country_name": inside(contact, ("location", "country")),
        **extras(contact.get("custom_attributes") or {}, "custom"),
    }  # fmt: skip


def _account(company: Record) -> Row:
    return {
        "account_id": company["id"],
        "name": company.get("name"),
        "industry": company.get("industry"),
        "created_at": iso(company.get("remote_created_at") or company["created_at"]),
        "version_at": iso(company["updated_at"]),
        "plan": inside(company, ("plan", "name")) or None,
        "company_id": company.get("company_id"),
        "monthly_spend": company.get("monthly_spend"),
        "tags": ", ".join(tag["name"] for tag in inside(company, ("tags", "tags")) or ()) or None,
        **extras(company.get("custom_attributes") or {}, "custom"),
    }  # fmt: skip


def _agent(admin: Record, names: Mapping[str, str]) -> Row:
    team = next((str(team) for team in admin.get("team_ids") or ()), None)
    return {
        "agent_id": admin["id"], "team": names.get(team or "", team),
        "role": "bot" if role_of(admin) == "bot" else "agent",
    }  # fmt: skip


def _search(path: str, by: str = "updated_at") -> Request:
    """Oldest change first, so that what changes while we read comes again later in the list."""
    return Request(path, method="POST", body={
        "query": {"field": by, "operator": ">", "value": 0},
        "sort": {"field": by, "order": "ascending"},
        "pagination": {"per_page": 150},
    })  # fmt: skip


_CONVERSATIONS: Final = Stream(
    name="conversations",
    request=_search("/conversations/search"),
    parse=parse_conversations,
    feeds=("tickets", "ticket_events", "survey_answers", "survey_sends"),
    records=("conversations",),
    paging=_NEXT,
    since=Since(_CHANGED, into=_SINCE, written="epoch_s"),
    children=(Child(WHOLE, Request("/conversations/{id}")),),
    fields=(
        Field(("id",), "text"),
        Field(("created_at",), "number"),
        Field(_CHANGED, "number"),
        Field(("state",), "text", tuple(STATES)),
        Field(("source",), "object"),
        Field(("source", "type"), "text", tuple(CHANNELS), is_required=False),
        Field(("contacts",), "object"),
        Field(("statistics",), "object"),
        Field(("conversation_rating",), "object", is_required=False),
        Field(("team_assignee_id",), "number", is_required=False),
    ),
)
_CONTACTS: Final = Stream(
    name="contacts",
    request=_search("/contacts/search"),
    parse=parse_contacts,
    feeds=("customers", "identities"),
    records=("data",),
    paging=_NEXT,
    # A search for contacts knows days alone, in the workspace's zone, and begins with the day after the one
    # it is given: an instant 26 hours earlier lies on an earlier day in every zone, on the longest day too.
    since=Since(_CHANGED, into=_SINCE, written="epoch_s", overlap=timedelta(hours=26)),
    fields=(
        Field(("id",), "text"),
        Field(("created_at",), "number"),
        Field(_CHANGED, "number"),
        Field(("email",), "text", is_required=False),
        Field(("external_id",), "text", is_required=False),
    ),
)


def _keys_of(stream: Stream, name: str, *tables: str) -> Stream:
    """All that are there, oldest first: which of them were deleted, or merged into others, is told nowhere."""
    covers = Covers(of=stream.name, tables=tables, every=timedelta(days=7))
    request = _search(stream.request.path, "created_at")
    return replace(stream, name=name, request=request, since=None, children=(), covers=covers)


CONNECTOR: Final = Connector(
    kind="intercom",
    title="Intercom",
    address="https://api.intercom.io",
    auth=Token(),
    headers={"Intercom-Version": VERSION, "Accept": "application/json"},
    secrets=(
        Secret("token", "INTERCOM_TOKEN", "access token of a private app (Developer Hub, Authentication) that may "
               "read conversations, users and companies, and teammates"),
    ),
    options=(
        Option("workspace", "the workspace's id, as in the inbox's address: gives tickets their links"),
        Option("teams", "names of teams by their ids; a team that is not named keeps its id", "mapping", {}),
    ),
    rate=Rate(1_600, 10),
    delay=timedelta(minutes=5),
    streams=(
        _CONVERSATIONS,
        _keys_of(_CONVERSATIONS, "conversation_ids", "tickets", "survey_answers", "survey_sends"),
        _CONTACTS,
        _keys_of(_CONTACTS, "contact_ids", "customers", "identities"),
        Stream(
            name="companies",
            request=Request("/companies", {"per_page": "50", "page": "1"}),
            parse=parse_companies,
            feeds=("accounts",),
            records=("data",),
            paging=PageNumber(n_pages=("pages", "total_pages")),
            covers=Covers(),
            fields=(Field(("id",), "text"), Field(("created_at",), "number"), Field(_CHANGED, "number")),
        ),
        Stream(
            name="admins",
            request=Request("/admins"),
            parse=parse_admins,
            feeds=("agents",),
            covers=Covers(),
            records=("admins",),
            fields=(Field(("id",), "text"), Field(("team_ids",), "list", is_required=False)),
        ),
    ),
)  # fmt: skip
