"""A relay before a server: it writes down what passes, loses an answer or asks to wait when told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_OWN = {"host", "connection", "content-length"}
"""Headers that each connection has of its own."""


@dataclass(frozen=True)
class Passed:
    """One call that reached the relay.

    Attributes:
        method: last part of the path: `chat.postMessage`.
        at: seconds on a clock that only goes forward.
        status, headers, body: the server's answer, also where it was then lost.
        asked: what it was asked with, in the call's body.
    """

    method: str
    at: float
    status: int
    headers: dict[str, str]
    body: str
    asked: str = ""


@dataclass
class Relay:
    """Where it forwards to, how it mends what is sent there, and what it does with the next call of a method."""

    server: str
    mends: Callable[[bytes], bytes] = bytes
    passed: list[Passed] = field(default_factory=list)
    _next: dict[str, int | None] = field(default_factory=dict)

    def loses_the_next(self, method: str) -> None:
        """The server hears the call, the caller never hears the answer."""
        self._next[method] = None

    def asks_to_wait(self, method: str, seconds: int) -> None:
        """The next call is refused with 429; the server never hears of it."""
        self._next[method] = seconds

    def methods(self) -> list[str]:
        """What was called, in order."""
        return [call.method for call in self.passed]

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Passed | None:
        """The answer to hand on; None: it is lost, or the server is gone."""
        method, began = path.rsplit("/", 1)[1], time.monotonic()
        happens = self._next.pop(method, 0)
        if happens:
            waits = {"Content-Type": "application/json", "Retry-After": str(happens)}
            call = Passed(method, began, 429, waits, json.dumps({"ok": False, "error": "ratelimited"}))
        else:
            try:
                call = Passed(method, began, *self._asked(path, headers, body), asked=body.decode())
            except ConnectionError:
                return None
        self.passed.append(call)
        return None if happens is None else call

    def _asked(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection(urlsplit(self.server).netloc, timeout=30)
        try:
            connection.request("POST", path, self.mends(body), headers)
            response = connection.getresponse()
            return (
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read().decode(),
            )
        finally:
            connection.close()


@contextmanager
def relaying(server: str, mends: Callable[[bytes], bytes] = bytes) -> Iterator[tuple[Relay, str]]:
    """A relay to a server, and the relay's own address."""
    relay = Relay(server, mends)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(self.path, self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def do_GET(self) -> None:
            """The stand-in hears POST alone: what is asked in the address goes into the body."""
            path, _, query = self.path.partition("?")
            self._answer(path, query.encode(), {"Content-Type": "application/x-www-form-urlencoded"})

        def _answer(self, path: str, body: bytes, more: Mapping[str, str] | None = None) -> None:
            kept = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
            call = relay.answer(path, {**kept, **(more or {})}, body)
            self.close_connection = True
            if call is None:
                return
            text = call.body.encode()
            self.send_response(call.status)
            for name in ("content-type", "Retry-After"):
                if name in call.headers:
                    self.send_header(name, call.headers[name])
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    own = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=own.serve_forever)
    thread.start()
    try:
        yield relay, f"http://127.0.0.1:{own.server_port}"
    finally:
        own.shutdown()
        own.server_close()
        thread.join()
