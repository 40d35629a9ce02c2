"""A server over real sockets that answers as told, or fails in the ways servers and networks do."""

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def body(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Reply:
    """A well-formed answer."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_gzip: bool = False

    def written(self) -> bytes:
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        if self.is_gzip:
            content = gzip.compress(content)
        return head(self.status, {"Content-Length": len(content), **_packing(self.is_gzip), **self.headers}) + content


Fault = Callable[[socket.socket, Reply], None]
"""Writes something to the connection in place of the reply that was due."""


# ---- what goes wrong ------------------------------------------------------------------------------------------------


def refused(status: int, **headers: str) -> Fault:
    """A status with headers: refused(429, retry_after="30")."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda line, _: line.sendall(Reply({"error": "not now"}, status, named).written())


def said(status: int, body: Any) -> Fault:
    return lambda line, _: line.sendall(Reply(body, status).written())


def dropped(line: socket.socket, _: Reply) -> None:
    """The connection ends without an answer."""


def stalled(line: socket.socket, due: Reply) -> None:
    """Half of the answer, then silence until the caller gives up."""
    whole = due.written()
    line.sendall(whole[: len(whole) // 2])
    _await_end(line)


def dripped(line: socket.socket, _: Reply) -> None:
    """One byte after the other, without end."""
    line.sendall(head(200, {"Transfer-Encoding": "chunked"}))
    with suppress(OSError):
        while True:
            line.sendall(b"1\r\n \r\n")
            threading.Event().wait(0.002)


def broken_off(line: socket.socket, due: Reply) -> None:
    """The connection ends in the middle of the body."""
    line.sendall(due.written()[:-5])


def truncated(line: socket.socket, due: Reply) -> None:
    """A well-formed answer whose JSON ends in the middle."""
    line.sendall(Reply(Reply(due.body).written().partition(b"\r\n\r\n")[2][:-7]).written())


def gzip_damaged(line: socket.socket, due: Reply) -> None:
    packed = bytearray(gzip.compress(json.dumps(due.body).encode()))
    packed[12:16] = b"\xff\xff\xff\xff"
    line.sendall(head(200, {"Content-Length": len(packed), **_packing(is_gzip=True)}) + packed)


def gzip_truncated(line: socket.socket, due: Reply) -> None:
    packed = gzip.compress(json.dumps(due.body).encode())[:-12]
    line.sendall(head(200, {"Content-Length": len(packed), **_packing(is_gzip=True)}) + packed)


def html(line: socket.socket, _: Reply) -> None:
    line.sendall(Reply(b"<!DOCTYPE html><html><title>Sign in</title></html>").written())


def huge(n_bytes: int, *, is_announced: bool) -> Fault:
    """A body that is made while it is sent."""

    def write(line: socket.socket, _: Reply) -> None:
        block = b"[" + b" " * ((1 << 16) - 1)
        kind = {"Content-Length": n_bytes} if is_announced else {"Transfer-Encoding": "chunked"}
        line.sendall(head(200, kind))
        with suppress(OSError):
            for _ in range(n_bytes // len(block)):
                line.sendall(block if is_announced else b"%x\r\n%b\r\n" % (len(block), block))

    return write


def bomb(n_bytes: int) -> Fault:
    """A small gzip that unpacks to a lot."""
    packed = gzip.compress(b" " * n_bytes)
    return lambda line, _: line.sendall(
        head(200, {"Content-Length": len(packed), **_packing(is_gzip=True)}) + packed
    )  # fmt: skip


# ---- the server -----------------------------------------------------------------------------------------------------


class FaultServer:
    """Answers with `serve`, unless a fault is due.

    Attributes:
        faults: one for each request that comes, in order; None: none.
        asked: every request; asked_at: when, by `clock`.
    """

    def __init__(self, serve: Callable[[Asked], Reply], clock: Callable[[], float] = lambda: 0.0) -> None:
        self.serve, self.clock = serve, clock
        self.faults: list[Fault | None] = []
        self.asked: list[Asked] = []
        self.asked_at: list[float] = []
        self.address = ""

    def fails(self, *faults: Fault | None) -> None:
        self.faults.extend(faults)

    def answer(self, line: socket.socket) -> None:
        asked = _read(line)
        if asked is None:
            return
        self.asked.append(asked)
        self.asked_at.append(self.clock())
        fault = self.faults.pop(0) if self.faults else None
        due = self.serve(asked)
        if fault is None:
            line.sendall(due.written())
        else:
            fault(line, due)


@contextmanager
def serving(server: FaultServer) -> Iterator[str]:
    """The address it answers at; one connection for each request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threads: list[threading.Thread] = []
        is_over = threading.Event()

        def one(line: socket.socket) -> None:
            with line, suppress(OSError):
                line.settimeout(10)
                server.answer(line)

        def listen() -> None:
            while not is_over.is_set():
                line, _ = listener.accept()
                threads.append(threading.Thread(target=one, args=(line,)))
                threads[-1].start()

        accepting = threading.Thread(target=listen)
        accepting.start()
        try:
            yield server.address
        finally:
            is_over.set()
            socket.create_connection(listener.getsockname()).close()
            accepting.join()
            for thread in threads:
                thread.join()


@contextmanager
def hanging() -> Iterator[str]:
    """An address where nobody takes the connection: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for line in waiting:
            line.setblocking(False)
            line.connect_ex(listener.getsockname())
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for line in waiting:
                line.close()


def head(status: int, headers: Mapping[str, object]) -> bytes:
    lines = [f"HTTP/1.1 {status} -", "Connection: close", *(f"{name}: {value}" for name, value in headers.items())]
    if not any(name.lower() == "content-type" for name in headers):
        lines.append("Content-Type: application/json")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _packing(is_gzip: bool) -> dict[str, str]:
    return {"Content-Encoding": "gzip"} if is_gzip else {}


def _read(line: socket.socket) -> Asked | None:
    held = b""
    while b"\r\n\r\n" not in held:
        piece = line.recv(1 << 16)
        if not piece:
            return None
        held += piece
    top, _, content = held.partition(b"\r\n\r\n")
    first, *rest = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    while len(content) < int(headers.get("content-length", "0")):
        content += line.recv(1 << 16)
    method, target, _ = first.split(" ")
    return Asked(method, target, headers, content)


def _await_end(line: socket.socket) -> None:
    with suppress(OSError):
        while line.recv(1 << 12):
            pass
