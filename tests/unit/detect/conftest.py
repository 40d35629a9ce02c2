"""Made-up series whose truth is known."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from domain.intervals import mean_bounds, nps_bounds, wilson
from domain.records import Finding

FIRST = date(2024, 1, 1)


def monday(week: int) -> date:
    """The Monday on which week number `week` begins."""
    return FIRST + timedelta(weeks=week)


def frame(n, total, total_sq, value, low, high, n_open=None) -> pl.DataFrame:
    weeks = len(n)
    return pl.DataFrame({
        "period_start": [monday(i) for i in range(weeks)],
        "period_end": [monday(i + 1) for i in range(weeks)],
        "n": np.asarray(n, dtype=np.int64),
        "n_open": np.zeros(weeks, dtype=np.int64) if n_open is None else np.asarray(n_open, dtype=np.int64),
        "total": np.asarray(total, dtype=np.float64),
        "total_sq": np.asarray(total_sq, dtype=np.float64),
    }).with_columns(value=value, low=low, high=high)  # fmt: skip


def nps_weeks(rng: np.random.Generator, levels: np.ndarray, n: int = 200, tau: float = 0.0) -> pl.DataFrame:
    """Weeks of NPS answers: a fifth are passives, `levels` in points, `tau` points of true variation."""
    true = (levels + rng.normal(0, tau, len(levels))) / 100
    promoters = rng.binomial(n, (0.8 + true) / 2)
    detractors = rng.binomial(n - promoters, (0.8 - true) / (1.2 - true))
    size = np.full(len(levels), n)
    low, high = nps_bounds(pl.col("total"), pl.col("total_sq"), pl.col("n"))
    return frame(
        size, promoters - detractors, promoters + detractors, 100 * pl.col("total") / pl.col("n"), low, high
    )  # fmt: skip


def share_weeks(n: np.ndarray, hits: np.ndarray, n_open: np.ndarray | None = None) -> pl.DataFrame:
    """Weeks of a share; no value where nothing is known."""
    low, high = wilson(pl.col("total"), pl.col("n"))
    return frame(n, hits, hits, pl.when(pl.col("n") > 0).then(pl.col("total") / pl.col("n")), low, high, n_open)


def mean_weeks(n: np.ndarray, mean: np.ndarray, sd: float) -> pl.DataFrame:
    """Weeks of a mean score whose answers scatter by exactly `sd`."""
    low, high = mean_bounds(pl.col("total"), pl.col("total_sq"), pl.col("n"))
    return frame(n, n * mean, n * mean**2 + (n - 1) * sd**2, pl.col("total") / pl.col("n"), low, high)


def median_weeks(n: np.ndarray, median: np.ndarray, width: np.ndarray) -> pl.DataFrame:
    """Weeks of a median duration (s) with an interval of `width` to each side on the log scale."""
    low, high = median * np.exp(-width), median * np.exp(width)
    return frame(n, n * 0.0, n * 0.0, pl.Series(median), pl.Series(low), pl.Series(high))


def told(findings: list[Finding]) -> list[date]:
    """The moments at which a finding is a breach."""
    return [finding.moment for finding in findings if finding.is_breach]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260316)


@pytest.fixture
def made_up() -> dict[str, Callable]:
    return {
        "monday": monday, "nps": nps_weeks, "share": share_weeks, "mean": mean_weeks, "median": median_weeks,
        "told": told,
    }  # fmt: skip
