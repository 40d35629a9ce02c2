"""Request Tracker's users: who asks is a customer, who is privileged an agent."""

from typing import Final

from domain.connectors import Options, Page, Row, Rows
from tasks.extract.connectors.identities import identities
from tasks.extract.connectors.request_tracker_history import MACHINE, Record
from tasks.extract.connectors.request_tracker_tickets import custom_fields

_NONE: Final = ("Nobody", MACHINE)
"""RT's own: the owner of what nobody owns, and itself."""


def parse_users(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A customer with addresses and organisation for each user who is not privileged, an agent for the others."""
    rows: dict[str, list[Row]] = {"customers": [], "identities": [], "accounts": [], "agents": []}
    for listed in page.body["items"]:
        user: Record = listed | (page.of("user", listed["id"]) or [{}])[0]
        if str(user.get("Privileged", "")) == "1" or user["Name"] in _NONE:
            rows["agents"].append(_agent(user))
            continue
        customer = _customer(user)
        known = (("email", user.get("EmailAddress")), ("phone", user.get("MobilePhone")),
                 ("phone", user.get("WorkPhone")), ("phone", user.get("HomePhone")))  # fmt: skip
        rows["customers"].append(customer)
        rows["identities"] += identities(customer, known)
        if account := customer["account_id"]:
            rows["accounts"].append({"account_id": account, "name": account})
    return rows


def _customer(user: Record) -> Row:
    return {
        "customer_id": str(user["id"]), "account_id": user.get("Organization") or None,
        "country": user.get("Country") or None, "language": (user.get("Lang") or "").replace("_", "-") or None,
        "created_at": user["Created"], **_state(user), **custom_fields(user),
    }  # fmt: skip


def _agent(user: Record) -> Row:
    return {"agent_id": str(user["id"]), "role": "bot" if user["Name"] in _NONE else "agent", **_state(user)}


def _state(user: Record) -> Row:
    is_disabled = str(user.get("Disabled", "")) == "1"
    return {"version_at": user["LastUpdated"], "deleted_at": user["LastUpdated"] if is_disabled else None}
