"""Every table, by group; `METADATA` holds them all."""

from sql.tables.base import METADATA
from sql.tables.facts import FACTS
from sql.tables.intake import batch_tables, batches, cursors, fetches, quarantine, source_fields
from sql.tables.kpis import dirty_days, kpi_days, kpi_values, kpi_versions
from sql.tables.loop import (
    findings,
    improvement_tasks,
    incident_events,
    incidents,
    outbox,
    task_events,
    verdicts,
)
from sql.tables.reports import reports, roadmap_versions
from sql.tables.running import meta, runs

__all__ = [
    "FACTS", "METADATA", "batch_tables", "batches", "cursors", "dirty_days", "fetches", "findings",
    "improvement_tasks", "incident_events", "incidents", "kpi_days", "kpi_values", "kpi_versions", "meta",
    "outbox", "quarantine", "reports", "roadmap_versions", "runs", "source_fields", "task_events", "verdicts",
]  # fmt: skip
