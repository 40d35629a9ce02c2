"""How long steps take and what they hold: wall time, processor time, memory."""

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import psutil

SAMPLED_EVERY_S = 0.05


@dataclass
class Steps:
    """Seconds by step, added up over its calls, in the order of the first call."""

    rows: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Time what happens inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            row = self.rows.setdefault(name, {"calls": 0, "wall_s": 0.0, "cpu_s": 0.0})
            row["calls"] += 1
            row["wall_s"] += time.perf_counter() - wall
            row["cpu_s"] += time.process_time() - cpu

    def table(self) -> list[dict[str, Any]]:
        """One row per step: step, calls, wall_s, cpu_s."""
        return [
            {
                "step": name,
                "calls": int(row["calls"]),
                "wall_s": round(row["wall_s"], 2),
                "cpu_s": round(row["cpu_s"], 2),
            }
            for name, row in self.rows.items()
        ]


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds from start to end, of processors, and its highest memory."""

    wall_s: float
    cpu_s: float
    rss_mib: int


def watched(start: Callable[[], Any]) -> Cost:
    """Start a process, wait for it, and say what it and its children took.

    Raises:
        SystemExit: it failed.
    """
    begun, before = time.perf_counter(), os.times()
    process, over, peak = start(), Event(), [0]
    sampler = Thread(target=_sample, args=(psutil.Process(process.pid), over, peak), daemon=True)
    sampler.start()
    code = process.wait()
    wall = time.perf_counter() - begun
    over.set()
    sampler.join()
    if code != 0:
        raise SystemExit(f"{' '.join(process.args)} ended with {code}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(round(wall, 2), round(cpu, 2), peak[0] >> 20)


def _sample(process: psutil.Process, over: Event, peak: list[int]) -> None:
    while not over.wait(SAMPLED_EVERY_S):
        try:
            family = [process, *process.children(recursive=True)]
            peak[0] = max(peak[0], sum(one.memory_info().rss for one in family))
        except psutil.Error:
            continue
