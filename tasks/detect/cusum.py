"""One-sided CUSUM on standard scores, and the threshold that keeps its promise.

The promise is the mean time to a false alarm (ARL0, in weeks). Where level and spread are learnt from
m weeks, the same threshold would alarm more often than promised; `threshold(..., m_baseline=m)` is
raised until the chance of a false alarm within a year is again the promised one.

Source:
    Page (1954); Brook & Evans (1972), Biometrika 59, 539-549 (Markov chain for the run length);
    Jones, Champ & Rigdon (2004), Technometrics 46 (what estimated parameters do to a CUSUM).
"""

from collections.abc import Callable
from functools import lru_cache
from math import erf, sqrt

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HALF_SIGMA = 0.5
"""The allowance k: tuned to shifts of one standard deviation, good from half to two."""

YEAR = 52
_STATES = 48
_QUADRATURE = np.polynomial.hermite_e.hermegauss(7)
_NODES: Floats = _QUADRATURE[0]
_WEIGHTS: Floats = _QUADRATURE[1] / _QUADRATURE[1].sum()
"""A normal variable as seven points and their chances."""


def step(c: float, z: float, k: float = HALF_SIGMA) -> float:
    """The next sum after a score `z` (worse is positive); 0 starts a new run."""
    return max(0.0, c + z - k)


def first_alarms(z: Floats, h: float, k: float = HALF_SIGMA) -> npt.NDArray[np.int64]:
    """When each of many series alarms first.

    Args:
        z: scores, shape (weeks, series); worse is positive.
        h: the threshold.
        k: the allowance.

    Returns:
        Weeks until the first alarm, 1-based, shape (series,); 0 where there is none.
    """
    c = np.zeros(z.shape[1])
    alarms = np.zeros(z.shape[1], dtype=np.int64)
    for week, scores in enumerate(z, start=1):
        c = np.maximum(0.0, c + scores - k)
        alarms[(c > h) & (alarms == 0)] = week
    return alarms


def arl(h: float, k: float = HALF_SIGMA, shift: float = 0.0) -> float:
    """Mean weeks to an alarm, starting from 0, when scores are normal with mean `shift` and sd 1.

    >>> round(arl(4.0))
    335
    """
    chain = _chains(h, k, np.array([shift]), np.array([1.0]))[0]
    return float(np.asarray(np.linalg.solve(np.eye(_STATES) - chain, np.ones(_STATES)), dtype=np.float64)[0])


@lru_cache(maxsize=512)
def threshold(arl0: float, k: float = HALF_SIGMA, m_baseline: int | None = None, known_share: float = 0.0) -> float:
    """The threshold h for a wanted mean time to a false alarm.

    Args:
        arl0: wanted weeks between false alarms.
        k: the allowance.
        m_baseline: weeks that level and spread were learnt from; None: both are known.
        known_share: share [0, 1] of the variance that needs no learning, since it follows from the
            counts; the learnt variance is then never below this share of the true one.

    Returns:
        h, never below that of the known case. With `m_baseline`, the first-year false-alarm chance,
        averaged over what may have been learnt, equals that of the known case (0.28 for an `arl0` of 156).
    """
    known = _solve(lambda h: arl(h, k) - arl0)
    if m_baseline is None:
        return known
    promised = false_alarm_chance(known, k)
    return max(known, _solve(lambda h: promised - false_alarm_chance(h, k, m_baseline, known_share)))


def false_alarm_chance(
    h: float, k: float = HALF_SIGMA, m_baseline: int | None = None, known_share: float = 0.0, weeks: int = YEAR
) -> float:
    """The chance that a series without any change alarms within `weeks`.

    With `m_baseline` = m the scores are (x - learnt mean) / (learnt sd × sqrt(1 + 1/m)): the mean off
    by a normal error of variance 1/m, the variance by chi-square on m - 1 degrees of freedom (not
    below `known_share` of the truth).
    """
    means, sds, weights = np.zeros(1), np.ones(1), np.ones(1)
    if m_baseline is not None:
        freedom = 2 / (9 * (m_baseline - 1))
        # chi-square / df by Wilson-Hilferty
        learnt = np.clip(1 - freedom + _NODES * sqrt(freedom), 0.05, None) ** 3
        sd = np.sqrt(np.maximum(learnt, known_share) * (1 + 1 / m_baseline))
        scale = np.repeat(1 / sd, len(_NODES))
        means = np.tile(_NODES / sqrt(m_baseline), len(_NODES)) * scale
        sds = scale
        weights = np.outer(_WEIGHTS, _WEIGHTS).ravel()
    chains = _chains(h, k, means, sds)
    at = np.zeros((len(weights), 1, _STATES))
    at[:, 0, 0] = 1.0
    for _ in range(weeks):
        at = at @ chains
    return float(1 - weights @ at.sum(axis=(1, 2)))


def _chains(h: float, k: float, means: Floats, sds: Floats) -> Floats:
    """Brook & Evans: chances of going from state to state without alarm, shape (cases, states, states).

    State i stands for sums within half a width of i widths; state 0 also for all that is cut off at 0.
    """
    width = 2 * h / (2 * _STATES - 1)
    edges = (np.arange(-_STATES, _STATES) + 0.5) * width
    below = _normal_cdf((edges[None, :] + k - means[:, None]) / sds[:, None])
    rows, columns = np.indices((_STATES, _STATES))
    upper = columns - rows + _STATES
    chains = below[:, upper] - below[:, upper - 1]
    chains[:, :, 0] = below[:, upper[:, 0]]
    return chains


def _normal_cdf(x: Floats) -> Floats:
    return np.array([0.5 * (1 + erf(value / sqrt(2))) for value in x.ravel()]).reshape(x.shape)


def _solve(rising: Callable[[float], float], low: float = 0.1, high: float = 12.0, places: float = 1e-3) -> float:
    """Where a rising function crosses 0, by bisection."""
    while high - low > places:
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
