"""The fact tables, built from `domain.facts`."""

from typing import Any

from sqlalchemy import Index, Table

from domain.facts import FACT_TABLES, ColumnType, FactTable
from sql.tables.base import column, table
from sql.types import BigInteger, Boolean, Date, Float, Instant, Text

TYPES: dict[ColumnType, Any] = {
    "text": Text, "instant": Instant, "date": Date, "integer": BigInteger, "number": Float, "flag": Boolean,
}  # fmt: skip

INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "tickets": (("opened_at",), ("resolved_at",)),
    "ticket_events": (("ticket_id", "at"), ("at",)),
    "survey_answers": (("answered_at",),),
    "survey_sends": (("sent_at",),),
    "reviews": (("reviewed_at",),),
    "subscriptions": (("ended_at",), ("customer_id",)),
    "orders": (("ordered_at",),),
}


def _built(fact: FactTable) -> Table:
    built = table(
        fact.name,
        fact.grain,
        *(column(c.name, TYPES[c.type], c.meaning, key=c.name == fact.key, required=c.required) for c in fact.columns),
        column("row_hash", BigInteger, "hash of the row's content; equal: unchanged", required=True),
        column("batch_id", Text, "batch that wrote the row last", required=True),
    )
    for names in INDEXES.get(fact.name, ()):
        Index(None, *(built.c[name] for name in names))
    return built


FACTS: dict[str, Table] = {name: _built(fact) for name, fact in FACT_TABLES.items()}
