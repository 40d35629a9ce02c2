"""Words for messages: closest names, lists, numbers as the writer wrote them."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

CLOSE_ENOUGH = 65.0
"""Similarity (0-100) from which on a name is worth suggesting."""
FEW = 12


def closest(name: str, names: Iterable[str]) -> str | None:
    """The name most like `name`, or None if none is close.

    >>> closest("logistic-lead", ["cx-lead", "logistics-lead"])
    'logistics-lead'
    """
    found = process.extractOne(
        name, sorted(names), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH, processor=str.casefold
    )
    return found[0] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """` Did you mean 'x'?`, or the names there are if they are few, or nothing; starts with a blank."""
    known = sorted(names)
    if best := closest(name, known):
        return f" Did you mean '{best}'?"
    return f" There {'is' if len(known) == 1 else 'are'}: {', '.join(known)}." if 0 < len(known) <= FEW else ""


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, end = list(words) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def number(value: float) -> str:
    """As the writer would write it: no trailing zeros, no rounding that shows."""
    return f"{value:.10g}"


def ordinal(index: int) -> str:
    """1 → `1st`, 2 → `2nd`, 11 → `11th`."""
    tail = "th" if 10 <= index % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(index % 10, "th")
    return f"{index}{tail}"
