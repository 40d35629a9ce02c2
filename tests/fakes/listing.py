"""One list of a played vendor: its recorded records, older ones made of them, and what has changed since."""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.connectors import Child, Connector, Since, Stream
from domain.paging import AfterKey, Once, Paging, Path, inside
from tests.fakes.fault_server import Asked, Reply
from tests.fakes.handing import Given, Held, before, naming, put, searched
from tests.fakes.recorded import Shape, recorded
from wire.marks import marks_of

SIZE = 2
"""Records on a page."""
N_OLDER = 4


class Listing:
    """One list of a vendor, with what its records' own calls give."""

    def __init__(self, connector: Connector, stream: Stream) -> None:
        self.stream, self.page = stream, recorded(connector, stream)
        self.shape = self.page.shape
        self._children = {name: dict(of) for name, of in self.page.children.items()}
        marks = _marks(self.page.records, self.shape)
        held = [
            Held(deepcopy(one), self._key(one), mark, 0) for one, mark in zip(self.page.records, marks, strict=True)
        ]
        held += self._older(held)
        held.sort(key=lambda one: one.mark or datetime.min.replace(tzinfo=UTC))
        self.held = [replace(one, serial=place) for place, one in enumerate(held, 1)]

    def answer(self, asked: Asked, _: str) -> Reply:
        """A page of what is asked for."""
        since = self.stream.since
        held = self.held
        if since is not None and since.is_newest_first:
            held = held[::-1]
        elif since is not None and (begin := _instant_in(searched(self.stream.paging, asked), since)) is not None:
            held = [one for one in held if one.mark is None or one.mark >= begin]
        if isinstance(self.stream.paging, AfterKey):
            held = sorted(held, key=lambda one: int(one.key))
        return self._page(asked, held)

    def empty(self, asked: Asked, _: str) -> Reply:
        """A page of a list without records."""
        return self._page(asked, [])

    def of_child(self, child: Child) -> Callable[[Asked, str], Reply]:
        """The call made for a record: its bodies, whose records come in pages too."""
        paging = child.paging

        def answer(asked: Asked, key: str) -> Reply:
            of = self._children[child.name]
            bodies = of.get(key)
            if bodies is None and not child.is_optional:
                bodies = [_without_records(next(iter(of.values()))[0], child.records)]
            if bodies is None:
                return Reply({"error": "there is none"}, 404)
            records = [one for body in bodies for one in _list_in(body, child.records)]
            held = [Held(one, str(place), None, place) for place, one in enumerate(records, 1)]
            if isinstance(paging, Once) or not isinstance(inside(bodies[0], child.records), list):
                return Reply(bodies[0])
            return _page(asked, paging, held, bodies[0], child.records, leaves_out=False)

        return answer

    def changed(self, at: datetime) -> str:
        """One of its records changes at an instant: an old one, or, where its time is its name, a new one comes."""
        one = next(one for one in self.held if one.key in {self._key(record) for record in self.page.records})
        self.held.remove(one)
        if self.shape.mark == self.shape.key:
            self.held.append(one)
            one = deepcopy(one)
        record = one.record
        if self.shape.mark is not None:
            record = put(record, self.shape.mark, _written(self._a_mark(), at))
        self.held.append(Held(record, self._key(record), at if self.shape.mark else None, self.held[-1].serial + 9))
        return self.held[-1].key

    def _page(self, asked: Asked, held: list[Held]) -> Reply:
        stream, body = self.stream, self.page.body
        if stream.covers and stream.covers.total:
            body = put(body, stream.covers.total, len(held))
        return _page(asked, stream.paging, held, body, self.shape.records, leaves_out=stream.leaves_out_empty)

    def _key(self, record: Any) -> str:
        return str(inside(record, self.shape.key))

    def _a_mark(self) -> Any:
        """How this list writes an instant."""
        written = (inside(record, self.shape.mark or ()) for record in self.page.records)
        return next((mark for mark in written if mark not in (None, "")), None)

    def _older(self, held: list[Held]) -> list[Held]:
        """Copies of a record that no call is made for, if there is one, from before anything is asked for again."""
        quiet = [one for one in held if not any(child.wanted(one.record) for child in self.stream.children)]
        model = [*quiet, *held][0]
        since = self.stream.since
        first = min((one.mark for one in held if one.mark is not None), default=None)
        made: list[Held] = []
        for number in range(1, N_OLDER + 1):
            mark = first - since.overlap - timedelta(days=number) if first and since else None
            record = deepcopy(model.record)
            if self.shape.mark != self.shape.key:
                record = put(record, self.shape.key, _renamed(inside(record, self.shape.key), number))
            if mark is not None and self.shape.mark is not None:
                record = put(record, self.shape.mark, _written(self._a_mark(), mark))
            made.append(Held(record, self._key(record), mark, 0))
            for of in self._children.values():
                if model.key in of:
                    of[made[-1].key] = [_named(body, model.key, made[-1].key) for body in of[model.key]]
        return made


def _page(asked: Asked, paging: Paging, held: list[Held], template: Any, at: Path, *, leaves_out: bool) -> Reply:
    """One page of a list, in the shape of the recorded one."""
    begin = before(paging, asked, held, SIZE)
    after = len(held) if isinstance(paging, Once) else min(begin + SIZE, len(held))
    records = [one.record for one in held[begin:after]]
    body = put(template, at, records)
    if leaves_out and not records:
        body = {name: value for name, value in body.items() if name != at[0]}
    page = Given(asked, held, after, SIZE, body)
    naming(paging, page)
    return Reply(page.body, headers=page.headers)


def _instant_in(asked: Asked, since: Since) -> datetime | None:
    """The instant that a call asks from."""
    said = inside(asked.body, since.into) if since.into else asked.query.get(since.parameter)
    if said is None:
        return None
    mark = "\0"
    form = re.escape(since.template.format(since=mark)).replace(mark, "(.*)")
    text = re.fullmatch(form, str(said))
    assert text is not None, f"{said!r} is not as {since.template!r} says"
    return marks_of([{"at": text[1]}], ("at",), "what is asked for")[0]


def _marks(records: list[Any], shape: Shape) -> list[datetime | None]:
    return [None] * len(records) if shape.mark is None else marks_of(records, shape.mark, "recorded")


def _written(like: Any, at: datetime) -> Any:
    """An instant as this vendor writes it."""
    is_number, text = isinstance(like, int | float), str(like)
    if not is_number and not text.replace(".", "", 1).isdigit():
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seconds = at.timestamp() * (1000 if float(text) > 1e11 else 1)
    return int(seconds) if is_number else f"{seconds:.6f}" if "." in text else f"{seconds:.0f}"


def _renamed(key: Any, number: int) -> Any:
    if isinstance(key, int):
        return key + number * 100_000
    return str(int(key) + number * 100_000) if str(key).isdigit() else f"{key}-{number}"


def _named(body: Any, key: str, other: str) -> Any:
    """The same body of a record with another key."""
    if isinstance(body, dict):
        return {name: _named(value, key, other) for name, value in body.items()}
    if isinstance(body, list):
        return [_named(value, key, other) for value in body]
    if isinstance(body, bool) or str(body) != key:
        return body
    return int(other) if isinstance(body, int) else other


def _list_in(body: Any, at: Path) -> list[Any]:
    found = inside(body, at)
    return found if isinstance(found, list) else []


def _without_records(body: Any, at: Path) -> Any:
    return put(body, at, []) if isinstance(inside(body, at), list) else body
