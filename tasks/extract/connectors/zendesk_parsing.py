"""Zendesk's pages of tickets, people, organisations, ratings and service-level events as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from domain.connectors import Options, Page, Row, Rows, iso
from domain.paging import inside
from tasks.extract.connectors.extras import key, named, plain, prefixed
from tasks.extract.connectors.identities import identities

SOLVED: Final = ("solved", "closed")
STAFF: Final = ("agent", "admin")
CHANNELS: Final[Mapping[str, str]] = {
    "email": "email", "mail": "email",
    "web": "web", "help_center": "web", "web_widget": "web", "web_form": "web",
    "chat": "chat", "messaging": "chat", "native_messaging": "chat",
    "voice": "phone", "phone": "phone", "phone_call_inbound": "phone", "phone_call_outbound": "phone",
    "voicemail": "phone", "sms": "sms", "mobile": "app", "mobile_sdk": "app",
    "facebook": "social", "facebook_post": "social", "facebook_message": "social", "twitter": "social",
    "twitter_dm": "social", "twitter_favorite": "social", "instagram_dm": "social", "whatsapp": "social",
    "line": "social", "wechat": "social", "telegram": "social", "viber": "social", "any_channel": "social",
}  # fmt: skip
"""Zendesk's channels in our words; others stay as they are."""

SLA_WORDS: Final[Mapping[str, str]] = {
    "apply_sla": "applied", "apply_group_sla": "applied", "fulfill": "fulfilled", "breach": "breached",
}  # fmt: skip


def parse_organizations(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A page of organisations: one account each."""
    return {"accounts": [_account(record) for record in page.body["organizations"]]}


def parse_users(page: Page, options: Options) -> Rows:
    """A page of users: end users become customers with their addresses, everybody else an agent."""
    rows: dict[str, list[Row]] = {"customers": [], "identities": [], "agents": []}
    for record in page.body["users"]:
        if record.get("role") in STAFF:
            rows["agents"].append(_agent(record, options))
        else:
            customer = _customer(record)
            rows["customers"].append(customer)
            rows["identities"] += identities(customer, _addresses(record))
    return rows


def parse_tickets(page: Page, options: Options) -> Rows:
    """A page of tickets in their latest state; merged, deleted and outbound ones are rows too, marked so."""
    body = page.body
    organizations = {record["id"]: record for record in body.get("organizations") or ()}
    metrics = {record["ticket_id"]: record for record in body.get("metric_sets") or ()}
    return {
        "tickets": [
            _ticket(record, record.get("metric_set") or metrics.get(record["id"]) or {}, options)
            | _of_organization(organizations.get(record.get("organization_id")))
            for record in body["tickets"]
        ]
    }


def parse_ratings(page: Page, options: Options) -> Rows:
    """A page of satisfaction ratings: an invitation each, and an answer where there is one.

    Both have their ticket's key: a rating that a customer changes takes the place of the one before.
    """
    records = page.body["satisfaction_ratings"]
    return {
        "survey_sends": [_send(record, options) for record in records],
        "survey_answers": [_answer(record, options) for record in records if _score(record) is not None],
    }


def parse_metric_events(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A page of service-level events: what happened is the field, the clock it happened to is the new value.

    `sla_applied`, `sla_fulfilled` and `sla_breached` tell the outcome; a clock is a metric and its occurrence, such as
    `reply_time:1`. A breach that Zendesk took back comes again and is `sla_withdrawn`.
    """
    return {"ticket_events": [_metric_event(record) for record in page.body["ticket_metric_events"]]}


def shown_at(url: str | None, *place: object) -> str | None:
    """Where an agent sees what an address of the interface names.

    >>> shown_at("https://acme.zendesk.com/api/v2/tickets/7.json", "tickets", 7)
    'https://acme.zendesk.com/agent/tickets/7'
    """
    parts = urlsplit(url or "")
    if not parts.netloc:
        return None
    return "/".join((f"{parts.scheme}://{parts.netloc}/agent", *map(str, place)))


def _account(record: Mapping[str, Any]) -> Row:
    return {
        "account_id": str(record["id"]),
        "url": shown_at(record.get("url"), "organizations", record["id"]),
        "name": record.get("name"),
        "created_at": record.get("created_at"),
        "version_at": record.get("updated_at"),
        "deleted_at": record.get("deleted_at"),
        "external_id": record.get("external_id"),
        "tags": plain(record.get("tags")),
        **prefixed("organization", record.get("organization_fields")),
    }


def _agent(record: Mapping[str, Any], options: Options) -> Row:
    return {
        "agent_id": str(record["id"]),
        "team": named(options, "teams", record.get("default_group_id")),
        "role": "agent",
        "version_at": record.get("updated_at"),
        "deleted_at": _left_at(record),
        "custom_role_id": key(record.get("custom_role_id")),
    }


def _customer(record: Mapping[str, Any]) -> Row:
    return {
        "customer_id": str(record["id"]),
        "url": shown_at(record.get("url"), "users", record["id"]),
        "account_id": key(record.get("organization_id")),
        "language": record.get("locale"),
        "created_at": record.get("created_at"),
        "version_at": record.get("updated_at"),
        "deleted_at": _left_at(record),
        "suspended": record.get("suspended"),
        "tags": plain(record.get("tags")),
        **prefixed("user", record.get("user_fields")),
    }


def _addresses(record: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The addresses that are this customer's alone: a shared phone number would make two people one."""
    phone = None if record.get("shared_phone_number") else record.get("phone")
    return [("email", record.get("email")), ("phone", phone), ("external", record.get("external_id"))]


def _left_at(record: Mapping[str, Any]) -> str | None:
    return record.get("updated_at") if record.get("active") is False else None


def _ticket(record: Mapping[str, Any], metrics: Mapping[str, Any], options: Options) -> Row:
    status, via = record["status"], inside(record, ("via", "channel"))
    return {
        "ticket_id": str(record["id"]),
        "url": shown_at(record.get("url"), "tickets", record["id"]),
        "brand": named(options, "brands", record.get("brand_id")),
        "channel": CHANNELS.get(via, via),
        "customer_id": key(record.get("requester_id")),
        "account_id": key(record.get("organization_id")),
        "team": named(options, "teams", record.get("group_id")),
        "agent": key(record.get("assignee_id")),
        "topic": record.get("type"),
        "priority": record.get("priority"),
        "status": status,
        "opened_at": record["created_at"],
        "first_reply_at": _first_reply_at(record["created_at"], metrics),
        "resolved_at": metrics.get("solved_at") if status in SOLVED else None,
        "closed_at": metrics.get("status_updated_at") if status == "closed" else None,
        "n_reopens": metrics.get("reopens"),
        "follows": _follows(record),
        "excluded_as": _no_contact(record, via, options),
        "version_at": iso(record.get("generated_timestamp")) or record.get("updated_at"),
        "deleted_at": record.get("updated_at") if status == "deleted" else None,
        "via_channel": via,
        "via_rel": inside(record, ("via", "source", "rel")),
        "subject": record.get("subject"),
        "external_id": record.get("external_id"),
        "recipient": record.get("recipient"),
        "brand_id": key(record.get("brand_id")),
        "group_id": key(record.get("group_id")),
        "ticket_form_id": key(record.get("ticket_form_id")),
        "custom_status_id": key(record.get("custom_status_id")),
        "problem_id": key(record.get("problem_id")),
        "follow_up_of": _follows(record),
        "tags": plain(record.get("tags")),
        **{f"custom_{field['id']}": plain(field.get("value")) for field in record.get("custom_fields") or ()},
    }


def _of_organization(record: Mapping[str, Any] | None) -> Row:
    if record is None:
        return {}
    return {
        "organization_name": record.get("name"),
        "organization_tags": plain(record.get("tags")),
        **prefixed("organization", record.get("organization_fields")),
    }


def _first_reply_at(opened_at: str, metrics: Mapping[str, Any]) -> str | None:
    """Zendesk counts whole minutes; it tells seconds for conversations alone."""
    seconds = inside(metrics, ("reply_time_in_seconds", "calendar"))
    minutes = inside(metrics, ("reply_time_in_minutes", "calendar"))
    if seconds is None and minutes is None:
        return None
    taken = timedelta(seconds=seconds) if seconds is not None else timedelta(minutes=minutes)
    return (datetime.fromisoformat(opened_at) + taken).isoformat().replace("+00:00", "Z")


def _follows(record: Mapping[str, Any]) -> str | None:
    """The closed ticket that this one follows up."""
    source = ("via", "source")
    told = inside(record, (*source, "from", "ticket_id")) if inside(record, (*source, "rel")) == "follow_up" else None
    return key(record.get("via_followup_source_id")) or key(told)


def _no_contact(record: Mapping[str, Any], via: str | None, options: Options) -> str | None:
    """Why this ticket is no customer's contact.

    A ticket of the channel `web` whose submitter is not its requester was written by an agent: end users can only
    write their own.
    """
    tags: Sequence[str] = record.get("tags") or ()
    submitter = record.get("submitter_id")
    if "closed_by_merge" in tags:
        return "merged"
    if via == "side_conversation":
        return "internal"
    if via == "phone_call_outbound" or inside(record, ("via", "source", "rel")) == "outbound":
        return "outbound"
    by_agent = via == "web" and submitter is not None and submitter != record.get("requester_id")
    return "outbound" if by_agent and options.get("agent_created", "outbound") == "outbound" else None


def _score(record: Mapping[str, Any]) -> int | None:
    """1 for good, 0 for bad, None for not answered; `good_with_comment` is good."""
    return {"good": 1, "bad": 0}.get(str(record.get("score")).split("_")[0])


def _send(record: Mapping[str, Any], options: Options) -> Row:
    """An invitation; one that was never sent is a deleted row."""
    return {
        "send_id": str(record["ticket_id"]),
        "survey": options.get("survey", "ticket-csat"),
        "customer_id": key(record.get("requester_id")),
        "sent_at": record["created_at"],
        "answered_at": record.get("updated_at") if _score(record) is not None else None,
        "version_at": record.get("updated_at"),
        "deleted_at": record.get("updated_at") if record.get("score") == "unoffered" else None,
    }


def _answer(record: Mapping[str, Any], options: Options) -> Row:
    ticket = str(record["ticket_id"])
    return {
        "answer_id": ticket,
        "url": shown_at(record.get("url"), "tickets", ticket),
        "survey": options.get("survey", "ticket-csat"),
        "question": "satisfaction",
        "response_id": str(record["id"]),
        "send_id": ticket,
        "ticket_id": ticket,
        "customer_id": key(record.get("requester_id")),
        "team": named(options, "teams", record.get("group_id")),
        "agent": key(record.get("assignee_id")),
        "measure": "csat",
        "score": _score(record),
        "scale_low": 0, "scale_high": 1, "direction": "up", "satisfied_from": 1,
        "comment": record.get("comment"),
        "answered_at": record.get("updated_at") or record["created_at"],
        "version_at": record.get("updated_at"),
        "group_id": key(record.get("group_id")),
        "reason": record.get("reason"),
    }  # fmt: skip


def _metric_event(record: Mapping[str, Any]) -> Row:
    happened = SLA_WORDS.get(record["type"], record["type"])
    return {
        "event_id": f"sla:{record['id']}",
        "ticket_id": str(record["ticket_id"]),
        "at": record["time"],
        "field": f"sla_{'withdrawn' if record.get('deleted') else happened}",
        "old": None,
        "new": f"{record['metric']}:{record.get('instance_id', 0)}",
        "is_public": False,
        "sequence": record["id"],
        "policy": inside(record, ("sla", "policy", "title")) or inside(record, ("group_sla", "policy", "title")),
        "target_s": inside(record, ("sla", "target_in_seconds")),
        "business_hours": inside(record, ("sla", "business_hours")),
    }
