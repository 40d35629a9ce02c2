"""When records say they last changed. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from domain.errors import SourceChangedError
from domain.paging import Path, inside

_EPOCH_MS: Final = 1e11
"""Numbers above are thousandths of seconds since 1970; below, seconds."""


def marks_of(records: Sequence[Any], path: Path, where: str) -> list[datetime | None]:
    """Each record's mark in UTC; None where it has none. A time without a zone is UTC.

    Raises:
        SourceChangedError: a mark is there, but is no time.
    """
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
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
