"""Every KPI of tickets, answers and reviews, by every dimension, each day, over histories of several lengths.

python -m benchmarks.every_kpi --tickets 1000000 10000000

Seconds of `cxloop measure` from nothing, its highest memory, how both grow, and what 10,000 new rows cost afterwards; writes
bench-every-kpi.json. Ten million tickets need about 40 GB of disk and half an hour.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.arguments import parser_of
from benchmarks.generate import N_INCREMENT, add_increment
from benchmarks.long_history import generate_long
from benchmarks.run import DAY, measuring, timed
from benchmarks.workplace import workplace


def measured(folder: Path, n_tickets: int) -> dict[str, Any]:
    """The figures of one length.

    Args:
        folder: an empty one to work in.
        n_tickets: tickets; four events, 0.21 answers and 0.1 reviews to each.
    """
    project = folder / "project"
    print(f"{n_tickets:,} tickets: making files …", flush=True)
    generate_long(project, n_tickets)
    loading, _ = timed("own", folder, project, DAY, "--until", "load")
    print("measuring …", flush=True)
    whole = measuring(project)
    n_rows = add_increment(project, n_tickets, N_INCREMENT)
    increment, increment_steps = timed("own", folder, project, DAY + timedelta(days=1), "--until", "measure")
    increment_s = next(row["wall_s"] for row in increment_steps if row["step"] == "measure")
    return {
        "n_tickets": n_tickets, "load_s": loading.wall_s, "load_rss_mib": loading.rss_mib,
        "measure_s": whole.wall_s, "measure_rss_mib": whole.rss_mib,
        "increment_rows": n_rows, "increment_measure_s": increment_s, "increment_rss_mib": increment.rss_mib,
        "increment_steps": increment_steps,
    }  # fmt: skip


def shown(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as text, and how the last ones are to the first ones."""
    lines = [
        f"{row['n_tickets']:>12,} tickets: measure {row['measure_s']} s, {row['measure_rss_mib']:,} MiB; after "
        f"{row['increment_rows']:,} new rows {row['increment_measure_s']} s (load before it {row['load_s']} s)"
        for row in rows
    ]
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        lines.append(
            f"{last['n_tickets'] / first['n_tickets']:.0f} times the tickets: "
            f"{last['measure_s'] / first['measure_s']:.1f} times the seconds"
        )
    return "\n".join(lines)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--folder", type=Path, help="where there is room; a temporary one by default")
    wanted = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for n_tickets in wanted.tickets:
        with workplace(wanted.folder) as folder:
            rows.append(measured(folder, n_tickets))
    Path("bench-every-kpi.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(shown(rows))


if __name__ == "__main__":
    main()
