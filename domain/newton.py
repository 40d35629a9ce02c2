"""The smallest value of a smooth function, by Newton's method with damping."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Derivatives = Callable[[Vector], tuple[float, Vector, Matrix]]
"""A point in; the value there, its gradient and its Hessian out."""

MOST_DAMPING = 1e12
ROUNDING = 1e-12
"""Share of a value that is lost in summing it: no step can be told to help by less."""


class NotSettledError(ArithmeticError):
    """No smallest value was found: the message says where it stopped."""


def minimum(function: Derivatives, start: Vector, *, tolerance: float = 1e-6, most_steps: int = 200) -> Vector:
    """The point of the smallest value near `start`.

    Args:
        function: the value, its gradient and its Hessian (need not be positive definite) at a point.
        start: where to begin.
        tolerance: it is found where a Newton step would lower the value by less than this (or than rounding).
        most_steps: give up after so many.

    Returns:
        The point.

    Raises:
        NotSettledError: no such point within `most_steps`, or the value is not finite at the start.

    Source:
        Levenberg (1944), Marquardt (1963): the damping shrinks as long as steps help, and grows until one does.
    """
    point, damping = start, 1e-3
    value, gradient, hessian = function(point)
    if not np.isfinite(value):
        raise NotSettledError(f"the value at the start is {value}")
    for _ in range(most_steps):
        scale = np.maximum(np.abs(np.diag(hessian)), 1e-8)
        step = _solved(hessian + damping * np.diag(scale), gradient)
        if step is not None:
            promised = float(gradient @ step) / 2
            if 0 <= promised < max(tolerance, ROUNDING * abs(value)) and damping <= 1:
                return point
            trial = function(point - step)
            if promised > 0 and np.isfinite(trial[0]) and trial[0] <= value:
                point, (value, gradient, hessian) = point - step, trial
                damping = max(damping / 10, 1e-12)
                continue
        damping *= 10
        if damping > MOST_DAMPING:
            raise NotSettledError(f"no step from {np.round(point, 3).tolist()} lowers the value {value:.6g}")
    raise NotSettledError(f"no smallest value within {most_steps} steps; stopped at {np.round(point, 3).tolist()}")


def _solved(matrix: Matrix, right: Vector) -> Vector | None:
    """The solution of a linear system; None if the matrix is singular."""
    try:
        return np.linalg.solve(matrix, right).astype(np.float64)
    except np.linalg.LinAlgError:
        return None
