"""`cxloop run` as a process that is watched line by line, and killed at a chosen moment."""

import contextlib
import os
import random
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.acceptance.projects import LAST_MONDAY
from tests.flow.processes import ROOT, command, environment

BEGINS, ENDS = "landed ", "sent messages"


@dataclass(frozen=True)
class Moment:
    """So many seconds after the so-manieth line from the first landed batch on, or when the next line comes."""

    line: int
    after_s: float


@dataclass
class Timeline:
    """What a run said from the first landed batch to the end, and how long after each line the next one came."""

    lines: list[str] = field(default_factory=list[str])
    gaps_s: list[float] = field(default_factory=list[float])

    def moment(self, dice: random.Random) -> Moment:
        """Any line as likely as any other, for steps commit between lines; any instant until the next one."""
        line = dice.randrange(len(self.gaps_s))
        return Moment(line, dice.uniform(0, self.gaps_s[line]))


class Watched:
    """One `cxloop run` with its children, in a session of its own."""

    def __init__(self, folder: Path, more: Mapping[str, str]) -> None:
        self.folder = folder
        arguments = command("--project", str(folder), "run", "--as-of", LAST_MONDAY.isoformat())
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, cwd=ROOT, env=environment(**more),
            start_new_session=True,
        )  # fmt: skip

    def line(self) -> str:
        """The next line it prints; empty at its end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode()

    def reached(self, start: str) -> str:
        """The next line that begins so; AssertionError with what it said instead when there is none."""
        while line := self.line():
            if line.strip().startswith(start):
                return line
        raise AssertionError(f"it ended before it said '{start}': {self.ended()}")

    def reaches(self, moment: Moment) -> None:
        """Return when the moment has come."""
        assert self.process.stdout is not None
        self.reached(BEGINS)
        for _ in range(moment.line):
            assert self.line(), f"it ended early: {self.ended()}"
        select.select([self.process.stdout], [], [], moment.after_s)

    def kill(self, *, with_children: bool) -> None:
        """SIGKILL for the process alone, or for it, its group and all its descendants."""
        family = psutil.Process(self.process.pid).children(recursive=True) if with_children else []
        self.process.kill()
        if with_children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        for child in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        self.ended()

    def ended(self) -> str:
        """What it said on standard error, when it is over."""
        _, errors = self.process.communicate()
        return errors.decode()


def timed(folder: Path, more: Mapping[str, str]) -> Timeline:
    """Run to the end, and take the time of every step from the first landed batch on."""
    run, found = Watched(folder, more), Timeline()
    line = run.reached(BEGINS)
    while line.strip():
        found.lines.append(line.strip())
        begun = time.monotonic()
        line = run.line()
        found.gaps_s.append(time.monotonic() - begun)
    assert (run.ended(), run.process.returncode) == ("", 0)
    assert found.lines[-1].startswith(ENDS)
    return found


def left_running(folder: Path) -> list[str]:
    """Processes, but for this one, that were started for a project: it is in their command line or environment."""
    found: list[str] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            known = [*process.cmdline(), process.environ().get("PREFECT_HOME", "")]
            if process.pid != os.getpid() and any(str(folder) in text for text in known):
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
    return found
