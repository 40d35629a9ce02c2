"""Projects on both databases, and those that read real data, where there is any."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sql.store import store_at
from tests.acceptance.examples import ACME_TODAY, example, has_real_data
from tests.acceptance.projects import whole_project
from tests.acceptance.runner import run_loop
from tests.acceptance.small import small_project

URL = "CXLOOP_DATABASE_URL"
OF_REAL_DATA = ("test_service_desk.py", "test_health_service.py", "test_customers.py")
"""Tests of the examples that read files which are not shipped."""

collect_ignore = [] if has_real_data() else [*OF_REAL_DATA]


@contextmanager
def without_settings() -> Iterator[None]:
    """No setting of whoever runs the tests reaches the projects."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("CXLOOP_") and name != "CXLOOP_KILLS"]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="module")
def _nothing_of_the_testers() -> Iterator[None]:
    with without_settings():
        yield


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Acme Brew as shipped, after its first run; to be read only."""
    with without_settings():
        folder = example("acme", tmp_path_factory.mktemp("as_shipped") / "acme")
        assert run_loop(folder, ACME_TODAY) is None
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The whole project on its embedded database."""
    return whole_project(tmp_path / "roastery")


@pytest.fixture
def kiosk(tmp_path: Path) -> Path:
    """The small project."""
    return small_project(tmp_path / "kiosk")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_project(request: pytest.FixtureRequest, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The whole project on a database of each kind."""
    if request.param == "postgresql":
        monkeypatch.setenv(URL, request.getfixturevalue("postgresql_url"))
        store_at.cache_clear()
    return project


@pytest.fixture(scope="module")
def undrawn() -> Iterator[None]:
    """Pages without charts, which take longer than the rest of a turn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasks.report.page.benchmark_svg", lambda *_: "")
        yield
