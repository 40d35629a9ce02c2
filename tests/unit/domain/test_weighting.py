"""Values weighted to the population: by hand, by a property, and by simulation with the truth known."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.weighting import FEWEST, Beside, Group, beside_line, weighted


def share(name: str, of: float, n: int, k: int) -> Group:
    return Group(name, of, n, float(k), float(k))


def test_the_value_worked_by_hand() -> None:
    # 7 in 10 customers are at home, 3 in 10 in offices; of 100 answers only 40 are from home.
    # home 30 of 40 = 0.75, office 30 of 60 = 0.5: plainly 0.60, weighted 0.7 × 0.75 + 0.3 × 0.5 = 0.675
    found = weighted([share("home", 0.7, 40, 30), share("office", 0.3, 60, 30)], "share")
    assert found is not None
    assert found.value == pytest.approx(0.675)
    # Kish: 1 / (0.49 / 40 + 0.09 / 60) = 72.7 answers' worth; design effect 100 / 72.7 = 1.375
    assert found.n_worth == pytest.approx(72.7273, abs=1e-4)
    assert found.design_effect == pytest.approx(1.375)
    # Wilson: home 30 of 40 is 0.5981 to 0.8581, office 30 of 60 is 0.3774 to 0.6226
    below = ((0.7 * (0.75 - 0.5981)) ** 2 + (0.3 * (0.5 - 0.3774)) ** 2) ** 0.5
    above = ((0.7 * (0.8581 - 0.75)) ** 2 + (0.3 * (0.6226 - 0.5)) ** 2) ** 0.5
    assert (found.low, found.high) == (pytest.approx(0.675 - below, abs=1e-4), pytest.approx(0.675 + above, abs=1e-4))
    assert found.groups == (("home", 0.7, 0.4), ("office", 0.3, 0.6))


def test_nps_is_in_points_and_a_mean_in_its_own_unit() -> None:
    # home 20 promoters, 10 detractors of 40: 25; office 10 and 25 of 50: −30; 0.5 × 25 − 0.5 × 30 = −2.5
    found = weighted([Group("home", 0.5, 40, 10, 30), Group("office", 0.5, 50, -15, 35)], "nps")
    assert found is not None
    assert found.value == pytest.approx(-2.5)
    assert -100 <= found.low < -2.5 < found.high <= 100
    mean = weighted([Group("a", 0.2, 20, 100, 540), Group("b", 0.8, 30, 60, 150)], "mean")
    assert mean is not None
    assert mean.value == pytest.approx(0.2 * 5 + 0.8 * 2)
    assert mean.value - mean.low == pytest.approx(mean.high - mean.value)
    # Student's t: 20 answers with a variance of 40 / 19, 30 with one of 30 / 29
    far = ((0.2 * 2.0930 * (40 / 19 / 20) ** 0.5) ** 2 + (0.8 * 2.0452 * (30 / 29 / 30) ** 0.5) ** 2) ** 0.5
    assert mean.high - mean.value == pytest.approx(far, abs=1e-4)


def test_groups_with_too_few_answers_stand_together_and_that_is_said() -> None:
    groups = [share("app", 0.1, 4, 1), share("shop", 0.1, 7, 5), share("mail", 0.3, 50, 25), share("chat", 0.5, 90, 81)]
    found = weighted(groups, "share")
    assert found is not None
    assert found.together == ("app", "shop")
    assert found.value == pytest.approx(0.2 * 6 / 11 + 0.3 * 0.5 + 0.5 * 0.9)
    nobody = weighted([share("app", 0.1, 0, 0), share("mail", 0.4, 50, 25), share("chat", 0.5, 90, 81)], "share")
    assert nobody is not None
    assert nobody.together == ("app", "mail")
    assert nobody.value == pytest.approx(0.5 * 0.5 + 0.5 * 0.9)


def test_with_fewer_than_two_groups_nothing_is_weighted() -> None:
    assert weighted([], "share") is None
    assert weighted([share("a", 1.0, 500, 250)], "share") is None
    assert weighted([share("a", 0.5, 3, 1), share("b", 0.5, 500, 250)], "share") is None
    assert weighted([share("a", 0.5, 3, 1), share("b", 0.5, 4, 2)], "share") is None


def test_where_all_answer_alike_the_interval_is_not_nothing() -> None:
    found = weighted([share("a", 0.5, 20, 20), share("b", 0.5, 20, 20)], "share")
    assert found is not None
    assert found.value == 1.0
    assert found.low < 0.95
    assert found.high == 1.0


cells = st.lists(
    st.tuples(st.floats(0.05, 1), st.integers(FEWEST, 400)).flatmap(
        lambda cell: st.tuples(st.just(cell[0]), st.just(cell[1]), st.integers(0, cell[1]))
    ),
    min_size=2, max_size=6,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(cells)
def test_it_lies_between_the_groups_and_is_the_plain_value_at_the_answers_own_shares(
    rows: list[tuple[float, int, int]],
) -> None:
    whole = sum(of for of, _, _ in rows)
    groups = [share(f"g{i}", of / whole, n, k) for i, (of, n, k) in enumerate(rows)]
    found = weighted(groups, "share")
    assert found is not None
    means = [k / n for _, n, k in rows]
    assert min(means) - 1e-9 <= found.value <= max(means) + 1e-9
    assert found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high
    assert found.n_worth <= found.n + 1e-6
    n = sum(n for _, n, _ in rows)
    own = weighted([share(f"g{i}", size / n, size, k) for i, (_, size, k) in enumerate(rows)], "share")
    assert own is not None
    assert own.value == pytest.approx(sum(k for _, _, k in rows) / n)
    assert own.design_effect == pytest.approx(1)


@pytest.mark.parametrize(
    ("statistic", "truths"),
    [("share", (0.9, 0.7, 0.5)), ("share", (0.97, 0.94, 0.9)), ("nps", (0.5, 0.1, -0.3)), ("mean", (6.0, 5.0, 3.5))],
)
def test_the_interval_holds_the_truth_in_95_of_100_cases_where_the_plain_one_does_not(
    statistic: str, truths: tuple[float, ...]
) -> None:
    dice, shares, answering = np.random.default_rng(7), np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.3, 0.1])
    scale = 100.0 if statistic == "nps" else 1.0
    truth, plain, n_times = scale * float(shares @ truths), 0, 800
    held = 0
    for _ in range(n_times):
        sizes = dice.multinomial(300, answering)
        answers = [_drawn(dice, statistic, of, n) for of, n in zip(truths, sizes, strict=True)]
        groups = [Group(str(i), float(of), len(some), float(some.sum()), float((some**2).sum()))
                  for i, (of, some) in enumerate(zip(shares, answers, strict=True))]  # fmt: skip
        found = weighted(groups, statistic)  # type: ignore[arg-type]
        assert found is not None
        held += found.low <= truth <= found.high
        every = scale * np.concatenate(answers)
        plain += abs(every.mean() - truth) <= 1.96 * every.std() / len(every) ** 0.5
    assert 0.93 <= held / n_times <= 0.97
    assert plain / n_times < 0.8


def _drawn(dice: np.random.Generator, statistic: str, of: float, n: int) -> np.ndarray:
    if statistic == "share":
        return (dice.random(n) < of).astype(float)
    if statistic == "nps":
        odds = [(1 + of) / 2 - 0.15, 0.3, (1 - of) / 2 - 0.15]
        return dice.choice([1.0, 0.0, -1.0], n, p=odds)
    return np.clip(np.round(dice.normal(of, 1.2, n) * 2) / 2, -20, 20)


def test_the_line_says_what_it_rests_on() -> None:
    days = (date(2026, 3, 9), date(2026, 3, 16))
    found = weighted([share("home", 0.7, 40, 30), share("office", 0.3, 60, 30)], "share")
    assert beside_line(Beside("segment", True, *days, found, 3), "share") == (
        "Weighted by segment as in customers: 68 % (56 to 76 %). Home 40 % of the answers and 70 % of customers, "
        "office 60 % of the answers and 30 % of customers. Weights so unequal make 100 answers worth 73 (design effect "
        "1.37). 3 answers are of none of these and not in it."
    )
    assert beside_line(Beside("segment", True, *days, reason="no customers are known by it"), "share") == (
        "Not weighted by segment: no customers are known by it."
    )


def test_a_group_whose_answers_are_all_the_same_is_not_taken_for_certain() -> None:
    # 20 times 5, and 20 that scatter about 3: what the 20 fives leave open is told by all 40
    alike, others = Group("a", 0.5, 20, 100, 500), Group("b", 0.5, 20, 60, 220)
    found = weighted([alike, others], "mean")
    assert found is not None
    variance = (720 - 160**2 / 40) / 39
    below = 0.5 * 2.0227 * (variance / 20) ** 0.5
    spread = 0.5 * 2.0930 * ((220 - 60**2 / 20) / 19 / 20) ** 0.5
    assert found.value - found.low == pytest.approx((below**2 + spread**2) ** 0.5, rel=1e-3)
    assert weighted([alike, Group("b", 0.5, 20, 100, 500)], "mean") is None
