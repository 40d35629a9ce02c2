"""The file as read, before anything is known about it: mappings, tuples, text, numbers and days."""

from typing import Any, cast

Raw = dict[str, Any]


def as_mapping(value: Any) -> Raw:
    """The value if it is a mapping, else an empty one."""
    return cast("Raw", value) if isinstance(value, dict) else {}


def as_list(value: Any) -> tuple[Any, ...]:
    """The value if it is a list, else an empty one."""
    return cast("tuple[Any, ...]", value) if isinstance(value, tuple) else ()


def name_of(entry: object) -> str | None:
    """By what a list's entry is found again: its id, else its title."""
    found = as_mapping(entry)
    name = found.get("id", found.get("title"))
    return name if isinstance(name, str) else None
