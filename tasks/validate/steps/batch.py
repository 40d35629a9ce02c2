"""Have one staged batch judged."""

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from domain.other_process import OtherProcess
from domain.settings import load_settings
from sql.queries.intake import batch
from sql.store import store_at
from tasks.validate.apart.judging import validate_staged
from tasks.validate.outcome import BatchName


@task(name="validate batch", cache_policy=NO_CACHE, persist_result=False)
def validate_batch(context: RunContext, batch_id: str, other: OtherProcess) -> str:
    """Judge a staged batch, and lay out which rows are bad and the verdict for loading.

    Args:
        context: the run.
        batch_id: the batch.
        other: where it is done.

    Returns:
        'passed' or 'rejected'; the load step records either.
    """
    with store_at(context.folder).reading() as connection:
        row = batch(connection, batch_id)
    name = BatchName(batch_id, row["source"], row["name"])
    project = context.project
    max_share = load_settings(project).max_quarantine_share
    verdict = other.call(validate_staged, project.staging / batch_id, name, max_share)
    get_run_logger().info(
        "validated %s: %s rows=%d set_aside=%d warnings=%d",
        row["name"], verdict.outcome, verdict.n_rows, verdict.n_set_aside, len(verdict.warnings),
    )  # fmt: skip
    return verdict.outcome
