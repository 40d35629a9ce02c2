"""Sources brought in as `flows/source_intake.py` says, each step timed, without Prefect's engine."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from benchmarks.clock import Steps
from domain.context import RunContext


def ingest(run: RunContext, steps: Steps) -> None:
    """Land, stage, validate and load whatever is new."""
    with steps.step("imports"):
        from domain.ahead import ahead
        from tasks.extract.steps import land_stream, stage_batch, streams_of, waiting
        from tasks.load.steps import load_batch
        from tasks.run.steps import declared_sources
        from tasks.validate.steps import load_library, validate_batch

    def landed() -> Iterator[tuple[str, str]]:
        for source in declared_sources(run):
            for stream in streams_of(run, source):
                with steps.step("land"):
                    land_stream.fn(run, source, stream)
                yield from ((source, batch) for batch in waiting.fn(run, source, stream))

    def prepare(source: str, batch: str) -> None:
        with steps.step(f"stage {source}"):
            stage_batch.fn(run, batch)
        with steps.step(f"validate {source}"):
            validate_batch.fn(run, batch)

    def load(source: str, batch: str, ready: Future[None]) -> None:
        with steps.step(f"wait for {source}"):
            load_library()
            ready.result()
        with steps.step(f"load {source}"):
            load_batch.fn(run, batch)

    with ThreadPoolExecutor(1) as preparing, ThreadPoolExecutor(1) as loading:
        begun = ((*one, preparing.submit(prepare, *one)) for one in landed())
        loaded: Future[None] | None = None
        for one in ahead(begun):
            if loaded is not None:
                loaded.result()
            loaded = loading.submit(load, *one)
        if loaded is not None:
            loaded.result()
