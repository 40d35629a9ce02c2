"""How long an answer asks us to wait: `Retry-After` and the headers that say when a limit starts anew. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LIMIT = re.compile(r"^(?:x-)?rate-?limit.*-reset$")
_SECONDS = re.compile(r"^\d+(?:\.\d+)?$")
_EPOCH_S, _EPOCH_MS = 1e9, 1e11
"""Numbers above these are instants, in seconds and in thousandths; below, they are seconds to wait."""
_LONGEST = 100 * 365 * 86_400.0
"""Longer waits, which some servers ask for, are this long: calendars end."""


def asked_wait(headers: Mapping[str, str], now: datetime, *, is_limit: bool = True) -> float | None:
    """Seconds that a refusal asks for; None: it does not say, or says nothing that makes sense.

    Instants are held against the server's own `Date`, where it gives one: its clock may be hours off.

    Args:
        headers: with lower-case names.
        now: our clock, in UTC.
        is_limit: it was refused for its rate: a limit's new start counts even where nothing says that it is used up.

    >>> asked_wait({"retry-after": "30"}, datetime(2026, 1, 5, tzinfo=UTC))
    30.0
    """
    there = _date(headers.get("date", "")) or now
    asked = _retry_after(headers.get("retry-after", "").strip(), there)
    spent = (0, None) if is_limit else (0,)
    resets = [
        wait
        for name, value in headers.items()
        if _LIMIT.match(name) and _left(headers, name) in spent and (wait := _reset(value, there)) is not None
    ]
    if asked is None and not resets:
        return None
    return max([*resets, *([] if asked is None else [asked])])


def spent_wait(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds until a limit starts anew that the answer says is used up; 0: it says nothing like that."""
    there = _date(headers.get("date", "")) or now
    waits = [
        _reset(value, there) for name, value in headers.items() if _LIMIT.match(name) and _left(headers, name) == 0
    ]
    return max((wait for wait in waits if wait is not None), default=0.0)


def is_spent(headers: Mapping[str, str]) -> bool:
    """The answer says that a limit is used up: a 403 with it is no refusal of the key (GitHub)."""
    return "retry-after" in headers or any(_LIMIT.match(name) and _left(headers, name) == 0 for name in headers)


def _retry_after(value: str, there: datetime) -> float | None:
    if _SECONDS.match(value):
        return min(float(value), _LONGEST)
    at = _date(value)
    return None if at is None else min(max((at - there).total_seconds(), 0.0), _LONGEST)


def _reset(value: str, there: datetime) -> float | None:
    if not _SECONDS.match(value.strip()):
        return None
    number = float(value)
    if number > _EPOCH_MS:
        number /= 1000
    wait = max(number - there.timestamp(), 0.0) if number > _EPOCH_S else number
    return min(wait, _LONGEST)


def _left(headers: Mapping[str, str], reset: str) -> int | None:
    left = headers.get(f"{reset.removesuffix('reset')}remaining", "").strip()
    return int(float(left)) if _SECONDS.match(left) else None


def _date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
