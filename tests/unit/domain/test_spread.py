"""The spread between groups: what noise adds is taken out, and the intervals hold what they say."""

import random
from math import sqrt
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from domain.chance import surely
from domain.chi_square import chi_square_above, chi_square_quantile
from domain.differences import Ranged, difference, weighted
from domain.spread import Spread, spread, variances_of

UNEQUAL = (6, 10, 15, 30, 60, 120)


@given(df=st.integers(1, 60), x=st.floats(0, 200))
def test_chi_square_is_as_scipy_has_it(df: int, x: float) -> None:
    assert chi_square_above(x, df) == pytest.approx(stats.chi2.sf(x, df), abs=1e-9)


@pytest.mark.parametrize("df", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("q", [0.025, 0.5, 0.975])
def test_a_quantile_is_the_value_that_it_is_likely_to_be_under(df: int, q: float) -> None:
    assert chi_square_quantile(q, df) == pytest.approx(stats.chi2.ppf(q, df), rel=1e-6)


def test_two_groups_by_hand() -> None:
    """Values 0 and 10, errors of variance 2: the difference has 10² / 2 = 50; less 2 of noise 48 is between groups."""
    found = spread([0.0, 10.0], [2.0, 2.0])
    assert found is not None
    assert (found.mean, found.sd) == (pytest.approx(5), pytest.approx(sqrt(48)))
    assert found.low == pytest.approx(sqrt(50 / stats.chi2.ppf(0.975, 1) - 2))
    assert found.high == pytest.approx(sqrt(50 / stats.chi2.ppf(0.025, 1) - 2), rel=1e-5)
    # each value goes so far towards the middle as noise had taken it away: sqrt(48 / 50)
    assert found.values == (pytest.approx(5 - 5 * sqrt(48 / 50)), pytest.approx(5 + 5 * sqrt(48 / 50)))
    half = 1.959964 * 2
    assert (found.gap_low, found.gap_high) == (pytest.approx(10 - half), pytest.approx(10 + half))
    assert found.chance == pytest.approx(stats.chi2.sf(25, 1))


def test_what_noise_alone_explains_has_no_spread() -> None:
    found = spread([0.80, 0.84, 0.82], [0.01, 0.01, 0.01])
    assert found is not None
    assert (found.sd, found.low, found.gap, found.gap_low) == (0, 0, 0, 0)
    assert found.plain_gap == pytest.approx(0.04)
    assert found.values == (pytest.approx(0.82),) * 3


def test_one_group_or_none_has_no_spread_and_values_without_error_neither() -> None:
    assert spread([], []) is None
    assert spread([1.0], [0.1]) is None
    assert spread([1.0, 2.0], [0.0, 0.0]) is None


@given(
    values=st.lists(st.floats(-100, 100), min_size=2, max_size=8),
    errors=st.lists(st.floats(0.01, 100), min_size=8, max_size=8),
    by=st.floats(-50, 50),
)
def test_the_parts_lie_in_order_and_moving_all_groups_moves_nothing(
    values: list[float], errors: list[float], by: float
) -> None:
    found, moved = spread(values, errors[: len(values)]), spread([v + by for v in values], errors[: len(values)])
    assert found is not None
    assert moved is not None
    assert 0 <= found.low <= found.sd <= found.high
    assert found.gap_low <= found.gap <= found.gap_high
    assert found.gap_low <= found.plain_gap + 1e-9
    assert moved.sd == pytest.approx(found.sd, abs=1e-5)
    assert moved.gap == pytest.approx(found.gap, abs=1e-5)


def test_a_small_group_whose_answers_are_alike_is_not_taken_as_exact() -> None:
    """By hand: 5 of 5 satisfied have no variance; drawn towards 16 / (4 + 99) it is 10 × 0.1553 / 14 / 5 a mean's."""
    alike, large = variances_of([5, 100], [5.0, 80.0], [5.0, 80.0])
    pooled = 16 / 103
    assert alike == pytest.approx(10 * pooled / 14 / 5)
    assert large == pytest.approx((16 + 10 * pooled) / 109 / 100)
    assert variances_of([1, 1], [3.0, 4.0], [9.0, 16.0]) == [0.0, 0.0]


def drawn(true: list[float], dice: random.Random) -> Spread:
    """Shares of satisfied answers of groups of UNEQUAL sizes."""
    totals = [float(sum(dice.random() < share for _ in range(n))) for share, n in zip(true, UNEQUAL, strict=True)]
    shares = [total / n for total, n in zip(totals, UNEQUAL, strict=True)]
    found = spread(shares, variances_of(UNEQUAL, totals, totals))
    assert found is not None
    return found


def test_the_plain_difference_is_biased_and_ours_is_not_nearly_so() -> None:
    dice, n_times = random.Random(1), 400
    true = [0.80 + 0.05 * dice.gauss(0, 1) for _ in UNEQUAL]
    gap = max(true) - min(true)
    found = [drawn(true, dice) for _ in range(n_times)]
    assert mean(one.plain_gap for one in found) > 1.6 * gap
    assert abs(mean(one.gap for one in found) - gap) < 0.25 * gap
    held = sum(one.gap_low <= gap <= one.gap_high for one in found)
    assert held / n_times > 0.95


def test_groups_that_are_all_alike_are_found_alike_though_their_values_differ() -> None:
    dice, n_times = random.Random(2), 400
    found = [drawn([0.85] * len(UNEQUAL), dice) for _ in range(n_times)]
    assert mean(one.plain_gap for one in found) > 0.15
    assert sum(one.low > 0 for one in found) / n_times < 0.05
    assert sum(one.chance < 0.05 for one in found) / n_times < 0.08


@pytest.mark.parametrize("between", [0.0, 0.04, 0.08])
def test_the_interval_holds_the_spread_in_95_of_100_cases_in_small_and_unequal_groups(between: float) -> None:
    dice, n_times = random.Random(3), 500
    found = [drawn([min(0.99, max(0.01, 0.82 + between * dice.gauss(0, 1))) for _ in UNEQUAL], dice)
             for _ in range(n_times)]  # fmt: skip
    held = sum(one.low <= between <= one.high for one in found) / n_times
    assert 0.92 < held <= 0.995
    squares = mean(one.sd**2 for one in found)
    assert squares < between**2 + 0.0022


def test_a_difference_by_hand_and_its_sum_over_channels() -> None:
    by = difference(Ranged(0.70, 0.60, 0.78), Ranged(0.90, 0.87, 0.92))
    assert (by.value, by.low, by.high) == (
        pytest.approx(-0.20), pytest.approx(-0.20 - sqrt(0.10**2 + 0.02**2)),
        pytest.approx(-0.20 + sqrt(0.08**2 + 0.03**2)),
    )  # fmt: skip
    half = weighted([(0.5, Ranged(1, 0, 2)), (0.5, Ranged(3, 2, 5))])
    assert (half.value, half.low, half.high) == (2, pytest.approx(2 - sqrt(0.5)), pytest.approx(2 + sqrt(1.25)))


def test_of_what_is_called_sure_so_few_are_chance() -> None:
    dice, wrong = random.Random(4), 0
    for _ in range(300):
        wrong += bool(surely({place: dice.random() for place in range(50)}, 0.05))
    assert wrong / 300 < 0.08
    assert surely({}, 0.05) == set[str]()
