"""Did a number change? By the interval of the difference, never by the difference alone."""

from dataclasses import dataclass
from math import hypot
from typing import Literal

from domain.kpis import Direction
from domain.records import Point

ChangeWord = Literal[
    "clearly better", "clearly worse", "clearly changed", "no clear change", "level", "too few", "open"
]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One period against an earlier one.

    Attributes:
        word: what may be said; `level`: it has no sampling error, so whether it moved by chance cannot be told;
            `open`: too many outcomes are not known yet.
        by: now less before, in the KPI's unit; None: one of them has no value.
        low, high: 95 % interval of `by`.
        before: what it was.
    """

    word: ChangeWord
    by: float | None
    low: float | None
    high: float | None
    before: Point
    n_open: int = 0
    """Outcomes not known yet of the period that cannot be compared for them."""


def change_of(before: Point, now: Point, better: Direction, min_n: int = 0, max_open_share: float = 1.0) -> Change:
    """What may be said of two periods that do not overlap.

    Args:
        before: the earlier period.
        now: the later one.
        better: which way is better; `none`: a change is neither better nor worse.
        min_n: with fewer outcomes in either period nothing is said.
        max_open_share: nor with a greater share of them open: who answers at once is not who answers late.

    Returns:
        Word, difference and its 95 % interval. Outcomes not known yet widen the interval of their period to
        all that is possible.

    Raises:
        ValueError: the periods overlap, so that both hold the same outcomes.

    Source:
        Newcombe (1998), hybrid method 10; for any statistic: Zou & Donner (2008), MOVER.
    """
    if before.period_end > now.period_start:
        raise ValueError(f"periods overlap: {before.period_end} is after {now.period_start}. Compare ones that do not")
    if min(before.n, now.n) < min_n:
        return Change("too few", None, None, None, before)
    for point in (now, before):
        if is_open(point.n, point.n_open, max_open_share):
            return Change("open", None, None, None, before, point.n_open)
    (low_0, value_0, high_0), (low_1, value_1, high_1) = sure_range(before), sure_range(now)
    if low_0 is None or value_0 is None or high_0 is None or low_1 is None or value_1 is None or high_1 is None:
        return Change("too few", None, None, None, before)
    by = value_1 - value_0
    if low_0 == high_0 and low_1 == high_1:
        return Change("level", by, None, None, before)
    low = by - hypot(max(0.0, value_1 - low_1), max(0.0, high_0 - value_0))
    high = by + hypot(max(0.0, high_1 - value_1), max(0.0, value_0 - low_0))
    return Change(_word(low, high, better), by, low, high, before)


def changed(before: Point, now: Point, better: Direction) -> ChangeWord:
    """The word alone: see `change_of`."""
    return change_of(before, now, better).word


def is_open(n: int, n_open: int, max_share: float) -> bool:
    """Whether more than this share of outcomes is not known yet."""
    return n_open > max_share * (n + n_open)


def sure_range(point: Point) -> tuple[float | None, float | None, float | None]:
    """Low end, value and high end of all that is possible: sampling, and outcomes not known yet."""
    lows = [x for x in (point.low, point.bound_low) if x is not None]
    highs = [x for x in (point.high, point.bound_high) if x is not None]
    return min(lows, default=None), point.value, max(highs, default=None)


def _word(low: float, high: float, better: Direction) -> ChangeWord:
    if low <= 0 <= high:
        return "no clear change"
    if better == "none":
        return "clearly changed"
    return "clearly better" if (low > 0) == (better == "up") else "clearly worse"
