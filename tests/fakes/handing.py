"""How a vendor hands out a long list, for each way of paging: which records a call asks for, and what names the next.

A connector with a paging of its own registers here what its vendor does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import singledispatch
from typing import Any
from urllib.parse import urlencode

from domain.paging import AfterKey, LinkHeader, NextToken, NextUrl, Offset, Once, PageNumber, Paging, Path, inside
from tasks.extract.connectors.feed import NextPage
from tasks.extract.connectors.typeform import BeforeLast
from tasks.extract.connectors.zendesk import TimeExport
from tests.fakes.fault_server import Asked

_FROM = "from"


@dataclass
class Held:
    """A record a vendor has; `serial` grows with every change."""

    record: Any
    key: str
    mark: datetime | None
    serial: int


@dataclass
class Given:
    """A page on its way out: `held` is the whole list that was asked for, of which it ends before `after`."""

    asked: Asked
    held: Sequence[Held]
    after: int
    size: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def is_last(self) -> bool:
        return self.after >= len(self.held)

    @property
    def url(self) -> str:
        """The next page's."""
        return self.url_by("")

    def url_by(self, counted_by: str) -> str:
        """The next page's, which may hold its number."""
        number = {counted_by: str(self.after // self.size + 1)} if counted_by else {_FROM: str(self.after)}
        query = urlencode({**self.asked.query, **number})
        return f"http://{self.asked.headers['host']}{self.asked.path}?{query}"

    def put(self, path: Path, value: Any) -> None:
        self.body = put(self.body, path, value)


def smaller(paging: Paging, size: int) -> Paging:
    """The same paging with pages of this many records, where it says how many there are."""
    return replace(paging, size=size) if getattr(paging, "size", None) else paging  # type: ignore[type-var]


@singledispatch
def before(paging: Any, asked: Asked, held: Sequence[Held], size: int) -> int:
    """How many records come before those that are asked for."""
    raise NotImplementedError(f"how does the vendor take {type(paging).__name__}? Say so in tests/fakes/handing.py")


@singledispatch
def naming(paging: Any, page: Given) -> None:
    """Name the next page, or say that there is none."""
    raise NotImplementedError(f"how does the vendor name {type(paging).__name__}? Say so in tests/fakes/handing.py")


@before.register
def _(paging: Once, asked: Asked, held: Sequence[Held], size: int) -> int:
    return 0


@naming.register
def _(paging: Once, page: Given) -> None:
    pass


@before.register(NextUrl)
@before.register(LinkHeader)
@before.register(NextPage)
@before.register(TimeExport)
def _(paging: Any, asked: Asked, held: Sequence[Held], size: int) -> int:
    if getattr(paging, "counted_by", ""):
        return (int(asked.query.get(paging.counted_by, "1")) - 1) * size
    return int(asked.query.get(_FROM, "0"))


@naming.register
def _(paging: NextUrl, page: Given) -> None:
    page.put(paging.at, None if page.is_last and paging.end is None else page.url_by(paging.counted_by))
    if paging.end is not None:
        page.put(paging.end, page.is_last)


@naming.register
def _(paging: TimeExport, page: Given) -> None:
    naming(NextUrl(("next_page",), end=("end_of_stream",)), page)


@naming.register
def _(paging: NextPage, page: Given) -> None:
    naming(NextUrl(("next_url",)), page)


@naming.register
def _(paging: LinkHeader, page: Given) -> None:
    if not page.is_last:
        page.headers["Link"] = f'<{page.url_by(paging.counted_by)}>; rel="next"'


@before.register
def _(paging: NextToken, asked: Asked, held: Sequence[Held], size: int) -> int:
    token = _token(paging, asked)
    if _is_of_a_record(paging):
        return _after([str(inside(one.record, paging.at[-1:])) for one in held], token)
    return sum(1 for one in held if one.serial <= int(token or "0"))


@naming.register
def _(paging: NextToken, page: Given) -> None:
    if _is_of_a_record(paging):
        return
    last = page.held[page.after - 1].serial if page.after else _token(paging, page.asked)
    is_over = page.is_last and paging.end is None and paging.has_more is None
    page.put(paging.at, None if is_over or last in (None, "") else str(last))
    if paging.end is not None:
        page.put(paging.end, page.is_last)
    if paging.has_more is not None:
        page.put(paging.has_more, not page.is_last)


@before.register
def _(paging: BeforeLast, asked: Asked, held: Sequence[Held], size: int) -> int:
    return _after([one.key for one in held], asked.query.get("before"))


@before.register
def _(paging: PageNumber, asked: Asked, held: Sequence[Held], size: int) -> int:
    number = inside(asked.body, paging.into) if paging.into else asked.query.get(paging.parameter)
    return (int(paging.first if number is None else number) - paging.first) * size


@naming.register
def _(paging: PageNumber, page: Given) -> None:
    if paging.n_pages is not None:
        page.put(paging.n_pages, -(-len(page.held) // page.size))


@before.register
def _(paging: AfterKey, asked: Asked, held: Sequence[Held], size: int) -> int:
    return _last_before(paging, asked, sorted(int(one.key) for one in held))


@naming.register
def _(paging: AfterKey, page: Given) -> None:
    """Of what is searched for, which is what comes after the key."""
    n_before = _last_before(paging, page.asked, sorted(int(one.key) for one in page.held))
    page.put(paging.n_pages, -(-(len(page.held) - n_before) // page.size))


@before.register
def _(paging: Offset, asked: Asked, held: Sequence[Held], size: int) -> int:
    return int(asked.query.get(paging.parameter, "0"))


@naming.register(BeforeLast)
@naming.register(Offset)
def _(paging: Any, page: Given) -> None:
    """How many records came says whether there are more."""


def put(body: Any, path: Path, value: Any) -> Any:
    """The body with `value` at a path; what is not there yet is made."""
    if not path:
        return value
    name, rest = path[0], path[1:]
    if isinstance(body, list):
        return [put(one, rest, value) if place == int(name) else one for place, one in enumerate(body)]
    return {**(body or {}), name: put((body or {}).get(name), rest, value)}


def _token(paging: NextToken, asked: Asked) -> str | None:
    said = inside(asked.body, paging.into) if paging.into else asked.query.get(paging.parameter)
    return None if said is None else str(said)


def searched(paging: Paging, asked: Asked) -> Asked:
    """What is searched for, without where to go on."""
    if not isinstance(paging, AfterKey):
        return asked
    text = _after_key(paging).sub("", asked.query[paging.parameter])
    return replace(asked, target=f"{asked.path}?{urlencode({**asked.query, paging.parameter: text})}")


def _last_before(paging: AfterKey, asked: Asked, keys: list[int]) -> int:
    """How many of a list's keys the search leaves out."""
    said = _after_key(paging).search(asked.query.get(paging.parameter, ""))
    return 0 if said is None else sum(1 for key in keys if key <= int(said[1]))


def _after_key(paging: AfterKey) -> re.Pattern[str]:
    begin, end = (re.escape(part) for part in paging.condition.split("{key}"))
    return re.compile(rf"{begin}(\d+){end}$")


def _is_of_a_record(paging: NextToken) -> bool:
    return "-1" in paging.at


def _after(tokens: list[str], token: str | None) -> int:
    return tokens.index(token) + 1 if token in tokens else 0
