"""The flows without Prefect's engine: each flow's own body over the bodies of its steps, in this process."""

import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, redirect_stdout
from contextvars import copy_context
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from prefect import Task
from prefect.logging import disable_run_logger
from prefect.states import Completed, Failed, State
from sqlalchemy import Engine, create_engine

from cxloop.cli.main import _ended
from flows import backfill_source, daily_loop, single_steps, source_intake, weekly_report
from sql.store import store_at

FLOWS = (backfill_source, daily_loop, single_steps, source_intake, weekly_report)
SHOWN_ONLY = "publish_artifacts"
"""The one step that has nothing to do without Prefect: it writes to Prefect's pages alone."""


def steps() -> dict[tuple[str, str], Callable[..., Any]]:
    """Every step that the flows' modules name, by module and name, as its bare function."""
    return {
        (module.__name__, name): value.fn
        for module in FLOWS
        for name, value in vars(module).items()
        if isinstance(value, Task)
    }


class BareRunner:
    """A task runner without Prefect's engine: threads that run each task's bare function."""

    def submit(self, task: Task[..., Any], parameters: dict[str, Any]) -> Future[Any]:
        pool = ThreadPoolExecutor(1)
        try:
            return pool.submit(copy_context().run, partial(task.fn, **parameters))
        finally:
            pool.shutdown(wait=False)


def run_loop(folder: Path, as_of: date) -> str | None:
    """One turn of the loop on the project in `folder`; what failed, in words, or None.

    The order is the flow's own: its body runs, and only the engine around each step is left out.
    """
    with _bare():
        state = daily_loop.daily_loop.fn(str(folder), day=as_of, as_of=as_of)
    return None if state is None else state.message


def cxloop(folder: Path, *arguments: str) -> int:
    """A command of `cxloop` as people call it, its flows bare; the exit code."""
    with _bare() as patch:
        patch.setattr("cxloop.turn.embedded_prefect", lambda _home: nullcontext())
        patch.setattr("cxloop.turn.wait_until_ready", lambda: None)
        patch.setattr("cxloop.turn._imported", _bare_flow)
        return _ended(["--project", str(folder), *arguments], is_debug=False)


def answer(folder: Path, *arguments: str) -> Any:
    """What a command prints with `--json`, read back."""
    said = io.StringIO()
    with redirect_stdout(said):
        assert cxloop(folder, *arguments, "--json") == 0
    return json.loads(said.getvalue())


def _bare_flow(flow: str) -> Callable[..., Any]:
    module, name = flow.split(":")
    body = getattr(import_module(module), name).fn

    def turned(*, return_state: bool, **parameters: Any) -> Any:
        try:
            ended = body(**parameters)
        except Exception as error:  # noqa: BLE001 - a flow run ends with whatever was raised
            return Failed(message=str(error), data=error)
        return ended if isinstance(ended, State) else Completed()

    return turned


@contextmanager
def _bare() -> Iterator[pytest.MonkeyPatch]:
    """The flows with bare steps; no connection outlives the body, as if it had a process of its own."""
    made: list[Engine] = []

    def noted(*arguments: Any, **more: Any) -> Engine:
        made.append(create_engine(*arguments, **more))
        return made[-1]

    store_at.cache_clear()
    with pytest.MonkeyPatch.context() as patch, disable_run_logger():
        patch.setattr("sql.store.create_engine", noted)
        for (module, name), body in steps().items():
            patch.setattr(f"{module}.{name}", body if name != SHOWN_ONLY else lambda *_: None)
        patch.setattr("tasks.measure.steps.helpers.runner_of", lambda _: nullcontext((BareRunner(), 2)))
        yield patch
    store_at.cache_clear()
    for engine in made:
        engine.dispose()
