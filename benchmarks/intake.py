"""Sources brought in by the flow itself, each of its steps timed, without Prefect's engine."""

from collections.abc import Callable
from typing import Any

from benchmarks.clock import Steps
from domain.context import RunContext


def ingest(run: RunContext, steps: Steps) -> None:
    """Land, stage, validate and load whatever is new, in the order of `flows.source_intake`.

    Raises:
        SystemExit: a source failed.
    """
    with steps.step("imports"):
        from prefect import Task

        from flows import source_intake
        from tasks.run.steps import declared_sources

    source_of: dict[str, str] = {}
    failed: dict[str, str] = {}

    def timed(name: str, body: Callable[..., Any]) -> Callable[..., Any]:
        def step(run: RunContext, which: str, *more: Any) -> Any:
            with steps.step(f"{name} {source_of.get(which, which)}"):
                made = body(run, which, *more)
            if name == "waiting":
                source_of.update(dict.fromkeys(made, which))
            return made

        return step

    for name, value in [*vars(source_intake).items()]:
        if isinstance(value, Task):
            setattr(source_intake, name, timed(name.split("_")[0], value.fn))
    source_intake.ingest(run, declared_sources(run), failed)
    if failed:
        raise SystemExit("\n".join(failed.values()))
