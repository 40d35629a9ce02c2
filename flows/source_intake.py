"""Sources, step by step: what the flows that ingest have in common."""

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import date
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from domain.ahead import one_ahead
from domain.arrived import Arrived
from domain.context import RunContext
from domain.errors import BatchRejectedError, ConfigError, SourceError, StoreError
from tasks.extract.steps import land_stream, reopen_source, stage_batch, streams_of, waiting
from tasks.load.steps import follow_deletions, load_batch
from tasks.validate.steps import load_library, validate_batch


def ingest(
    run: RunContext,
    sources: Iterable[str],
    failed: dict[str, str],
    *,
    again: bool = False,
    since: date | None = None,
    from_landing: bool = False,
) -> None:
    """Bring in what sources have; a failure is noted in `failed`, and other batches and sources go on.

    While a batch is loaded, which keeps one processor busy, the next one is staged and validated, that of the next
    source too.

    Args:
        run: the run.
        sources: their names in `sources.yaml`.
        failed: takes the source and what went wrong.
        again: read again what was set aside, instead of looking for something new.
        since: fetch again everything that changed on this day or later.
        from_landing: read again what landed on `since` or later, without it what was read with another mapping or an
            older parser; fetch nothing.
    """
    arrived = (
        _reopened(run, sources, failed, since, is_aside=again)
        if again or from_landing
        else _landed(run, sources, failed, since)
    )
    with ThreadPoolExecutor(1) as beside:
        for one, ready in one_ahead(arrived, lambda one: beside.submit(copy_context().run, _prepare, run, one)):
            with _noted(failed, one.source):
                if one.batch_id is not None:
                    load_library()  # takes seconds, in which the first batch is staged
                    ready.result()
                    load_batch(run, one.batch_id)
            with _noted(failed, one.source):
                if one.ends is not None:
                    follow_deletions(run, one.source, one.ends)


def _landed(run: RunContext, sources: Iterable[str], failed: dict[str, str], since: date | None) -> Generator[Arrived]:
    """Land what is new, stream after stream, and give the batches that wait, in their order."""
    for source in sources:
        with _noted(failed, source):
            for stream in streams_of(run, source):
                with _noted(failed, source):
                    land_stream(run, source, stream, since)
                batch_ids = waiting(run, source, stream)
                yield from (Arrived(source, batch_id, None) for batch_id in batch_ids[:-1])
                yield Arrived(source, batch_ids[-1] if batch_ids else None, stream)


def _reopened(
    run: RunContext, sources: Iterable[str], failed: dict[str, str], since: date | None, *, is_aside: bool
) -> Generator[Arrived]:
    """Give the batches that are to be read again from the landing zone."""
    for source in sources:
        with _noted(failed, source):
            yield from (Arrived(source, one, None) for one in reopen_source(run, source, since, is_aside=is_aside))


def _prepare(run: RunContext, one: Arrived) -> None:
    if one.batch_id is not None:
        stage_batch(run, one.batch_id)
        validate_batch(run, one.batch_id)


@contextmanager
def _noted(failed: dict[str, str], source: str) -> Generator[None]:
    """What goes wrong is added to what is known of its source, once; without the database nothing can go on."""
    try:
        yield
    except StoreError:
        raise
    except (SourceError, ConfigError, BatchRejectedError) as error:
        known = failed.get(source, "")
        if str(error) not in known:
            failed[source] = f"{known}; {error}" if known else str(error)


def outcome(failed: dict[str, str], n_sources: int) -> State[Any] | None:
    """None when all went well; else Failed, naming each source that failed, with its reason."""
    if not failed:
        return None
    reasons = "; ".join(f"{source}: {reason.removeprefix(f'{source}: ')}" for source, reason in failed.items())
    message = f"{len(failed)} of {n_sources} sources failed: {reasons}"
    return Failed(message=message, data=SourceError(message))
