"""The company's clock: whole seconds on the wall in Berlin since the first day's midnight.

Nothing happens here between midnight and six, so that no moment is missing or doubled when clocks change;
the few rows that sit in such an hour are planted (see `dirt`).
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
FIRST_DAY, LAST_DAY = date(2024, 9, 16), date(2026, 3, 15)
N_DAYS = (LAST_DAY - FIRST_DAY).days + 1
DAY_S = 86_400
END = N_DAYS * DAY_S
"""The first moment that is no longer in the files."""

_OPEN_FROM_S, _OPEN_S = 7 * 3600, 15 * 3600
_DATES = [FIRST_DAY + timedelta(days=i) for i in range(-1200, N_DAYS + 40)]
_NAMES = {(day - FIRST_DAY).days: day.isoformat() for day in _DATES}
_OFFSET_S = {
    (day - FIRST_DAY).days: (datetime.combine(day, time(12), tzinfo=ZONE).utcoffset() or timedelta())
    // timedelta(seconds=1)
    for day in _DATES
}


def index_of(day: date) -> int:
    """How many days after the first one."""
    return (day - FIRST_DAY).days


def day_name(index: int) -> str:
    """The day as in a file: 2026-03-15."""
    return _NAMES[index]


def wall_time(moment: int | None) -> str:
    """A moment as Berlin's clocks show it; empty: not yet, or after the files end."""
    if moment is None or moment >= END:
        return ""
    day, second = divmod(moment, DAY_S)
    return f"{_NAMES[day]} {_clock(second)}"


def utc_time(moment: int | None) -> str:
    """A moment in UTC, ISO 8601 with Z; empty: not yet, or after the files end."""
    if moment is None or moment >= END:
        return ""
    day, second = divmod(moment - _OFFSET_S[moment // DAY_S], DAY_S)
    return f"{_NAMES[day]}T{_clock(second)}Z"


def after_open_time(moment: int, seconds: float) -> int:
    """The moment at which the desk (every day, 7 to 22) has been open for so long since `moment`."""
    day, second = divmod(moment, DAY_S)
    worked = day * _OPEN_S + min(max(second - _OPEN_FROM_S, 0), _OPEN_S) + int(seconds)
    day, second = divmod(worked, _OPEN_S)
    return day * DAY_S + _OPEN_FROM_S + second


def share_of_span(index: int) -> float:
    """How much of the 18 months is over: 0 on the first day, 1 on the last."""
    return index / (N_DAYS - 1)


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
