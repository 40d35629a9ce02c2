"""One source, step by step: what the flows that ingest have in common."""

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from domain.context import RunContext
from domain.errors import BatchRejectedError, ConfigError, SourceError, StoreError
from tasks.extract.steps import land_source, stage_batch
from tasks.load.steps import load_batch
from tasks.validate.steps import validate_batch


def ingest(run: RunContext, source: str, failed: dict[str, str]) -> None:
    """Bring in what one source has; a failure is noted in `failed`, and the other sources go on."""
    try:
        for batch_id in land_source(run, source):
            stage_batch(run, batch_id)
            validate_batch(run, batch_id)
            load_batch(run, batch_id)
    except StoreError:
        raise
    except (SourceError, BatchRejectedError, ConfigError) as error:
        failed[source] = str(error)


def outcome(failed: dict[str, str], n_sources: int) -> State[Any] | None:
    """None when all went well; else Failed, naming each source that failed, with its reason."""
    if not failed:
        return None
    reasons = "; ".join(f"{source}: {reason.removeprefix(f'{source}: ')}" for source, reason in failed.items())
    message = f"{len(failed)} of {n_sources} sources failed: {reasons}"
    return Failed(message=message, data=SourceError(message))
