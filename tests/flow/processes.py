"""`cxloop` as people start it: in a process of its own, with nothing of the tester's Prefect around."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
PATIENCE_S = 100


def environment(**more: str) -> dict[str, str]:
    """The environment without Prefect's variables and ours, and with what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CXLOOP_"))}
    return {**kept, **more}


def command(*arguments: str) -> list[str]:
    """`cxloop` with arguments, run by this Python."""
    return [sys.executable, "-m", "cxloop.cli.main", *arguments]


def cxloop(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, cwd=ROOT, env=environment(**more), check=False
    )


def servers_of(folder: Path) -> list[psutil.Process]:
    """Prefect servers that were started for a project and live."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if "cxloop.embedded.server" in process.cmdline() and str(folder) in process.environ().get(
                "PREFECT_HOME", ""
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def until(holds: Callable[[], bool], what: str) -> None:
    """Return as soon as something holds; fail when it takes too long."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE_S} s in vain until {what}")
        psutil.wait_procs([psutil.Process()], timeout=0.1)
