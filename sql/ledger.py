"""The run ledger: one run at a time holds a project, by a lease with a fencing token."""

import json
import os
import socket
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from domain.errors import CxLoopError, RunInProgressError
from sql.store import Store, renew_lease
from sql.tables import runs


def begin_run(store: Store, kind: str, day: date, lease: timedelta) -> str:
    """Take the project's lease; the id of the new run.

    A run whose process is dead, or whose lease ran out, is marked lost and taken over.

    Raises:
        RunInProgressError: another run holds the project; says who and until when.
    """
    running = select(runs).where(runs.c.state == "running")
    with store.transaction() as connection:
        if connection.dialect.name == "postgresql":  # one at a time; a living run may renew its lease meanwhile
            connection.exec_driver_sql("LOCK TABLE runs IN SHARE UPDATE EXCLUSIVE MODE")
        for row in connection.execute(running).all():
            _refuse_if_alive(row, datetime.now(UTC))
        # once what it writes is over: it may have renewed its lease until then
        for row in connection.execute(running.with_for_update()).all():
            _refuse_if_alive(row, datetime.now(UTC))
            _close(connection, row.run_id, "lost", {"why": "the process ended or its lease ran out"})
        now = datetime.now(UTC)
        fence = (connection.execute(select(func.max(runs.c.fence))).scalar() or 0) + 1
        run_id = f"{kind}-{fence}"
        row = {
            "run_id": run_id, "fence": fence, "kind": kind, "day": day, "state": "running", "holder": holder(),
            "started_at": now, "lease_until": now + lease,
        }  # fmt: skip
        store.put(connection, runs, [row], on_conflict="fail")
    return run_id


def refuse_if_held(store: Store) -> None:
    """RunInProgressError if a living run holds the project now; takes nothing, so another may still come first."""
    with store.reading() as connection:
        for row in connection.execute(select(runs).where(runs.c.state == "running")).all():
            _refuse_if_alive(row, datetime.now(UTC))


def _refuse_if_alive(row: Row[Any], now: datetime) -> None:
    if row.lease_until > now and not _is_dead(row.holder):
        raise RunInProgressError(
            f"{row.kind} run {row.run_id} of {row.holder} has held this project since "
            f"{row.started_at:%Y-%m-%d %H:%M:%S} UTC. Wait until it ends; if it is stuck, end its process: "
            "the next run takes over."
        )


def end_run(store: Store, run_id: str, state: str, summary: Mapping[str, object]) -> None:
    """Give the lease back; a run that was taken over stays lost."""
    with store.transaction() as connection:
        _close(connection, run_id, state, summary)


def _close(connection: Connection, run_id: str, state: str, summary: Mapping[str, object]) -> None:
    connection.execute(
        update(runs)
        .where(runs.c.run_id == run_id, runs.c.state == "running")
        .values(state=state, ended_at=datetime.now(UTC), summary=json.dumps(summary, sort_keys=True, default=str))
    )


@contextmanager
def renewed(store: Store, run_id: str, lease: timedelta) -> Generator[None]:
    """Keep the lease fresh while the body runs, from a thread of its own; on SQLite, long transactions do so, too."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(lease.total_seconds() / 3):
            try:
                with store.transaction(run_id) as connection:
                    renew_lease(connection, run_id, lease)
            except CxLoopError:
                continue  # the next writing step meets the same trouble and says so

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    store.lease = lease
    thread.start()
    try:
        yield
    finally:
        store.lease = None
        over.set()
        thread.join()


def holder() -> str:
    """This host, process and the moment the process began: `host:pid:start`."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_started(pid)}"


def _is_dead(name: str) -> bool:
    """Whether a holder on this host has ended; unknown hosts count as alive."""
    host, pid, started = name.rsplit(":", 2)
    return host == socket.gethostname() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process began, in clock ticks; '' if there is none (also a zombie)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return _alive_without_proc(pid)
    return "" if fields[0] == "Z" else fields[19]


def _alive_without_proc(pid: int) -> str:
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)
    except OSError:
        return ""
    return "alive"
