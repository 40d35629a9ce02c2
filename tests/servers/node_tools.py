"""Stand-ins that run on Node, for as long as a test needs them."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.flow.processes import ROOT, environment

HERE = Path(__file__).parent
TOOLS = ROOT / ".servers" / "node_modules" / ".bin"
LONGEST_S = 280
"""A server ends after this, even if the tests were killed."""


@contextmanager
def serving(tool: str, *arguments: str) -> Iterator[str]:
    """The address of a tool that serves on loopback; it is gone afterwards."""
    program = TOOLS / tool
    if not program.exists():
        raise FileNotFoundError(f"{program} is not there. Install it: tests/servers/install")
    server = subprocess.Popen(
        ["timeout", "--kill-after=5", str(LONGEST_S), str(program), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env=environment(NODE_OPTIONS=f"--require {HERE / 'loopback.cjs'}"),
    )  # fmt: skip
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{_port(server.stdout)}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        server.stdout.close()


def _port(said: Iterator[str]) -> str:
    heard: list[str] = []
    for line in said:
        if found := re.search(r"listening on (\d+)", line):
            return found[1]
        heard.append(line)
    raise AssertionError(f"it never listened; it said: {''.join(heard)}")
