"""The weekly summary."""

from datetime import date

from prefect import flow

from tasks.alert.steps.flow import send_outbox
from tasks.measure.steps import watch_customers
from tasks.report.steps.flow import post_summary, write_summary
from tasks.run.steps import holding, publish_artifacts
from tasks.words.steps.flow import tell_words


@flow(name="weekly-report", persist_result=False)
def weekly_report(project: str, day: date | None = None, as_of: date | None = None) -> str:
    """The summary of the last complete week, as a page and as a message; it ingests and judges nothing.

    Args:
        project: the project's folder.
        day: the day it runs for; left out: the day it was scheduled for, in the reporting zone.
        as_of: tell what was known when this day began; left out: `day`.

    Returns:
        Where the page lies.
    """
    with holding(project, "weekly", day, as_of) as (run, record):
        watch_customers(run)
        tell_words(run)
        page = record.page = write_summary(run)
        post_summary(run)
        publish_artifacts(run, page)
        send_outbox(run)
    return page
