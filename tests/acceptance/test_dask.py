"""The months of a long history measured by the processes of a real Dask cluster, over PostgreSQL."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.acceptance.buying import buying_project
from tests.acceptance.dumps import Rows, differences, tables_of
from tests.acceptance.projects import LAST_MONDAY, whole_project
from tests.acceptance.runner import run_loop
from tests.acceptance.test_long_histories import MEASURED, forgotten
from tests.flow.processes import ROOT, command, environment, until

pytestmark = [pytest.mark.usefixtures("undrawn"), pytest.mark.timeout(600)]

N_ROWS_AT_ONCE = "1200"
N_ROWS_OF_MANY_PIECES = "500"
"""So many pieces that a worker who is killed leaves some to do."""
N_ROWS_OF_CONTRACTS = "300"
BEGUN = {"contracts": r"min\(subscriptions\.ended_at\)", "orders": r"orders\.row_hash"}
"""What a run asks the database last, before it waits for the pieces."""
SOON_S = 120
STARTED_S = 3.0
"""Seconds of a processor that a worker takes to start, and some more."""


@pytest.fixture
def measured(tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that was measured at once."""
    monkeypatch.setenv("CXLOOP_DATABASE_URL", postgresql_url)
    folder = whole_project(tmp_path / "long")
    assert run_loop(folder, LAST_MONDAY) is None
    return folder


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler with two workers, in a folder of their own, who know nothing of the project."""
    told, elsewhere = tmp_path / "scheduler.json", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with ExitStack() as stack:

        def start(*arguments: str) -> None:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(told), "--no-dashboard"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=elsewhere,
                env=environment(PYTHONPATH=str(ROOT)),
            )  # fmt: skip
            stack.callback(process.wait)
            stack.callback(process.terminate)

        start("scheduler", "--host", "127.0.0.1", "--port", "0")
        until(told.is_file, "the scheduler tells its address")
        for _ in range(2):
            start("worker", "--nworkers", "1", "--nthreads", "1")
        yield json.loads(told.read_text(encoding="utf-8"))["address"].removeprefix("tcp://")


@pytest.fixture
def bought(tmp_path: Path) -> dict[str, Rows]:
    """What a company's contracts and orders give at once, in a file of SQLite."""
    folder = buying_project(tmp_path / "at_once")
    assert run_loop(folder, LAST_MONDAY) is None
    return tables_of(folder, *MEASURED)


def begun(folder: Path, url: str, place: str = "", n_rows: str = N_ROWS_AT_ONCE) -> subprocess.Popen[bytes]:
    """`cxloop measure` of everything, by Dask; `place`: the address of a cluster, else one of its own."""
    more = {
        "CXLOOP_DATABASE_URL": url, "CXLOOP_ROWS_AT_ONCE": n_rows,
        "CXLOOP_TASK_RUNNER": f"dask://{place}" if place else "dask",
    }  # fmt: skip
    return subprocess.Popen(
        command("--project", str(folder), "measure", "--as-of", LAST_MONDAY.isoformat()),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, env=environment(**more), start_new_session=True,
    )  # fmt: skip


def worker_of(process: subprocess.Popen[bytes]) -> psutil.Process:
    """A process of the cluster that is at work: it has done more than to start."""
    until = time.monotonic() + SOON_S
    while time.monotonic() < until and process.poll() is None:
        children = psutil.Process(process.pid).children(recursive=True)
        workers = [child for child in children if is_at_work(child)]
        if workers:
            return workers[0]
        time.sleep(0.05)
    raise AssertionError(f"no worker began: {process.communicate()[1].decode()}")


def is_worker(child: psutil.Process) -> bool:
    return "spawn_main" in " ".join(child.cmdline())


def is_at_work(child: psutil.Process) -> bool:
    try:
        return is_worker(child) and child.cpu_times().user > STARTED_S
    except psutil.Error:
        return False


@pytest.mark.parametrize("is_one_killed", [False, True], ids=["whole", "a worker killed"])
def test_the_processes_of_a_cluster_give_what_one_process_gives(
    measured: Path, postgresql_url: str, *, is_one_killed: bool
) -> None:
    at_once = tables_of(measured, *MEASURED)
    forgotten(measured)
    process = begun(measured, postgresql_url, n_rows=N_ROWS_OF_MANY_PIECES if is_one_killed else N_ROWS_AT_ONCE)
    if is_one_killed:
        worker_of(process).send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    assert is_one_killed or "Traceback" not in errors.decode()
    assert differences(at_once, tables_of(measured, *MEASURED)) == []


def test_workers_that_know_nothing_of_the_project_give_what_one_process_gives(
    measured: Path, postgresql_url: str, cluster: str
) -> None:
    at_once = tables_of(measured, *MEASURED)
    forgotten(measured)
    process = begun(measured, postgresql_url, cluster)
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    assert "Traceback" not in errors.decode()
    assert differences(at_once, tables_of(measured, *MEASURED)) == []


@pytest.mark.parametrize("read", ["contracts", "orders"])
def test_a_worker_killed_while_it_counts_leavers_or_orders_changes_nothing(
    bought: dict[str, Rows], read: str, tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXLOOP_DATABASE_URL", postgresql_url)
    folder = buying_project(tmp_path / "buying")
    assert run_loop(folder, LAST_MONDAY) is None
    forgotten(folder)
    process = begun(folder, postgresql_url, n_rows=N_ROWS_OF_CONTRACTS)
    try:
        until(partial(was_asked, postgresql_url, BEGUN[read]), f"{read} are counted")
        workers = [child for child in psutil.Process(process.pid).children(recursive=True) if is_worker(child)]
        workers[0].send_signal(signal.SIGKILL)
        _, errors = process.communicate()
    except BaseException:  # what is left over would slow every test behind this one
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    assert process.returncode == 0, errors.decode()
    found = tables_of(folder, *MEASURED)
    assert differences(bought, found) == []
    kpis = {row[0] for row in found["kpi_values"]}
    assert {"churn_rate", "revenue_churn_rate", "net_revenue_retention", "purchase_frequency"} <= kpis


def was_asked(url: str, pattern: str) -> bool:
    """Whether this is what some process asked the database last, or is asking."""
    with psycopg.connect(url, autocommit=True) as connection:
        of_others = "datname = current_database() AND pid <> pg_backend_pid()"
        asked = f"SELECT 1 FROM pg_stat_activity WHERE query ~ %s AND {of_others}"
        return connection.execute(asked, [pattern]).fetchone() is not None
