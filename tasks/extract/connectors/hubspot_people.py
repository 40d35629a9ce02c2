"""HubSpot's contacts and owners."""

from collections.abc import Mapping
from typing import Any, Final

from domain.connectors import Options, Page, Row, Rows
from domain.paging import inside
from tasks.extract.connectors.identities import identities
from tasks.extract.connectors.surveys import extras

Record = Mapping[str, Any]

CONTACT: Final = (
    "email", "hs_additional_emails", "phone", "mobilephone", "associatedcompanyid", "lifecyclestage", "country",
    "hs_country_region_code", "hs_language", "createdate", "lastmodifieddate", "hs_merged_object_ids",
)  # fmt: skip
"""Properties of a contact that are read. The rest of what comes is an extra."""


def parse_contacts(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A page of contacts, archived or not, with their addresses; a further e-mail is one as well."""
    customers, known = list[Row](), list[Row]()
    for contact in page.body["results"]:
        told: Record = contact["properties"] or {}
        customer = _customer(contact, told)
        customers.append(customer)
        further = str(told.get("hs_additional_emails") or "").split(";")
        known += identities(customer, [
            ("email", told.get("email")), *(("email", email) for email in further),
            ("phone", told.get("phone")), ("phone", told.get("mobilephone")),
        ])  # fmt: skip
    return {"customers": customers, "identities": known}


def parse_owners(page: Page, options: Options) -> Rows:
    """A page of owners; each with its main team."""
    return {"agents": [_agent(owner, options.get("teams", {})) for owner in page.body["results"]]}


def _customer(contact: Record, told: Record) -> Row:
    return {
        **extras({name: value for name, value in told.items() if name not in CONTACT}, "custom"),
        "customer_id": contact["id"],
        "account_id": told.get("associatedcompanyid") or None,
        "country": told.get("hs_country_region_code") or None,
        "language": told.get("hs_language") or None,
        "created_at": told.get("createdate") or contact.get("createdAt"),
        "version_at": contact.get("archivedAt") or told.get("lastmodifieddate") or contact["updatedAt"],
        "deleted_at": contact.get("archivedAt") if contact["archived"] else None,
        "lifecyclestage": told.get("lifecyclestage"),
        "country_name": told.get("country"),
        "merged_contacts": told.get("hs_merged_object_ids") or None,
    }  # fmt: skip


def _agent(owner: Record, names: Mapping[str, str]) -> Row:
    teams: list[Record] = owner.get("teams") or []
    main = next((team for team in teams if team.get("primary")), None)
    team: str | None = inside(main, ("id",))
    return {
        "agent_id": owner["id"], "team": names.get(team or "", team), "role": "agent",
        "version_at": owner.get("updatedAt"), "team_name": inside(main, ("name",)),
    }  # fmt: skip
