"""When records say they last changed. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from domain.errors import SourceChangedError
from domain.paging import Path, inside
from wire.columns import column, objects

_EPOCH_MS: Final = 1e11
"""Numbers above are thousandths of seconds since 1970; below, seconds."""


def marks_of(records: Sequence[Any], path: Path, where: str) -> list[datetime | None]:
    """Each record's mark in UTC; None where it has none. A time without a zone is UTC.

    Raises:
        SourceChangedError: a mark is there, but is no time.
    """
    usual = _usual(records, path)
    if usual is not None:
        return usual
    marks: list[datetime | None] = []
    for record in records:
        value = inside(record, path)
        try:
            marks.append(None if value in (None, "") else _instant(value))
        except (ValueError, TypeError, OverflowError, OSError):
            raise SourceChangedError(
                f"{where}: '{'.'.join(path)}' is expected to be a time (ISO 8601, or seconds since 1970), found "
                f"{type(value).__name__} that is none. Nothing of this page is taken."
            ) from None
    return marks


def _usual(records: Sequence[Any], path: Path) -> list[datetime | None] | None:
    """The marks of objects that all have one as ISO 8601; None where they have not."""
    held = objects(records)
    texts = None if held is None else column(held, path)
    if not texts or {*map(type, texts)} != {str} or not all("-" in text for text in texts):  # a number has no dash
        return None
    try:
        return [_in_utc(at) for at in map(datetime.fromisoformat, texts)]
    except (ValueError, OverflowError):
        return None


def _instant(value: Any) -> datetime:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, int | float) or str(value).replace(".", "", 1).isdigit():
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds > _EPOCH_MS else seconds, UTC)
    text = str(value)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = parsedate_to_datetime(text)
    return _in_utc(at)


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
