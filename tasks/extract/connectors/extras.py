"""Fields of a vendor's record that are no columns of ours: extra names that `columns:` in sources.yaml can read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from domain.connectors import Options, Row


def plain(value: Any) -> Any:
    """A value that fits into a cell: lists as words with blanks between, objects as JSON.

    >>> plain(["vip", "refund"])
    'vip refund'
    """
    if isinstance(value, Mapping):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(str(plain(member)) for member in cast("Sequence[Any]", value)) or None
    return value


def prefixed(prefix: str, values: Mapping[str, Any] | None) -> Row:
    """Custom fields as extra names.

    >>> prefixed("custom", {"plan": "pro", "flags": []})
    {'custom_plan': 'pro', 'custom_flags': None}
    """
    return {f"{prefix}_{name}": plain(value) for name, value in (values or {}).items()}


def key(value: Any) -> str | None:
    """A vendor's number as a key; None stays None."""
    return None if value is None or value == "" else str(value)


def named(options: Options, option: str, value: Any, *, else_: str | None = None) -> str | None:
    """The name that an option (`teams`, `brands`) gives to a vendor's number; without one `else_`, or the number.

    >>> named({"teams": {7: "Billing"}}, "teams", 7), named({}, "teams", 8)
    ('Billing', '8')
    """
    found = key(value)
    if found is None:
        return None
    names: Mapping[Any, Any] = options.get(option) or {}
    return next((str(name) for number, name in names.items() if str(number) == found), else_ or found)
