"""The embedded Prefect's settings; starting it for real is in tests/flow."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cxloop.embedded import _failure_of_server, _told, is_external, settings
from domain.errors import ConfigError, CxLoopError

API = "http://127.0.0.1:4321/api"


def test_everything_of_prefects_lies_in_the_projects_own_home() -> None:
    home = Path("/project/.cxloop/prefect")
    made = settings(home, 4321, "secret")
    assert made["PREFECT_HOME"] == str(home)
    assert made["PREFECT_PROFILES_PATH"].startswith(str(home))
    assert str(home) in made["PREFECT_SERVER_DATABASE_CONNECTION_URL"]
    assert made["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"


def test_client_and_server_share_a_password() -> None:
    made = settings(Path("/home"), 1, "secret")
    assert made["PREFECT_API_AUTH_STRING"] == made["PREFECT_SERVER_API_AUTH_STRING"] == "cxloop:secret"


def test_the_users_prefect_is_used_only_when_asked_for() -> None:
    assert is_external({"CXLOOP_PREFECT": "external"})
    assert not is_external({"PREFECT_API_URL": "http://theirs/api"})


def answered(status: int, url: str = f"{API}/flow_runs/1/set_state") -> httpx.HTTPStatusError:
    request = httpx.Request("POST", url)
    return httpx.HTTPStatusError("Server error", request=request, response=httpx.Response(status, request=request))


@contextmanager
def free(n_bytes: int) -> Iterator[None]:
    """The disk has so much space left."""
    usage = shutil.disk_usage("/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _place: usage._replace(free=n_bytes))
        yield


def test_a_server_that_fails_is_told_from_a_step_that_does() -> None:
    assert _failure_of_server(answered(500), API) == "it answered 500"
    gone = httpx.ConnectError("refused", request=httpx.Request("GET", f"{API}/health"))
    assert _failure_of_server(gone, API) == "refused"
    assert _failure_of_server(answered(500, "https://desk.example/api/tickets"), API) is None
    assert _failure_of_server(ValueError("no number"), API) is None


def test_a_server_that_fails_on_a_full_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    with free(4_096):
        error = _told("the embedded Prefect server failed (it answered 500)", tmp_path)
    assert isinstance(error, ConfigError)
    assert "its disk is full" in str(error)
    assert str(tmp_path) in str(error)
    assert "run again" in str(error)


def test_a_server_that_fails_with_space_left_is_told_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "server.log").write_text("first\ndatabase disk image is malformed\n", encoding="utf-8")
    with free(1 << 30):
        error = _told("the embedded Prefect server failed (it answered 500)", tmp_path)
    assert type(error) is CxLoopError
    assert "Its last words: database disk image is malformed" in str(error)
