"""The daily turn of the loop."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.source_intake import ingest, outcome
from tasks.alert.steps.flow import advance_incidents, compose_messages, send_outbox, tell_failed_sources
from tasks.detect.steps import judge
from tasks.identify.steps.flow import identify_people, keep_segments
from tasks.improve.steps.flow import judge_tasks, open_tasks
from tasks.measure.steps import measure_dirty, watch_customers
from tasks.report.steps.flow import post_summary, write_summary
from tasks.run.steps import declared_sources, holding, publish_artifacts
from tasks.words.steps.flow import hear_incidents, read_words, tell_words


@flow(name="daily-loop", persist_result=False)
def daily_loop(project: str, day: date | None = None, as_of: date | None = None) -> State[Any] | None:
    """What has arrived in, what changed measured, judged and told.

    Args:
        project: the project's folder.
        day: the day it runs for; left out: the day it was scheduled for, in the reporting zone.
        as_of: judge the world as it was known when this day began; left out: `day`.

    Returns:
        None, or Failed with the sources that failed: the others were measured all the same.
    """
    with holding(project, "daily", day, as_of) as (run, record):
        sources = declared_sources(run)
        ingest(run, sources, record.failed_sources)
        identify_people(run)
        keep_segments(run)
        read_words(run)
        measure_dirty(run)
        judge(run)
        advance_incidents(run)
        hear_incidents(run)
        open_tasks(run)
        judge_tasks(run)
        watch_customers(run)
        tell_words(run)
        page = record.page = write_summary(run)
        compose_messages(run)
        tell_failed_sources(run, record.failed_sources)
        post_summary(run)
        publish_artifacts(run, page)
        send_outbox(run)
    return outcome(record.failed_sources, len(sources))
