"""Whether a page still looks as its parser needs it, and what is new in it. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, cast

from domain.connectors import Field
from domain.errors import SourceChangedError
from domain.paging import Path
from wire.columns import column, objects

_PLAIN: Final = re.compile(r"^[A-Za-z_]\w{0,60}$")
_MOST_WORD: Final = 100
_MISSING: Final = object()
_KINDS: Final[Mapping[type, str]] = {
    str: "text", int: "number", float: "number", bool: "flag", list: "list", dict: "object", type(None): "null"
}  # fmt: skip


def checked(records: Sequence[Any], fields: Sequence[Field], where: str) -> Counter[tuple[str, str]]:
    """Words that the parser does not know, as (field, word), counted.

    Args:
        records: of one page.
        fields: what each must have.
        where: vendor, stream and its document, for messages.

    Raises:
        SourceChangedError: a required field is missing, or one has another type. Names the field and what is there,
            never a value.
    """
    held = objects(records)
    found = None if held is None else _found_at_once(held, fields)
    return _one_by_one(records, fields, where) if found is None else found


def _found_at_once(records: Sequence[dict[str, Any]], fields: Sequence[Field]) -> Counter[tuple[str, str]] | None:
    """What `checked` gives, field by field over all records; None where something is amiss, or not as plain."""
    unknown: Counter[tuple[str, str]] = Counter()
    for field in fields:
        values = column(records, field.at, is_required=field.is_required)
        if values is None:
            return None
        kinds = {*map(type, values)} - {type(None)}
        if field.type != "any" and not {*map(_KINDS.get, kinds)} <= {field.type}:
            return None
        if field.words:
            if kinds - {str}:
                return None
            for word, n in Counter(values).items():
                if word is not None and word not in field.words:
                    unknown[".".join(field.at), word[:_MOST_WORD]] += n
    return unknown


def _one_by_one(records: Sequence[Any], fields: Sequence[Field], where: str) -> Counter[tuple[str, str]]:
    unknown: Counter[tuple[str, str]] = Counter()
    for record in records:
        if not isinstance(record, dict):
            raise SourceChangedError(
                f"{where}: expected records of names and values, found {_kind(record)}. Nothing of this page is taken."
            )
        for field in fields:
            value = _value(cast("dict[str, Any]", record), field, where)
            if field.words and value is not None:
                unknown.update(_unknown(field, value))
    return unknown


def names_in(records: Sequence[Any]) -> frozenset[str]:
    """Names of the records' fields, with those one level down as `outer.inner`; ids used as names are left out."""
    held = objects(records)
    if held is None:
        held = [cast("dict[str, Any]", record) for record in records if isinstance(record, dict)]
    names = [name for name in set[str]().union(*held) if _PLAIN.match(name)]
    if dict not in {*map(type, chain.from_iterable(map(dict[str, Any].values, held)))}:
        return frozenset(names)
    inner = {name: _names_below(record.get(name) for record in held) for name in names}
    return frozenset([*names, *(f"{name}.{below}" for name, belows in inner.items() for below in belows)])


def _names_below(values: Iterable[Any]) -> list[str]:
    below = (cast("dict[str, Any]", value) for value in values if isinstance(value, dict))
    names = {*chain.from_iterable(below)}
    return [name for name in names if _PLAIN.match(name)]


def _value(record: dict[str, Any], field: Field, where: str) -> Any:
    value, has = _found(record, field.at)
    name = ".".join(field.at)
    if value is _MISSING:
        if field.is_required:
            raise SourceChangedError(
                f"{where}: a record has no '{name}' (it has: {', '.join(sorted(has)) or 'nothing'}). "
                "Nothing of this page is taken; what came before is kept."
            )
        return None
    if value is None or field.type == "any":
        return value
    if _kind(value) != field.type:
        raise SourceChangedError(
            f"{where}: '{name}' is {_kind(value)}, expected {field.type}. "
            "Nothing of this page is taken; what came before is kept."
        )
    return value


def _found(record: dict[str, Any], path: Path) -> tuple[Any, list[str]]:
    """The value at a path, or what the last object on the way has; below a null everything is null."""
    value: Any = record
    for name in path:
        if value is None:
            return None, []
        if not isinstance(value, dict):
            return _MISSING, []
        held = cast("dict[str, Any]", value)
        if name not in held:
            return _MISSING, [*held]
        value = held[name]
    return value, []


def _unknown(field: Field, value: Any) -> list[tuple[str, str]]:
    words = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [(".".join(field.at), str(word)[:_MOST_WORD]) for word in words if str(word) not in field.words]


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "something else")
