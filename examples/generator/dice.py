"""Draws that are the same on every machine.

Only `Random.random` is used: its stream is promised to stay the same, and all that is done with it
is exact arithmetic. (The library's normal and exponential draws lean on the machine's logarithm.)
"""

from collections.abc import Sequence
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Items with weights, ready to be picked from."""

    def __init__(self, weights: dict[T, float]) -> None:
        whole = sum(weights.values())
        self.items = tuple(weights)
        self.shares = tuple(weight / whole for weight in weights.values())


class Dice:
    """One stream of draws; every part of the company has its own, so that parts do not move each other."""

    def __init__(self, seed: int, part: str) -> None:
        self.draw = Random(f"acme {seed} {part}").random

    def chance(self, p: float) -> bool:
        """True with probability `p`."""
        return self.draw() < p

    def below(self, n: int) -> int:
        """A whole number in [0, n)."""
        return int(self.draw() * n)

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return low + self.below(high - low + 1)

    def one_of(self, items: Sequence[T]) -> T:
        """Any one of the items."""
        return items[self.below(len(items))]

    def pick(self, table: Weighted[T]) -> T:
        """One item, as often as its weight says."""
        return table.items[_place(self.draw(), table.shares)]

    def within(self, knots: Sequence[float]) -> float:
        """One value of the distribution whose quantiles, evenly spaced from 0 to 1, are `knots`."""
        return _quantile(knots, self.draw())

    def count(self, mean: float) -> int:
        """A count with this mean and half of a Poisson's spread: four tries for each three that come."""
        tries = int(mean / _COMES)
        rest = mean / _COMES - tries
        draw = self.draw
        return sum(draw() < _COMES for _ in range(tries)) + (draw() < rest * _COMES)


_COMES = 0.75


class Luck:
    """Draws whose luck evens out, in the whole and in every part of the company.

    For each part that a draw belongs to (its channel, its product …) it is kept how much more often something
    should have come than it did, and what is owed comes a little sooner. Shares stay true, in any mix of parts,
    and weeks stray from them by about half of what pure chance would do. That is deliberate: of 200 series in
    18 months pure chance would show a dozen changes that nobody planted, and this company has a list of what
    was planted that must be complete.
    """

    def __init__(self, dice: Dice) -> None:
        self._draw = dice.draw
        self._owed: dict[tuple[str, str], list[float]] = {}

    def place(self, what: str, shares: Sequence[float], parts: Sequence[str]) -> int:
        """The place in `shares` that came, for a draw of this kind that belongs to these parts and the whole."""
        owed = [self._of(what, part, len(shares)) for part in ("", *parts)]
        debts = map(sum, zip(*owed, strict=True))
        pulled = [max(0.0, share + _PULL * debt) for share, debt in zip(shares, debts, strict=True)]
        came = _place(self._draw() * sum(pulled), pulled)
        for debts_of_part in owed:
            for i, share in enumerate(shares):
                debts_of_part[i] += share
            debts_of_part[came] -= 1
        return came

    def chance(self, what: str, p: float, parts: Sequence[str]) -> bool:
        """True with probability `p`."""
        return self.place(what, (p, 1 - p), parts) == 0

    def pick(self, what: str, table: Weighted[T], parts: Sequence[str]) -> T:
        """One item, as often as its weight says."""
        return table.items[self.place(what, table.shares, parts)]

    def within(self, what: str, knots: Sequence[float], parts: Sequence[str]) -> float:
        """One value of the distribution whose quantiles, evenly spaced from 0 to 1, are `knots`."""
        tenth = self.place(what, _TENTHS, parts)
        return _quantile(knots, (tenth + self._draw()) / len(_TENTHS))

    def _of(self, what: str, part: str, n: int) -> list[float]:
        found = self._owed.get((what, part))
        if found is None:
            found = self._owed[what, part] = [0.0] * n
        return found


_PULL = 0.1
_TENTHS = (0.1,) * 10


def _place(u: float, shares: Sequence[float]) -> int:
    for i, share in enumerate(shares):
        u -= share
        if u < 0:
            return i
    return len(shares) - 1


def _quantile(knots: Sequence[float], u: float) -> float:
    place = u * (len(knots) - 1)
    left = min(int(place), len(knots) - 2)
    return knots[left] + (knots[left + 1] - knots[left]) * (place - left)
