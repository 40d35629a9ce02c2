"""Where a list's reading stands: what one sweep over it has asked and seen, as values that survive a kill.

A sweep reads everything that changed since the last one. Its position says which call comes next; after its last page,
where the next sweep begins. Pure.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import orjson

from domain.paging import Request
from wire.edges import Edge

_MOST_SAME: Final = 3
_MOST_EMPTY: Final = 100
_MOST_PAGES: Final = 1_000_000


class EndlessError(Exception):
    """The list does not end; the text says how that shows."""


@dataclass(frozen=True)
class Guard:
    """Notices a list that does not end, in constant space.

    A loop of calls is found by Brent's method: each call is held against one earlier call, which moves up at
    every power of two (R. P. Brent, An improved Monte Carlo factorization algorithm, BIT 20, 1980, section 2).

    Attributes:
        anchor: the earlier call; power, n_steps: when it moves up.
        page: the last page's records; n_same: pages in a row that had them.
        n_empty: pages in a row that had none.
    """

    anchor: str = ""
    power: int = 1
    n_steps: int = 0
    page: str = ""
    n_same: int = 0
    n_empty: int = 0

    def asking(self, request: Request) -> "Guard":
        """With this call; EndlessError where it was made before."""
        called = digest(vars(request))
        if called == self.anchor:
            raise EndlessError("the pages lead back to one that was read before")
        if self.n_steps + 1 == self.power:
            return replace(self, anchor=called, power=self.power * 2, n_steps=0)
        return replace(self, n_steps=self.n_steps + 1)

    def seeing(self, records: Sequence[Any]) -> "Guard":
        """With this page; EndlessError where pages go on that bring nothing."""
        if not records:
            if self.n_empty + 1 >= _MOST_EMPTY:
                raise EndlessError(f"{_MOST_EMPTY} pages in a row are empty, and each names a next one")
            return replace(self, n_empty=self.n_empty + 1)
        page = digest(records)
        n_same = self.n_same + 1 if page == self.page else 1
        if n_same >= _MOST_SAME:
            raise EndlessError(f"{_MOST_SAME} pages in a row have the same records, and each names a next one")
        return replace(self, page=page, n_same=n_same, n_empty=0)


@dataclass(frozen=True)
class Kept:
    """What a finished sweep leaves for the next one.

    Attributes:
        mark: the latest change seen; never after the sweep's beginning by our clock.
        token: the paging's last token, where the stream keeps it.
        through: when the sweep began: it has seen every change before that.
        back: when the last sweep began that went further back, for what it covers.
    """

    mark: datetime | None = None
    token: str | None = None
    through: datetime | None = None
    back: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        held = {"mark": _written(self.mark), "token": self.token, "through": _written(self.through)}
        return held | ({"back": _written(self.back)} if self.back else {})

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "Kept":
        """The inverse of `to_json`."""
        instants = {name: _instant(held.get(name)) for name in ("mark", "through", "back")}
        return cls(token=held.get("token"), **instants)


@dataclass(frozen=True)
class Sweep:
    """One reading of the list, under way.

    Attributes:
        asks: digest of the stream's first call: another one, after an update, begins the sweep anew.
        request: the next call.
        started: by our clock.
        since: changes from here on are wanted; None: everything.
        mark: the latest change seen.
        window_from: what the current search was asked from, where it gives a limited number of records.
        n_in_window: records it gave.
        is_from_token: it went on from a kept token.
        each: the member of the stream's `per_option`; done: members that were read or passed over before.
        dead: members that could not be read, and why.
        goes_back: it began further back than what changed asks for.
        edge: the end of the last page, where pages are counted from the list's beginning.
        n_back: how often it went back a page, because the list had moved.
        newest: from when to when its first page shows all, of a list that shows its newest records alone.
    """

    asks: str
    request: Request
    started: datetime
    since: datetime | None = None
    mark: datetime | None = None
    window_from: str = ""
    n_in_window: int = 0
    n_pages: int = 0
    n_records: int = 0
    is_from_token: bool = False
    each: str = ""
    done: tuple[str, ...] = ()
    guard: Guard = field(default_factory=Guard)
    dead: Mapping[str, str] = field(default_factory=dict[str, str])
    goes_back: bool = False
    edge: Edge = field(default_factory=Edge)
    n_back: int = 0
    newest: tuple[datetime, datetime] | None = None

    def with_page(self, records: Sequence[Any], mark: datetime | None) -> "Sweep":
        """With one more page; EndlessError where the pages bring nothing new."""
        if self.n_pages + 1 > _MOST_PAGES:
            raise EndlessError(f"there are more than {_MOST_PAGES} pages")
        return replace(
            self,
            mark=_later(self.mark, mark),
            n_pages=self.n_pages + 1,
            n_records=self.n_records + len(records),
            n_in_window=self.n_in_window + len(records),
        )

    def kept(self, before: Kept, token: str | None) -> Kept:
        """What stays of it when its last page was read."""
        latest = _later(before.mark, self.mark)
        # a record from the future would make the next sweep skip what changes until then
        mark = None if latest is None else min(latest, self.started)
        return Kept(mark, token, self.started, self.started if self.goes_back else before.back)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        instants = {name: _written(getattr(self, name)) for name in ("started", "since", "mark")}
        edge = {"keys": [*self.edge.keys], "mark": self.edge.mark}
        newest = [_written(at) for at in self.newest] if self.newest else None
        lists = {"done": [*self.done], "dead": {**self.dead}, "edge": edge, "newest": newest}
        # with each page: `asdict` would copy everything
        return {**vars(self)} | instants | lists | {"request": {**vars(self.request)}, "guard": {**vars(self.guard)}}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "Sweep":
        """The inverse of `to_json`; KeyError or TypeError where it is none."""
        values: dict[str, Any] = {
            "request": Request(**held["request"]),
            "started": datetime.fromisoformat(held["started"]),
            "since": _instant(held["since"]),
            "mark": _instant(held["mark"]),
            "done": tuple(held["done"]),
            "guard": Guard(**held["guard"]),
            "edge": Edge(tuple(held["edge"]["keys"]), held["edge"]["mark"]),
            "newest": tuple(map(datetime.fromisoformat, held["newest"])) if held.get("newest") else None,
        }
        return cls(**{**held, **values})


@dataclass(frozen=True)
class Position:
    """Where the reading of a stream stands.

    Attributes:
        kept: by member of `per_option`; "" where the stream has none.
        sweep: the one under way.
    """

    kept: Mapping[str, Kept] = field(default_factory=dict[str, Kept])
    sweep: Sweep | None = None

    def only(self, members: Collection[str]) -> "Position":
        """Without what members left that are no more: they would hold `through_of` for ever."""
        kept = {each: kept for each, kept in self.kept.items() if each in members}
        if self.sweep is None:
            return Position(kept)
        dead = {each: why for each, why in self.sweep.dead.items() if each in members}
        return Position(kept, replace(self.sweep, dead=dead))

    def of(self, each: str) -> Kept:
        """What the last sweep left."""
        return self.kept.get(each, Kept())

    def to_json(self) -> dict[str, Any]:
        """As JSON values: mark, token and through; by member under `each`; a sweep under way under `sweep`."""
        alone = self.of("").to_json() if not any(self.kept) else {}
        members = {each: kept.to_json() for each, kept in self.kept.items() if each}
        return alone | ({"each": members} if members else {}) | ({"sweep": self.sweep.to_json()} if self.sweep else {})

    @classmethod
    def from_json(cls, held: Mapping[str, Any] | None) -> "Position":
        """The inverse of `to_json`; a sweep of an older shape is begun anew."""
        if not held:
            return cls()
        members: Mapping[str, Any] = held.get("each") or {"": held}
        try:
            sweep = Sweep.from_json(held["sweep"]) if held.get("sweep") else None
        except (KeyError, TypeError, ValueError):
            sweep = None
        return cls({each: Kept.from_json(kept) for each, kept in members.items()}, sweep)


def through_of(position: Mapping[str, Any] | None) -> datetime | None:
    """Until when every change has been seen, for all members; None: no sweep has been finished."""
    held = Position.from_json(position)
    ends = [kept.through for kept in held.kept.values()]
    if held.sweep and held.sweep.each not in held.kept:
        return None
    return min((end for end in ends if end is not None), default=None) if None not in ends else None


def digest(value: Any) -> str:
    """A short fingerprint of JSON values and instants."""
    try:
        text = orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # a number beyond 64 bits
        text = json.dumps(value, sort_keys=True, default=str).encode()
    return hashlib.sha256(text).hexdigest()[:24]


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)
