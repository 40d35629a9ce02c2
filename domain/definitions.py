"""What a KPI's numbers were made by, part by part, so that it can be said which part is another one now."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

PARTS = ("formula", "zone", "surveys", "voices", "hours", "scopes")
"""Of a definition: the row of the catalogue; the reporting zone; the surveys that ask; segments in which an account
is one voice; opening hours, promises or the day churn is booked on; what is kept beside the members: scopes that
benchmarks name, and which segment has which persona."""
_DIGITS = 8


def version_of(parts: Mapping[str, Any]) -> str:
    """A hash of each part, joined by dots, in the order of PARTS.

    Args:
        parts: by name of PARTS, anything that JSON can hold.
    """
    return ".".join(_hash(parts[name]) for name in PARTS)


def changed_parts(before: str, now: str) -> tuple[str, ...]:
    """The parts in which two versions differ, but for `scopes`, which moves no number.

    Args:
        before: as `version_of` gave it.
        now: likewise.

    Returns:
        Names of PARTS; versions of another form differ in the formula.

    >>> changed_parts("a.b.c.d.e.f", "a.b.c.d.x.y")
    ('hours',)
    """
    pairs = list(zip(before.split("."), now.split("."), strict=False))
    if len(pairs) != len(PARTS):
        return () if before == now else PARTS[:1]
    return tuple(name for name, (one, other) in zip(PARTS, pairs, strict=True) if one != other and name != "scopes")


def _hash(part: object) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:_DIGITS]
