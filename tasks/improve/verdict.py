"""Did the fix move the KPI? Before against after, with an interval.

Two independent estimates. For shares the interval of their difference is Newcombe's (1998, method 10:
from the two Wilson intervals), else normal, with each standard error read from its 95 % interval:
(high - low) / (2 × 1.96). Detectable is what would have been seen in 80 of 100 cases: 2.8 standard
errors of the difference (1.96 + 0.84).
"""

from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Literal

from domain.ids import derived
from domain.intervals import Z95
from domain.kpis import Kpi
from domain.records import Point, Verdict
from domain.shown import shown, shown_change, shown_range

Outcome = Literal["worked", "no change seen", "made worse", "cannot be judged"]
POWER80 = 2.8


@dataclass(frozen=True)
class Change:
    """After less before, in the KPI's unit: the estimate, its 95 % interval, its standard error."""

    value: float
    low: float
    high: float
    error: float

    @property
    def detectable(self) -> float:
        """The smallest change that would have been seen in 80 of 100 cases."""
        return POWER80 * self.error


def change_between(before: Point, after: Point, kpi: Kpi) -> Change | None:
    """After less before; None where a value or an interval is missing."""
    if before.value is None or after.value is None:
        return None
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return None
    difference = after.value - before.value
    error = sqrt(_error(before.low, before.high) ** 2 + _error(after.low, after.high) ** 2)
    low, high = difference - Z95 * error, difference + Z95 * error
    if kpi.statistic == "share":
        low = difference - sqrt((after.value - after.low) ** 2 + (before.high - before.value) ** 2)
        high = difference + sqrt((after.high - after.value) ** 2 + (before.value - before.low) ** 2)
    return Change(difference, low, high, error)


def verdict(
    task_id: str,
    moment: date,
    kpi: Kpi,
    before: Point | None,
    after: Point | None,
    *,
    alarm_line: float | None = None,
) -> Verdict:
    """What a finished task did.

    Args:
        task_id: the task.
        moment: the Monday it is judged on.
        kpi: which way is better, and how many it needs.
        before: the KPI before the fix; None: nothing there.
        after: the KPI after it.
        alarm_line: given where `before` is the very window that raised the alarm: the line it broke.
            Such a window is picked for being bad, so the fix worked only if what came after is
            surely on the good side of that line too.

    Returns:
        `worked` only if the whole interval of the change is on the good side; with the change that
        would have been seen.
    """

    def told(outcome: Outcome, reason: str, change: Change | None = None) -> Verdict:
        return Verdict(
            derived("verdict", task_id, moment), task_id, moment, outcome, before, after,
            change=change.value if change else None, change_low=change.low if change else None,
            change_high=change.high if change else None, detectable=change.detectable if change else None,
            reason=reason,
        )  # fmt: skip

    for name, point in (("before", before), ("after", after)):
        n = point.n if point else 0
        if n < max(1, kpi.min_n):
            return told("cannot be judged", f"{n} {name} the fix; {max(1, kpi.min_n)} are needed.")
    assert before is not None and after is not None  # noqa: S101, PT018
    change = change_between(before, after, kpi)
    if change is None:
        return told("cannot be judged", "No interval can be given for one side, so no change is sure.")
    if change.error == 0:
        return told("cannot be judged", "A level has no sampling error: whether it moved by chance cannot be said.")
    sign = -1.0 if kpi.better == "down" else 1.0
    good, bad = sorted((sign * change.low, sign * change.high), reverse=True)
    moved, low, high = (shown_change(number, kpi.unit) for number in (change.value, change.low, change.high))
    said = (
        f"{shown(before.value, kpi.unit)} before (n {before.n}), {shown(after.value, kpi.unit)} after (n {after.n}): "
        f"{moved} [{low}, {high}]"
    )
    if good < 0:
        return told("made worse", f"{said}.", change)
    seen = f"{shown_change(change.detectable, kpi.unit).lstrip('+')} would have been seen"
    if bad <= 0:
        return told("no change seen", f"{said}; {seen}.", change)
    if alarm_line is not None and not _is_beyond(after, alarm_line, sign):
        reach = shown_range(after.low, after.high, kpi.unit)
        return told(
            "no change seen",
            f"{said}, but before is the very window that raised the alarm, and such a window is followed by a better "
            f"one anyway: after ({reach}) is not surely past the line of {shown(alarm_line, kpi.unit)}; {seen}.",
            change,
        )
    return told("worked", f"{said}.", change)


def _error(low: float, high: float) -> float:
    return (high - low) / (2 * Z95)


def _is_beyond(point: Point, line: float, sign: float) -> bool:
    edge = point.low if sign > 0 else point.high
    return edge is not None and sign * edge > sign * line
