"""Stage a landed batch: its rows as fact tables, ready to be validated."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from domain.errors import SourceChangedError
from domain.other_process import OtherProcess
from sql.queries.intake import batch, set_batch
from sql.store import store_at
from tasks.extract.apart.laying import lay
from tasks.extract.catalog import CONNECTORS
from tasks.extract.steps.declared import secret_of, spec_of


@task(name="stage batch", cache_policy=NO_CACHE, persist_result=False)
def stage_batch(context: RunContext, batch_id: str, other: OtherProcess) -> int:
    """Map a landed batch and lay its tables out under the staging folder; the rows in it.

    Args:
        context: the run.
        batch_id: the batch.
        other: where it is done.

    Raises:
        SourceChangedError: it no longer looks as the mapping says.
    """
    store = store_at(context.folder)
    with store.reading() as connection:
        row = batch(connection, batch_id)
    spec = spec_of(context.project, row["source"])
    try:
        laid = other.call_now(lay, context.project, spec, CONNECTORS.get(spec.kind), row, secret_of(context.project))
    except SourceChangedError:
        with store.transaction(context.run_id) as connection:
            set_batch(connection, batch_id, state="unreadable")  # tried again as long as it is there
        raise
    for table, name in laid.unknown:
        get_run_logger().warning(
            "%s: %s of sources.yaml reads '%s', which no row of this batch has", spec.name, table, name
        )
    get_run_logger().info("staged %s: rows=%d set_aside=%d", row["name"], laid.n_source, laid.n_set_aside)
    return laid.n_source
