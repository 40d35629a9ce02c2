"""One HTTP exchange: bounded in time and size, within one origin, telling nothing to any log."""

import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Final, Literal
from urllib.parse import urljoin

import httpx2

from domain.connectors import Rate
from domain.paging import Answer
from wire import bodies
from wire.addresses import ElsewhereError, check_origin, origin_of, path_of
from wire.clock import Clock
from wire.refusals import TryAgainError

Expects = Literal["json", "text", "file"]
"""What the body must be: JSON, a text that is no page for people, or anything."""

_MOST_REFUSAL: Final = 1 << 16
_MOST_REDIRECTS: Final = 5
_PIECE: Final = 1 << 16
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class UnfitError(Exception):
    """The answer is not what it should be, and will not be by asking again; the text says what was found."""


@dataclass(frozen=True)
class Limits:
    """How patient a caller is; times in seconds.

    Attributes:
        connect, read, write, pool: for a connection, for the next piece of an answer, for the next piece of what
            we send, for a free connection.
        whole: for a whole answer, however steadily it drips.
        most_bytes: of one answer, unpacked.
        n_tries: of one call.
        first_pause, longest_pause: between tries where the vendor does not say; each is twice the one before.
        longest_wait: that a vendor may ask for.
    """

    connect: float = 10
    read: float = 60
    write: float = 30
    pool: float = 10
    whole: float = 600
    most_bytes: int = 64 << 20
    n_tries: int = 8
    first_pause: float = 1
    longest_pause: float = 60
    longest_wait: float = 900


@dataclass(frozen=True)
class Call:
    """A call as it goes out, but for its signature."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = None
    expects: Expects = "json"
    is_signed: bool = True
    rates: tuple[Rate, ...] = ()
    until: float | None = None

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {path_of(self.url)}"


class Line:
    """Connections to one vendor.

    Args:
        look: called between the pieces of an answer with the call's `until`; raises when the time is over.
    """

    def __init__(
        self,
        limits: Limits,
        clock: Clock,
        look: Callable[[float | None], None],
    ) -> None:
        for name in ("httpx2", "httpcore2"):
            # they log URLs and headers
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._limits, self._clock, self._look = limits, clock, look
        self._client = httpx2.Client(
            verify=_trust(),
            timeout=httpx2.Timeout(connect=limits.connect, read=limits.read, write=limits.write, pool=limits.pool),
            headers={"User-Agent": f"cxloop/{version('cxloop')}", "Accept-Encoding": "gzip"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def sent(self, call: Call) -> tuple[int, Answer]:
        """Status and answer, after redirects within the origin; the answer's body is not looked into.

        Raises:
            TryAgainError, UnfitError: and whatever `look` raises.
        """
        for _ in range(_MOST_REDIRECTS + 1):
            status, answer = self._exchanged(call)
            target = answer.headers.get("location")
            if status not in _REDIRECTS or not target:
                return status, answer
            call = _redirected(call, target)
        raise UnfitError(f"{call.name} is redirected again and again. Check the address")

    def _exchanged(self, call: Call) -> tuple[int, Answer]:
        try:
            with self._client.stream(
                call.method, call.url, headers=dict(call.headers), content=call.content
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                content = self._body(call, response, headers)
                return response.status_code, Answer(call.url, headers, content, None)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, UnicodeError):
            raise UnfitError(f"{call.name} cannot be asked: its URL or a header is not well formed") from None
        except httpx2.HTTPError as problem:
            raise TryAgainError(_in_words(problem, self._limits)) from None

    def _body(self, call: Call, response: httpx2.Response, headers: Mapping[str, str]) -> bytes:
        is_fine = response.status_code < 300
        most = self._limits.most_bytes if is_fine else _MOST_REFUSAL
        try:
            return bodies.read(self._pieces(call, response), headers, most)
        except bodies.TooBigError:
            if not is_fine:
                return b""
            raise UnfitError(
                f"{call.name} answers with more than {most / (1 << 20):g} MB, the most that is taken at once. "
                "Ask for fewer records a page"
            ) from None
        except bodies.BrokenError as problem:
            if not is_fine:
                return b""
            raise TryAgainError(f"the answer cannot be read: {problem}") from None

    def _pieces(self, call: Call, response: httpx2.Response) -> Iterator[bytes]:
        end = self._clock.monotonic() + self._limits.whole
        for piece in response.iter_raw():
            self._look(call.until)
            if self._clock.monotonic() > end:
                raise TryAgainError(f"the answer was not whole after {self._limits.whole:g} s")
            yield piece


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that are trusted; reading them takes a tenth of a second."""
    return httpx2.create_ssl_context()


def understood(call: Call, answer: Answer) -> Answer:
    """The answer with the body that the call expects: JSON's value, a text, or None for a file.

    Raises:
        TryAgainError: it broke on its way.
        UnfitError: it is something else.
    """
    if call.expects == "file":
        return answer
    if call.expects == "text":
        if bodies.is_html(answer.content):
            raise _not_as_expected(call, "a feed", bodies.kind_of(answer.content))
        charset = bodies.charset_of(answer.content, answer.headers.get("content-type", ""))
        return replace(answer, body=bodies.text_in(answer.content, charset))
    try:
        return replace(answer, body=bodies.json_in(answer.content))
    except bodies.BrokenError as problem:
        raise TryAgainError(f"the answer cannot be read: {problem}") from None
    except bodies.NotJsonError as found:
        raise _not_as_expected(call, "JSON", str(found)) from None


def _redirected(call: Call, target: str) -> Call:
    url = urljoin(call.url, target)
    try:
        check_origin(call.url, url)
    except ElsewhereError as place:
        raise UnfitError(
            f"{call.name} is redirected to {place}, expected {origin_of(call.url)}. No key is sent there; check the "
            "address"
        ) from None
    return replace(call, url=url)


def _not_as_expected(call: Call, expected: str, found: str) -> UnfitError:
    return UnfitError(f"{call.name}: expected {expected}, found {found}. Check the address, and proxies on the way")


def _in_words(problem: httpx2.HTTPError, limits: Limits) -> str:
    match problem:
        case httpx2.ConnectTimeout() | httpx2.PoolTimeout():
            return f"no connection within {limits.connect:g} s"
        case httpx2.TimeoutException():
            return f"nothing came for {limits.read:g} s"
        case httpx2.ConnectError() if "CERTIFICATE_VERIFY_FAILED" in str(problem):
            return "its certificate cannot be checked"
        case httpx2.ConnectError() | httpx2.ProxyError():
            return "no connection"
        case _:
            return "the connection broke"
