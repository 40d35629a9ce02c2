"""Where a call goes: below one address, at its origin, and nowhere else. Pure."""

from collections.abc import Mapping
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}


class ElsewhereError(Exception):
    """The URL is at another origin; the text is that origin."""


def url_of(address: str, path: str, query: Mapping[str, str]) -> str:
    """The URL of a path below an address (or of a whole URL at the same origin), with these parameters added.

    Raises:
        ElsewhereError: it leads to another scheme, host or port, or carries a name and a password of its own.

    >>> url_of("https://acme.example/api", "/tickets", {"page": "2"})
    'https://acme.example/api/tickets?page=2'
    """
    is_whole = "://" in path.partition("?")[0] or path.startswith("//")
    url = urljoin(address, path) if is_whole else f"{address.rstrip('/')}/{path.lstrip('/')}" if path else address
    check_origin(address, url)
    if not query:
        return url
    bare, mark, fragment = url.partition("#")
    return f"{bare}{'&' if '?' in bare else '?'}{urlencode(query)}{mark}{fragment}"


def check_origin(address: str, url: str) -> None:
    """ElsewhereError where the URL is not at the address's origin."""
    try:
        there = urlsplit(url)
        is_same = _origin(there) == _origin(urlsplit(address)) and "@" not in there.netloc
    except ValueError:
        raise ElsewhereError("a URL that cannot be read") from None
    if not is_same:
        raise ElsewhereError(f"{there.scheme}://{there.netloc.rpartition('@')[2]}")


def origin_of(url: str) -> str:
    """The URL's scheme, host and port, for messages; without a name and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def path_of(url: str) -> str:
    """The URL's path alone, for messages: queries hold cursors and people's addresses."""
    return urlsplit(url).path or "/"


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme.lower(), url.hostname, url.port or _PORTS.get(url.scheme.lower())
