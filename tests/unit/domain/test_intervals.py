from collections.abc import Mapping
from math import floor

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from domain.intervals import count_bounds, mean_bounds, nps_bounds, quantile_ranks, t95, wilson


def one(frame: Mapping[str, float], low_high: tuple[pl.Expr, pl.Expr]) -> tuple[float, float]:
    low, high = low_high
    row = pl.DataFrame(frame).select(low=low, high=high).row(0)
    return row[0], row[1]


@pytest.mark.parametrize(
    ("total", "n", "low", "high"),
    [(741, 18_240, 0.0379, 0.0436), (533, 604, 0.854, 0.906), (118, 131, 0.838, 0.941), (34, 40, 0.709, 0.929)],
)
def test_wilson_gives_the_published_bounds(total: int, n: int, low: float, high: float) -> None:
    found = one({"total": total, "n": n}, wilson(pl.col("total"), pl.col("n")))
    assert found == pytest.approx((low, high), abs=6e-4)


@given(n=st.integers(1, 10_000), data=st.data())
def test_wilson_holds_the_share_and_stays_within_0_and_1(n: int, data: st.DataObject) -> None:
    total = data.draw(st.integers(0, n))
    low, high = one({"total": total, "n": n}, wilson(pl.col("total"), pl.col("n")))
    assert 0 <= low <= total / n <= high <= 1


def test_nothing_known_has_no_interval() -> None:
    frame = pl.DataFrame({"total": [0.0], "n": [0], "sq": [0.0]})
    bounds = [*wilson(pl.col("total"), pl.col("n")), *nps_bounds(pl.col("total"), pl.col("sq"), pl.col("n")),
              *mean_bounds(pl.col("total"), pl.col("sq"), pl.col("n"))]  # fmt: skip
    assert frame.select(x.alias(str(i)) for i, x in enumerate(bounds)).row(0) == (None,) * 6


def test_nps_of_offices_has_the_interval_worked_by_hand() -> None:
    frame = {"total": 137 - 88, "sq": 137 + 88, "n": 316}
    found = one(frame, nps_bounds(pl.col("total"), pl.col("sq"), pl.col("n")))
    assert found == pytest.approx((6.3, 24.5), abs=0.05)


@pytest.mark.parametrize(
    ("nps", "shares"), [(-30, (0.25, 0.2)), (25, (0.45, 0.35)), (65, (0.75, 0.15)), (88, (0.9, 0.08))]
)
@pytest.mark.parametrize("n", [10, 30, 100, 200])
def test_nps_interval_covers_at_least_92_and_a_half_percent(nps: int, shares: tuple[float, float], n: int) -> None:
    """Exact coverage: every outcome of the trinomial, weighted by its probability."""
    promoters, passives = shares
    detractors = 1 - promoters - passives
    outcomes = [(p, d) for p in range(n + 1) for d in range(n + 1 - p)]
    frame = pl.DataFrame({"p": [p for p, _ in outcomes], "d": [d for _, d in outcomes]})
    weights = stats.multinomial.pmf(
        [(p, d, n - p - d) for p, d in outcomes], n=n, p=[promoters, detractors, 1 - promoters - detractors]
    )
    low, high = nps_bounds(pl.col("p") - pl.col("d"), pl.col("p") + pl.col("d"), pl.lit(n))
    true = 100 * (promoters - detractors)
    covered = frame.select((low <= true) & (high >= true)).to_series().to_numpy()
    assert true == pytest.approx(nps)
    assert weights[covered].sum() >= 0.925


@pytest.mark.parametrize("values", [(5.0, 5.0, 5.0), (0.0,) * 40, (0.1,) * 7, (86_400.3,) * 1000])
def test_equal_answers_do_not_make_a_mean_certain(values: tuple[float, ...]) -> None:
    told = {"total": sum(values), "sq": sum(x * x for x in values), "n": len(values)}
    assert one(told, mean_bounds(pl.col("total"), pl.col("sq"), pl.col("n"))) == (None, None)


def test_a_mean_has_students_interval_worked_by_hand() -> None:
    # 5, 5, 5, 4: mean 4.75, standard deviation 0.5, t of 3 degrees of freedom 3.182
    found = one({"total": 19.0, "sq": 91.0, "n": 4}, mean_bounds(pl.col("total"), pl.col("sq"), pl.col("n")))
    assert found == pytest.approx((4.75 - 3.182 * 0.25, 4.75 + 3.182 * 0.25), abs=2e-3)


@pytest.mark.parametrize("df", [1, 2, 3, 5, 10, 30, 1000])
def test_students_t_agrees_with_scipy(df: int) -> None:
    found = pl.DataFrame({"df": [df]}).select(t95(pl.col("df"))).item()
    assert found == pytest.approx(stats.t.ppf(0.975, df), rel=0.002)


@pytest.mark.parametrize("n", [1, 5, 50, 2262])
def test_counts_have_garwoods_exact_interval(n: int) -> None:
    found = one({"n": n}, count_bounds(pl.col("n")))
    exact = (stats.chi2.ppf(0.025, 2 * n) / 2, stats.chi2.ppf(0.975, 2 * n + 2) / 2)
    assert found == pytest.approx(exact, rel=0.03, abs=0.03)


def test_no_event_may_still_be_up_to_three_point_seven() -> None:
    assert one({"n": 0}, count_bounds(pl.col("n"))) == pytest.approx((0, 3.69), abs=0.03)


def test_the_median_of_a_hundred_lies_between_the_41st_and_60th() -> None:
    assert one({"n": 100}, quantile_ranks(pl.col("n"), 0.5)) == (40, 60)


@pytest.mark.parametrize("q", [0.5, 0.9])
@pytest.mark.parametrize("n", [1, 2, 7, 99, 100_001])
def test_the_ranks_of_a_quantile_are_those_of_the_binomial_and_never_beyond_the_values(n: int, q: float) -> None:
    half = 1.959963984540054 * (n * q * (1 - q)) ** 0.5
    expected = (max(1, floor(n * q - half)), min(n, floor(n * q + half) + 1))
    assert one({"n": n}, quantile_ranks(pl.col("n"), q)) == expected
