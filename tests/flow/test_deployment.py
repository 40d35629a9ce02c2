"""The deployments of prefect.yaml, for real: a Prefect server, a process worker, the daily loop, and a kill.

It takes about a minute: a server, a worker and two flow runs are processes of their own.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.flow.processes import ROOT, environment, until

FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True)
class Prefect:
    """A Prefect server of the test's own, and the project that its deployments are about."""

    api: str
    project: Path
    environment: dict[str, str]

    def ask(self, path: str, body: object = None) -> Any:
        """GET, or POST with a body; asked again while the server's own database is busy (503)."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.api}{path}", data=data, headers={"Content-Type": "application/json"})
        answers: list[Any] = []

        def has_answered() -> bool:
            try:
                with urlopen(request, timeout=30) as answer:
                    answers.append(json.load(answer))
            except HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
            return bool(answers)

        until(has_answered, f"the Prefect server answers {path}")
        return answers[0]

    def answers(self, path: str) -> bool:
        """Whether the server answers, and has what is asked for."""
        try:
            self.ask(path)
        except OSError:
            return False
        return True

    def prefect(self, *arguments: str) -> None:
        """Run Prefect's command line to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "prefect", *arguments],
            capture_output=True, text=True, cwd=ROOT, env=self.environment, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def scheduled(self, deployment: str) -> str:
        """A run of a deployment, scheduled for now; its id."""
        found = self.ask(f"/deployments/name/{deployment}/{deployment}")
        return self.ask(f"/deployments/{found['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})["id"]

    def state(self, run: str) -> str:
        """State of a run."""
        return self.ask(f"/flow_runs/{run}")["state_type"]

    def ledger(self) -> list[tuple[str, str]]:
        """State and holder of our runs, in order; empty before there is a ledger."""
        path = self.project / ".cxloop" / "cxloop.db"
        if not path.is_file():
            return []
        connection = sqlite3.connect(path)
        try:
            return connection.execute("SELECT state, holder FROM runs ORDER BY fence").fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()


@pytest.fixture
def prefect(project: Path, tmp_path: Path) -> Iterator[Prefect]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = tmp_path / "prefect"
    here = Prefect(
        f"http://127.0.0.1:{port}/api",
        project,
        environment(
            PREFECT_HOME=str(home), PREFECT_PROFILES_PATH=str(home / "profiles.toml"), DO_NOT_TRACK="1",
            PREFECT_API_URL=f"http://127.0.0.1:{port}/api", PREFECT_SERVER_ANALYTICS_ENABLED="false",
            PREFECT_UI_ENABLED="false", PREFECT_API_BLOCKS_REGISTER_ON_START="false",
            PREFECT_SERVER_LOGGING_LEVEL="CRITICAL", PREFECT_WORKER_QUERY_SECONDS="1",
        ),
    )  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT, "env": here.environment}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            start_new_session=True, **quiet,
        )
    ]  # fmt: skip
    try:
        until(lambda: here.answers("/health"), "the Prefect server answers")
        worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "cxloop", "--type", "process"]
        started.append(subprocess.Popen(worker, start_new_session=True, **quiet))
        mine = tmp_path / "prefect.yaml"
        text = (ROOT / "prefect.yaml").read_text(encoding="utf-8")
        mine.write_text(text.replace("&project examples/acme", f"&project {project}"), encoding="utf-8")
        until(lambda: here.answers("/work_pools/cxloop"), "the worker has made its pool")
        here.prefect("--no-prompt", "deploy", "--all", "--prefect-file", str(mine))
        yield here
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_the_worker_runs_the_daily_loop_and_after_a_kill_the_next_run_does_the_days_work(prefect: Prefect) -> None:
    killed = prefect.scheduled("daily-loop")
    until(lambda: [state for state, _ in prefect.ledger()] == ["running"], "the first run holds the project")
    os.kill(int(prefect.ledger()[0][1].rsplit(":", 2)[1]), signal.SIGKILL)
    until(lambda: prefect.state(killed) in FINAL, "Prefect knows that the first run is dead")

    after = prefect.scheduled("daily-loop")
    until(lambda: prefect.state(after) in FINAL, "the second run is over")
    assert prefect.state(after) == "COMPLETED"
    assert [state for state, _ in prefect.ledger()] == ["lost", "done"]
    assert list((prefect.project / "out").rglob("*.html"))
    artifacts = prefect.ask("/artifacts/filter", {})
    assert {artifact["key"] for artifact in artifacts} >= {"summary", "benchmarks"}
