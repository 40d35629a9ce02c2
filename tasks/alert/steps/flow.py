"""The alert room's Prefect tasks."""

from collections.abc import Mapping

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from domain.errors import DeliveryError
from tasks.alert.steps.batches import tell_failures
from tasks.alert.steps.incidents import advance_all
from tasks.alert.steps.messages import compose_all
from tasks.alert.steps.sending import send_all


@task(name="advance incidents", cache_policy=NO_CACHE, persist_result=False)
def advance_incidents(context: RunContext) -> dict[str, int]:
    """Findings not looked at yet move their incidents; findings read, and transitions by the state they led to."""
    counts = advance_all(context)
    get_run_logger().info("advanced incidents: as of %s %s", context.as_of, _shown(counts))
    return counts


@task(name="compose messages", cache_policy=NO_CACHE, persist_result=False)
def compose_messages(context: RunContext) -> dict[str, int]:
    """What changed goes into the outbox; posts, edits, replies, and those left for the weekly summary."""
    counts = compose_all(context)
    get_run_logger().info("composed messages: as of %s %s", context.as_of, _shown(counts))
    return counts


@task(name="tell of failed sources", cache_policy=NO_CACHE, persist_result=False)
def tell_failed_sources(context: RunContext, failures: Mapping[str, str]) -> dict[str, int]:
    """The data engineer is told which sources failed (source → why) and which answer again."""
    counts = tell_failures(context, failures)
    get_run_logger().info("told of failed sources: %s", _shown(counts))
    return counts


@task(name="send outbox", cache_policy=NO_CACHE, persist_result=False)
def send_outbox(context: RunContext) -> dict[str, int]:
    """Send what waits, in order; what was sent, and what still waits.

    Raises:
        DeliveryError: something still waits, after everything else was sent; the message says why.
    """
    counts, troubles = send_all(context)
    get_run_logger().info("sent messages: %s", _shown(counts))
    if troubles:
        raise DeliveryError("\n".join(troubles))
    return counts


def _shown(counts: Mapping[str, int]) -> str:
    return " ".join(f"{name.replace(' ', '_')}={count}" for name, count in counts.items()) or "nothing to do"
