"""Prefect inside `cxloop run`: its own home, its own server, gone when the run is over.

Nothing of the user's Prefect is read or touched. `CXLOOP_PREFECT=external` leaves Prefect as the
user has set it up, so that a run reports to their server.
"""

import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from domain.errors import ConfigError, CxLoopError

START_SECONDS = 120
STOP_SECONDS = 10
DRAIN_SECONDS = 5
LEAST_FREE_BYTES = 1 << 20
"""With less than this on its disk, a server that fails fails for want of space."""

QUIET = {
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
"""Every telemetry that a dependency brings, off."""

EMBEDDED = {
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_CLIENT_METRICS_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_UI_ENABLED": "false",
}
"""What a server for one run does without: blocks, event history, automations, pages."""


def silence() -> None:
    """Switch telemetry off; before any dependency is imported."""
    os.environ.update(QUIET)


@contextmanager
def embedded_prefect(home: Path) -> Generator[None]:
    """Prefect's settings and a server of its own while the body runs.

    Call it before Prefect is imported, and import Prefect inside: the server takes as long to
    start as the imports do, and the first call waits for it.

    Args:
        home: where Prefect keeps its database; made when missing.

    Raises:
        ConfigError: the home cannot be written.
        CxLoopError: the server failed while the body ran.
    """
    if is_external(os.environ):
        yield
        return
    if "prefect" in sys.modules:
        raise RuntimeError("Prefect was imported before its settings were made")
    try:
        home.mkdir(parents=True, exist_ok=True)
        with closing(socket.create_server(("127.0.0.1", 0), backlog=128)) as listener:
            port: int = listener.getsockname()[1]
            for name in [name for name in os.environ if name.startswith("PREFECT_")]:
                del os.environ[name]
            os.environ.update(settings(home, port, secrets.token_urlsafe(16)))
            server = _started(listener, home)
    except OSError as error:
        raise ConfigError(
            f"{home}: the embedded Prefect cannot be started there ({error.strerror or error}). Free some space, or "
            "give this user the right to write there, then run again."
        ) from None
    try:
        yield
    except Exception as error:
        why = _failure_of_server(error, os.environ["PREFECT_API_URL"])
        if why is None:
            raise
        raise _told(f"the embedded Prefect server failed ({why})", home) from error
    finally:
        _drained()
        _stopped(server)


def is_external(environment: Mapping[str, str]) -> bool:
    """Whether the user's own Prefect is to be used."""
    return environment.get("CXLOOP_PREFECT") == "external"


def settings(home: Path, port: int, password: str) -> dict[str, str]:
    """Prefect's settings for one run: everything that a user's profile could have said otherwise."""
    return {
        **EMBEDDED,
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_API_AUTH_STRING": f"cxloop:{password}",
        "PREFECT_SERVER_API_AUTH_STRING": f"cxloop:{password}",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
    }


def wait_until_ready() -> None:
    """Return when the embedded server answers; call it when the imports are done.

    Raises:
        CxLoopError: the server did not start; the message has its last words.
    """
    if is_external(os.environ):
        return
    port = int(os.environ["PREFECT_API_URL"].rsplit(":", 1)[1].removesuffix("/api"))
    connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        # the socket has been listening since before the server was started: the request waits there
        connection.request("GET", "/api/health")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise _not_started(type(error).__name__) from None
    finally:
        connection.close()
    if status >= 500:
        raise _not_started(f"it answered {status}")


def _not_started(why: str) -> CxLoopError:
    return _told(f"the embedded Prefect server did not start ({why})", Path(os.environ["PREFECT_HOME"]))


def _failure_of_server(error: Exception, api: str) -> str | None:
    """What the embedded server did when it was asked; None if the error is not about it."""
    import httpx

    if not isinstance(error, (httpx.HTTPStatusError, httpx.TransportError)):
        return None
    if not str(error.request.url).startswith(api):
        return None
    return f"it answered {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else str(error)


def _told(what: str, home: Path) -> CxLoopError:
    """The error to end with: where the disk is full, that is why."""
    if shutil.disk_usage(home).free < LEAST_FREE_BYTES:
        return ConfigError(
            f"{what}: its disk is full, and it keeps its records in {home}. Free some space, then run again: "
            "nothing of the project is lost."
        )
    log = home / "server.log"
    words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.is_file() else []
    last = f" Its last words: {words[-1]}" if words else ""
    return CxLoopError(
        f"{what}.{last} See {log}; if its database is damaged, "
        f"delete the folder {home}: nothing of the project is kept there."
    )


def _started(listener: socket.socket, home: Path) -> subprocess.Popen[bytes]:
    """The server's process, listening on a socket of ours; it ends when its standard input does."""
    with (home / "server.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "cxloop.embedded.server", str(listener.fileno()), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=[listener.fileno()],
            start_new_session=True,  # Ctrl-C is for the run, which then ends its server
        )


def _drained() -> None:
    """Wait until the server has every event: what is still on its way when it ends is a traceback."""
    if "prefect.events.worker" in sys.modules:
        from prefect.events.worker import EventsWorker

        # on a machine with other work it says after four seconds that it is not done: nothing that anybody could mend
        logging.getLogger(EventsWorker.__name__).setLevel(logging.ERROR)
        EventsWorker.drain_all(timeout=DRAIN_SECONDS)


def _stopped(server: subprocess.Popen[bytes]) -> None:
    if server.stdin is not None:
        server.stdin.close()
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
