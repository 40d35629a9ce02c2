"""How an interface hands out a long list: what to ask next, from what was asked and what came back.

All of it is pure: a paging is a few facts and one function. `wire.pages` walks them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Literal, Protocol, cast
from urllib.parse import parse_qsl, urlencode

Path = tuple[str, ...]
"""Names down into a JSON body, a list's place as a number ("0" is the first, "-1" the last); () is the body itself."""

_LINK: Final = "link"


@dataclass(frozen=True)
class Request:
    """One call as values, so that it can be kept and made again after a kill.

    Attributes:
        path: below the source's address, or a whole URL of the same origin.
        query: parameters, in order.
        body: sent as JSON.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def asking(self, **query: str) -> "Request":
        """The same call with these parameters added or changed."""
        return replace(self, query={**self.query, **query})

    def saying(self, path: Path, value: object) -> "Request":
        """The same call with `value` at `path` in its body."""
        return replace(self, body=_set(self.body or {}, path, value))

    def at(self, url: str) -> "Request":
        """The same call at another URL, whose query takes the place of this one's."""
        return replace(self, path=url, query={})


@dataclass(frozen=True)
class Answer:
    """What came back: headers with lower-case names, the bytes, and the JSON they are (None where they are none)."""

    url: str
    headers: Mapping[str, str]
    content: bytes
    body: Any


class Paging(Protocol):
    """What to ask after one page.

    One whose `is_counted` is true is `Counted`.
    """

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:
        """The call for the next page; None after the last."""
        ...


class Counted(Protocol):
    """A paging that counts pages or records from the list's beginning.

    When records leave the list, its next page skips as many; the page before it tells.
    """

    def preceding(self, request: Request) -> Request | None:
        """The call for the page before; None for the first page."""
        ...


@dataclass(frozen=True)
class Once:
    """There is one page."""

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:  # noqa: ARG002
        """None."""
        return None


@dataclass(frozen=True)
class NextUrl:
    """The body names the next page's whole URL.

    Attributes:
        at: where.
        end: where the body says that this was the last page, whatever URL it names.
        counted_by: the parameter of such a URL that holds the page's number, from 1; "": it goes on at a record.
    """

    at: Path
    end: Path | None = None
    counted_by: str = ""

    @property
    def is_counted(self) -> bool:
        """The URLs hold the page's number."""
        return bool(self.counted_by)

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:  # noqa: ARG002
        """The call of the URL the body names."""
        url = inside(answer.body, self.at)
        if not isinstance(url, str) or not url or (self.end and inside(answer.body, self.end) is True):
            return None
        return request.at(url)

    def preceding(self, request: Request) -> Request | None:
        """The call with the number before; None for the first page."""
        return _numbered_before(request, self.counted_by)


@dataclass(frozen=True)
class NextToken:
    """The body holds a token that goes into the next call.

    Attributes:
        at: where the token is.
        parameter: the query parameter it goes into; for calls with a body see `into`.
        into: the place in the next call's body it goes into.
        end: where the body says that this was the last page, although it holds a token.
        has_more: where the body says that there is more; no true there ends the list.
        drops: parameters of the first call alone.
        size: records on a full page: a shorter one is the last, although it holds a token.
    """

    at: Path
    parameter: str = ""
    into: Path = ()
    end: Path | None = None
    has_more: Path | None = None
    drops: tuple[str, ...] = ()
    size: int = 0

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:
        """The same call with the token."""
        token = inside(answer.body, self.at)
        is_last = self.end is not None and inside(answer.body, self.end) is True
        is_last = is_last or (self.has_more is not None and inside(answer.body, self.has_more) is not True)
        if token in (None, "") or is_last or n_records < self.size:
            return None
        if self.into:
            return request.saying(self.into, token)
        kept = {name: value for name, value in request.query.items() if name not in self.drops}
        return replace(request, query={**kept, self.parameter: str(token)})


@dataclass(frozen=True)
class PageNumber:
    """Pages are numbered.

    Attributes:
        parameter: the query parameter that takes the number; for calls with a body see `into`.
        size: records on a full page: a shorter one is the last. None: the last one is empty.
        n_pages: where the body says how many pages there are.
        first: the first page's number.
    """

    parameter: str = "page"
    size: int | None = None
    n_pages: Path | None = None
    first: int = 1
    into: Path = ()
    is_counted: ClassVar = True

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:
        """The same call with the next number."""
        held = inside(request.body, self.into) if self.into else request.query.get(self.parameter)
        page = int(held) if held is not None else self.first
        last = inside(answer.body, self.n_pages) if self.n_pages else None
        is_last = n_records == 0 if self.size is None else n_records < self.size
        if (is_last if last is None else page - self.first + 1 >= int(last)) or n_records == 0:
            return None
        return self._numbered(request, page + 1)

    def preceding(self, request: Request) -> Request | None:
        """The same call with the number before; None for the first page."""
        held = inside(request.body, self.into) if self.into else request.query.get(self.parameter)
        page = int(held) if held is not None else self.first
        return self._numbered(request, page - 1) if page > self.first else None

    def _numbered(self, request: Request, page: int) -> Request:
        return request.saying(self.into, page) if self.into else request.asking(**{self.parameter: str(page)})


@dataclass(frozen=True)
class AfterKey:
    """Records come in the order of their keys, and each call searches for those after the last one that came.

    Nothing that leaves the list, or comes into it, moves another record between two pages: none needs to be held
    against the one before it.

    Attributes:
        at: where the last record's key, a whole number, is.
        condition: what is added to the search; `{key}` stands for the key.
        n_pages: where the body says how many pages the search has.
        parameter: the query parameter that holds the search.
    """

    at: Path
    condition: str
    n_pages: Path
    parameter: str = "query"

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:
        """The same search, after the last record; KeyError or ValueError where there are more, and no key to go by."""
        n_pages = inside(answer.body, self.n_pages)
        if int(n_pages) <= 1 if n_pages is not None else n_records == 0:
            return None
        key = inside(answer.body, self.at)
        if key is None:
            raise KeyError(".".join(self.at))
        begin, end = self.condition.split("{key}")
        before = re.sub(rf"{re.escape(begin)}\d+{re.escape(end)}$", "", request.query.get(self.parameter, ""))
        return request.asking(**{self.parameter: f"{before}{begin}{int(key)}{end}"})


@dataclass(frozen=True)
class Offset:
    """The next call says how many records to skip; a page shorter than `size` is the last.

    The last record that came is asked for again: where the next page begins with it, nothing was skipped.
    """

    size: int
    parameter: str = "offset"
    is_counted: ClassVar = True

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:  # noqa: ARG002
        """The same call, skipping what came but for the last record."""
        if n_records < self.size:
            return None
        return self._skipping(request, self._skipped(request) + max(n_records - 1, 1))

    def preceding(self, request: Request) -> Request | None:
        """The same call, skipping a page less; None for the first page."""
        skipped = self._skipped(request)
        return self._skipping(request, max(skipped - self.size, 0)) if skipped else None

    def _skipped(self, request: Request) -> int:
        return int(request.query.get(self.parameter, "0"))

    def _skipping(self, request: Request, n_records: int) -> Request:
        return request.asking(**{self.parameter: str(n_records)})


@dataclass(frozen=True)
class LinkHeader:
    """The `Link` header names the next page's URL, with rel="next" (RFC 8288).

    Attributes:
        counted_by: the parameter of such a URL that holds the page's number, from 1; "": it goes on at a record.
    """

    counted_by: str = ""

    @property
    def is_counted(self) -> bool:
        """The URLs hold the page's number."""
        return bool(self.counted_by)

    def following(self, request: Request, answer: Answer, n_records: int) -> Request | None:  # noqa: ARG002
        """The call of the URL the header names."""
        for link in answer.headers.get(_LINK, "").split(","):
            target, _, rest = link.partition(";")
            if 'rel="next"' in rest or "rel=next" in rest:
                return request.at(target.strip().strip("<>"))
        return None

    def preceding(self, request: Request) -> Request | None:
        """The call with the number before; None for the first page."""
        return _numbered_before(request, self.counted_by)


def _numbered_before(request: Request, parameter: str) -> Request | None:
    """The call of a URL that counts pages from 1, with one less; None for the first page."""
    address, _, query = request.path.partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    page = int(asked.get(parameter, "1"))
    return request.at(f"{address}?{urlencode({**asked, parameter: str(page - 1)})}") if page > 1 else None


def inside(body: Any, path: Path) -> Any:
    """What a JSON body holds at a path; None where there is nothing.

    >>> inside({"paging": {"next": {"after": "7"}}}, ("paging", "next", "after"))
    '7'
    >>> inside({"payload": [{"id": 6}, {"id": 7}]}, ("payload", "-1", "id"))
    7
    """
    for name in path:
        if isinstance(body, Mapping):
            body = body.get(name)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        elif isinstance(body, list) and name.removeprefix("-").isdigit():
            place = int(name)
            body = (body[place:] or [None])[0]  # pyright: ignore[reportUnknownVariableType]
        else:
            return None
    return body  # pyright: ignore[reportUnknownVariableType]


def _set(body: Any, path: Path, value: object) -> Any:
    if not path:
        return value
    name, rest = path[0], path[1:]
    if isinstance(body, list):
        held = cast("list[Any]", body)
        return [_set(each, rest, value) if place == int(name) else each for place, each in enumerate(held)]
    return {**body, name: _set(body.get(name) or {}, rest, value)}
