"""Small helpdesks for the tests: tickets, what was said, what changed; and the one number that entries add up to."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from domain.estimates import points
from domain.kpis import KPIS
from domain.windows import NEVER
from tasks.measure.entries import parts
from tests.factories import at, facts

BERLIN = "Europe/Berlin"


def tickets_of(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Tickets; `opened` as text."""
    told = [{**row, "opened_at": at(row["opened"])} for row in rows]
    return facts("tickets", [{name: value for name, value in row.items() if name != "opened"} for row in told])


def said(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Public comments: ticket, when, role of who said it."""
    return facts("ticket_events", [{"event_id": f"c{i}", "ticket_id": ticket, "field": "comment", "at": at(when),
                                    "actor_role": role} for i, (ticket, when, role) in enumerate(rows)])  # fmt: skip


def moved(*rows: tuple[str, str, str | None, str], field: str = "status") -> pl.DataFrame:
    """Changes of a field: ticket, when, old, new."""
    return facts("ticket_events", [{"event_id": f"{field}{i}", "ticket_id": ticket, "field": field, "at": at(when),
                                    "old": old, "new": new, "sequence": i}
                                   for i, (ticket, when, old, new) in enumerate(rows)])  # fmt: skip


def value(entries: pl.DataFrame, kpi: str, as_of: date = NEVER) -> dict[str, Any]:
    """The KPI's value over everything, as known before a day; empty: there is none."""
    found = points(parts(entries, KPIS[kpi]), "all", as_of=as_of).filter(pl.col("scope") == "{}")
    return found.row(0, named=True) if found.height else {}
