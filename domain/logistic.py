"""A chance from several figures: logistic regression held back by a ridge, with what it is unsure of.

Source: le Cessie and van Houwelingen (1992) for the ridge; Newton's method (iteratively reweighted least squares).
"""

from dataclasses import dataclass

import numpy as np

from domain.newton import Matrix, Vector, minimum


@dataclass(frozen=True)
class Logistic:
    """Weights on the log-odds scale, the constant first, and their covariance (of the ridge's Bayesian reading)."""

    weights: Vector
    covariance: Matrix

    def log_odds(self, columns: Matrix) -> Vector:
        """The log-odds of each row of `columns`."""
        return self.weights[0] + columns @ self.weights[1:]

    def spread(self, columns: Matrix) -> Vector:
        """The standard error of each row's log-odds."""
        rows = np.column_stack([np.ones(len(columns)), columns])
        return np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", rows, self.covariance, rows), 0))


def fit_logistic(columns: Matrix, outcome: Vector, ridge: float) -> Logistic:
    """The weights that make the outcomes likeliest, each pulled towards 0; the constant is not.

    Args:
        columns: one row per case.
        outcome: 0 or 1 per case.
        ridge: half of this times the sum of squared weights is taken off the log-likelihood; above 0.

    Returns:
        The fit. A ridge makes it unique, so separation and repeated columns do no harm.
    """
    rows = np.column_stack([np.ones(len(columns)), columns])
    pull = np.full(rows.shape[1], ridge)
    pull[0] = 1e-9

    def derivatives(weights: Vector) -> tuple[float, Vector, Matrix]:
        log_odds = rows @ weights
        p = chance(log_odds)
        value = float(np.logaddexp(0, log_odds).sum() - outcome @ log_odds + (pull * weights**2).sum() / 2)
        slope = rows.T @ (p - outcome) + pull * weights
        return value, slope, (rows * (p * (1 - p))[:, np.newaxis]).T @ rows + np.diag(pull)

    share = float(np.clip(outcome.mean(), 1e-6, 1 - 1e-6))
    start = np.zeros(rows.shape[1])
    start[0] = np.log(share / (1 - share))
    weights = minimum(derivatives, start, tolerance=1e-7)
    return Logistic(weights, np.linalg.inv(derivatives(weights)[2]).astype(np.float64))


def chance(log_odds: Vector) -> Vector:
    """The chance that has these log-odds, without overflow."""
    return np.where(log_odds >= 0, 1 / (1 + np.exp(-np.abs(log_odds))), 1 - 1 / (1 + np.exp(-np.abs(log_odds))))


def log_loss(log_odds: Vector, outcome: Vector) -> Vector:
    """What each outcome costs: minus the logarithm of the chance it was given."""
    return np.logaddexp(0, log_odds) - outcome * log_odds
