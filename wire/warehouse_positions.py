"""Where a stream's reading stands: texts that are kept, and the values of the database that they stand for."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domain.errors import SourceChangedError, SourcesError

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:([T ])\d{2}:\d{2}(?::\d{2})?.*)?")
_UNITS: Final = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3), (5 * 10**8, 1))
"""From this number on, a number is a time since 1970 in this many parts of a second."""


@dataclass(frozen=True)
class Position:
    """Where to go on.

    Attributes:
        going: the statement that was cut off: rows without a time, rows by their change, or the whole; empty: none.
        after: the last change seen.
        key: the last row's key, while a statement is under way.
        top: the latest change there was when the read that was cut off began.
    """

    going: str = ""
    after: str = ""
    key: str = ""
    top: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, str] | None) -> "Position":
        """From what was kept; whatever else is in it is left."""
        return cls(**{name: (kept or {}).get(name, "") for name in ("going", "after", "key", "top")})

    def kept(self) -> dict[str, str]:
        """What is to be kept: only what is said."""
        return {name: value for name, value in asdict(self).items() if value}


def value_of(text: str, like: object) -> object:
    """A kept text as a value of the type that the database gives for the column now.

    Raises:
        SourceChangedError: the column is of another type than when the position was kept.
    """
    kind = next((kind for kind in type(like).__mro__ if kind in _VALUES), None)
    if kind is None:
        return text
    try:
        value = _VALUES[kind](text)
    except (ValueError, ArithmeticError):
        value = None
    if value is None or (isinstance(value, datetime) and (value.tzinfo is None) != (_zone(like) is None)):
        raise SourceChangedError(
            f"the stream was read up to '{text}', and its column now holds values such as '{like}', which cannot be "
            "compared with it. Give the stream another name in sources.yaml: it is then read from the beginning."
        )
    return value


def earlier(value: object, overlap: timedelta) -> object:
    """A change's time, less the overlap.

    Raises:
        SourcesError: a text whose order is not that of time.
    """
    if isinstance(value, datetime):
        return value - overlap
    if isinstance(value, date):
        return value - timedelta(days=math.ceil(overlap / timedelta(days=1)))
    if isinstance(value, int | Decimal):
        return value - _parts(value, overlap)
    if isinstance(value, float):
        return value - float(_parts(value, overlap))
    if isinstance(value, str):
        return _earlier_text(value, overlap)
    return value


def _parts(value: float | Decimal, overlap: timedelta) -> int:
    per_second = next((parts for least, parts in _UNITS if value >= least), 0)
    return math.ceil(overlap.total_seconds() * per_second)


def _earlier_text(value: str, overlap: timedelta) -> str:
    """Without parts of a second and offset: by alphabet not after any text of that second."""
    found = _ISO.fullmatch(value.strip())
    try:
        at = datetime.fromisoformat(value.strip()) if found else None
    except ValueError:
        at = None
    if found is None or at is None:
        raise SourcesError(
            f"changed_at holds texts such as '{value}', whose order by alphabet is not that of time. Make a time of "
            "them in a query (PostgreSQL: to_timestamp(…)), or leave changed_at out: the whole is then read each time."
        )
    if found.group(1) is None:
        return str(earlier(at.date(), overlap))
    return (at - overlap).strftime(f"%Y-%m-%d{found.group(1)}%H:%M:%S")


def _zone(value: object) -> object:
    return value.tzinfo if isinstance(value, datetime) else None


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is None else at.astimezone(UTC)


_VALUES: Final[dict[type, Callable[[str], Any]]] = {
    datetime: _instant,
    date: date.fromisoformat,
    bool: lambda text: text == "true",
    int: int,
    float: float,
    Decimal: Decimal,
    UUID: UUID,
}
