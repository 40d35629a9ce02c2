"""Single steps of the loop, for the command line: each a run of its own."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.source_intake import ingest, outcome
from tasks.alert.steps.flow import advance_incidents
from tasks.detect.steps import judge
from tasks.identify.steps.flow import keep_segments
from tasks.improve.steps.flow import judge_tasks, open_tasks
from tasks.measure.steps import measure_dirty
from tasks.run.steps import declared_sources, holding
from tasks.words.steps.flow import hear_incidents, read_words


@flow(name="ingest-sources", persist_result=False)
def ingest_sources(project: str, source: str | None = None) -> State[Any] | None:
    """Bring in what has arrived from one source, or from all; nothing is measured."""
    with holding(project, "ingest", None, None) as (run, record):
        sources = declared_sources(run, source)
        ingest(run, sources, record.failed_sources)
    return outcome(record.failed_sources, len(sources))


@flow(name="measure-changes", persist_result=False)
def measure_changes(project: str, as_of: date | None = None) -> int:
    """Measure what changed; the number of daily parts written."""
    with holding(project, "measure", None, as_of) as (run, _):
        keep_segments(run)
        read_words(run)
        return measure_dirty(run)


@flow(name="detect-changes", persist_result=False)
def detect_changes(project: str, as_of: date | None = None) -> int:
    """Judge every series, open incidents and tasks, tell nobody; the number of findings written."""
    with holding(project, "detect", None, as_of) as (run, _):
        found = judge(run)
        advance_incidents(run)
        hear_incidents(run)
        open_tasks(run)
        judge_tasks(run)
    return found
