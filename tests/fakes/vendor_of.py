"""A vendor played from its connector's own facts and its recorded pages: every list of it, in pages of a few records.

Beside the recorded records each list has older ones, made of the first: so that it has several pages, and there are
records that a later fetch must not ask for.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from domain.connectors import Child, Connector, Since, Stream
from domain.paging import Once, Paging, Path, Request, inside
from tests.fakes.fault_server import Asked, Reply
from tests.fakes.handing import Given, Held, before, naming, put, smaller
from tests.fakes.keys import TOKENS, Door
from tests.fakes.recorded import Recorded, Shape, options_of, recorded, shape_of
from wire.filling import filled
from wire.marks import marks_of

SIZE = 2
"""Records on a page."""
N_OLDER = 4
_JOB, _FILE = "job-1", "file-1"


class VendorOf:
    """Serves what the connector asks for; use it as the `serve` of a FaultServer.

    Attributes:
        connector: with pages of a few records.
        options: that its lists are asked with; of `per_option`, the first member has the records, the others none.
    """

    def __init__(self, connector: Connector, *streams: str) -> None:
        self.options, self.door = options_of(connector), Door(connector)
        made = [connector.stream(name) for name in streams] or connector.streams
        self.connector = replace(connector, streams=tuple(_smaller(stream) for stream in made))
        self.lists = {stream.name: Listing(connector, stream) for stream in self.connector.streams}
        self._routes = [route for stream in self.connector.streams for route in self._of(stream)]

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == TOKENS:
            return self.door.token(asked)
        if refusal := self.door.refusal(asked):
            return refusal
        found = [(route, told) for route in self._routes if (told := route.told(asked)) is not None]
        if not found:
            return Reply({"error": "there is no such list"}, 404)
        route, told = max(found, key=lambda one: len(one[0].request.query))
        return route.answer(asked, told)

    def _of(self, stream: Stream) -> list["Route"]:
        listing, routes = self.lists[stream.name], list[Route]()
        members = [str(each) for each in self.options[stream.per_option]] if stream.per_option else [""]
        for place, each in enumerate(members):
            values = {**self.options, **({"each": each} if each else {})}
            given = listing.answer if place == 0 else listing.empty
            routes += _job(stream, values, given) if stream.job else [_route(stream, values, given)]
            routes += [
                Route(filled(child.request, values), child.paging, listing.of_child(child)) for child in stream.children
            ]
        return routes


@dataclass(frozen=True)
class Route:
    """One kind of call. `{id}` in its path or a parameter is what the answer is about."""

    request: Request
    paging: Paging
    answer: Callable[[Asked, str], Reply]
    since: Since | None = None

    def told(self, asked: Asked) -> str | None:
        """The `{id}` of a call of this kind, "" where it has none; None: it is of another kind."""
        if asked.method != self.request.method:
            return None
        found = _read(self.request.path.rstrip("/") or "/", asked.path.rstrip("/") or "/")
        for name, value in self.request.query.items():
            if found is not None and name not in self._that_change():
                told = _read(value, asked.query.get(name, ""))
                found = None if told is None else found or told
        return found

    def _that_change(self) -> set[str]:
        paging = self.paging
        return {self.since.parameter if self.since else "", getattr(paging, "parameter", ""), *getattr(paging, "drops", ())}


class Listing:
    """One list of a vendor, with what its records' own calls give."""

    def __init__(self, connector: Connector, stream: Stream) -> None:
        self.stream, self.page = stream, recorded(connector, stream)
        self.shape = self.page.shape
        self._children = {name: dict(of) for name, of in self.page.children.items()}
        marks = _marks(self.page.records, self.shape)
        held = [Held(deepcopy(one), self._key(one), mark, 0) for one, mark in zip(self.page.records, marks, strict=True)]
        held += self._older(held)
        held.sort(key=lambda one: one.mark or datetime.min.replace(tzinfo=UTC))
        self.held = [replace(one, serial=place) for place, one in enumerate(held, 1)]

    def answer(self, asked: Asked, _: str) -> Reply:
        """A page of what is asked for."""
        since = self.stream.since
        held = self.held
        if since is not None and since.is_newest_first:
            held = held[::-1]
        elif since is not None and (begin := _instant_in(asked, since)) is not None:
            held = [one for one in held if one.mark is None or one.mark >= begin]
        return given(asked, self.stream.paging, held, self.page.body, self.shape.records, self.stream)

    def empty(self, asked: Asked, _: str) -> Reply:
        """A page of a list without records."""
        return given(asked, self.stream.paging, [], self.page.body, self.shape.records, self.stream)

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
            return given(asked, paging, held, bodies[0], child.records, None)

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
            record = put(record, self.shape.mark, _written(inside(record, self.shape.mark), at))
        self.held.append(Held(record, self._key(record), at if self.shape.mark else None, self.held[-1].serial + 9))
        return self.held[-1].key

    def _key(self, record: Any) -> str:
        return str(inside(record, self.shape.key))

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
                record = put(record, self.shape.mark, _written(inside(record, self.shape.mark), mark))
            made.append(Held(record, self._key(record), mark, 0))
            for of in self._children.values():
                if model.key in of:
                    of[made[-1].key] = [_named(body, model.key, made[-1].key) for body in of[model.key]]
        return made


def given(
    asked: Asked, paging: Paging, held: list[Held], template: Any, at: Path, stream: Stream | None
) -> Reply:  # fmt: skip
    """One page of a list, in the shape of the recorded one."""
    begin = before(paging, asked, held, SIZE)
    after = len(held) if isinstance(paging, Once) else min(begin + SIZE, len(held))
    records = [one.record for one in held[begin:after]]
    body = put(template, at, records)
    if stream is not None and stream.leaves_out_empty and not records:
        body = {name: value for name, value in body.items() if name != at[0]}
    page = Given(asked, held, after, SIZE, body)
    naming(paging, page)
    return Reply(page.body, headers=page.headers)


# ---- calls ----------------------------------------------------------------------------------------------------------


def _route(stream: Stream, values: Mapping[str, Any], answer: Callable[[Asked, str], Reply]) -> Route:
    return Route(filled(stream.request, values), stream.paging, answer, stream.since)


def _job(stream: Stream, values: Mapping[str, Any], answer: Callable[[Asked, str], Reply]) -> list[Route]:
    """An export: ordered, not done at the first look, then a zip."""
    job, seen = stream.job, list[Asked]()
    assert job is not None

    def order(asked: Asked, _: str) -> Reply:
        seen[:] = [asked]
        return Reply(put({}, job.started, _JOB))

    def progress(asked: Asked, _: str) -> Reply:
        seen.append(asked)
        is_done = len(seen) > 2
        return Reply(put(put({}, job.state, job.done if is_done else "under way"), job.file, _FILE if is_done else None))

    def pick_up(_: Asked, __: str) -> Reply:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as archive:
            archive.writestr("export.json", json.dumps(answer(seen[0], "").body))
        return Reply(whole.getvalue())

    named = {**values, "job": _JOB, "file": _FILE}
    return [
        Route(filled(stream.request, values), Once(), order),
        Route(filled(job.progress, named), Once(), progress),
        Route(filled(job.pick_up, named), Once(), pick_up),
    ]


def _read(template: str, text: str) -> str | None:
    """What stands for `{id}` in a text of that form, "" where it has none; None: it is of another form."""
    found = re.fullmatch(re.escape(template).replace(r"\{id\}", r"([^/ ]+)"), text)
    return None if found is None else unquote(found[1]) if found.groups() else ""


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


# ---- records --------------------------------------------------------------------------------------------------------


def _smaller(stream: Stream) -> Stream:
    children = tuple(replace(child, paging=smaller(child.paging, SIZE)) for child in stream.children)
    return replace(stream, paging=smaller(stream.paging, SIZE), children=children)


def _marks(records: list[Any], shape: Shape) -> list[datetime | None]:
    return [None] * len(records) if shape.mark is None else marks_of(records, shape.mark, "recorded")


def _written(like: Any, at: datetime) -> Any:
    """An instant as this vendor writes it."""
    if isinstance(like, int | float):
        return int(at.timestamp() * (1000 if like > 1e11 else 1))
    if isinstance(like, str) and like.replace(".", "", 1).isdigit():
        return f"{at.timestamp():.6f}" if "." in like else str(int(at.timestamp() * (1000 if float(like) > 1e11 else 1)))
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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


__all__ = ["SIZE", "Listing", "Recorded", "VendorOf", "shape_of"]
