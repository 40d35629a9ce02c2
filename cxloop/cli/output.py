"""How commands print: JSON for programs, plain tables for people."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

_TICKS = "▁▂▃▄▅▆▇█"


def print_json(value: object) -> None:
    """One JSON document; days and instants as ISO text."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """A table with aligned columns, no line of it wrapped; `empty` in words when there is no row."""
    if not rows:
        print(empty)
        return
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    for cells in (columns, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def print_facts(facts: Mapping[str, Any]) -> None:
    """Names and values, one line each; nothing for an empty value."""
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        if value not in (None, "", [], {}):
            print(f"{name:<{width}}  {value}")


def sparkline(values: Sequence[float | None]) -> str:
    """A line of ticks from the lowest to the highest value; a dot where nothing is known.

    >>> sparkline([1, 2, None, 3])
    '▁▅·█'
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1
    top = len(_TICKS) - 1
    return "".join("·" if v is None else _TICKS[int((v - low) / span * top + 0.5)] for v in values)
