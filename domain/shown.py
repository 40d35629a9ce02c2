"""Numbers and days as people read them: `44 to 59 %`, `5.2 h`, `−12`, `16 Mar`."""

from datetime import date, timedelta
from math import floor, log10

from domain.kpis import Unit
from domain.windows import TRAILING_DAYS

_MINUTE, _HOUR = 60.0, 3600.0
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WHOLE = frozenset({"BIF", "CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})
"""Currencies without a minor unit, ISO 4217."""


def shown(value: float | None, unit: Unit, step: float | None = None) -> str:
    """A KPI's value with its unit.

    Args:
        value: in the KPI's unit (shares 0-1, durations in seconds); None: not known.
        unit: of the KPI.
        step: the smallest difference that matters (a tolerance): decides on the decimals.

    >>> shown(0.0406, "share"), shown(15.5, "points"), shown(18_720, "seconds")
    ('4.1 %', '16', '5.2 h')
    """
    if value is None:
        return "not known"
    number, after = _parts(value, unit, step, like=value)
    return number + after


def shown_range(low: float | None, high: float | None, unit: Unit, step: float | None = None, word: str = "to") -> str:
    """Two values of one KPI with the unit said once.

    >>> shown_range(0.441, 0.591, "share")
    '44 to 59 %'
    """
    if low is None or high is None:
        return "not known"
    (first, before), (last, after) = (_parts(v, unit, step, like=high) for v in (low, high))
    return f"{first} {word} {last}{after}" if before == after else f"{first}{before} {word} {last}{after}"


def shown_change(change: float | None, unit: Unit, step: float | None = None) -> str:
    """A difference with its sign; of shares in points.

    >>> shown_change(-0.122, "share"), shown_change(11.2, "points")
    ('−12 points', '+11')
    """
    if change is None:
        return "not known"
    number, after = _parts(abs(change), unit, step, like=change)
    sign = "" if not any(digit in "123456789" for digit in number) else "+" if change > 0 else "−"
    return f"{sign}{number}{' points' if unit == 'share' else after}"


def counted(n: float) -> str:
    """A whole number with separators.

    >>> counted(18240)
    '18,240'
    """
    return _signed(f"{n:,.0f}")


def money(minor: int | None, currency: str | None) -> str:
    """An amount in its currency; nothing where it is not known.

    >>> money(4990, "EUR"), money(500, "JPY")
    ('49.90 EUR', '500 JPY')
    """
    if minor is None:
        return ""
    number = f"{minor:,}" if currency in _WHOLE else f"{minor / 100:,.2f}"
    return f"{number} {currency or ''}".strip()


def day_shown(day: date, beside: date | None = None) -> str:
    """`16 Mar`; with the year unless it is the one of the day beside it.

    >>> day_shown(date(2026, 3, 16), date(2026, 4, 1)), day_shown(date(2025, 12, 1), date(2026, 4, 1))
    ('16 Mar', '1 Dec 2025')
    """
    words = f"{day.day} {_MONTHS[day.month - 1]}"
    return words if beside is not None and beside.year == day.year else f"{words} {day.year}"


def due_shown(day: date, beside: date) -> str:
    """`Wed 25 Mar`: a day on which something is due."""
    return f"{_WEEKDAYS[day.weekday()]} {day_shown(day, beside)}"


def period_shown(start: date, end: date, beside: date) -> str:
    """A period in words: `the week of 9 Mar`, `February 2016`, `4 weeks to 15 Mar`."""
    days, last = (end - start).days, end - timedelta(days=1)
    if days == 7:
        return f"the week of {day_shown(start, beside)}"
    if start.day == 1 and end.day == 1 and 28 <= days <= 31:
        return f"{start:%B} {start.year}"
    length = f"{days // 7} weeks" if days % 7 == 0 else f"{days} days"
    return f"{length} to {day_shown(last, beside)}"


def began_shown(since: date, window: str, beside: date) -> str:
    """When trouble began, as far as the data say: no finer than the periods that are judged.

    Args:
        since: first day of the first bad period.
        window: what was judged; a trailing one is bad as a whole, which of its weeks began it is not said.
        beside: the day it is told.

    >>> began_shown(date(2026, 2, 23), "week", date(2026, 3, 16))
    'began in the week of 23 Feb'
    >>> began_shown(date(2026, 1, 19), "28d", date(2026, 3, 16))
    'first seen in the 4 weeks from 19 Jan'
    """
    if window in TRAILING_DAYS:
        return f"first seen in the {window_shown(window)} from {day_shown(since, beside)}"
    if window == "month":
        return f"began in {since:%B} {since.year}"
    return f"began in the week of {day_shown(since, beside)}"


def window_shown(window: str) -> str:
    """A benchmark's window in words.

    >>> window_shown("28d"), window_shown("week")
    ('4 weeks', 'week')
    """
    days = TRAILING_DAYS.get(window)
    return window if days is None else f"{days // 7} weeks" if days % 7 == 0 else f"{days} days"


def _parts(value: float, unit: Unit, step: float | None, like: float) -> tuple[str, str]:
    """The number and what follows it; `like` decides on scale and decimals."""
    match unit:
        case "share":
            return _rounded(
                100 * value, _decimals(None if step is None else 100 * step, 100 * like, fine_below=10)
            ), " %"
        case "seconds":
            return _duration(value, abs(like))
        case "points":
            return _rounded(value, 0), ""
        case "per_100" | "score":
            return _rounded(value, 2 if step is not None and step < 0.1 else 1), ""
        case "count":
            return counted(value), ""


def _decimals(step: float | None, like: float, fine_below: float) -> int:
    """One decimal where a step under 1 or a small value asks for it."""
    if step:
        return max(0, min(2, -floor(log10(step))))
    return 1 if 0 < abs(like) < fine_below else 0


def _duration(seconds: float, like: float) -> tuple[str, str]:
    if like < 2 * _MINUTE:
        return _rounded(seconds, 0), " s"
    if like < 2 * _HOUR:
        return _rounded(seconds / _MINUTE, 0), " min"
    return _rounded(seconds / _HOUR, 1 if like < 10 * _HOUR else 0), " h"


def _rounded(value: float, decimals: int) -> str:
    # half away from zero, as people round: 15.5 is 16
    scale = 10**decimals
    number = floor(abs(value) * scale + 0.5 + 1e-9) / scale
    return _signed(f"{number if value >= 0 or number == 0 else -number:,.{decimals}f}")


def _signed(number: str) -> str:
    return number.replace("-", "−")
