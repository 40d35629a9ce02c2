"""Customers without a contract: how often they buy, and whether they still do (the BG/NBD model).

While alive, a customer buys at a rate of their own; after each purchase they may be gone for good, with a chance of
their own. Rates are spread as a gamma (r, alpha), chances as a beta (a, b). Of a customer three figures matter: the
number of repeat purchases x, the time of the last one t_x (0 without), both counted from the first, and the time
since the first, T.

Source: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2), 275-284;
numbers of equations below are theirs. The expectations are integrated over the beta by Gauss and Jacobi's rule
(Golub and Welsch 1969) instead of by Gauss's hypergeometric function: the same value, without its series, and
without the poles at a = 1 and a + b = 1 that cancel on paper only.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from domain.newton import Matrix, NotSettledError, Vector, minimum

Counts = npt.NDArray[np.int64]
NODES = 96
MOST = 1_000
FARTHEST = 12.0
"""A parameter beyond e^±12 is no estimate: the data do not say whether it ends somewhere."""
_STARTS = ((0.0, 0.0, 0.0, 0.0), (-1.0, 0.0, -1.0, 0.0), (0.0, 1.0, -1.0, 1.5))


@dataclass(frozen=True)
class Bgnbd:
    """The parameters, as fitted: r, alpha (units of time), a, b; their covariance is of the logarithms."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    n: int
    covariance: tuple[tuple[float, ...], ...]

    @property
    def point(self) -> Vector:
        """The logarithms of r, alpha, a, b."""
        return np.log(np.array([self.r, self.alpha, self.a, self.b]))


@dataclass(frozen=True)
class Histories:
    """Distinct purchase histories, each with the number of customers that have it."""

    x: Counts
    t_x: Vector
    t: Vector
    n: Vector


def fit(histories: Histories) -> Bgnbd:
    """The parameters under which these histories are likeliest.

    Args:
        histories: x, t_x ≤ t in any one unit of time.

    Returns:
        The fit, the best of several starts.

    Raises:
        NotSettledError: the likelihood has no peak within reach.
    """
    typical = float(np.average(histories.t, weights=histories.n))
    found: list[tuple[float, Vector]] = []
    refusal = NotSettledError("no start led to an estimate")
    for start in _STARTS:
        shifted = np.array(start) + np.array([0.0, np.log(typical / 4), 0.0, 0.0])
        try:
            point = minimum(lambda at: _derivatives(at, histories), shifted, tolerance=1e-8)
        except NotSettledError as error:
            refusal = error
        else:
            found.append((-_value_and_slope(point, histories)[0], point))
    if not found:
        raise refusal
    likelihood, point = max(found, key=lambda pair: pair[0])
    farthest = np.abs(point - np.array([0.0, np.log(typical), 0.0, 0.0])).max()
    hessian = _derivatives(point, histories)[2]
    if farthest > FARTHEST or np.linalg.eigvalsh(hessian).min() <= 0:
        raise NotSettledError(f"the likelihood is flat at r, alpha, a, b = {np.exp(point).round(4).tolist()}")
    covariance = tuple(tuple(map(float, row)) for row in np.linalg.inv(hessian))
    r, alpha, a, b = (float(value) for value in np.exp(point))
    return Bgnbd(r, alpha, a, b, likelihood, int(histories.n.sum()), covariance)


def _derivatives(point: Vector, histories: Histories) -> tuple[float, Vector, Matrix]:
    """Negative log-likelihood, its gradient, and its Hessian by central differences of the gradient."""
    value, slope = _value_and_slope(point, histories)
    step = 1e-5
    rows = [
        (_value_and_slope(point + move, histories)[1] - _value_and_slope(point - move, histories)[1]) / (2 * step)
        for move in step * np.eye(4)
    ]
    hessian = np.array(rows)
    return value, slope, (hessian + hessian.T) / 2


def _value_and_slope(point: Vector, histories: Histories) -> tuple[float, Vector]:
    """Negative log-likelihood (eq. 6) at log(r, alpha, a, b) and its gradient.

    Ratios of gamma functions with integer steps between them are products, so sums of logarithms are exact.
    """
    if np.abs(point).max() > 60:
        return np.inf, np.zeros(4)
    r, alpha, a, b = np.exp(point)
    x, t_x, t, n = histories.x, histories.t_x, histories.t, histories.n
    later = np.maximum(x - 1, 0)
    j = np.arange(int(x.max(initial=0)), dtype=np.float64)
    rising, rising_slope = _summed(np.log(r + j))[x], _summed(1 / (r + j))[x]
    kept = _summed(np.log(b + j) - np.log(a + b + j))[x]
    kept_by_a = -_summed(1 / (a + b + j))[x]
    kept_by_b = _summed(1 / (b + j))[x] + kept_by_a
    is_repeat = x > 0
    stay = -(r + x) * np.log(alpha + t)
    go = np.where(is_repeat, np.log(a) - np.log(b + later) - (r + x) * np.log(alpha + t_x), -np.inf)
    either = np.logaddexp(stay, go)
    p_stay, p_go = np.exp(stay - either), np.exp(go - either)
    value = -float(n @ (rising + r * np.log(alpha) + kept + either))
    by_r = rising_slope + np.log(alpha) - p_stay * np.log(alpha + t) - p_go * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * (p_stay / (alpha + t) + p_go / (alpha + t_x))
    by_a = kept_by_a + p_go / a
    by_b = kept_by_b - p_go / (b + later)
    slopes = np.array([n @ by_r * r, n @ by_alpha * alpha, n @ by_a * a, n @ by_b * b])
    return value, -slopes


def _summed(terms: Vector) -> Vector:
    """Sums of the first 0, 1, 2 … terms."""
    return np.concatenate([[0.0], np.cumsum(terms)])


def p_alive(point: Vector, x: Counts, t_x: Vector, t: Vector) -> Vector:
    """The chance that a customer still buys. Who has bought once only has had no occasion to leave: 1.

    Source:
        Fader, Hardie and Lee (2008), Computing P(alive) Using the BG/NBD Model.
    """
    r, alpha, a, b = np.exp(point)
    later = np.maximum(x - 1, 0)
    log_odds_gone = np.log(a) - np.log(b + later) + (r + x) * (np.log(alpha + t) - np.log(alpha + t_x))
    return np.where(x > 0, 1 / (1 + np.exp(np.minimum(log_odds_gone, 700.0))), 1.0)


def p_buys(point: Vector, x: Counts, t_x: Vector, t: Vector, ahead: float) -> Vector:
    """The chance of at least one purchase within the next `ahead`: alive, and the next one comes in time."""
    r, alpha, _, _ = np.exp(point)
    waits = np.exp((r + x) * (np.log(alpha + t) - np.log(alpha + t + ahead)))
    return p_alive(point, x, t_x, t) * (1 - waits)


def expected(point: Vector, x: Counts, t_x: Vector, t: Vector, ahead: float) -> Vector:
    """The purchases to expect within the next `ahead` (eq. 10).

    Someone alive after x purchases in T is a new customer of the model r + x, alpha + T, a, b + x.
    """
    r, alpha, a, b = np.exp(point)
    pairs, place = np.unique(np.column_stack([x.astype(np.float64), t]), axis=0, return_inverse=True)
    values = np.empty(len(pairs))
    for count in np.unique(pairs[:, 0]):
        is_count = pairs[:, 0] == count
        chances, weights = _beta_rule(float(a), float(b + count))
        ratio = ahead / (alpha + pairs[is_count, 1])
        values[is_count] = _purchases(float(r + count), ratio, chances) @ weights
    return p_alive(point, x, t_x, t) * values[place.ravel()]


def likely(
    point: Vector, x: Counts, t_x: Vector, t: Vector, ahead: float, share: float = 0.95
) -> tuple[Counts, Counts]:
    """The fewest and the most purchases of one customer within the next `ahead` that hold `share` of the chances.

    Of someone alive the chances of 0, 1, 2 … purchases are those of a new customer (eq. 8) of the model r + x,
    alpha + T, a, b + x; of someone gone, none is certain. No more than MOST are counted.
    """
    r, alpha, a, b = np.exp(point)
    r, b, alpha = r + x, b + x, alpha + t
    alive = p_alive(point, x, t_x, t)
    low, high = np.full(len(x), -1), np.full(len(x), -1)
    log_kept, log_stay = np.log(alpha) - np.log(alpha + ahead), np.log(ahead) - np.log(alpha + ahead)
    log_count, log_none_left = r * log_kept, np.zeros(len(x))
    below, reached = np.zeros(len(x)), 1 - alive
    for n in range(MOST + 1):
        # `log_count`: of n purchases of someone who never leaves; `log_none_left`: nobody leaves after n of them
        gone = np.zeros(len(x))
        if n:
            left_then = np.exp(log_none_left) * a / (a + b + n - 1)
            log_none_left = log_none_left + np.log(b + n - 1) - np.log(a + b + n - 1)
            gone = left_then * np.maximum(1 - below, 0.0)
        count = np.exp(log_count)
        reached = reached + alive * (np.exp(log_none_left) * count + gone)
        below = below + count
        log_count = log_count + np.log(r + n) - np.log(n + 1) + log_stay
        low = np.where((low < 0) & (reached >= (1 - share) / 2), n, low)
        high = np.where((high < 0) & (reached >= (1 + share) / 2), n, high)
        if high.min(initial=0) >= 0:
            break
    return np.where(low < 0, MOST, low), np.where(high < 0, MOST, high)


def expected_new(point: Vector, ahead: Vector) -> Vector:
    """The repeat purchases to expect of a new customer within each time after the first purchase (eq. 9)."""
    r, alpha, a, b = np.exp(point)
    chances, weights = _beta_rule(float(a), float(b))
    return _purchases(float(r), ahead / alpha, chances) @ weights


def _purchases(r: float, ratio: Vector, chances: Vector) -> Matrix:
    """Purchases expected of customers who leave with each of these chances: (1 - (1 + p t/alpha)^-r) / p."""
    p = np.maximum(chances, 1e-300)[np.newaxis, :]
    return -np.expm1(-r * np.log1p(ratio[:, np.newaxis] * p)) / p


@lru_cache(maxsize=4096)
def _beta_rule(a: float, b: float) -> tuple[Vector, Vector]:
    """Points and weights that integrate over the beta distribution (a, b) on [0, 1]."""
    k = np.arange(NODES, dtype=np.float64)
    s = 2 * k + a + b - 2
    with np.errstate(invalid="ignore", divide="ignore"):
        diagonal = 0.5 + 0.5 * (a - b) * (a + b - 2) / (s * (s + 2))
        diagonal[0] = a / (a + b)
        i = k[1:]
        u = 2 * i + a + b - 2
        square = i * (i + a - 1) * (i + b - 1) * (i + a + b - 2) / (u * u * (u + 1) * (u - 1))
    square[0] = a * b / ((a + b) ** 2 * (a + b + 1))
    off = np.sqrt(square)
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
    return np.clip(values, 0.0, 1.0), vectors[0] ** 2
