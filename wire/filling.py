"""Fills a request's `{names}` with values: options of sources.yaml, a record's id, a job's. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast
from urllib.parse import quote

from domain.paging import Request

_NAME: Final = re.compile(r"\{(\w+)\}")


def filled(request: Request, values: Mapping[str, Any]) -> Request:
    """The request with every `{name}` that has a value filled in; other braces stay as they are.

    A value in the path is escaped, unless it is the whole path. A text of the body that is nothing but `{name}`
    becomes the value itself: a list stays a list, and within a list its members take the name's place.

    >>> filled(Request("/tickets/{id}", {"in": "{team}"}), {"id": "a/b", "team": 7})
    Request(path='/tickets/a%2Fb', query={'in': '7'}, method='GET', body=None, headers={})
    """
    whole = _NAME.fullmatch(request.path)
    return replace(
        request,
        path=_text(request.path, values) if whole else _text(request.path, values, is_path=True),
        query={name: _text(value, values) for name, value in request.query.items()},
        body=None if request.body is None else _deep(request.body, values),
        headers={name: _text(value, values) for name, value in request.headers.items()},
    )


def _text(template: str, values: Mapping[str, Any], *, is_path: bool = False) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            return found[0]
        text = _written(values[found[1]])
        return quote(text, safe="") if is_path else text

    return _NAME.sub(value, template)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(member) for member in cast("list[Any]", value))
    return str(value)


def _deep(part: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(part, Mapping):
        return {name: _deep(value, values) for name, value in cast("Mapping[str, Any]", part).items()}
    if isinstance(part, list | tuple):
        members = cast("list[Any]", part)
        return [each for member in members for each in _members(member, _deep(member, values))]
    if not isinstance(part, str):
        return part
    whole = _NAME.fullmatch(part)
    return values[whole[1]] if whole and whole[1] in values else _text(part, values)


def _members(member: Any, value: Any) -> list[Any]:
    is_name = isinstance(member, str) and isinstance(value, list | tuple)
    return [*cast("list[Any]", value)] if is_name else [value]
