"""Which days a fix is judged by.

After: the first full window once the fix is done. Before: the days between the alarm and the fix. The
window that raised the alarm was picked because it was bad; against it almost anything would look like
an improvement (regression to the mean), so it is used only where nothing else is there, and then
asks for more (see `verdict`).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.windows import TRAILING_DAYS, Window, next_month, week_of

SURVEY_DELAY = timedelta(days=7)
"""Answers about a window still come in for so long."""
PATIENCE = timedelta(days=28)
"""So much longer outcomes may stay open before a task cannot be judged."""
_LEAST = 7


@dataclass(frozen=True)
class Spans:
    """Days before and after a fix.

    Attributes:
        is_alarm_window: `before` is the window that raised the alarm.
    """

    before: Window
    after: Window
    is_alarm_window: bool


def window_days(window: str) -> int:
    """The length of a benchmark's window in days; a month counts as 31, no benchmark as a week."""
    return {"week": 7, "month": 31, **TRAILING_DAYS}.get(window, 7)


def judge_on(done_on: date, window: str) -> date:
    """The first Monday on which the first full window after the fix, and its late answers, are in.

    >>> judge_on(date(2016, 4, 6), "week")
    datetime.date(2016, 4, 25)
    """
    earliest = max(done_on + timedelta(days=window_days(window)), after(done_on, window).end) + SURVEY_DELAY
    return earliest + timedelta(days=(-earliest.weekday()) % 7)


def after(done_on: date, window: str) -> Window:
    """The first full window that begins after the day of the fix; trailing ones begin on a Monday."""
    if window == "month":
        start = next_month(done_on)
        return Window(start, next_month(start))
    start = week_of(done_on) + timedelta(days=7)
    return Window(start, start + timedelta(days=window_days(window)))


def spans(opened_at: date, alarm: Window, done_on: date, window: str) -> Spans:
    """What is compared.

    Args:
        opened_at: the Monday on which the alarm was raised; days from then on did not raise it.
        alarm: the period that raised it.
        done_on: the day of the fix; it is in neither span.
        window: of the benchmark.
    """
    end = max(done_on, opened_at)
    start = max(opened_at, end - timedelta(days=window_days(window)))
    if (end - start).days >= _LEAST:
        return Spans(Window(start, end), after(done_on, window), is_alarm_window=False)
    return Spans(alarm, after(done_on, window), is_alarm_window=True)
