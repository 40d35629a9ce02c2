"""One source, step by step: what the flows that ingest have in common."""

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from domain.context import RunContext
from domain.errors import BatchRejectedError, ConfigError, SourceError, StoreError
from tasks.extract.steps import land_source, reopen_source, stage_batch
from tasks.load.steps import load_batch
from tasks.validate.steps import validate_batch


def ingest(run: RunContext, source: str, failed: dict[str, str], *, again: bool = False) -> None:
    """Bring in what one source has; a failure is noted in `failed`, and other batches and sources go on.

    Args:
        run: the run.
        source: its name in `sources.yaml`.
        failed: takes the source and what went wrong.
        again: read again what was set aside, instead of looking for something new.
    """
    wrong: list[str] = []
    try:
        for batch_id in reopen_source(run, source) if again else land_source(run, source):
            wrong += _publish(run, batch_id)
    except StoreError:
        raise
    except (SourceError, ConfigError) as error:
        wrong.append(str(error))
    if wrong:
        failed[source] = "; ".join(wrong)


def _publish(run: RunContext, batch_id: str) -> list[str]:
    """One batch from the landing zone into the tables; what went wrong, in words."""
    try:
        stage_batch(run, batch_id)
        validate_batch(run, batch_id)
        load_batch(run, batch_id)
    except (SourceError, BatchRejectedError) as error:
        return [str(error)]
    return []


def outcome(failed: dict[str, str], n_sources: int) -> State[Any] | None:
    """None when all went well; else Failed, naming each source that failed, with its reason."""
    if not failed:
        return None
    reasons = "; ".join(f"{source}: {reason.removeprefix(f'{source}: ')}" for source, reason in failed.items())
    message = f"{len(failed)} of {n_sources} sources failed: {reasons}"
    return Failed(message=message, data=SourceError(message))
