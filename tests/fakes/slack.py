"""A stand-in for Slack on a real socket."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class FakeSlack:
    """Answers by method; keeps what was posted."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict]] = []
        self.posted: list[dict] = []
        self.answers: dict[str, list[Callable[[], tuple[int, dict, dict | str | None]]]] = {}

    def once(self, method: str, status: int, body: dict | str | None, **headers: str) -> None:
        self.answers.setdefault(method, []).append(lambda: (status, headers, body))

    def answer(self, method: str, sent: dict) -> tuple[int, dict, dict | str | None]:
        self.calls.append((method, sent))
        if self.answers.get(method):
            return self.answers[method].pop(0)()
        if method == "chat.postMessage":
            ts = f"17000000{len(self.posted):02d}.000100"
            self.posted.append({**sent, "ts": ts})
            return 200, {}, {"ok": True, "channel": "C00000001", "ts": ts}
        if method == "chat.update":
            return 200, {}, {"ok": True, "channel": sent["channel"], "ts": sent["ts"]}
        if method in ("conversations.history", "conversations.replies"):
            thread = sent.get("ts")
            held = [m for m in reversed(self.posted) if m.get("thread_ts") == thread]
            return 200, {}, {"ok": True, "messages": held, "has_more": False}
        if method == "conversations.list":
            names = {"C00000001": "cx", "C00000002": "support", "C00000003": "data"}
            return 200, {}, {"ok": True, "channels": [{"id": id_, "name": name} for id_, name in names.items()]}
        return 200, {}, {"ok": False, "error": "unknown_method"}


@contextmanager
def serving(fake: FakeSlack) -> Iterator[str]:
    """The address at which the stand-in answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            is_json = "json" in self.headers.get("Content-Type", "")
            sent = json.loads(raw) if is_json else {k: v[0] for k, v in parse_qs(raw).items()}
            status, headers, body = fake.answer(self.path.rsplit("/", 1)[1], sent)
            if body is None:  # the answer is lost after the message was taken
                self.close_connection = True
                self.connection.close()
                return
            text = body if isinstance(body, str) else json.dumps(body)
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/"
    server.shutdown()
    server.server_close()
    thread.join()
