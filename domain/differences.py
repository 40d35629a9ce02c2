"""The difference of two values with an interval, from the intervals of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot


@dataclass(frozen=True)
class Ranged:
    """A value with its 95 % interval; either end may be infinite."""

    value: float
    low: float
    high: float


def difference(of: Ranged, to: Ranged) -> Ranged:
    """The first less the second; the two have no outcome in common.

    Source:
        Newcombe (1998), hybrid method 10; for any statistic Zou & Donner (2008), MOVER.
    """
    by = of.value - to.value
    return Ranged(
        by, by - hypot(of.value - of.low, to.high - to.value), by + hypot(of.high - of.value, to.value - to.low)
    )


def weighted(parts: Sequence[tuple[float, Ranged]]) -> Ranged:
    """The sum of independent values, each with its weight (0 or more), by the same method."""
    value = sum(weight * part.value for weight, part in parts)
    below = hypot(*(weight * (part.value - part.low) for weight, part in parts))
    above = hypot(*(weight * (part.high - part.value) for weight, part in parts))
    return Ranged(value, value - below, value + above)
