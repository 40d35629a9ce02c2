"""Shows a run as it goes: one line per step with its counts, a moving line on a terminal.

It listens to what the steps log, and to nothing that Prefect says of itself.
"""

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from typing import Protocol

STEP_LOGGERS = ("prefect.task_runs", "prefect.flow_runs")
_ENGINES = frozenset({"task_engine", "flow_engine", "engine", "flows", "tasks", "states"})


class Sink(Protocol):
    """Where lines of progress go."""

    def line(self, text: str) -> None:
        """One step is done."""
        ...


class Plain:
    """Lines as they come, for files and other programs."""

    def line(self, text: str) -> None:
        """One line."""
        print(f"  {text}", flush=True)


class Steps(logging.Handler):
    """Hands on what steps log; of Prefect's own words only that it tries again."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(logging.INFO)
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        """One record of a step."""
        if record.module not in _ENGINES:
            self._sink.line(record.getMessage())
        elif "Retry" in record.getMessage() and "will start" in record.getMessage():
            self._sink.line(f"{getattr(record, 'task_name', 'a step')}: failed; it is tried again in a moment")


@contextmanager
def shown(*, is_debug: bool) -> Generator[None]:
    """Show the steps of the flow that runs in the body; call it after Prefect is imported."""
    if is_debug:
        for name in STEP_LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)
        yield
        return
    with _sink() as sink:
        handler = Steps(sink)
        for name in STEP_LOGGERS:
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [handler], False
            logger.setLevel(logging.INFO)
        yield


@contextmanager
def working(text: str) -> Generator[None]:
    """A moving line on a terminal while the body works; on standard error, so that what is printed stays as it is."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True, highlight=False).status(text):
        yield


@contextmanager
def _sink() -> Generator[Sink]:
    if not sys.stdout.isatty():
        with nullcontext(Plain()) as plain:
            yield plain
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)

    class Moving:
        def line(self, text: str) -> None:
            console.print(Text.assemble(("  ✓ ", "green"), text))

    with console.status("working …"):
        yield Moving()
