"""Where a stream's reading stands: texts that are kept, and the values of the database that they stand for."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domain.errors import SourceChangedError, SourcesError

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:([T ])\d{2}:\d{2}(?::\d{2})?.*)?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
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
        began: when the read of a stream that is compared began, by our clock; after its end, the last one.
    """

    going: str = ""
    after: str = ""
    key: str = ""
    top: str = ""
    began: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, str] | None) -> "Position":
        """From what was kept; whatever else is in it is left."""
        return cls(**{name: (kept or {}).get(name, "") for name in (field.name for field in fields(cls))})

    def begun(self, now: datetime) -> "Position":
        """A compared stream's read that was cut off, else a new one: whatever a read has shown came after it began."""
        return self if self.going and self.began else Position(began=now.astimezone(UTC).isoformat())

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


def change_of(text: str, like: object, zone: tzinfo) -> object:
    """A kept change, or a day to begin with (at its midnight in the zone), as a value of the column's type.

    Raises:
        SourceChangedError: the column is of another type than when the position was kept, or counts instead of
            telling the time.
    """
    if _DAY.fullmatch(text):
        midnight = at_instant(datetime.combine(date.fromisoformat(text), time(), zone), like, zone)
        if midnight is not None:
            return midnight
    return value_of(text, like)


def at_instant(at: datetime, like: object, zone: tzinfo) -> object | None:
    """An instant as the column writes it; None where the column's values are no times.

    >>> at_instant(datetime(2026, 1, 5, tzinfo=UTC), 1_774_738_800_000, UTC)
    1767571200000
    """
    match like:
        case datetime():
            return at.astimezone(UTC) if like.tzinfo else at.astimezone(zone).replace(tzinfo=None)
        case date():
            return at.astimezone(zone).date()
        case str():
            return _text_at(at, like, zone)
        case int() | float() | Decimal() if per_second := _per_second(like):
            return type(like)((at - _EPOCH) // timedelta(microseconds=1) * per_second // 10**6)
        case _:
            return None


def not_after(value: object, other: object | None) -> object:
    """The earlier one of two values of a column; None: there is no other."""
    return value if other is None else min(value, other)  # pyright: ignore[reportArgumentType, reportUnknownVariableType]


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
    return math.ceil(overlap.total_seconds() * _per_second(value))


def _per_second(value: float | Decimal) -> int:
    """Parts of a second that a time since 1970 counts; 0: it is no time."""
    return 0 if isinstance(value, bool) else next((parts for least, parts in _UNITS if value >= least), 0)


def _text_at(at: datetime, like: str, zone: tzinfo) -> str | None:
    """Without parts of a second and offset, as `earlier` writes it."""
    written = _iso(like)
    if written is None:
        return None
    there, mark = written
    return _written(at.astimezone(there.tzinfo or zone), mark)


def _iso(text: str) -> tuple[datetime, str | None] | None:
    """A time in ISO 8601, and what stands before its hour; None: it is none."""
    found = _ISO.fullmatch(text.strip())
    try:
        return (datetime.fromisoformat(text.strip()), found.group(1)) if found else None
    except ValueError:
        return None


def _written(at: datetime, mark: str | None) -> str:
    return at.strftime("%Y-%m-%d" if mark is None else f"%Y-%m-%d{mark}%H:%M:%S")


def _earlier_text(value: str, overlap: timedelta) -> str:
    """Without parts of a second and offset: by alphabet not after any text of that second."""
    written = _iso(value)
    if written is None:
        raise SourcesError(
            f"changed_at holds texts such as '{value}', whose order by alphabet is not that of time. Make a time of "
            "them in a query (PostgreSQL: to_timestamp(…)), or leave changed_at out: the whole is then read each time."
        )
    at, mark = written
    return str(earlier(at.date(), overlap)) if mark is None else _written(at - overlap, mark)


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
