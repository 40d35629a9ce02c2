"""How far groups lie apart in truth: what noise adds to the spread of their values is taken out.

The largest less the smallest of noisy values is too large, and the more so the smaller the groups: groups that are all
alike still show a difference. The spread is the standard deviation between groups of a random-effects model: estimated
after Paule & Mandel (1982), with the interval of Q profiled over it (Viechtbauer 2007), which needs no large groups.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import NormalDist

from domain.chi_square import chi_square_above, chi_square_quantile

FEWEST = 2
"""Groups."""
LEVEL = 0.95
PRIOR_N = 10
"""With so many answers a group's own variance counts as much as the pooled one: a few that are alike have none."""
_STEPS = 100


@dataclass(frozen=True)
class Spread:
    """How far groups lie apart, in the unit of their values.

    Attributes:
        mean: of the groups, each with its weight.
        sd: standard deviation between groups; low, high: its 95 % interval, over groups like these.
        gap: between the best and the worst of these groups, what noise adds taken out; gap_low, gap_high: an interval
            that holds it in 95 of 100 cases or more.
        plain_gap: the largest value less the smallest, noise and all.
        chance: how likely groups that are all alike would lie as far apart.
        values: of each group, drawn together as far as noise had drawn them apart.
    """

    mean: float
    sd: float
    low: float
    high: float
    gap: float
    gap_low: float
    gap_high: float
    plain_gap: float
    chance: float
    values: tuple[float, ...]


def spread(values: Sequence[float], variances: Sequence[float]) -> Spread | None:
    """The spread between groups.

    Args:
        values: of each group.
        variances: the square of each value's standard error; groups without any are taken as exact.

    Returns:
        None for fewer than FEWEST groups, or where no value has any error: nothing is to be taken out then.
    """
    if len(values) < FEWEST or not any(variances):
        return None
    least = max(variances) * 1e-9
    errors = [max(variance, least) for variance in variances]
    df = len(values) - 1
    tail = (1 - LEVEL) / 2
    between = _at(values, errors, df)
    low, high = (_at(values, errors, chi_square_quantile(q, df)) for q in (1 - tail, tail))
    mean = _mean(values, errors, between)
    drawn = tuple(mean + sqrt(between / (between + e)) * (v - mean) for v, e in zip(values, errors, strict=True))
    gap_low, gap_high = _gap_bounds(values, errors)
    gap = min(max(max(drawn) - min(drawn), gap_low), gap_high)
    plain = max(values) - min(values)
    chance = chi_square_above(_q(values, errors, 0.0), df)
    return Spread(mean, sqrt(between), sqrt(low), sqrt(high), gap, gap_low, gap_high, plain, chance, drawn)


def variances_of(sizes: Sequence[int], totals: Sequence[float], squares: Sequence[float]) -> list[float]:
    """The square of each mean's standard error, from n, sum and sum of squares of each group's answers.

    A small group's own variance says little, and nothing where all its answers are alike: it is drawn towards the
    variance of all groups, as if PRIOR_N more answers had it.
    """
    within = [
        max(0.0, square - total * total / n) if n else 0.0
        for n, total, square in zip(sizes, totals, squares, strict=True)
    ]
    df = sum(n - 1 for n in sizes if n)
    pooled = sum(within) / df if df > 0 else 0.0
    return [(own + PRIOR_N * pooled) / (n - 1 + PRIOR_N) / n for n, own in zip(sizes, within, strict=True)]


def _q(values: Sequence[float], errors: Sequence[float], between: float) -> float:
    mean = _mean(values, errors, between)
    return sum((v - mean) ** 2 / (between + e) for v, e in zip(values, errors, strict=True))


def _mean(values: Sequence[float], errors: Sequence[float], between: float) -> float:
    weights = [1 / (between + e) for e in errors]
    return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)


def _at(values: Sequence[float], errors: Sequence[float], wanted: float) -> float:
    """The variance between groups at which Q is as wanted; 0 where it is never so large."""
    if _q(values, errors, 0.0) <= wanted:
        return 0.0
    low, high = 0.0, max(errors)
    while _q(values, errors, high) > wanted:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _q(values, errors, middle) > wanted else (low, middle)
    return (low + high) / 2


def _gap_bounds(values: Sequence[float], errors: Sequence[float]) -> tuple[float, float]:
    """Bounds of the largest difference of any two: those of all pairs together, each at its share of the 5 %."""
    n_pairs = len(values) * (len(values) - 1) // 2
    z = NormalDist().inv_cdf(1 - (1 - LEVEL) / 2 / n_pairs)
    pairs = list(_pairs(values, errors))
    return max(max(0.0, by - z * error) for by, error in pairs), max(by + z * error for by, error in pairs)


def _pairs(values: Sequence[float], errors: Sequence[float]) -> Iterator[tuple[float, float]]:
    for (v, e), (w, f) in combinations(zip(values, errors, strict=True), 2):
        yield abs(v - w), sqrt(e + f)
