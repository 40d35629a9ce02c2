"""Every table, by group; `METADATA` holds them all."""

from sql.tables.base import METADATA
from sql.tables.facts import FACTS
from sql.tables.history import ticket_states
from sql.tables.intake import (
    batch_tables,
    batches,
    cursors,
    day_changes,
    fetches,
    gaps,
    quarantine,
    source_calls,
    source_fields,
)
from sql.tables.kpis import dirty_days, kpi_days, kpi_stretches, kpi_values, kpi_versions, kpi_years
from sql.tables.loop import (
    findings,
    improvement_tasks,
    incident_events,
    incidents,
    outbox,
    task_events,
    verdicts,
)
from sql.tables.people import merge_log, merge_reviews, people
from sql.tables.reports import published_figures, reports, roadmap_versions
from sql.tables.running import meta, runs
from sql.tables.segments import customer_segments, customer_states
from sql.tables.sightings import readings, sightings
from sql.tables.watching import watch_weeks
from sql.tables.words import (
    incident_subjects,
    incident_words,
    remark_changes,
    remark_quotes,
    remark_themes,
    remark_weeks,
    remarks,
    tone_lessons,
)

MEASURED = {**FACTS, "remarks": remarks}
"""Tables that KPIs are measured from."""

__all__ = [
    "FACTS", "MEASURED", "METADATA", "batch_tables", "batches", "cursors", "customer_segments", "customer_states",
    "day_changes", "dirty_days", "fetches", "findings", "gaps", "improvement_tasks", "incident_events",
    "incident_subjects", "incident_words", "incidents", "kpi_days",
    "kpi_stretches", "kpi_values", "kpi_versions", "kpi_years", "merge_log", "merge_reviews", "meta", "outbox",
    "people", "published_figures", "quarantine", "readings", "remark_changes", "remark_quotes", "remark_themes",
    "remark_weeks", "remarks", "reports", "roadmap_versions", "runs", "sightings", "source_calls", "source_fields",
    "task_events",
    "ticket_states", "tone_lessons", "verdicts", "watch_weeks",
]  # fmt: skip
