"""The embedded Prefect server's process: `python -m cxloop.embedded.server FD PARENT`.

It serves the API on a socket that its parent opened, and never outlives it: the kernel ends it with
the parent (Linux), and so does the end of its standard input (everywhere).
"""

import ctypes
import os
import signal
import sys
import threading

from domain.cycles import staying

GRACE_SECONDS = 5
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve until the parent is gone or says so."""
    listener, parent = int(sys.argv[1]), int(sys.argv[2])
    _die_with(parent)
    os.environ["PREFECT__SERVER_EPHEMERAL"] = "1"
    os.environ["PREFECT__SERVER_FINAL"] = "1"

    with staying():  # two fifths of the time
        import uvicorn
        from prefect.server.api.server import create_app

        app = create_app(ephemeral=True, final=True)
    uvicorn.run(app, fd=listener, log_level="error", lifespan="on", timeout_graceful_shutdown=GRACE_SECONDS)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()
    threading.Thread(target=_watch, name="parent", daemon=True).start()


def _watch() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
