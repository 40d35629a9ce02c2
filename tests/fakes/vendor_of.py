"""A vendor played from its connector's own facts and its recorded pages: every list of it, in pages of a few records.

Beside the recorded records each list has older ones, made of the first: so that it has several pages, and there are
records that a later fetch must not ask for.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from domain.connectors import Connector, Since, Stream
from domain.paging import Once, Paging, Request
from tests.fakes.fault_server import Asked, Reply
from tests.fakes.handing import put, smaller
from tests.fakes.keys import TOKENS, Door
from tests.fakes.listing import SIZE, Listing
from tests.fakes.recorded import options_of
from wire.filling import filled

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
        return {
            self.since.parameter if self.since else "",
            getattr(paging, "parameter", ""),
            *getattr(paging, "drops", ()),
        }


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
        return Reply(
            put(put({}, job.state, job.done if is_done else "under way"), job.file, _FILE if is_done else None)
        )

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


def _smaller(stream: Stream) -> Stream:
    children = tuple(replace(child, paging=smaller(child.paging, SIZE)) for child in stream.children)
    return replace(stream, paging=smaller(stream.paging, SIZE), children=children)
