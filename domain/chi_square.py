"""The chi-square distribution of whole degrees of freedom, from its closed forms."""

from math import erfc, exp, lgamma, log, sqrt

_STEPS = 100


def chi_square_above(x: float, df: int) -> float:
    """How likely a chi-square of `df` degrees of freedom is above `x`.

    A sum of so many terms as half the degrees of freedom (Abramowitz & Stegun 26.4.4 and 26.4.5).

    >>> round(chi_square_above(3.841459, 1), 6), round(chi_square_above(11.070498, 5), 6)
    (0.05, 0.05)
    """
    if x <= 0:
        return 1.0
    half = x / 2
    if half == 0:  # the least that a float can hold
        return 1.0
    is_odd = df % 2 == 1
    total = erfc(sqrt(half)) if is_odd else 0.0
    power = 0.5 if is_odd else 0.0
    while power < df / 2:
        total += exp(power * log(half) - half - lgamma(power + 1))
        power += 1
    return min(1.0, total)


def chi_square_quantile(q: float, df: int) -> float:
    """The value that a chi-square of `df` degrees of freedom is under with probability `q`."""
    low, high = 0.0, float(df)
    while chi_square_above(high, df) > 1 - q:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if chi_square_above(middle, df) > 1 - q else (low, middle)
    return (low + high) / 2
