"""One source, step by step: what the flows that ingest have in common."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from domain.ahead import one_ahead
from domain.context import RunContext
from domain.errors import BatchRejectedError, ConfigError, SourceError, StoreError
from tasks.extract.steps import land_stream, reopen_source, stage_batch, streams_of, waiting
from tasks.load.steps import follow_deletions, load_batch
from tasks.validate.steps import load_library, validate_batch


def ingest(
    run: RunContext,
    source: str,
    failed: dict[str, str],
    *,
    again: bool = False,
    since: date | None = None,
    from_landing: bool = False,
) -> None:
    """Bring in what one source has; a failure is noted in `failed`, and other batches and sources go on.

    Args:
        run: the run.
        source: its name in `sources.yaml`.
        failed: takes the source and what went wrong.
        again: read again what was set aside, instead of looking for something new.
        since: fetch again everything that changed on this day or later.
        from_landing: read again what landed on `since` or later, without it what was read with another mapping or an
            older parser; fetch nothing.
    """
    wrong: list[str] = []
    try:
        if again or from_landing:
            wrong += _published(run, reopen_source(run, source, since, is_aside=again))
        else:
            for stream in streams_of(run, source):
                wrong += _stream(run, source, stream, since)
    except StoreError:
        raise
    except (SourceError, ConfigError) as error:
        wrong.append(str(error))
    if wrong:
        failed[source] = "; ".join(wrong)


def _stream(run: RunContext, source: str, stream: str, since: date | None) -> list[str]:
    """One stream of a source: land what is new, publish what has landed; what went wrong, in words."""
    wrong: list[str] = []
    try:
        land_stream(run, source, stream, since)
    except StoreError:
        raise
    except (SourceError, ConfigError) as error:
        wrong.append(str(error))
    wrong += _published(run, waiting(run, source, stream))
    try:
        follow_deletions(run, source, stream)
    except SourceError as error:
        wrong.append(str(error))
    return wrong


def _published(run: RunContext, batch_ids: Iterable[str]) -> list[str]:
    """Batches from the landing zone into the tables, in their order; what went wrong, in words.

    While one is loaded, the next is staged and validated: loading keeps one processor busy, the database's.
    """
    wrong: list[str] = []
    with ThreadPoolExecutor(1) as beside:
        for batch_id, ready in one_ahead(batch_ids, lambda one: beside.submit(copy_context().run, _prepare, run, one)):
            load_library()  # takes seconds, in which the first batch is staged
            try:
                ready.result()
                load_batch(run, batch_id)
            except (SourceError, BatchRejectedError) as error:
                wrong.append(str(error))
    return wrong


def _prepare(run: RunContext, batch_id: str) -> None:
    stage_batch(run, batch_id)
    validate_batch(run, batch_id)


def outcome(failed: dict[str, str], n_sources: int) -> State[Any] | None:
    """None when all went well; else Failed, naming each source that failed, with its reason."""
    if not failed:
        return None
    reasons = "; ".join(f"{source}: {reason.removeprefix(f'{source}: ')}" for source, reason in failed.items())
    message = f"{len(failed)} of {n_sources} sources failed: {reasons}"
    return Failed(message=message, data=SourceError(message))
