"""Read again, from the landing zone, what was read before."""

from datetime import date

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from domain.roadmap import load_roadmap
from domain.windows import start_of
from sql.queries.intake import batches_read_otherwise, batches_since, set_batch
from sql.queries.quarantine import batches_with_rows_aside
from sql.store import Store, store_at
from sql.tables import batches
from tasks.extract.steps.declared import again, batch_of, spec_of
from tasks.extract.versions import readable


@task(name="reopen source", cache_policy=NO_CACHE, persist_result=False)
def reopen_source(context: RunContext, source: str, since: date | None = None, *, is_aside: bool = True) -> list[str]:
    """Batches to be read again from the landing zone as the source's mapping is now.

    Args:
        context: the run.
        source: its name.
        since: those that landed on this day or later.
        is_aside: without `since`: those that have rows set aside; else those that were read with another mapping, or
            with an older parser of their connector.
    """
    spec = spec_of(context.project, source)
    zone = load_roadmap(context.project.roadmap).zone
    with store_at(context.folder).transaction(context.run_id) as connection:
        if since is not None:
            found = batches_since(connection, source, start_of(since, zone))
        elif is_aside:
            found = batches_with_rows_aside(connection, source)
        else:
            found = batches_read_otherwise(connection, source, readable(spec), spec.mapping_version)
        reopened: dict[str, None] = {}
        for row in found:
            batch_id = batch_of(spec, row["sha256"])
            if batch_id != row["batch_id"]:
                Store.put(connection, batches, [again(row, batch_id, spec)], on_conflict="ignore")
            set_batch(connection, batch_id, state="landed")
            reopened[batch_id] = None
    get_run_logger().info("reopened %s: %d batches", source, len(reopened))
    return list(reopened)
