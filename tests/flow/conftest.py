"""Small projects that run."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from cxloop.cli.projects import init
from tests.flow.processes import cxloop


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The starter project, in a folder of its own."""
    folder = tmp_path / "shop"
    init(folder)
    return folder


@dataclass(frozen=True)
class Ran:
    """A project that has run once, what the run said, and the user's own Prefect home that it had to leave alone."""

    folder: Path
    done: subprocess.CompletedProcess[str]
    users_home: Path


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The starter project after its first run; tests only read it."""
    folder, users_home = tmp_path_factory.mktemp("ran") / "shop", tmp_path_factory.mktemp("user") / "prefect"
    init(folder)
    done = cxloop(
        "--project", str(folder), "run", PREFECT_HOME=str(users_home), PREFECT_API_URL="http://127.0.0.1:9/api"
    )
    return Ran(folder, done, users_home)
