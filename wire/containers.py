"""A landed page: the answers as they came, main body first, then its children's, each after a line that says whose."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from domain.connectors import Page
from domain.errors import SourceChangedError
from wire import bodies


@dataclass(frozen=True)
class Part:
    """One answer.

    Attributes:
        url: it was asked by, without secrets.
        content: its bytes.
        child, id: the child's name and the record's key; empty for the page itself.
        each: the member of the stream's `per_option` that the page is of.
        charset: how a text is written; empty: it is JSON.
    """

    url: str
    content: bytes
    child: str = ""
    id: str = ""
    each: str = ""
    charset: str = ""

    @property
    def body(self) -> Any:
        """The JSON, or the text."""
        return bodies.text_in(self.content, self.charset) if self.charset else bodies.json_in(self.content)


def packed(parts: Iterable[Part]) -> bytes:
    """One container of all parts."""
    whole = bytearray()
    for part in parts:
        head = {"url": part.url, "n_bytes": len(part.content), "child": part.child, "id": part.id}
        more = {"each": part.each, "charset": part.charset}
        whole += json.dumps(head | {name: value for name, value in more.items() if value}).encode()
        whole += b"\n"
        whole += part.content
    return bytes(whole)


def parts_of(content: bytes) -> Iterator[Part]:
    """The parts of a container.

    Raises:
        SourceChangedError: the bytes are no whole container.
    """
    at = 0
    while at < len(content):
        end = content.find(b"\n", at)
        try:
            head = json.loads(content[at:end])
            n_bytes = int(head.pop("n_bytes"))
            part = Part(content=content[end + 1 : end + 1 + n_bytes], **head)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise _damaged() from None
        if end < 0 or len(part.content) < n_bytes:
            raise _damaged()
        yield part
        at = end + 1 + n_bytes


def page_of(content: bytes) -> Page:
    """The page in a container: what its stream's parser reads.

    Raises:
        SourceChangedError: the bytes are no whole container.
    """
    parts = [*parts_of(content)]
    if not parts:
        raise _damaged()
    main, *children = parts
    held: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for part in children:
        held[part.child, part.id].append(part.body)
    return Page(main.body, dict(held), main.each)


def _damaged() -> SourceChangedError:
    return SourceChangedError("a landed page is not whole. Remove it and fetch the source again.")
