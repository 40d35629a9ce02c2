"""One value of every record of a page at once: a loop in Python over each of them would take most of a fetch. Pure."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, cast

from domain.paging import Path


def objects(records: Sequence[Any]) -> Sequence[dict[str, Any]] | None:
    """The records, if every one of them is an object; else None."""
    return cast("Sequence[dict[str, Any]]", records) if {*map(type, records)} <= {dict} else None


def column(records: Sequence[dict[str, Any]], path: Path, *, is_required: bool = True) -> list[Any] | None:
    """What each record holds at a path of names; below a null everything is null.

    Args:
        records: objects.
        path: names alone; a place in a list is no name of an object.
        is_required: the path must be there; else what is not there is null.

    Returns:
        One value per record; None where the path is not there and must be.

    >>> column([{"by": {"id": 7}}, {"by": None}], ("by", "id"))
    [7, None]
    >>> column([{"by": {"id": 7}}, {}], ("by", "id")) is None
    True
    """
    values: list[Any] = [*records]
    for name in path:
        kinds = {*map(type, values)}
        if kinds <= {dict}:
            try:
                values = [*map(itemgetter(name), values)]
            except KeyError:
                if is_required:
                    return None
                values = [value.get(name) for value in values]
        elif is_required and (not kinds <= {dict, type(None)} or any(v is not None and name not in v for v in values)):
            return None
        else:
            values = [value.get(name) if isinstance(value, dict) else None for value in values]  # pyright: ignore[reportUnknownMemberType]
    return values
