"""Sources brought in as `flows/source_intake.py` says, each step timed, without Prefect's engine."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from importlib import import_module

from benchmarks.clock import Steps
from domain.ahead import ahead, given
from domain.context import RunContext

Batch = tuple[str, str | None]
"""Source and batch; no batch where one will come soon."""


def ingest(run: RunContext, steps: Steps) -> None:
    """Land, stage, validate and load whatever is new."""
    with steps.step("imports"):
        for room in ("extract", "load", "run", "validate"):
            import_module(f"tasks.{room}.steps")
    with ThreadPoolExecutor(1) as preparing, ThreadPoolExecutor(1) as loading:
        begun = ((*one, preparing.submit(_prepare, run, steps, *one)) for one in _landed(run, steps))
        loaded: Future[None] | None = None
        for one in ahead(begun):
            if loaded is not None:
                loaded.result()
            loaded = loading.submit(_load, run, steps, *one)
        if loaded is not None:
            loaded.result()


def _landed(run: RunContext, steps: Steps) -> Iterator[Batch]:
    from tasks.extract.steps import is_fetched, land_stream, streams_of, waiting
    from tasks.run.steps import declared_sources

    def land(source: str, stream: str, told: Callable[[int], None] | None = None) -> None:
        with steps.step("land"):
            land_stream.fn(run, source, stream, None, told)

    def new(source: str, stream: str, taken: set[str]) -> Iterator[Batch]:
        batches = [batch for batch in waiting.fn(run, source, stream) if batch not in taken]
        taken.update(batches)
        return ((source, batch) for batch in batches)

    for source in declared_sources(run):
        for stream in streams_of(run, source):
            taken, n_seen = set[str](), -1
            for n_batches in given(partial(land, source, stream)) if is_fetched(run, source) else ():
                if n_seen < 0:
                    yield source, None
                if n_batches > max(n_seen, 0):
                    yield from new(source, stream, taken)
                n_seen = n_batches
            if not is_fetched(run, source):
                land(source, stream)
            yield from new(source, stream, taken)


def _prepare(run: RunContext, steps: Steps, source: str, batch: str | None) -> None:
    from tasks.extract.steps import stage_batch
    from tasks.validate.steps import load_library, validate_batch

    if batch is None:
        with steps.step("load Great Expectations"):
            load_library()
        return
    with steps.step(f"stage {source}"):
        stage_batch.fn(run, batch)
    with steps.step(f"validate {source}"):
        validate_batch.fn(run, batch)


def _load(run: RunContext, steps: Steps, source: str, batch: str | None, ready: Future[None]) -> None:
    from tasks.load.steps import load_batch
    from tasks.validate.steps import load_library

    if batch is None:
        return
    with steps.step(f"wait for {source}"):
        load_library()
        ready.result()
    with steps.step(f"load {source}"):
        load_batch.fn(run, batch)
