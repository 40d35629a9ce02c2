"""Reads where a source's rows come from: files, a warehouse, or a vendor's interface."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any, Final, cast

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from domain.blocks import wrong_block
from domain.coverage import MOST_GONE
from domain.following import EVERY
from domain.source_specs import FORMATS, Files, Interface, Query, Quota, Warehouse
from domain.written import Written, items_of

_ANY: Final = ("kind", "nulls", "zone", "dates", "namespace", "external_ids", "country", "tables")
_MOST_HOURS: Final = 8760
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def files(written: Written) -> Files | None:
    """A source of kind `files`; problems are noted in `written`."""
    written.only(*_ANY, "path", "format", "member", "encoding", "widths", "complete_through")
    path = written.text("path", required=True)
    file_format = written.choice("format", FORMATS, required=True)
    widths = written.mapping("widths")
    encoding = written.text("encoding") or "utf-8"
    written.check_encoding("encoding", encoding)
    if path is None or file_format is None:
        return None
    return Files(
        path, file_format, written.text("member") or "*", encoding,
        {column: widths.whole(column) or 0 for column in widths.names()},
    )  # fmt: skip


def warehouse(written: Written) -> Warehouse | None:
    """A source of kind `sql`."""
    written.only(*_ANY, "database", "schema", "streams", "complete_through", "use", "also", "surveys",
                 "follow_deletions", "most_gone")  # fmt: skip
    database = written.text("database", required=True)
    if database and (wrong := wrong_block(database)):
        written.add("database", wrong)
    elif database and "://" in database:
        written.add("database", "expected the name of an environment variable that holds the URL, found the URL itself")
    streams, use = written.mapping("streams"), written.text("use") or ""
    if not streams.names() and not use:
        written.add("streams", "missing: name the tables or queries to read, or a ready-made mapping with use:")
    if streams.names() and use:
        written.add("streams", "a ready-made mapping brings its own; read others in a source of their own")
    read = {name: _query(streams.mapping(name)) for name in streams.names()}
    if database is None:
        return None
    return Warehouse(
        database, read, written.text("schema") or "", use, written.texts("also"),
        _plain(written.mapping("surveys").content), _follows(written), _share(written, "most_gone", MOST_GONE),
    )  # fmt: skip


def _follows(written: Written) -> dict[str, timedelta]:
    """How often the keys of a stream are read, for each that is compared."""
    inner = written.mapping("follow_deletions")
    said = {name: inner.choice(name, tuple(EVERY), required=True) for name in inner.names()}
    return {name: EVERY[word] for name, word in said.items() if word}


def _query(written: Written) -> Query:
    written.only("table", "query", "changed_at", "key", "overlap_hours")
    table, query = written.text("table"), written.text("query")
    if (table is None) == (query is None):
        written.problems.add(written.line, written.where, "expected either table: or query:")
    select, changed_at, key = table or query or "", written.text("changed_at"), written.text("key")
    hours = written.number("overlap_hours")
    if hours is None:
        return Query(select, changed_at, key)
    if not 0 <= hours <= _MOST_HOURS:
        written.add("overlap_hours", f"expected hours from 0 to {_MOST_HOURS}, found {hours:g}")
        return Query(select, changed_at, key)
    return Query(select, changed_at, key, timedelta(hours=hours))


def interface(written: Written) -> Interface | None:
    """A source of a connector's kind."""
    written.only(*_ANY, "address", "options", "secrets", "start", "quota", "quota_at_night", "calls_a_day", "streams",
                 "most_gone")  # fmt: skip
    secrets = written.mapping("secrets")
    for name in secrets.names():
        if wrong := wrong_block(secrets.text(name) or ""):
            secrets.add(name, wrong)
    address = written.text("address") or ""
    if address and not address.startswith(("https://", "http://", "${")):
        written.add("address", f"expected https://…, found '{address}'")
    return Interface(
        address=address.rstrip("/"),
        options=_plain(written.mapping("options").content),
        secrets={name: secrets.text(name) or "" for name in secrets.names()},
        start=written.day("start") if written.has("start") else None,
        quota=_quota(written),
        calls_a_day=_calls(written),
        streams=written.texts("streams"),
        most_gone=_share(written, "most_gone", MOST_GONE),
    )


def _quota(written: Written) -> Quota:
    share = _share(written, "quota", 0.5)
    if not written.has("quota_at_night"):
        return Quota(share)
    night = written.mapping("quota_at_night")
    night.only("share", "from", "to")
    return Quota(
        share, _share(night, "share", share), _clock(night, "from", time(22)), _clock(night, "to", time(6)),
    )  # fmt: skip


def _calls(written: Written) -> int | None:
    n = written.whole("calls_a_day")
    if n == 0:
        written.add("calls_a_day", "expected 1 or more")
    return n or None


def _share(written: Written, key: str, default: float) -> float:
    share = written.number(key)
    if share is None:
        return default
    if not 0 < share <= 1:
        written.add(key, f"expected a share above 0 and up to 1, found {share:g}")
        return default
    return share


def _clock(written: Written, key: str, default: time) -> time:
    text = written.text(key)
    if text is None:
        return default
    found = _CLOCK.fullmatch(text)
    if found is None:
        written.add(key, f"expected a time of day as \"22:00\" (in quotes), found '{text}'")
        return default
    return time(int(found[1]), int(found[2]))


def _plain(value: object) -> Any:
    """What YAML read, as plain dicts, lists and values."""
    if isinstance(value, CommentedMap):
        return {str(key): _plain(each) for key, each in cast("dict[object, object]", value).items()}
    return [_plain(each) for each in items_of(value)] if isinstance(value, CommentedSeq) else value


READERS: Final[dict[str, Callable[[Written], Files | Warehouse | Interface | None]]] = {
    "files": files,
    "sql": warehouse,
}
"""By kind; every other kind is a connector's."""
