"""Chromium without a window, spoken to over a pipe (the DevTools protocol: no port is opened, no driver needed)."""

import base64
import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip
_PIECE = 1 << 16
_LOADED, _REQUESTED, _DIALOG = "Page.loadEventFired", "Network.requestWillBeSent", "Page.javascriptDialogOpening"
_COMPLAINTS = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", _DIALOG)


@dataclass(frozen=True)
class Pipe:
    """Messages to and from the browser; each ends with a zero byte."""

    writes: int
    reads: int
    _held: bytearray = field(default_factory=bytearray)
    _ids: list[int] = field(default_factory=lambda: [0])
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """What the browser answers; events that come before it are kept."""
        self._ids[0] += 1
        message = {"id": self._ids[0], "method": method, "params": parameters}
        os.write(self.writes, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while (answer := self._message()).get("id") != self._ids[0]:
            self.events.append(answer)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def until(self, method: str) -> None:
        """Return once an event has come."""
        while not any(event["method"] == method for event in self.events):
            self.events.append(self._message())

    def _message(self) -> dict[str, Any]:
        while (end := self._held.find(b"\0")) < 0:
            piece = os.read(self.reads, _PIECE)
            assert piece, "the browser is gone"
            self._held.extend(piece)
        message = json.loads(self._held[:end])
        del self._held[: end + 1]
        return message


@dataclass(frozen=True)
class View:
    """A page as somebody sees it: open, at one width, in light or dark."""

    pipe: Pipe
    session: str

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = self.pipe.call("Runtime.evaluate", self.session, expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    @property
    def requests(self) -> list[str]:
        """Every address asked for, the page's own first."""
        return [event["params"]["request"]["url"] for event in self.pipe.events if event["method"] == _REQUESTED]

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """Errors, warnings, exceptions, refused content, dialogs; anything on the console."""
        return [event["params"] for event in self.pipe.events if event["method"] in _COMPLAINTS]

    def picture(self) -> bytes:
        """The whole page as PNG."""
        answer = self.pipe.call("Page.captureScreenshot", self.session, format="png", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])


@dataclass(frozen=True)
class Browser:
    """One running Chromium."""

    pipe: Pipe

    def open(self, page: Path, width: int = 1280, *, dark: bool = False, scale: float = 1) -> View:
        """Open a file and wait until it is loaded."""
        target = self.pipe.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.pipe.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.pipe.call(f"{domain}.enable", session)
        size = {"width": width, "height": 800, "deviceScaleFactor": scale, "mobile": width < 600}
        self.pipe.call("Emulation.setDeviceMetricsOverride", session, **size)
        likes = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.pipe.call("Emulation.setEmulatedMedia", session, features=likes)
        self.pipe.events.clear()
        self.pipe.call("Page.navigate", session, url=page.as_uri())
        self.pipe.until(_LOADED)
        return View(self.pipe, session)


@contextmanager
def chromium(home: Path) -> Iterator[Browser]:
    """A browser whose profile is the empty folder `home`; it and its children are gone afterwards."""
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("chromium is missing: install it (Debian: apt-get install chromium).")
    theirs_in, ours_out = (_moved(end) for end in os.pipe())
    ours_in, theirs_out = (_moved(end) for end in os.pipe())
    nothing = os.open(os.devnull, os.O_RDWR)
    ends = [(nothing, 0), (nothing, 1), (nothing, 2), (theirs_in, 3), (theirs_out, 4)]
    process = os.posix_spawn(
        program, [program, *FLAGS, f"--user-data-dir={home}", "about:blank"], {**os.environ, "HOME": str(home)},
        file_actions=[(os.POSIX_SPAWN_DUP2, ours, theirs) for ours, theirs in ends], setsid=True,
    )  # fmt: skip
    for end in (theirs_in, theirs_out, nothing):
        os.close(end)
    try:
        yield Browser(Pipe(ours_out, ours_in))
    finally:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(ours_out)
        os.close(ours_in)


def _moved(end: int) -> int:
    """The same end of a pipe above the numbers that the browser expects its own at."""
    moved = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(end)
    return moved
