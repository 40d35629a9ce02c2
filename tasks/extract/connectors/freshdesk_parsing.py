"""Freshdesk's pages of tickets, people, companies and ratings as rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from domain.connectors import Options, Page, Row, Rows
from domain.paging import inside
from tasks.extract.connectors.extras import key, named, plain, prefixed
from tasks.extract.connectors.identities import identities

SOLVED: Final = ("solved", "closed")
OUTBOUND: Final = 10
CHANNELS: Final[Mapping[int, str]] = {
    1: "email", 2: "web", 3: "phone", 4: "social", 5: "social", 6: "social", 7: "chat", 8: "app", 9: "web",
    OUTBOUND: "email", 13: "social",
}  # fmt: skip
"""Freshdesk's numbers of sources in our words: e-mail, portal, phone, forum, Twitter, Facebook, chat, app, feedback
widget, outbound e-mail, WhatsApp."""
STATUSES: Final[Mapping[str, str]] = {
    "2": "open", "3": "pending", "4": "solved", "5": "closed", "6": "pending", "7": "hold",
}  # fmt: skip
"""Freshdesk's numbers of statuses; 6 and 7 are its defaults for 'waiting on customer' and 'waiting on third party'."""
PRIORITIES: Final[Mapping[int, str]] = {1: "low", 2: "medium", 3: "high", 4: "urgent"}
FACES: Final[Mapping[int, int]] = {103: 3, 102: 2, 101: 1, 100: 0, -101: -1, -102: -2, -103: -3}
"""Freshdesk's numbers of answers, extremely happy to extremely unhappy, on one scale for surveys of 2 to 7 answers."""

Json = Mapping[str, Any]


def parse_tickets(page: Page, options: Options) -> Rows:
    """A page of tickets in their latest state; spam and outbound ones are rows too, marked so."""
    return {"tickets": [_ticket(record, options) for record in page.body]}


def parse_deleted_tickets(page: Page, options: Options) -> Rows:
    """A page of tickets in the trash."""
    return {
        "tickets": [
            _ticket(record, options) | {"status": "deleted", "deleted_at": record["updated_at"]} for record in page.body
        ]
    }


def parse_spam(page: Page, options: Options) -> Rows:
    """A page of tickets in the spam folder."""
    return {"tickets": [_ticket(record, options) | {"excluded_as": "spam"} for record in page.body]}


def parse_contacts(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A page of contacts: one customer each, with the addresses."""
    return _people(page.body, is_deleted=False)


def parse_deleted_contacts(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A page of deleted contacts."""
    return _people(page.body, is_deleted=True)


def parse_companies(page: Page, options: Options) -> Rows:  # noqa: ARG001
    """A page of companies: one account each."""
    return {"accounts": [_account(record) for record in page.body]}


def parse_agents(page: Page, options: Options) -> Rows:
    """A page of agents. Who is in several groups has no team of their own."""
    return {"agents": [_agent(record, options) for record in page.body]}


def parse_ratings(page: Page, options: Options) -> Rows:
    """A page of satisfaction ratings: one answer for each question of a response."""
    return {"survey_answers": [answer for record in page.body for answer in _answers(record, options)]}


def status_of(record: Json, options: Options) -> str:
    """A ticket's status in our words; one that nobody named is open: its work is not done."""
    number = str(record["status"])
    return named(options, "statuses", number, else_=STATUSES.get(number, "open")) or "open"


def stats_of(record: Json) -> Json:
    """When what happened to a ticket; empty where Freshdesk did not say."""
    return record.get("stats") or {}


def shown_at(options: Options, *place: object) -> str | None:
    """Where an agent sees a record; None where the address is the user's own."""
    subdomain = options.get("subdomain")
    return "/".join((f"https://{subdomain}.freshdesk.com/a", *map(str, place))) if subdomain else None


def _ticket(record: Json, options: Options) -> Row:
    status, stats = status_of(record, options), stats_of(record)
    solved_at = (stats.get("resolved_at") or stats.get("closed_at")) if status in SOLVED else None
    source = record.get("source")
    return {
        "ticket_id": str(record["id"]),
        "url": shown_at(options, "tickets", record["id"]),
        "product": named(options, "products", record.get("product_id")),
        "channel": CHANNELS.get(source, key(source)) if source is not None else None,
        "customer_id": key(record.get("requester_id")),
        "account_id": key(record.get("company_id")),
        "team": named(options, "teams", record.get("group_id")),
        "agent": key(record.get("responder_id")),
        "topic": record.get("type"),
        "priority": PRIORITIES.get(record.get("priority") or 0),
        "status": status,
        "opened_at": record["created_at"],
        "first_reply_at": stats.get("first_responded_at"),
        "resolved_at": solved_at,
        "closed_at": stats.get("closed_at") if status == "closed" else None,
        **_service_level(record, stats, solved_at),
        "excluded_as": "spam" if record.get("spam") else "outbound" if source == OUTBOUND else None,
        "version_at": record["updated_at"],
        "subject": record.get("subject"),
        "status_number": record["status"],
        "group_id": key(record.get("group_id")),
        "product_id": key(record.get("product_id")),
        "email_config_id": key(record.get("email_config_id")),
        "tags": plain(record.get("tags")),
        **prefixed("custom", record.get("custom_fields")),
    }


def _service_level(record: Json, stats: Json, solved_at: str | None) -> Row:
    """Whether the first reply and the solution came in time, and when that was known: missed when the first of the two
    is late, kept when it is solved.
    """  # noqa: D205
    due = {"first": record.get("fr_due_by"), "solved": record.get("due_by")}
    if not any(due.values()):
        return {"sla_met": None, "sla_known_at": None}
    done = {"first": stats.get("first_responded_at") or solved_at, "solved": solved_at}
    escalated = {"first": record.get("fr_escalated"), "solved": record.get("is_escalated")}
    late = [
        limit
        for step, limit in due.items()
        if limit and (_at(done[step]) > _at(limit) if done[step] else bool(escalated[step]))
    ]
    return {"sla_met": not late, "sla_known_at": min(late, key=_at) if late else solved_at}


def _at(instant: str | None) -> datetime:
    return datetime.fromisoformat(instant or "")


def _people(records: list[Json], *, is_deleted: bool) -> Rows:
    rows: dict[str, list[Row]] = {"customers": [], "identities": []}
    for record in records:
        customer = _customer(record) | {"deleted_at": record["updated_at"] if is_deleted else None}
        rows["customers"].append(customer)
        rows["identities"] += identities(customer, _addresses(record))
    return rows


def _customer(record: Json) -> Row:
    return {
        "customer_id": str(record["id"]),
        "account_id": key(record.get("company_id")),
        "language": record.get("language"),
        "created_at": record.get("created_at"),
        "version_at": record.get("updated_at"),
        "tags": plain(record.get("tags")),
        **prefixed("custom", record.get("custom_fields")),
    }


def _addresses(record: Json) -> list[tuple[str, Any]]:
    return [
        ("email", record.get("email")),
        *(("email", address) for address in record.get("other_emails") or ()),
        ("phone", record.get("phone")),
        ("phone", record.get("mobile")),
        ("handle", record.get("twitter_id")),
        ("external", record.get("unique_external_id")),
    ]


def _account(record: Json) -> Row:
    return {
        "account_id": str(record["id"]),
        "name": record.get("name"),
        "industry": record.get("industry"),
        "created_at": record.get("created_at"),
        "version_at": record.get("updated_at"),
        "account_tier": record.get("account_tier"),
        "health_score": record.get("health_score"),
        "renewal_date": record.get("renewal_date"),
        **prefixed("custom", record.get("custom_fields")),
    }


def _agent(record: Json, options: Options) -> Row:
    groups = record.get("group_ids") or ()
    return {
        "agent_id": str(record["id"]),
        "team": named(options, "teams", groups[0]) if len(groups) == 1 else None,
        "role": "bot" if "bot" in str(record.get("type")) else "agent",
        "version_at": record.get("updated_at"),
        "occasional": record.get("occasional"),
    }


def _answers(record: Json, options: Options) -> list[Row]:
    """Freshdesk gives all questions of a response, or the main one alone; the main one carries the comment."""
    given: Mapping[str, Any] = record.get("ratings") or {"default_question": record.get("rating")}
    survey = key(record.get("survey_id"))
    name = named(options, "survey_names", survey)
    whole = {
        "survey": f"ticket-csat-{survey}" if name == survey else name,
        "url": shown_at(options, "tickets", record["ticket_id"]),
        "response_id": str(record["id"]),
        "ticket_id": key(record.get("ticket_id")),
        "customer_id": key(record.get("user_id")),
        "team": named(options, "teams", record.get("group_id")),
        "agent": key(record.get("agent_id")),
        "scale_low": min(FACES.values()), "scale_high": max(FACES.values()), "direction": "up", "satisfied_from": 1,
        "answered_at": record["created_at"],
        "version_at": record.get("updated_at"),
        "group_id": key(record.get("group_id")),
    }  # fmt: skip
    return [
        whole | {
            "answer_id": f"{record['id']}:{question}",
            "question": question,
            "measure": "csat" if question == "default_question" else "other",
            "score": FACES.get(rating, rating),
            "rating": rating,
            "comment": inside(record, ("feedback",)) if question == "default_question" else None,
        }
        for question, rating in given.items()
    ]  # fmt: skip
