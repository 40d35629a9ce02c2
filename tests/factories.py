"""Small made-up facts: give what matters, the rest is filled in."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from domain.facts import FACT_TABLES

TYPES: dict[str, pl.DataType] = {
    "text": pl.String(), "instant": pl.Datetime("us", "UTC"), "date": pl.Date(), "integer": pl.Int64(),
    "number": pl.Float64(), "flag": pl.Boolean(),
}  # fmt: skip

FILLED: dict[str, dict[str, Any]] = {
    "tickets": {"source": "desk", "status": "open"},
    "ticket_events": {"source": "desk", "field": "status", "is_public": True, "sequence": 0},
    "survey_answers": {"source": "survey", "survey": "after-help", "measure": "csat", "scale_low": 1.0,
                       "scale_high": 5.0, "direction": "up", "satisfied_from": 4.0},
    "survey_sends": {"source": "survey", "survey": "after-help"},
    "reviews": {"source": "store", "about": "us", "scale_low": 1.0, "scale_high": 5.0},
    "subscriptions": {"source": "crm"},
    "orders": {"source": "shop", "quantity": 1},
    "help_center_days": {"source": "help", "section": "billing"},
}  # fmt: skip


def at(text: str) -> datetime:
    """An instant in UTC, from `2026-03-09` or `2026-03-09 10:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def facts(name: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of a fact table; keys count up, columns not given are empty."""
    table = FACT_TABLES[name]
    schema = {column.name: TYPES[column.type] for column in table.columns}
    whole = [
        {**dict.fromkeys(schema), table.key: f"{name}-{i}", **FILLED.get(name, {}), **row} for i, row in enumerate(rows)
    ]
    return pl.DataFrame(whole, schema=schema)
