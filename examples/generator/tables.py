"""The company as rows of files: one function per file, columns beside it."""

from collections.abc import Iterable

from examples.generator.days import END, day_name, utc_time, wall_time
from examples.generator.dice import Dice
from examples.generator.files import Row
from examples.generator.helpdesk import Ticket
from examples.generator.people import INDUSTRIES, Company, Customer
from examples.generator.surveys import Invitation

TICKET_COLUMNS = (
    "ticket", "customer_id", "account_id", "segment", "product", "language", "channel", "touchpoint", "topic", "team",
    "priority", "status", "handler", "opened_at", "first_reply_at", "resolved_at", "reopens", "sla_met", "sla_known_at",
)  # fmt: skip
EVENT_COLUMNS = ("ticket", "at", "event", "old", "new", "actor_role", "public")
SEND_COLUMNS = (
    "invitation", "survey", "customer_id", "account_id", "segment", "product", "channel", "sent_at", "answered_at",
)  # fmt: skip
RELATIONSHIP_COLUMNS = (
    "response", "customer_id", "account_id", "segment", "product", "touchpoint", "channel", "answered_at", "score",
    "comment",
)  # fmt: skip
AFTER_HELP_COLUMNS = (
    "response", "ticket", "customer_id", "account_id", "segment", "product", "touchpoint", "channel", "team",
    "answered_at", "score", "effort", "comment",
)  # fmt: skip
ACCOUNT_COLUMNS = ("account_id", "name", "segment", "country", "industry", "since")
CUSTOMER_COLUMNS = ("customer_id", "account_id", "plan", "country", "language", "since")
SUBSCRIPTION_COLUMNS = (
    "subscription", "customer_id", "account_id", "segment", "product", "country", "started_on", "ended_on", "reason",
    "voluntary", "mrr_minor",
)  # fmt: skip
_OLD_PRICE_MINOR, _NEW_PRICE_FROM = 2400, "2026-02-01"


def ticket_rows(tickets: Iterable[tuple[str, Ticket]]) -> list[Row]:
    """One row per ticket, in its state at the end."""
    return [
        (
            name, customer_name(t.customer), account_name(t.customer), t.customer.segment, t.customer.product,
            t.customer.language, t.channel, t.topic.touchpoint, t.topic.name, t.team, t.priority,
            "solved" if t.solved < END else "open", "bot" if t.is_bots else "people", wall_time(t.opened),
            wall_time(t.replied), wall_time(t.solved), t.n_reopens,
            ("true" if t.sla_met else "false") if t.sla_known < END else "", wall_time(t.sla_known),
        )
        for name, t in tickets
    ]  # fmt: skip


def event_rows(tickets: Iterable[tuple[str, Ticket]]) -> list[Row]:
    """One row per event, ticket by ticket, in order of time."""
    return [
        (name, wall_time(e.at), e.field, e.old, e.new, e.role, "true" if e.is_public else "false")
        for name, t in tickets
        for e in t.events
    ]


def send_rows(asked: Iterable[tuple[str, Invitation]]) -> list[Row]:
    """One row per invitation, with the moment it was answered."""
    return [
        (
            name, i.survey, customer_name(i.customer), account_name(i.customer), i.customer.segment,
            i.customer.product, i.channel, utc_time(i.sent), utc_time(i.answered),
        )
        for name, i in asked
    ]  # fmt: skip


def relationship_rows(asked: Iterable[tuple[str, Invitation]]) -> list[Row]:
    """One row per answer to the relationship survey."""
    return [
        (
            name, customer_name(i.customer), account_name(i.customer), i.customer.segment, i.customer.product,
            i.touchpoint, i.channel, utc_time(i.answered), _number(i.score), i.comment,
        )
        for name, i in asked
        if i.survey == "relationship" and i.answered is not None and i.answered < END
    ]  # fmt: skip


def after_help_rows(asked: Iterable[tuple[str, Invitation]], tickets: dict[Ticket, str]) -> list[Row]:
    """One row per answer to the survey after help: satisfaction, and effort where it was asked."""
    return [
        (
            name, tickets[i.ticket], customer_name(i.customer), account_name(i.customer), i.customer.segment,
            i.customer.product, i.touchpoint, i.channel, i.ticket.team, utc_time(i.answered), _number(i.score),
            _number(i.effort), i.comment,
        )
        for name, i in asked
        if i.ticket is not None and i.answered is not None and i.answered < END
    ]  # fmt: skip


def account_rows(company: Company, dice: Dice) -> list[Row]:
    """One row per office."""
    payers = [c.payer for c in company.contracts if c.payer.account is not None]
    return [
        (account_name(p), f"Office {p.account}", "office", p.country, dice.one_of(INDUSTRIES), day_name(p.since))
        for p in payers
    ]


def customer_rows(company: Company) -> list[Row]:
    """One row per person; `plan` tells the segment."""
    return [
        (customer_name(c), account_name(c), c.segment, c.country, c.language, day_name(c.since))
        for c in company.customers
    ]


def subscription_rows(company: Company) -> list[Row]:
    """One row per contract; the price is the one it had last."""
    rows: list[Row] = []
    for contract in company.contracts:
        payer, ended = contract.payer, "" if contract.ended_on is None else day_name(contract.ended_on)
        is_old_price = payer.account is None and ended != "" and ended < _NEW_PRICE_FROM
        rows.append((
            f"S{contract.number:06}", customer_name(payer), account_name(payer), payer.segment, payer.product,
            payer.country, day_name(contract.since), ended, contract.reason,
            "" if not ended else "false" if contract.reason == "card-refused" else "true",
            _OLD_PRICE_MINOR if is_old_price else contract.mrr_minor,
        ))  # fmt: skip
    return rows


def customer_name(customer: Customer) -> str:
    """The CRM's key, known to every system."""
    return f"C{customer.number:06}"


def account_name(customer: Customer) -> str:
    """The account's key; empty for home customers."""
    return "" if customer.account is None else f"A{customer.account:05}"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
