"""Projects on both databases."""

import os
from pathlib import Path

import pytest

from sql.store import store_at
from tests.acceptance.projects import whole_project

URL = "CXLOOP_DATABASE_URL"


@pytest.fixture(autouse=True)
def _nothing_of_the_testers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests reaches the projects."""
    for name in [name for name in os.environ if name.startswith("CXLOOP_") and name != "CXLOOP_KILLS"]:
        monkeypatch.delenv(name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The whole project on its embedded database."""
    return whole_project(tmp_path / "roastery")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_project(request: pytest.FixtureRequest, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The whole project on a database of each kind."""
    if request.param == "postgresql":
        monkeypatch.setenv(URL, request.getfixturevalue("postgresql_url"))
        store_at.cache_clear()
    return project


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without charts, which take longer than the rest of a turn."""
    monkeypatch.setattr("tasks.report.page.benchmark_svg", lambda *_: "")
