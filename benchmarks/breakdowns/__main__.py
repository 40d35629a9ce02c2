"""Five break-downs of tickets, events and answers, each day by every dimension: cxloop beside DuckDB and pandas.

make bench-duckdb
python -m benchmarks.breakdowns --tickets 1000000 10000000 --python /path/to/python

All three read the same Parquet files and must come to the same rows: counts exactly, medians within 1 %. Writes
bench-duckdb.json. DuckDB and pandas give values; ours come with interval and open outcomes, and add up.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.arguments import parser_of
from benchmarks.breakdowns.asked import COLUMNS
from benchmarks.breakdowns.facts import write_facts
from benchmarks.clock import watched
from benchmarks.workplace import workplace

KEY = ("breakdown", "dimension", "member", "day")
WITHIN = 0.0101
"""Of the exact median: a sketch is within 1 % of it, whatever the seconds are."""


def compared(folder: Path, n_tickets: int, python: str, repeats: int) -> list[dict[str, Any]]:
    """Seconds, of the best of some rounds in turn, and MiB of each of the three.

    Raises:
        SystemExit: two of them differ.
    """
    facts, results = folder / "facts", {}
    print(f"{n_tickets:,} tickets: making files …", flush=True)
    write_facts(facts, n_tickets)
    found: dict[str, dict[str, Any]] = {}
    for _ in range(repeats):
        for name, interpreter in (("own", sys.executable), ("duck", python), ("with_pandas", python)):
            results[name], times = folder / f"{name}.parquet", folder / f"{name}.json"
            module = [interpreter, "-m", f"benchmarks.breakdowns.{name}", str(facts), str(results[name])]
            cost = watched(lambda module=module, times=times: subprocess.Popen([*module, "--times", str(times)]))
            took = json.loads(times.read_text(encoding="utf-8"))
            print(f"  {name}: {took['wall_s']} s, {cost.rss_mib:,} MiB", flush=True)
            if name not in found or took["wall_s"] < found[name]["wall_s"]:
                found[name] = {"n_tickets": n_tickets, "by": name, **took, "rss_mib": cost.rss_mib}
    for name in ("duck", "with_pandas"):
        wrong = differing(pl.read_parquet(results["own"]), pl.read_parquet(results[name]))
        if wrong.height:
            raise SystemExit(f"own and {name} differ in {wrong.height:,} rows, such as\n{wrong.head(5)}")
    return list(found.values())


def differing(own: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Rows that one lacks, or whose n differs, or whose value does by more than rounding (of medians: than 1 %)."""
    other = theirs.select(COLUMNS).with_columns(
        pl.col("day").cast(pl.Date),
        pl.col("n").cast(pl.Int64),
        pl.col("breakdown", "dimension", "member").cast(pl.String),
    )
    most = pl.when(pl.col("breakdown") == "first_reply_time").then(WITHIN).otherwise(1e-9)
    is_near = (pl.col("value") - pl.col("theirs")).abs() <= most * pl.col("theirs").abs() + 1e-9
    both = own.join(other.rename({"n": "n_theirs", "value": "theirs"}), on=KEY, how="full", coalesce=True)
    return both.filter(~(pl.col("n").eq_missing(pl.col("n_theirs")) & is_near.fill_null(value=False)))


def shown(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as text, each beside ours of the same length."""
    own = {row["n_tickets"]: row["wall_s"] for row in rows if row["by"] == "own"}
    return "\n".join(
        f"{row['n_tickets']:>12,} tickets, {row['by']:12}{row['wall_s']:8.2f} s ({row['cpu_s']:.1f} s of processors), "
        f"{row['rss_mib']:6,} MiB, {row['wall_s'] / own[row['n_tickets']]:.2f} times own"
        for row in rows
    )


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--repeats", type=int, default=3, help="rounds in turn; the best of each counts")
    parser.add_argument("--python", default=".venv-bench/bin/python", help="an interpreter that has DuckDB and pandas")
    wanted = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for n_tickets in wanted.tickets:
        with workplace() as folder:
            rows += compared(folder, n_tickets, wanted.python, wanted.repeats)
    Path("bench-duckdb.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(shown(rows))


if __name__ == "__main__":
    main()
