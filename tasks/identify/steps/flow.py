"""Tie the customers of all sources together, and say which segment each is in, once a run."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from domain.roadmap import load_roadmap
from sql.store import store_at
from tasks.identify.steps.rows import tie_changed
from tasks.identify.steps.segments import keep_changed


@task(name="identify people", cache_policy=NO_CACHE, persist_result=False)
def identify_people(context: RunContext) -> int:
    """Say which customer ids are one person; how many changed theirs.

    Everything is looked at again as soon as an address, an account or a decision is not as it was, nothing otherwise.
    """
    store, zone = store_at(context.folder), load_roadmap(context.project.roadmap).zone.key
    moved, to_review = tie_changed(store, context.run_id, context.as_of, zone)
    get_run_logger().info("identified people: changed=%d to_review=%d", moved, to_review)
    return moved


@task(name="keep segments", cache_policy=NO_CACHE, persist_result=False)
def keep_segments(context: RunContext) -> int:
    """Say which segment and persona each customer had when, by the roadmap's rules; how many customers' changed.

    Days on which something counts under another segment now are marked to be measured again.

    Raises:
        RoadmapError: a rule cannot be computed for the values that are there.
    """
    kept = keep_changed(store_at(context.folder), context.run_id, load_roadmap(context.project.roadmap))
    log = get_run_logger()
    log.info("kept segments: changed=%d days=%d", kept.n_changed, kept.n_days)
    if kept.unused:
        log.warning("nobody is, or ever was, in: %s; see `cxloop customers segments`", ", ".join(kept.unused))
    return kept.n_changed
