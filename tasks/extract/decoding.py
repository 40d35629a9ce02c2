"""From bytes to text without losing a byte: what is not of the encoding stays recognisable."""

import codecs
import re
from typing import Final

_BROKEN: Final = re.compile("[\udc80-\udcff\ufffd]")


def is_utf8(encoding: str) -> bool:
    """The encoding is UTF-8, with or without a byte order mark."""
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")


def unmarked(content: bytes, encoding: str) -> bytes:
    """The content without a UTF-8 byte order mark; other encodings' marks are their codecs' concern."""
    return content.removeprefix(codecs.BOM_UTF8) if is_utf8(encoding) else content


def as_utf8(content: bytes, encoding: str) -> bytes | None:
    """The content as UTF-8 without byte order mark; None where some of it is not of the encoding."""
    content = unmarked(content, encoding)
    if is_utf8(encoding):
        return content
    try:
        return content.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeError:
        return None


def readable(content: bytes, encoding: str) -> str:
    """The content as text; bytes that are not of the encoding become marks that `is_broken` finds."""
    content = unmarked(content, encoding)
    try:
        return content.decode(encoding, errors="surrogateescape").removeprefix("\ufeff")
    except UnicodeError:  # codecs of two bytes and more cannot escape
        return content.decode(encoding, errors="replace").removeprefix("\ufeff")


def is_broken(text: str) -> bool:
    """Some bytes of the text were not of its encoding."""
    return _BROKEN.search(text) is not None


def shown(text: str) -> str:
    r"""The text with broken bytes written as `\xff`, so that it can be kept and read."""
    return text.encode(errors="surrogateescape").decode(errors="backslashreplace")
