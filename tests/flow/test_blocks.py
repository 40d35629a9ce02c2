"""Secrets out of a Prefect that is really there: its own home, its own server, one process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flow.processes import ROOT, environment

SCRIPT = """\
import json, sys
from prefect.blocks.system import Secret
from prefect.blocks.webhook import Webhook

Secret(value="xoxb-canary").save("acme-slack")
Secret(value=json.dumps({"client_email": "a@b"})).save("acme-google-text")
Secret(value={"client_email": "a@b"}).save("acme-google-values")
Secret(value=[1, 2]).save("acme-list")
Webhook(url="https://canary.example").save("acme-hook")

from domain.errors import ConfigError
from wire.blocks import with_blocks

said = {}
for name in json.loads(sys.argv[1]):
    try:
        said[name] = with_blocks({"OTHER": "x"}, ["OTHER", f"block:{name}"])
    except ConfigError as problem:
        said[name] = str(problem)
print("SAID" + json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str] | str]:
    home = tmp_path_factory.mktemp("prefect")
    names = ["acme-slack", "acme-google-text", "acme-google-values", "acme-list", "acme-hook", "acme-slak"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(names)], capture_output=True, text=True, cwd=ROOT, check=True,
        env=environment(PREFECT_HOME=str(home), PREFECT_PROFILES_PATH=str(home / "profiles.toml"), DO_NOT_TRACK="1",
                        PREFECT_SERVER_ANALYTICS_ENABLED="false", PREFECT_LOGGING_LEVEL="CRITICAL"),
    )  # fmt: skip
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("SAID")).removeprefix("SAID"))


def test_a_text_comes_as_it_is_beside_what_was_named(said: dict[str, dict[str, str] | str]) -> None:
    assert said["acme-slack"] == {"OTHER": "x", "block:acme-slack": "xoxb-canary"}


@pytest.mark.parametrize("name", ["acme-google-text", "acme-google-values"])
def test_a_key_file_comes_as_its_text(said: dict[str, dict[str, str] | str], name: str) -> None:
    found = said[name]
    assert isinstance(found, dict)
    assert json.loads(found[f"block:{name}"]) == {"client_email": "a@b"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("acme-slak", "there is no Prefect block 'acme-slak' of type Secret. Did you mean 'acme-slack'?"),
        ("acme-hook", "the Prefect block 'acme-hook' is of type Webhook, expected Secret."),
        ("acme-list", "the Prefect block 'acme-list' holds list, expected a text."),
    ],
)
def test_what_is_not_there_or_no_secret_is_told(said: dict[str, dict[str, str] | str], name: str, words: str) -> None:
    assert words in str(said[name])
    assert "canary" not in str(said[name])


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    script = "from wire.blocks import secret_in\ntry:\n    secret_in('block:a')\nexcept Exception as p:\n    print(p)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True,
        env=environment(PREFECT_HOME=str(tmp_path), PREFECT_API_URL="http://127.0.0.1:9/api",
                        PREFECT_CLIENT_MAX_RETRIES="0"),
    )  # fmt: skip
    assert "the Prefect block 'a' cannot be read (ConnectError)" in done.stdout
