"""The embedded Prefect's settings; starting it for real is in tests/flow."""

from pathlib import Path

from cxloop.embedded import is_external, settings


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
