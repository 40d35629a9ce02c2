"""Where a fetch begins that is to go back to a day: never later than where the last whole one ended."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def pages_from(position: Mapping[str, Any] | None, since: date | None) -> date | None:
    """The day from which an interface is asked again; None: from the source's own start.

    Args:
        position: as `wire.pages` keeps it: a mark, or one for each member.
        since: the day that was asked for.
    """
    if since is None or not position:
        return None
    members: Mapping[str, Mapping[str, Any]] = position.get("each") or {"": position}
    marks = [str(kept.get("mark") or "")[:10] for kept in members.values()]
    if not all(_DAY.fullmatch(mark) for mark in marks):
        return None  # a first fetch is under way: all of it is still to come
    return min([since, *map(date.fromisoformat, marks)])


def rows_from(position: Mapping[str, Any] | None, since: date | None) -> Mapping[str, Any] | None:
    """The position from which a warehouse is read again; None: from the beginning.

    Args:
        position: as `wire.warehouse` keeps it.
        since: the day that was asked for; None: go on where the last read stopped.
    """
    if since is None:
        return position
    after = str((position or {}).get("after") or "")
    if not after or (position or {}).get("going"):
        return None
    is_earlier = _DAY.match(after) is not None and after[:10] < since.isoformat()
    return {"after": after if is_earlier else since.isoformat()}


def are_keys_due(position: Mapping[str, Any] | None, every: timedelta, now: datetime) -> bool:
    """Whether the keys of a warehouse's stream are to be read, or a read of them is to be gone on with.

    Args:
        position: as `wire.warehouse` keeps it.
        every: how often they are read.
        now: by our clock.
    """
    began = (position or {}).get("began")
    return not began or bool((position or {}).get("going")) or now - datetime.fromisoformat(began) >= every
