"""What is asked of all three, and how each of them says how long it took. Needs neither cxloop nor Polars."""

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ZONE = "Europe/Berlin"
FIRST, LAST = date(2024, 3, 18), date(2026, 3, 16)
"""The days that are asked for, both ends included."""
OURS = ("channel", "touchpoint", "segment", "team", "product", "source")
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "ticket_volume": OURS, "first_reply_time": OURS, "sla_attainment": (*OURS, "topic"), "backlog": OURS,
    "nps": ("survey", *OURS),
}  # fmt: skip
"""By which dimensions each is broken down, besides the whole."""
COLUMNS = ("breakdown", "dimension", "member", "day", "n", "value")
"""Of a result: one row per break-down, dimension (`all`: the whole), member and day with something in it.

ticket_volume: tickets that came. first_reply_time: of tickets that came, those with a public reply by an agent or bot,
and the (lower) median of seconds until then. sla_attainment: of tickets that came, those whose service level is judged,
and the share kept. backlog: tickets unsolved at the end of the day. nps: scores, promoters less detractors in points.
"""


def run(answered: Callable[[Path], Any]) -> None:
    """The command line of each: FACTS RESULT.parquet --times TIMES.json."""
    facts, result, _, times = sys.argv[1:]
    begun, cpu = time.perf_counter(), time.process_time()
    rows = answered(Path(facts))
    took = {"wall_s": round(time.perf_counter() - begun, 2), "cpu_s": round(time.process_time() - cpu, 2)}
    Path(times).write_text(json.dumps(took), encoding="utf-8")
    write = rows.to_parquet if hasattr(rows, "to_parquet") else rows.write_parquet
    write(result)
