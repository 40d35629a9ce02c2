"""The fact tables, declared once: columns with type, unit and meaning.

`sql/tables` builds the database tables from here, mappings are checked against it, the
documentation page is generated from it.
"""

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "instant", "date", "integer", "number", "flag"]


@dataclass(frozen=True)
class Column:
    """One column of a fact table."""

    name: str
    type: ColumnType
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class FactTable:
    """One fact table; its grain is one row per `key`, prefixed by the source's name."""

    name: str
    grain: str
    key: str
    booked_at: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError if there is none."""
        return next(c for c in self.columns if c.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(c.name for c in self.columns)

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.names


def _text(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "text", meaning, required)


def _instant(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "instant", f"{meaning} (UTC)", required)


SOURCE = _text("source", "name of the source in sources.yaml", required=True)
URL = _text("url", "address of the row in the vendor's own system")
_PERSONA = _text("persona", "persona at the time of the row, if the source says it; empty: looked up while measuring")
WHERE = (
    _text("brand", "brand"),
    _text("product", "product or plan"),
    _text("language", "language, BCP 47"),
    _text("country", "country, ISO 3166"),
    _text("device", "device"),
    _text("channel", "channel the customer used: email, chat, phone, bot, social …"),
    _text("touchpoint", "touchpoint of the customer journey"),
)
WHO = (
    _text("customer_id", "customer, source-prefixed; empty if unknown or anonymous"),
    _text("account_id", "account, source-prefixed"),
    _text("segment", "segment at the time of the row, if the source says it; empty: looked up while measuring"),
    _PERSONA,
    Column("tenure_days", "integer", "days as a customer at the time of the row"),
)
BY_WHOM = (
    _text("team", "team that answers for the row"),
    _text("agent", "agent as a pseudonym, never a name"),
)
VERSION = _instant("version_at", "when the source last changed the row; the later one wins")
DELETED = _instant("deleted_at", "when the source deleted the row; empty: not deleted")

TICKETS = FactTable(
    "tickets", "one contact with the helpdesk, in its latest state", "ticket_id", ("opened_at",),
    (
        _text("ticket_id", "source and the vendor's key", required=True), SOURCE, URL, *WHERE, *WHO, *BY_WHOM,
        _text("topic", "what it is about: category or contact reason"),
        _text("priority", "priority in force now"),
        _text("status", "new | open | pending | hold | solved | closed | deleted", required=True),
        _text("handler", "people | bot: who did the work"),
        _instant("opened_at", "when the customer made contact", required=True),
        _instant("first_reply_at", "first public reply by someone who was an agent then; empty: none yet"),
        _instant("resolved_at", "when it was solved for the last time; empty: not solved now"),
        _instant("closed_at", "when it was closed for good"),
        Column("n_reopens", "integer", "times it was reopened after being solved"),
        _text("follows", "solved ticket that this one follows up: which thereby counts as reopened; empty: none"),
        Column("sla_met", "flag", "service level kept; meaningful once known"),
        _instant("sla_known_at", "when the service level's outcome became known; empty: first closing event"),
        _text("excluded_as", "spam | test | outbound | merged …: no contact, counted apart; empty: a contact"),
        VERSION, DELETED,
    ),
)  # fmt: skip
TICKET_EVENTS = FactTable(
    "ticket_events", "one changed field of one ticket", "event_id", ("at",),
    (
        _text("event_id", "derived from ticket, field, instant and occurrence", required=True), SOURCE,
        _text("ticket_id", "the ticket it belongs to", required=True),
        _instant("at", "when it happened", required=True),
        _text("field", "status | team | priority | sla_met | sla_target | n_reopens | comment …", required=True),
        _text("old", "value before; empty: none"), _text("new", "value after; empty: none"),
        _text("actor", "who did it, as a pseudonym"),
        _text("actor_role", "agent | customer | bot: the actor's role at that moment"),
        Column("is_public", "flag", "the customer could see it"),
        Column("sequence", "integer", "order among events of the same instant"),
    ),
)  # fmt: skip
SURVEY_ANSWERS = FactTable(
    "survey_answers", "one answer to one question of one response", "answer_id", ("answered_at",),
    (
        _text("answer_id", "source, response and question", required=True), SOURCE, URL,
        _text("survey", "which survey: relationship and after-contact ones are never pooled", required=True),
        _text("question", "question within the survey"),
        _text("response_id", "response it belongs to"), _text("send_id", "invitation it answers"),
        _text("ticket_id", "ticket it is about"), *WHERE, *WHO, *BY_WHOM,
        _text("measure", "nps | csat | ces | other", required=True),
        Column("score", "number", "raw score on the declared scale; empty: not answered"),
        Column("scale_low", "number", "lowest score of the scale", True),
        Column("scale_high", "number", "highest score of the scale", True),
        _text("direction", "up: the highest score is best; down: the lowest", required=True),
        Column("satisfied_from", "number", "from this score on (as if up were best) an answer counts as satisfied"),
        _text("comment", "free text; masked before it is shown"),
        _instant("answered_at", "when it was answered", required=True),
        Column("is_anonymous", "flag", "never joined to a customer"),
        VERSION, DELETED,
    ),
)  # fmt: skip
SURVEY_SENDS = FactTable(
    "survey_sends", "one invitation to one survey", "send_id", ("sent_at",),
    (
        _text("send_id", "source and the vendor's key", required=True), SOURCE,
        _text("survey", "which survey", required=True), *WHERE, *WHO,
        _instant("sent_at", "when it was sent", required=True),
        _instant("answered_at", "when it was answered; empty: not yet"), VERSION, DELETED,
    ),
)  # fmt: skip
REVIEWS = FactTable(
    "reviews", "one public review", "review_id", ("reviewed_at",),
    (
        _text("review_id", "source and the vendor's key", required=True), SOURCE, URL, *WHERE,
        _text("customer_id", "customer, where known"), _text("segment", "segment at the time"),
        _text("about", "us | a competitor's name", required=True),
        Column("rating", "number", "rating on the declared scale"),
        Column("scale_low", "number", "lowest rating", True), Column("scale_high", "number", "highest rating", True),
        _text("title", "title; masked before it is shown"), _text("body", "text; masked before it is shown"),
        _text("app_version", "version of the product reviewed"),
        _instant("reviewed_at", "when it was published", required=True), VERSION, DELETED,
    ),
)  # fmt: skip
ACCOUNTS = FactTable(
    "accounts", "one paying organisation", "account_id", ("created_at",),
    (_text("account_id", "source and the vendor's key", required=True), SOURCE, URL, _text("name", "name"),
     _text("segment", "segment now"), _text("country", "country, ISO 3166"), _text("industry", "industry"),
     _instant("created_at", "when it became a customer"), VERSION, DELETED),
)  # fmt: skip
CUSTOMERS = FactTable(
    "customers", "one person or household that buys", "customer_id", ("created_at",),
    (_text("customer_id", "source and the vendor's key", required=True), SOURCE, URL,
     _text("account_id", "account it belongs to"), _text("plan", "plan now"), _text("segment", "segment now"),
     _text("country", "country, ISO 3166"), _text("language", "preferred language"),
     _instant("created_at", "when it became a customer"), VERSION, DELETED),
)  # fmt: skip
IDENTITIES = FactTable(
    "identities", "one address or id by which a customer is known somewhere", "identity_id", ("seen_at",),
    (_text("identity_id", "source, kind and hashed value", required=True), SOURCE,
     _text("customer_id", "customer it belongs to", required=True), _text("kind", "email | phone | external | handle"),
     _text("value_hash", "keyed hash of the normalised value; empty: unreadable, ties nobody"),
     _text("near_hashes", "keyed hashes of an e-mail address and of it without each one letter"),
     _instant("seen_at", "first seen"), VERSION, DELETED),
)  # fmt: skip
SUBSCRIPTIONS = FactTable(
    "subscriptions", "one contract of one customer", "subscription_id", ("started_at", "ended_at"),
    (_text("subscription_id", "source and the vendor's key", required=True), SOURCE,
     _text("customer_id", "customer", required=True), _text("account_id", "account"),
     _text("product", "product or plan"), _text("segment", "segment"), _PERSONA, _text("country", "country, ISO 3166"),
     _instant("started_at", "start; empty: before the first day we know"),
     _instant("ended_at", "end; empty: runs on"), _instant("term_ends_at", "end of the current term"),
     _instant("notice_at", "when notice was given"),
     _instant("paused_at", "when it was paused, the last time; empty: never"),
     _instant("resumed_at", "when that pause ended; empty: it goes on"),
     _text("end_reason", "reason for leaving"), Column("is_voluntary", "flag", "the customer decided to leave"),
     Column("mrr_minor", "integer", "recurring revenue a month, in minor units"),
     _text("currency", "currency of the amounts, ISO 4217"), VERSION, DELETED),
)  # fmt: skip
ORDERS = FactTable(
    "orders", "one order line or order", "order_id", ("ordered_at",),
    (_text("order_id", "source and the vendor's key", required=True), SOURCE,
     _text("customer_id", "customer", required=True), _text("account_id", "account"), _text("product", "product"),
     _text("segment", "segment"), _PERSONA, _instant("ordered_at", "when it was placed", required=True),
     Column("quantity", "integer", "pieces"), Column("amount_minor", "integer", "amount in minor units"),
     _text("currency", "currency, ISO 4217"), VERSION, DELETED),
)  # fmt: skip
HELP_CENTER_DAYS = FactTable(
    "help_center_days", "one help-center section on one day", "help_center_day_id", ("day_at",),
    (_text("help_center_day_id", "source, section and day", required=True), SOURCE,
     _text("section", "section or article"), _text("product", "product"), _text("language", "language"),
     _instant("day_at", "start of the day", required=True), Column("n_visits", "integer", "visits"),
     Column("n_searches", "integer", "searches"), Column("n_failed_searches", "integer", "searches without a hit"),
     Column("n_solved", "integer", "sessions that ended without contact"), VERSION, DELETED),
)  # fmt: skip
AGENTS = FactTable(
    "agents", "one agent, as a pseudonym", "agent_id", (),
    (_text("agent_id", "source and pseudonym", required=True), SOURCE, _text("team", "team now"),
     _text("role", "agent | bot"), VERSION, DELETED),
)  # fmt: skip
CUSTOMER_HISTORY = FactTable(
    "customer_history", "one value of one attribute of one customer while it held", "history_id", ("valid_from",),
    (_text("history_id", "customer, attribute and start", required=True), SOURCE,
     _text("customer_id", "customer", required=True), _text("attribute", "attribute", required=True),
     _text("value", "value"), _instant("valid_from", "from", required=True), _instant("valid_to", "to; empty: now"),
     VERSION, DELETED),
)  # fmt: skip
MENTIONS = FactTable(
    "mentions", "one public mention", "mention_id", ("mentioned_at",),
    (_text("mention_id", "source and the vendor's key", required=True), SOURCE, URL, _text("channel", "where"),
     _text("customer_id", "customer, where known"),
     _text("about", "us | a competitor's name"), _text("body", "text; masked before it is shown"),
     Column("reach", "integer", "people who could see it"), _instant("mentioned_at", "when", required=True),
     _instant("answered_at", "when we answered"), VERSION, DELETED),
)  # fmt: skip
FEEDBACK_NOTES = FactTable(
    "feedback_notes", "one note of a colleague about customers", "note_id", ("noted_at",),
    (_text("note_id", "source and key", required=True), SOURCE, URL, _text("team", "team"),
     _text("channel", "where it was said"), _text("customer_id", "customer, where known"),
     _text("touchpoint", "touchpoint"), _text("body", "text; masked before it is shown"),
     _instant("noted_at", "when", required=True), VERSION, DELETED),
)  # fmt: skip

FACT_TABLES: dict[str, FactTable] = {
    table.name: table
    for table in (
        ACCOUNTS, CUSTOMERS, IDENTITIES, TICKETS, TICKET_EVENTS, SURVEY_ANSWERS, SURVEY_SENDS, REVIEWS,
        CUSTOMER_HISTORY, AGENTS, MENTIONS, SUBSCRIPTIONS, ORDERS, HELP_CENTER_DAYS, FEEDBACK_NOTES,
    )
}  # fmt: skip
