"""What runs the pieces of a long history, and what is said when it cannot."""

import sys
from types import ModuleType
from typing import NoReturn

import pytest

from domain.errors import ConfigError
from domain.settings import Settings
from tasks.measure.steps.helpers import runner_of

OURS = "postgresql://nobody@localhost/none"


def test_dask_over_sqlite_is_refused() -> None:
    with pytest.raises(ConfigError, match="whose processes read from PostgreSQL"), runner_of(of("dask", None)):
        pass


def test_dask_that_is_not_installed_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect_dask", None)
    with pytest.raises(ConfigError, match="not installed"), runner_of(of("dask", OURS)):
        pass


@pytest.mark.parametrize(
    ("asked", "said"),
    [("dask", "no Dask cluster could be started"), ("dask://far:8786", "the Dask cluster at far:8786 does not answer")],
)
def test_a_cluster_that_does_not_answer_is_told_in_words(
    asked: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("prefect_dask")

    def runner(**_: object) -> NoReturn:
        raise OSError("Timed out trying to connect\nafter 30 s")

    monkeypatch.setattr(module, "DaskTaskRunner", runner, raising=False)
    monkeypatch.setitem(sys.modules, "prefect_dask", module)
    with pytest.raises(ConfigError, match=said) as told, runner_of(of(asked, OURS)):
        pass
    assert "(Timed out trying to connect)" in str(told.value)
    assert "CXLOOP_TASK_RUNNER=threads" in str(told.value)


def of(asked: str, url: str | None) -> Settings:
    return Settings.model_validate({"task_runner": asked, "database_url": url})
