"""The improve room's Prefect tasks."""

from collections.abc import Mapping

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from tasks.improve.steps.judging import judge_all
from tasks.improve.steps.opening import open_all


@task(name="open tasks", cache_policy=NO_CACHE, persist_result=False)
def open_tasks(context: RunContext) -> dict[str, int]:
    """A task for every incident that calls for one; tasks opened and reopened."""
    counts = open_all(context)
    get_run_logger().info("opened tasks: as of %s %s", context.as_of, _shown(counts))
    return counts


@task(name="judge tasks", cache_policy=NO_CACHE, persist_result=False)
def judge_tasks(context: RunContext) -> dict[str, int]:
    """Finished tasks are judged by whether their KPI moved; tasks by the state they came to."""
    counts = judge_all(context)
    get_run_logger().info("judged tasks: as of %s %s", context.as_of, _shown(counts))
    return counts


def _shown(counts: Mapping[str, int]) -> str:
    return " ".join(f"{name.replace(' ', '_')}={count}" for name, count in counts.items()) or "nothing to do"
