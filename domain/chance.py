"""Which of many differences are more than chance."""

from collections.abc import Mapping
from typing import TypeVar

Place = TypeVar("Place")


def surely(chances: Mapping[Place, float], share: float) -> set[Place]:
    """Those of which at most a share is so by chance, however many were looked at.

    Args:
        chances: how likely each is by chance alone (0 to 1).
        share: the share of those returned that may be so by chance.

    Source:
        Benjamini & Hochberg (1995).

    >>> sorted(surely({"a": 0.001, "b": 0.02, "c": 0.04, "d": 0.9}, 0.05))
    ['a', 'b']
    """
    ordered = sorted(chances, key=lambda place: chances[place])
    fit = [k for k, place in enumerate(ordered, 1) if chances[place] <= share * k / len(ordered)]
    return set(ordered[: max(fit, default=0)])
