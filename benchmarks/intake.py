"""Sources brought in as `flows/source_intake.py` says, each step timed, without Prefect's engine."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from importlib import import_module

from benchmarks.clock import Steps
from domain.ahead import ahead, given
from domain.arrived import Arrived, Came
from domain.context import RunContext
from domain.other_process import OtherProcess
from flows.source_intake import MANY


def ingest(run: RunContext, steps: Steps) -> None:
    """Land, stage, validate and load whatever is new."""
    with steps.step("imports"):
        for room in ("extract", "load", "run", "validate"):
            import_module(f"tasks.{room}.steps")
        from tasks.validate.steps import load_library
    with (
        OtherProcess() as other, ThreadPoolExecutor(1) as staging, ThreadPoolExecutor(1) as validating,
        ThreadPoolExecutor(1) as loading,
    ):  # fmt: skip

        def begun(one: Arrived) -> Future[None]:
            if one.is_long:
                other.begin(load_library)
            staged = staging.submit(_stage, run, steps, one, other)
            return (validating if other.has_begun else staging).submit(_validate, run, steps, one, other, staged)

        loaded: Future[None] | None = None
        for one, ready in ahead((one, begun(one)) for one in _landed(run, steps)):
            if loaded is not None:
                loaded.result()
            loaded = loading.submit(_load, run, steps, one, other, ready)
        if loaded is not None:
            loaded.result()


def _landed(run: RunContext, steps: Steps) -> Iterator[Arrived]:
    from tasks.extract.steps import is_fetched, land_stream, streams_of, waiting
    from tasks.run.steps import declared_sources

    def land(source: str, stream: str, told: Callable[[Came], None] | None = None) -> None:
        with steps.step("land"):
            land_stream.fn(run, source, stream, None, told)

    def new(source: str, stream: str, taken: set[str]) -> Iterator[Arrived]:
        batches = [batch for batch in waiting.fn(run, source, stream) if batch not in taken]
        taken.update(batches)
        return (Arrived(source, batch, None) for batch in batches)

    for source in declared_sources(run):
        for stream in streams_of(run, source):
            taken, n_seen = set[str](), -1
            for came in given(partial(land, source, stream)) if is_fetched(run, source) else ():
                if n_seen < 0:
                    yield Arrived(source, None, None, is_first=True, is_long=came.n_records >= MANY and not came.is_all)
                if came.n_batches > max(n_seen, 0):
                    yield from new(source, stream, taken)
                n_seen = came.n_batches
            if not is_fetched(run, source):
                land(source, stream)
            yield from new(source, stream, taken)


def _stage(run: RunContext, steps: Steps, one: Arrived, other: OtherProcess) -> None:
    from tasks.extract.steps import stage_batch
    from tasks.validate.steps import load_library

    if one.is_first and not other.has_begun:
        with steps.step("load Great Expectations"):
            load_library()
    if one.batch_id is not None:
        with steps.step(f"stage {one.source}"):
            stage_batch.fn(run, one.batch_id, other)


def _validate(run: RunContext, steps: Steps, one: Arrived, other: OtherProcess, staged: Future[None]) -> None:
    from tasks.validate.steps import validate_batch

    staged.result()
    if one.batch_id is not None:
        with steps.step(f"validate {one.source}"):
            validate_batch.fn(run, one.batch_id, other)


def _load(run: RunContext, steps: Steps, one: Arrived, other: OtherProcess, ready: Future[None]) -> None:
    from tasks.load.steps import load_batch
    from tasks.validate.steps import load_library

    if one.batch_id is None:
        return
    with steps.step(f"wait for {one.source}"):
        if not other.has_begun:
            load_library()
        ready.result()
    with steps.step(f"load {one.source}"):
        load_batch.fn(run, one.batch_id)
