import numpy as np
import pytest

from domain.forecasts import auc, brier, calibration_error, reliability
from domain.logistic import chance, fit_logistic, log_loss
from domain.newton import NotSettledError, minimum


def test_the_smallest_value_is_found_where_the_hessian_is_not_positive() -> None:
    found = minimum(lambda at: (float(np.cos(at[0])), -np.sin(at), np.array([[-np.cos(at[0])]])), np.array([0.5]))
    assert np.cos(found[0]) == pytest.approx(-1)


def test_a_slope_without_an_end_is_told_and_not_followed_for_ever() -> None:
    with pytest.raises(NotSettledError, match="within 200 steps"):
        minimum(lambda at: (float(-at[0]), np.array([-1.0]), np.array([[0.0]])), np.array([0.0]))


def test_two_groups_get_their_own_shares() -> None:
    column = np.array([[0.0]] * 10 + [[1.0]] * 10)
    outcome = np.array([1.0] * 2 + [0.0] * 8 + [1.0] * 5 + [0.0] * 5)
    fitted = chance(fit_logistic(column, outcome, 1e-6).log_odds(np.array([[0.0], [1.0]])))
    assert fitted == pytest.approx([0.2, 0.5], abs=1e-4)


def test_the_spread_is_that_of_the_textbook() -> None:
    column = np.array([[0.0]] * 10 + [[1.0]] * 10)
    outcome = np.array([1.0] * 2 + [0.0] * 8 + [1.0] * 5 + [0.0] * 5)
    spread = fit_logistic(column, outcome, 1e-6).spread(np.array([[0.0], [1.0]]))
    assert spread**2 == pytest.approx([1 / 2 + 1 / 8, 1 / 5 + 1 / 5], rel=1e-3)  # 1/left + 1/stayed


def test_a_column_that_parts_them_wholly_gets_a_weight_that_is_not_endless() -> None:
    column = np.array([[0.0]] * 5 + [[1.0]] * 5)
    fit = fit_logistic(column, column[:, 0], 1.0)
    assert 0 < fit.weights[1] < 5


def test_the_same_column_twice_shares_its_weight() -> None:
    rng = np.random.default_rng(0)
    column = rng.normal(size=(200, 1))
    outcome = (rng.random(200) < chance(column[:, 0])).astype(float)
    twice = fit_logistic(np.hstack([column, column]), outcome, 1.0)
    assert twice.weights[1] == pytest.approx(twice.weights[2])


def test_far_log_odds_do_not_overflow() -> None:
    assert chance(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
    assert log_loss(np.array([-1e4, 1e4]), np.array([0.0, 1.0])).tolist() == [0.0, 0.0]


def test_auc_counts_pairs_in_the_right_order_and_ties_half() -> None:
    assert auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 0.0, 1.0, 1.0])) == 0.75
    assert auc(np.full(4, 0.3), np.array([0.0, 1.0, 0.0, 1.0])) == 0.5
    assert np.isnan(auc(np.array([0.1, 0.2]), np.zeros(2)))


def test_brier_and_calibration_by_hand() -> None:
    p, outcome = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 1.0, 1.0])
    assert brier(p, outcome) == 0.25
    assert calibration_error(p, outcome, 2) == 0.25
    assert reliability(p, outcome, 2).select("n", "foretold", "happened").rows() == [(2, 0.0, 0.5), (2, 1.0, 1.0)]


def test_the_same_chance_for_everybody_is_one_group() -> None:
    assert reliability(np.full(7, 0.3), np.array([1.0, 0, 0, 0, 0, 0, 0])).height == 1
