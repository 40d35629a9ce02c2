"""The body of an answer: read piece by piece, never more than the cap, and what it turns out to be."""

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import orjson

from domain.cycles import unsearched
from domain.halves import without_halves

_GZIP: Final = 16 + zlib.MAX_WBITS
_PIECE: Final = 1 << 20
_HTML: Final = re.compile(rb"^\s*(?:<!doctype\s+html|<html|<head|<body)", re.IGNORECASE)
_TITLE: Final = re.compile(rb"<title[^>]*>(.{0,200}?)</title>", re.IGNORECASE | re.DOTALL)
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"^\s*<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.:-]+)[\"']")
_MOST_WORDS: Final = 200


class TooBigError(Exception):
    """The body is bigger than the cap."""


class BrokenError(Exception):
    """The body broke on its way: it may come whole the next time."""


class NotJsonError(Exception):
    """The body is whole, but something else."""


def read(pieces: Iterable[bytes], headers: Mapping[str, str], most: int) -> bytes:
    """The whole body, unpacked.

    Args:
        pieces: as they come from the network.
        headers: with lower-case names.
        most: bytes, packed and unpacked.

    Raises:
        TooBigError, BrokenError.
    """
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise TooBigError
    packing = headers.get("content-encoding", "identity").strip().lower()
    if packing in ("gzip", "x-gzip"):
        pieces = _unpacked(pieces)
    elif packing not in ("", "identity"):
        raise BrokenError(f"it came packed as {packing}, which was not asked for")
    whole = bytearray()
    for piece in pieces:
        whole += piece
        if len(whole) > most:
            raise TooBigError
    return bytes(whole)


def json_in(content: bytes) -> Any:
    """The JSON of a body; half a character, of an emoji cut in two, is a replacement sign.

    Raises:
        BrokenError: it begins as JSON and ends in the middle.
        NotJsonError: it is something else; says what.
    """
    with suppress(orjson.JSONDecodeError), unsearched():
        return orjson.loads(content)
    try:  # numbers beyond 64 bits, NaN and halves of characters, which orjson refuses; a byte order mark
        return _loaded(content)
    except (ValueError, RecursionError):
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            raise BrokenError("its JSON is broken off or damaged") from None
        raise NotJsonError(kind_of(content)) from None


def _loaded(content: bytes) -> Any:
    return json.loads(without_halves(content.decode(json.detect_encoding(content), "surrogatepass")))


def kind_of(content: bytes) -> str:
    """What a body that is no JSON looks like, in a few words that show nothing of its content but a title.

    >>> kind_of(b"<!DOCTYPE html><title>Sign in</title>")
    'HTML ("Sign in")'
    """
    if not content.strip():
        return "nothing"
    if is_html(content):
        title = _TITLE.search(content[:_PIECE])
        words = " ".join(title[1].decode("utf-8", "replace").split()) if title else ""
        return f'HTML ("{words[:_MOST_WORDS]}")' if words else "HTML"
    return "XML" if content.lstrip().startswith(b"<") else "something else"


def is_html(content: bytes) -> bool:
    """The body is a page for people."""
    return _HTML.match(content[:500].removeprefix(b"\xef\xbb\xbf")) is not None


def charset_of(content: bytes, content_type: str) -> str:
    """How a text is written: as its header says, as its XML declares, else UTF-8."""
    declared = _DECLARED.match(content[:300])
    said = _CHARSET.search(content_type)
    name = said[1] if said else declared[1].decode() if declared else "utf-8"
    try:
        b"".decode(name)
    except LookupError:
        return "utf-8"
    return name


def text_in(content: bytes, charset: str) -> str:
    """The text of a body; what cannot be read becomes a replacement sign."""
    return content.removeprefix(b"\xef\xbb\xbf").decode(charset, "replace")


def short_words(content: bytes) -> str:
    """The message in a refusal: the first text under a name that vendors use for it; at most 200 characters."""
    try:
        body = _loaded(content)
    except (ValueError, RecursionError):
        return kind_of(content) if content.strip() else ""
    words = " ".join(dict.fromkeys(_said(body, 0)))
    return words if len(words) <= _MOST_WORDS else f"{words[:_MOST_WORDS]}…"


_NAMES: Final = ("message", "error", "errors", "description", "detail", "details", "title", "code", "meta")


def _said(body: Any, depth: int) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, list) and depth < 4:
        for item in body[:3]:  # pyright: ignore[reportUnknownVariableType]
            yield from _said(item, depth + 1)
    elif isinstance(body, Mapping) and depth < 4:
        for name in _NAMES:
            yield from _said(body.get(name), depth + 1)  # pyright: ignore[reportUnknownMemberType]


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpacks gzip a megabyte at a time, so that a small body that unpacks to a huge one stops at the cap."""
    unpacker = zlib.decompressobj(_GZIP)
    is_begun = False
    for piece in pieces:
        rest = piece
        while rest:
            if unpacker.eof:
                unpacker, is_begun = zlib.decompressobj(_GZIP), False
            try:
                out = unpacker.decompress(rest, _PIECE)
            except zlib.error:
                raise BrokenError("its gzip is damaged") from None
            is_begun = True
            yield out
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    while is_begun and not unpacker.eof:
        out = unpacker.decompress(b"", _PIECE)
        if not out:
            raise BrokenError("its gzip is broken off")
        yield out
