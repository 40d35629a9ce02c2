import numpy as np
import pytest
from scipy.special import betaln, gammaln, hyp2f1

from domain.bgnbd import (
    Histories,
    _beta_rule,
    _value_and_slope,
    expected,
    expected_new,
    fit,
    likely,
    p_alive,
    p_buys,
)
from domain.newton import NotSettledError

PUBLISHED = np.log([0.243, 4.414, 0.793, 2.426])
X = np.array([0, 1, 2, 7, 29])
T_X = np.array([0.0, 1.71, 30.43, 29.43, 37.71])
T = np.full(5, 38.86)


def simulated(n: int, seed: int, point: np.ndarray = PUBLISHED) -> Histories:
    """Customers who buy and leave just as the model says, watched for a year."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = np.exp(point)
    rate, leaves = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, t_x, t = np.zeros(n, np.int64), np.zeros(n), np.round(rng.uniform(26, 52, n))
    for i in range(n):
        at = rng.exponential(1 / rate[i]) if rate[i] > 1e-12 else np.inf
        while at <= t[i]:
            x[i], t_x[i] = x[i] + 1, at
            at = np.inf if rng.random() < leaves[i] else at + rng.exponential(1 / rate[i])
    return Histories(x, t_x, t, np.ones(n))


def test_the_likelihood_is_the_papers() -> None:
    r, alpha, a, b = np.exp(PUBLISHED)
    a1 = gammaln(r + X) - gammaln(r) + r * np.log(alpha)
    a2 = gammaln(a + b) + gammaln(b + X) - gammaln(b) - gammaln(a + b + X)
    a3 = (alpha + T) ** -(r + X)
    a4 = np.where(X > 0, a / (b + X - 1) * (alpha + T_X) ** -(r + X), 0)
    by_hand = float(np.sum(a1 + a2 + np.log(a3 + a4)))
    assert _value_and_slope(PUBLISHED, Histories(X, T_X, T, np.ones(5)))[0] == pytest.approx(-by_hand, rel=1e-12)


def test_the_slope_is_that_of_the_likelihood() -> None:
    seen = Histories(X, T_X, T, np.array([5.0, 3.0, 2.0, 2.0, 1.0]))
    for point in (PUBLISHED, np.array([1.0, -2.0, 2.0, 0.5])):
        steps = [
            (_value_and_slope(point + move, seen)[0] - _value_and_slope(point - move, seen)[0]) / 2e-6
            for move in 1e-6 * np.eye(4)
        ]
        assert _value_and_slope(point, seen)[1] == pytest.approx(np.array(steps), rel=1e-5)


@pytest.mark.parametrize("ahead", [1.0, 39.0, 520.0])
def test_the_purchases_to_expect_are_those_of_the_papers_hypergeometric_formula(ahead: float) -> None:
    r, alpha, a, b = np.exp(PUBLISHED)
    z = ahead / (alpha + T + ahead)
    shrunk = ((alpha + T) / (alpha + T + ahead)) ** (r + X) * hyp2f1(r + X, b + X, a + b + X - 1, z)
    by_hand = p_alive(PUBLISHED, X, T_X, T) * (a + b + X - 1) / (a - 1) * (1 - shrunk)
    assert expected(PUBLISHED, X, T_X, T, ahead) == pytest.approx(by_hand, rel=1e-6)


def test_the_papers_first_customer_is_to_buy_1_226_times() -> None:
    one = expected(PUBLISHED, np.array([2]), np.array([30.43]), np.array([38.86]), 39.0)
    assert one[0] == pytest.approx(1.226, abs=5e-4)


@pytest.mark.parametrize(("a", "b"), [(0.8, 2.4), (1.0, 1.0), (0.1, 0.2), (0.5, 0.5), (1.0, 0.0001), (2.0, 3000.0)])
def test_the_rule_integrates_over_any_beta(a: float, b: float) -> None:
    chances, weights = _beta_rule(a, b)
    assert weights.sum() == pytest.approx(1)
    assert chances @ weights == pytest.approx(a / (a + b))
    assert chances**2 @ weights == pytest.approx(a * (a + 1) / ((a + b) * (a + b + 1)))


def test_where_the_formula_has_poles_the_expectation_is_smooth() -> None:
    around = [expected_new(np.log([0.243, 4.414, a, 2.426]), np.array([39.0]))[0] for a in (0.999, 1.0, 1.001)]
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-6)
    pole = [expected_new(np.log([0.243, 4.414, 0.4, b]), np.array([39.0]))[0] for b in (0.599, 0.6, 0.601)]
    assert pole[1] == pytest.approx((pole[0] + pole[2]) / 2, rel=1e-6)


def test_who_bought_once_has_had_no_occasion_to_leave() -> None:
    assert p_alive(PUBLISHED, np.array([0]), np.array([0.0]), np.array([500.0]))[0] == 1.0


def test_the_longer_a_steady_buyer_is_silent_the_likelier_they_are_gone() -> None:
    silent = p_alive(PUBLISHED, np.full(4, 9), np.full(4, 30.0), np.array([30.0, 35.0, 60.0, 500.0]))
    assert list(silent) == sorted(silent, reverse=True)
    assert silent[0] > 0.85
    assert silent[-1] < 1e-6


def test_nothing_overflows_where_histories_are_extreme() -> None:
    x, t_x, t = np.array([100_000, 1, 0]), np.array([1.0, 1e-9, 0.0]), np.array([5000.0, 1e6, 0.0])
    for figures in (
        p_alive(PUBLISHED, x, t_x, t),
        p_buys(PUBLISHED, x, t_x, t, 52.0),
        expected(PUBLISHED, x, t_x, t, 52.0),
    ):
        assert np.isfinite(figures).all()
    assert np.isfinite(_value_and_slope(PUBLISHED, Histories(x, t_x, t, np.ones(3)))[0])


def test_a_chance_to_buy_is_below_the_purchases_to_expect_and_below_being_alive() -> None:
    chance = p_buys(PUBLISHED, X, T_X, T, 39.0)
    assert (chance <= expected(PUBLISHED, X, T_X, T, 39.0)).all()
    assert (chance <= p_alive(PUBLISHED, X, T_X, T)).all()


def chances_of_counts(i: int, ahead: float, most: int = 200) -> np.ndarray:
    """The chances of 0, 1, 2 … purchases of customer i, by the paper's equation 8 as it is written."""
    r, alpha, a, b = np.exp(PUBLISHED)
    r, alpha, b, n = r + X[i], alpha + T[i], b + X[i], np.arange(most)
    paces = np.exp(
        gammaln(r + n) - gammaln(r) - gammaln(n + 1) + r * np.log(alpha / (alpha + ahead))
        + n * np.log(ahead / (alpha + ahead))
    )  # fmt: skip
    stays = np.exp(betaln(a, b + n) - betaln(a, b)) * paces
    goes = np.exp(betaln(a + 1, b + n[1:] - 1) - betaln(a, b)) * (1 - np.cumsum(paces)[:-1])
    alive = p_alive(PUBLISHED, X[i : i + 1], T_X[i : i + 1], T[i : i + 1])[0]
    return alive * (stays + np.concatenate([[0.0], goes])) + (1 - alive) * (n == 0)


@pytest.mark.parametrize("ahead", [1.0, 13.0, 104.0])
def test_what_one_customer_may_do_is_the_papers_distribution(ahead: float) -> None:
    low, high = likely(PUBLISHED, X, T_X, T, ahead)
    for i in range(len(X)):
        chances = chances_of_counts(i, ahead)
        assert chances.sum() == pytest.approx(1, abs=1e-6)
        assert chances @ np.arange(len(chances)) == pytest.approx(expected(PUBLISHED, X, T_X, T, ahead)[i], rel=1e-4)
        sums = np.cumsum(chances)
        assert (low[i], high[i]) == (np.argmax(sums >= 0.025), np.argmax(sums >= 0.975))


def test_the_fit_finds_the_habits_the_customers_were_made_with() -> None:
    found = fit(simulated(4000, seed=3))
    spread = np.sqrt(np.diag(np.array(found.covariance)))
    assert np.all(np.abs(found.point - PUBLISHED) < 3 * spread)
    assert found.n == 4000


def test_weights_are_customers() -> None:
    seen = simulated(800, seed=5)
    millions = Histories(seen.x, seen.t_x, seen.t, seen.n * 10_000)
    twice = Histories(*(np.concatenate([column, column]) for column in (seen.x, seen.t_x, seen.t, seen.n)))
    weighed = Histories(seen.x, seen.t_x, seen.t, seen.n * 2)
    assert fit(twice).point == pytest.approx(fit(weighed).point, abs=1e-4)
    assert fit(millions).point == pytest.approx(fit(weighed).point, abs=1e-4)


def test_customers_who_never_leave_settle_no_model_of_leaving() -> None:
    x = np.tile(np.arange(6, 16), 30)
    t = np.full(300, 52.0)
    with pytest.raises(NotSettledError):
        fit(Histories(x, t - 0.1, t, np.ones(300)))
