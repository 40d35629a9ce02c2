"""Rows per second from a server's pages to published rows, beside dlt on the same pages; memory from few to many.

make bench-ingest
python -m benchmarks.ingest --sizes 10000 200000 --dlt /path/to/python
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.arguments import parser_of
from benchmarks.clock import watched
from benchmarks.workplace import workplace


@contextmanager
def desk(n_records: int) -> Generator[str]:
    """A server with so many records; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.desk", str(port), str(n_records)])
    try:
        for _ in range(1200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def bench(folder: Path, sizes: Sequence[int], dlt: str) -> list[dict[str, Any]]:
    """One row per size: records, seconds and MiB of both, how many times as long dlt took, and our steps."""
    rows: list[dict[str, Any]] = []
    for n_records in sizes:
        with desk(n_records) as address:
            print(f"own, {n_records:,} records …", flush=True)
            own, steps = _own(folder / f"own-{n_records}", address)
            print(f"dlt, {n_records:,} records …", flush=True)
            script = str(Path(__file__).with_name("ingest_dlt.py"))
            place = str(folder / f"dlt-{n_records}")
            theirs = watched(partial(subprocess.Popen, [dlt, script, place, address]))
        rows.append({
            "n_records": n_records, "own_s": own.wall_s, "own_cpu_s": own.cpu_s, "own_rss_mib": own.rss_mib,
            "dlt_s": theirs.wall_s, "dlt_cpu_s": theirs.cpu_s, "dlt_rss_mib": theirs.rss_mib,
            "times_dlt": round(theirs.wall_s / own.wall_s, 2), "steps": steps,
        })  # fmt: skip
    return rows


def _own(folder: Path, address: str) -> tuple[Any, list[dict[str, Any]]]:
    steps = folder.with_suffix(".json")
    command = [sys.executable, "-m", "benchmarks.ingest_own", str(folder), address, "--steps", str(steps)]
    return watched(lambda: subprocess.Popen(command)), json.loads(steps.read_text(encoding="utf-8"))


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 200_000, 1_000_000], help="records")
    parser.add_argument("--dlt", default=".venv-bench/bin/python", help="an interpreter that has dlt")
    wanted = parser.parse_args()
    with workplace() as folder:
        figures = bench(folder, wanted.sizes, wanted.dlt)
    Path("bench-ingest.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
