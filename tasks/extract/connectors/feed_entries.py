"""RSS 2.0, Atom and JSON Feed, read into entries of one shape."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, Final, cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.errors import SourceChangedError
from domain.halves import without_halves
from tasks.extract.connectors.extras import plain
from tasks.extract.connectors.html_text import text_of_html

Entry = dict[str, Any]
"""One entry: id, url, title, body (text), at, updated_at (ISO 8601 in UTC; what is no time stays as it is), changed_at
(updated_at where it is a time), language, tags, `author` (name, email, url; each may be None) and `fields`: everything
else that has one value, by its path
(`rating`, `author.followers`, `link@href`)."""

ATOM: Final = "{http://www.w3.org/2005/Atom}"
_CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DC_DATE: Final = "{http://purl.org/dc/elements/1.1/}date"
_CREATOR: Final = "{http://purl.org/dc/elements/1.1/}creator"
_EMAIL: Final = re.compile(r"[^\s<>()@:,;]+@[^\s<>()@:,;]+\.[^\s<>()@:,;]+")
_PROFILE: Final = re.compile(r"https?://[^/]+/[^/]")
_IS_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def decode(text: Any) -> dict[str, Any]:
    """A feed as {"entries": [...], "next_url": the next page's address or None}.

    Raises:
        SourceChangedError: it is none of the three; the message says how it begins.
    """
    if isinstance(text, Mapping):
        return _of_json(text)  # pyright: ignore[reportUnknownArgumentType]
    said = str(text).lstrip("\ufeff \t\r\n")
    if said.startswith("{"):
        try:
            return _of_json(json.loads(without_halves(said)))
        except ValueError:
            raise _unreadable(said) from None
    try:
        root: Element = fromstring(said, forbid_dtd=False)
    except (ParseError, DefusedXmlException, ValueError):
        raise _unreadable(said) from None
    if root.tag == f"{ATOM}feed":
        return _of_atom(root)
    if root.tag == "rss" and (channel := root.find("channel")) is not None:
        return _of_rss(channel)
    raise _unreadable(said)


def _unreadable(said: str) -> SourceChangedError:
    return SourceChangedError(
        f"feed: expected RSS 2.0, Atom or JSON Feed, found a page that begins with {said[:60]!r}. Open the address in "
        "a browser: it may have moved, or answer with a page for people."
    )


# ---- RSS and Atom ---------------------------------------------------------------------------------------------------


def _of_rss(channel: Element) -> dict[str, Any]:
    language = _said(channel, "language")
    following = [link.get("href") for link in channel.findall(f"{ATOM}link") if link.get("rel") == "next"]
    return {
        "entries": [_dated(_rss_entry(item, language)) for item in channel.findall("item")],
        "next_url": next(iter(following), None),
    }


def _rss_entry(item: Element, language: str | None) -> Entry:
    title, at = _said(item, "title"), _instant(_said(item, "pubDate") or _said(item, _DC_DATE))
    url = _said(item, "link")
    body = text_of_html(_said(item, _CONTENT) or _said(item, "description") or "")
    return {
        "id": _said(item, "guid") or url or _content_id(title, at, body),
        "url": url, "title": text_of_html(title or ""), "body": body, "at": at,
        "updated_at": _instant(_said(item, f"{ATOM}updated")) or at, "language": language,
        "tags": plain([tag for category in item.findall("category") if (tag := _text(category))]),
        "author": _author(_said(item, _CREATOR) or _said(item, "author"), _said(item, "author")),
        "fields": dict(_leaves(item)),
    }  # fmt: skip


def _of_atom(feed: Element) -> dict[str, Any]:
    language = feed.get(_XML_LANG)
    following = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "next"]
    return {
        "entries": [_dated(_atom_entry(entry, language)) for entry in feed.findall(f"{ATOM}entry")],
        "next_url": next(iter(following), None),
    }


def _atom_entry(entry: Element, language: str | None) -> Entry:
    updated_at = _instant(_said(entry, f"{ATOM}updated"))
    at = _instant(_said(entry, f"{ATOM}published")) or updated_at
    title, body = _atom_text(entry, "title"), _atom_text(entry, "content") or _atom_text(entry, "summary")
    links = {link.get("rel", "alternate"): link.get("href") for link in reversed(entry.findall(f"{ATOM}link"))}
    return {
        "id": _said(entry, f"{ATOM}id") or links.get("alternate") or _content_id(title, at, body),
        "url": links.get("alternate"), "title": title, "body": body, "at": at, "updated_at": updated_at or at,
        "language": entry.get(_XML_LANG) or language,
        "tags": plain([term for tag in entry.findall(f"{ATOM}category") if (term := tag.get("term"))]),
        "author": _author(*(_said(entry, f"{ATOM}author/{ATOM}{part}") for part in ("name", "email", "uri"))),
        "fields": dict(_leaves(entry)),
    }  # fmt: skip


def _atom_text(entry: Element, name: str) -> str:
    """What a reader sees of an Atom text; plain text comes before HTML where an entry has both."""
    found = sorted(entry.findall(f"{ATOM}{name}"), key=lambda element: element.get("type", "text") != "text")
    if not found:
        return ""
    if found[0].get("type", "text") == "text":
        return _text(found[0]) or ""
    if found[0].get("type") == "xhtml":
        return " ".join(" ".join(found[0].itertext()).split())
    return text_of_html(_text(found[0]) or "")


def _said(parent: Element, name: str) -> str | None:
    found = parent.find(name)
    return None if found is None else _text(found)


def _text(element: Element) -> str | None:
    return (element.text or "").strip() or None


def _leaves(parent: Element, path: str = "") -> Iterator[tuple[str, str]]:
    """Everything below an entry that holds one text, by its path without namespaces; of several the first."""
    seen: set[str] = set()
    for child in parent:
        here = path + child.tag.rpartition("}")[2]
        pairs = [(f"{here}@{name.rpartition('}')[2]}", value) for name, value in child.attrib.items()]
        if (text := _text(child)) is not None and not len(child):
            pairs.append((here, text))
        for name, value in (*pairs, *_leaves(child, f"{here}.")):
            if name not in seen:
                seen.add(name)
                yield name, value


# ---- JSON Feed ------------------------------------------------------------------------------------------------------


def _of_json(feed: Mapping[str, Any]) -> dict[str, Any]:
    if "jsonfeed.org" not in str(feed.get("version")) or not isinstance(feed.get("items"), list):
        raise _unreadable(json.dumps(feed))
    return {
        "entries": [_dated(_json_entry(item, feed.get("language"))) for item in feed["items"]],
        "next_url": feed.get("next_url"),
    }


def _json_entry(item: Mapping[str, Any], language: Any) -> Entry:
    body = item.get("content_text") or text_of_html(item.get("content_html") or item.get("summary") or "")
    at, title, url = _instant(item.get("date_published")), item.get("title") or "", item.get("url")
    return {
        "id": str(item.get("id") or url or _content_id(title, at, body)),
        "url": url or item.get("external_url"), "title": title, "body": body, "at": at,
        "updated_at": _instant(item.get("date_modified")) or at, "language": item.get("language") or language,
        "tags": plain(item.get("tags") or []),
        "author": _json_author(item),
        "fields": dict(_values(item)),
    }  # fmt: skip


def _json_author(item: Mapping[str, Any]) -> dict[str, str | None]:
    """The first of the authors; version 1.0 has one."""
    named = item.get("authors") or [item.get("author")]
    first = cast("list[Any]", named)[0] if isinstance(named, list) else None
    if not isinstance(first, Mapping):
        return _author()
    author = cast("Mapping[str, Any]", first)
    return _author(author.get("name"), author.get("url"), author.get("url"))


def _values(item: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in item.items():
        match value:
            case Mapping():
                yield from _values(value, f"{path}{name}.")  # pyright: ignore[reportUnknownArgumentType]
            case str() | int() | float():
                yield f"{path}{name}", str(value)
            case _:
                pass


# ---- both -----------------------------------------------------------------------------------------------------------


def _instant(written: Any) -> str | None:
    """RFC 822 or RFC 3339 as ISO 8601 in UTC; without a zone it is UTC; what is neither stays as it is."""
    if not isinstance(written, str) or not written.strip():
        return None
    try:
        at = datetime.fromisoformat(written.strip())
    except ValueError:
        try:
            at = parsedate_to_datetime(written)
        except ValueError:
            return written
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _author(name: Any = None, email: Any = None, url: Any = None) -> dict[str, str | None]:
    """Who wrote it: a name, an e-mail address in any of RSS's and JSON Feed's ways, the page of a profile."""
    found = _EMAIL.search(email) if isinstance(email, str) else None
    is_profile = isinstance(url, str) and _PROFILE.match(url)
    return {
        "name": name if isinstance(name, str) else None,
        "email": found[0] if found else None,
        "url": url if is_profile else None,
    }


def _dated(entry: Entry) -> Entry:
    """The entry with the time by which its age is judged: a damaged date must not stop the others."""
    updated_at = entry["updated_at"]
    return {**entry, "changed_at": updated_at if _IS_TIME.fullmatch(updated_at or "") else None}


def _content_id(*parts: str | None) -> str:
    """An id of an entry that has none: of its content."""
    return sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()[:32]
