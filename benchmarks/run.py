"""Time the loop on a million tickets, beside a plain script on the same files; writes bench.json.

make bench
python -m benchmarks.run --tickets 50000 --keep /tmp/bench
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.arguments import parser_of
from benchmarks.clock import Cost, watched
from benchmarks.company import END_S
from benchmarks.compare import differences
from benchmarks.generate import N_INCREMENT, N_TICKETS, add_increment, generate
from benchmarks.workplace import workplace

DAY: Final = datetime.fromtimestamp(END_S, UTC).date()
"""The Monday after the last complete week."""


def bench(folder: Path, n_tickets: int) -> dict[str, Any]:
    """All figures: seconds, MiB, and a table per step of each.

    Args:
        folder: an empty one to work in.
        n_tickets: how many tickets; everything else is in proportion.

    Raises:
        SystemExit: a part failed, or the two ways do not come to the same numbers.
    """
    project, plain = folder / "project", folder / "plain.db"
    print(f"making files of {n_tickets:,} tickets in {project} …", flush=True)
    generate(project, n_tickets)
    own, own_steps = timed("own", folder, project, DAY)
    theirs, plain_steps = timed("plain", folder, project, plain)
    wrong = differences(project, plain)
    if wrong:
        raise SystemExit("the two ways do not come to the same numbers:\n" + "\n".join(wrong))
    n_rows = add_increment(project, n_tickets, min(N_INCREMENT, n_tickets // 10))
    _, increment_steps = timed("own", folder, project, DAY + timedelta(days=1), "--until", "measure")
    increment = {row["step"]: row["wall_s"] for row in increment_steps}
    return {
        "own_s": own.wall_s, "own_cpu_s": own.cpu_s, "rss_mib": own.rss_mib,
        "plain_s": theirs.wall_s, "plain_cpu_s": theirs.cpu_s, "plain_rss_mib": theirs.rss_mib,
        "increment_s": increment["measure"],
        "increment_load_s": round(sum(s for step, s in increment.items() if step.startswith("load")), 2),
        "increment_rows": n_rows, "n_tickets": n_tickets,
        "machine": {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "steps": {"own": own_steps, "plain": plain_steps, "increment": increment_steps},
    }  # fmt: skip


def timed(name: str, folder: Path, *arguments: object) -> tuple[Cost, list[dict[str, Any]]]:
    """Run one part in a process of its own."""
    print(f"running {name} …", flush=True)
    steps = folder / f"{name}.json"
    command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments), "--steps", str(steps)]
    cost = watched(lambda: subprocess.Popen(command))
    return cost, json.loads(steps.read_text(encoding="utf-8"))


def measuring(project: Path) -> Cost:
    """Measure in a process of its own, as a user does."""
    cxloop = str(Path(sys.executable).with_name("cxloop"))
    command = [cxloop, "--project", str(project), "measure", "--as-of", DAY.isoformat()]
    return watched(lambda: subprocess.Popen(command, stdout=subprocess.DEVNULL))


def shown(figures: dict[str, Any]) -> str:
    """The figures as text."""
    lines = [
        f"own {figures['own_s']} s ({figures['own_cpu_s']} s of processors), {figures['rss_mib']} MiB",
        f"plain {figures['plain_s']} s ({figures['plain_cpu_s']} s of processors), {figures['plain_rss_mib']} MiB: "
        f"{figures['plain_s'] / figures['own_s']:.1f} times own",
        f"measuring again after {figures['increment_rows']:,} new rows {figures['increment_s']} s, "
        f"loading them {figures['increment_load_s']} s",
    ]
    for name, steps in figures["steps"].items():
        lines += ["", f"{name + ': step':34}{'calls':>6}{'wall s':>9}{'cpu s':>9}"]
        lines += [f"{row['step']:34}{row['calls']:6}{row['wall_s']:9.2f}{row['cpu_s']:9.2f}" for row in steps]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--tickets", type=int, default=N_TICKETS, help="how many; a million by default")
    parser.add_argument("--keep", type=Path, help="an empty folder to work in, kept afterwards")
    wanted = parser.parse_args(arguments)
    with nullcontext(wanted.keep) if wanted.keep else workplace() as folder:
        figures = bench(folder, wanted.tickets)
    Path("bench.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(shown(figures))


if __name__ == "__main__":
    main()
