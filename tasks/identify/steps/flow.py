"""Tie the customers of all sources together, once a run."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from sql.store import store_at
from tasks.identify.steps.rows import tie_changed


@task(name="identify people", cache_policy=NO_CACHE, persist_result=False)
def identify_people(context: RunContext) -> int:
    """Say which customer ids are one person; how many changed theirs.

    Everything is looked at again as soon as an address, an account or a decision is not as it was, nothing otherwise.
    """
    store = store_at(context.folder)
    moved, to_review = tie_changed(store, context.run_id, context.as_of)
    get_run_logger().info("identified people: changed=%d to_review=%d", moved, to_review)
    return moved
