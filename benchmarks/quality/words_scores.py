"""How near to people's labels: F1, accuracy, and how far they could be by chance of who was held out."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

Texts = np.ndarray[Any, np.dtype[np.str_]]
Score = Callable[[Texts, Texts], float]
DRAWS, SEED = 400, 2026
_SIDES: Final = (2.5, 97.5)


def f1(is_so: Texts, is_said: Texts) -> float:
    """F1 of one label, from two arrays of truth values; 0 where it is never met."""
    both = float(np.sum(is_so & is_said))
    return 2 * both / max(1.0, float(np.sum(is_so) + np.sum(is_said)))


def macro_f1(labels: tuple[str, ...]) -> Score:
    """The mean F1 of these labels; what is said to be `unknown` is a miss."""
    return lambda true, said: float(np.mean([f1(true == label, said == label) for label in labels]))


def accuracy(true: Texts, said: Texts) -> float:
    """The share told right; `unknown` is not."""
    return float(np.mean(true == said))


def spoken_accuracy(true: Texts, said: Texts) -> float:
    """The share told right of those that were told."""
    is_told = said != "unknown"
    return float(np.mean(true[is_told] == said[is_told])) if is_told.any() else float("nan")


def precision(label: str) -> Score:
    """The share of those said to be so that are."""
    return lambda true, said: float(np.mean(true[said == label] == label)) if (said == label).any() else float("nan")


def with_interval(score: Score, true: Texts, said: Texts, voices: Texts) -> str:
    """`0.512 (0.497-0.530)`: the score, and 95 % of it over draws of authors, each with all they wrote."""
    order = np.argsort(voices, kind="stable")
    starts = np.flatnonzero(np.r_[True, voices[order][1:] != voices[order][:-1]])
    groups = np.split(order, starts[1:])
    chance = np.random.default_rng(SEED)
    drawn: list[float] = []
    for _ in range(DRAWS):
        rows = np.concatenate([groups[place] for place in chance.integers(0, len(groups), len(groups))])
        drawn.append(score(true[rows], said[rows]))
    low, high = np.percentile(drawn, _SIDES)
    return f"{score(true, said):.3f} ({low:.3f}-{high:.3f})"
