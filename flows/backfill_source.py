"""One source brought in from where it stopped, and measured; nobody is told."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.source_intake import ingest, outcome
from tasks.identify.steps.flow import keep_segments
from tasks.measure.steps import measure_dirty
from tasks.run.steps import declared_sources, holding
from tasks.words.steps.flow import read_words


@flow(name="backfill-source", persist_result=False)
def backfill_source(
    project: str,
    source: str | None = None,
    day: date | None = None,
    as_of: date | None = None,
    again: bool = False,
    since: date | None = None,
    from_landing: bool = False,
) -> State[Any] | None:
    """Bring in one source, or all of them, and measure what changed; the next daily turn judges it.

    Args:
        project: the project's folder.
        source: its name in `sources.yaml`; left out: all.
        day: the day it runs for; left out: the day it was scheduled for, in the reporting zone.
        as_of: everything from this day on is not yet known; left out: `day`.
        again: read again, from the landing zone, the batches that have rows set aside.
        since: fetch again everything that changed on this day or later.
        from_landing: read again what landed on `since` or later, without it what was read with another mapping or an
            older parser; fetch nothing.

    Returns:
        None, or Failed with the sources that failed.
    """
    with holding(project, "backfill", day, as_of) as (run, record):
        sources = declared_sources(run, source)
        ingest(run, sources, record.failed_sources, again=again, since=since, from_landing=from_landing)
        keep_segments(run)
        read_words(run)
        measure_dirty(run)
    return outcome(record.failed_sources, len(sources))
