"""The made-up pages of tests/contract/pages, and the options they are read with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.connectors import Child, Connector, Option, Stream
from domain.paging import Path as At
from domain.paging import inside

PAGES = Path(__file__).parents[1] / "contract" / "pages"
_FILLS = {"text": "acme", "whole": 1, "flag": True, "texts": ["one", "two"], "mapping": {}}


class MissingPageError(Exception):
    """There is no recorded page; says which file to write."""


@dataclass(frozen=True)
class Shape:
    """Where a recorded page has its records, and they their key and mark: as the stream says, but for a feed, which is
    recorded as it comes and not as it is decoded."""

    records: At
    key: At
    mark: At | None


@dataclass(frozen=True)
class Recorded:
    """A page of a list and, by child's name and record's key, the bodies of the calls made for its records."""

    body: Any
    children: Mapping[str, Mapping[str, list[Any]]]
    shape: Shape

    @property
    def records(self) -> list[Any]:
        return inside(self.body, self.shape.records)


def recorded(connector: Connector, stream: Stream) -> Recorded:
    """One page of a list. Lists of the same records may share one: deleted ones beside the others."""
    names = [stream.name, *(one.name for one in connector.streams if _are_alike(one, stream))]
    folder = PAGES / connector.kind
    file = next((folder / f"{name}.json" for name in names if (folder / f"{name}.json").is_file()), None)
    if file is None:
        raise MissingPageError(
            f"tests/contract/pages/{connector.kind}/{stream.name}.json is missing. Write one page of this list, made "
            "up, as the vendor's documentation shows it: docs/adding-a-source.md, step 3."
        )
    held = json.loads(file.read_text(encoding="utf-8"))
    body, beside = (held["body"], held["children"]) if _has_children(held) else (held, {})
    page = Recorded(body, {}, shape_of(stream))
    of = {
        child.name: _bodies(connector, stream, child, page.records, beside.get(child.name)) for child in stream.children
    }
    return Recorded(body, of, page.shape)


def shape_of(stream: Stream) -> Shape:
    if stream.decode is not None:
        return Shape(("items",), ("id",), ("date_modified",))
    return Shape(stream.records, stream.key, stream.since.mark if stream.since else None)


def options_of(connector: Connector) -> dict[str, Any]:
    """What the recorded pages are read with: options.json beside them, and a word for whatever else is required."""
    file = PAGES / connector.kind / "options.json"
    written = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {option.name: written.get(option.name, _fill(option)) for option in connector.options}


def _fill(option: Option) -> Any:
    return _FILLS[option.type] if option.is_required else option.default


def _are_alike(one: Stream, other: Stream) -> bool:
    return (one.request.path, one.fields) == (other.request.path, other.fields)


def _has_children(held: Any) -> bool:
    return isinstance(held, dict) and held.keys() == {"body", "children"}


def _bodies(connector: Connector, stream: Stream, child: Child, records: list[Any], held: Any) -> dict[str, list[Any]]:
    """A file of bodies by record's key; bodies alone are those of the first record that they are wanted for."""
    if held is None:
        file = PAGES / connector.kind / f"{child.name}.json"
        if not file.is_file():
            raise MissingPageError(
                f"tests/contract/pages/{connector.kind}/{child.name}.json is missing: for {stream.name}, the answers "
                'of this call by the record\'s id, {"7": [{…}]}.'
            )
        held = json.loads(file.read_text(encoding="utf-8"))
    keys = [str(inside(record, stream.key)) for record in records]
    if isinstance(held, dict) and all(name in keys for name in held):
        return held
    wanted = next(key for key, record in zip(keys, records, strict=True) if child.wanted(record))
    return {wanted: held if isinstance(held, list) else [held]}
