"""The room's steps as Prefect's tasks."""

from datetime import date

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from tasks.report.steps.publish import publish, put_message


@task(name="write summary", cache_policy=NO_CACHE, persist_result=False)
def write_summary(context: RunContext, week_start: date | None = None) -> str:
    """Write the summary of a week; where its page lies.

    Args:
        context: the run.
        week_start: a Monday; None: the last complete week that data reach.
    """
    page = publish(context, week_start)
    get_run_logger().info("wrote summary: week=%s", page.stem)
    return str(page)


@task(name="post summary", cache_policy=NO_CACHE, persist_result=False)
def post_summary(context: RunContext) -> bool:
    """Put the latest week's message into the outbox; False when it was there already."""
    channel = put_message(context)
    get_run_logger().info("posted summary: %s", f"1 message to {channel}" if channel else "nothing new")
    return channel is not None
