"""Sources, step by step: what the flows that ingest have in common."""

from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from contextvars import copy_context
from datetime import date
from typing import Any, Final

from prefect.client.schemas.objects import State
from prefect.states import Failed

from domain.ahead import ahead, given
from domain.arrived import Arrived, Came
from domain.context import RunContext
from domain.errors import CxLoopError, LeaseLostError, SourceError, StoreError
from domain.other_process import OtherProcess
from tasks.extract.steps import is_fetched, land_stream, reopen_source, stage_batch, streams_of, waiting
from tasks.load.steps import follow_deletions, load_batch
from tasks.validate.steps import load_library, validate_batch

MANY: Final = 500
"""A first page of so many records, with more to come, is of a list that is worth a process of its own."""
MANY_BATCHES: Final = 5
"""So many batches that wait are, too."""

Said = dict[str, list[str]]
"""What went wrong, by source."""


def ingest(
    run: RunContext,
    sources: Collection[str],
    failed: dict[str, str],
    *,
    again: bool = False,
    since: date | None = None,
    from_landing: bool = False,
) -> None:
    """Bring in what sources have; a failure is noted in `failed`, and other batches and sources go on.

    Batches are loaded one after the other, in the order they came, each as soon as it is ready. Beside the one that is
    loaded, which keeps one processor busy, the next one is landed, staged and validated, that of the next source too.
    A stream that is fetched goes on being fetched meanwhile, as far ahead as it can; of one that will bring many
    batches they are staged and validated in a process of their own.

    Args:
        run: the run.
        sources: their names in `sources.yaml`.
        failed: takes the source and what went wrong.
        again: read again what was set aside, instead of looking for something new.
        since: fetch again everything that changed on this day or later.
        from_landing: read again what landed on `since` or later, without it what was read with another mapping or an
            older parser; fetch nothing.
    """
    said: Said = {source: [] for source in sources}
    arrived = (
        _reopened(run, sources, said, since, is_aside=again)
        if again or from_landing
        else _landed(run, sources, said, since)
    )
    try:
        with closing(arrived), OtherProcess() as other:  # what is fetched beside ends with what it is fetched for
            _load_each(run, arrived, said, other)
    finally:
        failed.update({source: "; ".join(dict.fromkeys(texts)) for source, texts in said.items() if texts})


def _load_each(run: RunContext, arrived: Iterable[Arrived], said: Said, other: OtherProcess) -> None:
    """Load what arrives. A load begins when the one before has ended: after one that ends everything, none does."""
    with ThreadPoolExecutor(1) as staging, ThreadPoolExecutor(1) as validating, ThreadPoolExecutor(1) as loading:

        def begun(one: Arrived) -> Future[None]:
            if one.is_long:
                other.begin(load_library)
            staged = staging.submit(copy_context().run, _stage, run, one, other)
            # here one after the other: both need much memory
            checking = validating if other.has_begun else staging
            return checking.submit(copy_context().run, _validate, run, one, other, staged)

        source, loaded = "", None
        for one, ready in ahead((one, begun(one)) for one in arrived):
            if loaded is not None:
                said[source] += loaded.result()
            source, loaded = one.source, loading.submit(copy_context().run, _load, run, one, other, ready)
        if loaded is not None:
            said[source] += loaded.result()


def _landed(run: RunContext, sources: Collection[str], said: Said, since: date | None) -> Generator[Arrived]:
    """Land what is new, stream after stream, and give the batches that wait, in their order.

    Before a stream that may take long there is an empty one, so that the batch before it is loaded meanwhile.
    """
    for source in sources:
        with _noted(said[source]):
            for stream in streams_of(run, source):
                taken = set[str]()
                with _noted(said[source]):
                    if is_fetched(run, source):
                        yield Arrived(source, None, None)
                    if is_fetched(run, source) and since is None:
                        yield from _fetched(run, source, stream, taken)
                    else:  # what was refused before is let go where all of it has been fetched again
                        land_stream(run, source, stream, since)
                batch_ids = [one for one in waiting(run, source, stream) if one not in taken]
                if is_fetched(run, source):
                    yield from _announced(source, batch_ids)
                yield from (Arrived(source, batch_id, None) for batch_id in batch_ids[:-1])
                yield Arrived(source, batch_ids[-1] if batch_ids else None, stream)


def _fetched(run: RunContext, source: str, stream: str, taken: set[str]) -> Generator[Arrived]:
    """Batches of a stream while it is fetched; `taken` takes their ids."""

    def land(told: Callable[[Came], None]) -> None:
        land_stream(run, source, stream, None, told)

    n_seen = -1
    with closing(given(land)) as told:
        for came in told:
            if n_seen < 0:
                is_long = came.n_records >= MANY and not came.is_all
                yield Arrived(source, None, None, is_first=True, is_long=is_long)
            if came.n_batches > max(n_seen, 0):
                batch_ids = [one for one in waiting(run, source, stream) if one not in taken]
                taken.update(batch_ids)
                yield from (Arrived(source, batch_id, None) for batch_id in batch_ids)
            n_seen = came.n_batches


def _reopened(
    run: RunContext, sources: Collection[str], said: Said, since: date | None, *, is_aside: bool
) -> Generator[Arrived]:
    """Give the batches that are to be read again from the landing zone."""
    for source in sources:
        with _noted(said[source]):
            batch_ids = reopen_source(run, source, since, is_aside=is_aside)
            if is_fetched(run, source):
                yield from _announced(source, batch_ids)
            yield from (Arrived(source, one, None) for one in batch_ids)


def _announced(source: str, batch_ids: Sequence[str]) -> Iterable[Arrived]:
    """Said before batches that are at hand, where they are many."""
    return [Arrived(source, None, None, is_long=True)] if len(batch_ids) >= MANY_BATCHES else []


def _stage(run: RunContext, one: Arrived, other: OtherProcess) -> None:
    if one.batch_id is not None:
        stage_batch(run, one.batch_id, other)
    elif one.is_first and not other.has_begun:
        load_library()  # takes seconds, in which the first batch is fetched


def _validate(run: RunContext, one: Arrived, other: OtherProcess, staged: Future[None]) -> None:
    staged.result()
    if one.batch_id is not None:
        validate_batch(run, one.batch_id, other)


def _load(run: RunContext, one: Arrived, other: OtherProcess, ready: Future[None]) -> list[str]:
    """Load a batch once it is ready, follow what its stream no longer shows; what went wrong."""
    said: list[str] = []
    with _noted(said):
        if one.batch_id is not None:
            if not other.has_begun:
                load_library()  # takes seconds, in which the first batch is staged, if it was not fetched
            ready.result()
            load_batch(run, one.batch_id)
    with _noted(said):
        if one.ends is not None:
            follow_deletions(run, one.source, one.ends)
    return said


@contextmanager
def _noted(said: list[str]) -> Generator[None]:
    """What goes wrong in a source is written down, whatever it is; without database or lease nothing can go on."""
    try:
        yield
    except (StoreError, LeaseLostError):
        raise
    except CxLoopError as error:
        said.append(str(error))
    except Exception as error:  # noqa: BLE001 - nobody foresaw it, and it is of this source all the same
        # its words may hold what a customer wrote
        said.append(f"unexpected: {type(error).__name__}. Run it again with --debug for the traceback.")


def outcome(failed: dict[str, str], n_sources: int) -> State[Any] | None:
    """None when all went well; else Failed, naming each source that failed, with its reason."""
    if not failed:
        return None
    reasons = "; ".join(f"{source}: {reason.removeprefix(f'{source}: ')}" for source, reason in failed.items())
    message = f"{len(failed)} of {n_sources} sources failed: {reasons}"
    return Failed(message=message, data=SourceError(message))
