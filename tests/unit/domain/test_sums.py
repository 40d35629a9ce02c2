"""Sums that are the same to the last bit in whatever order they are made."""

from fractions import Fraction
from math import fsum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sums import Addends, added_up

REVENUE = st.integers(0, 10**9).map(lambda minor: float(minor) ** 2)
WHOLE = st.integers(-(2**40), 2**40).map(float) | st.sampled_from([2.0**53, 2.0**53 + 2, -(2.0**53), 1.0, -1.0])
SECONDS = st.integers(-(10**12), 10**12).map(lambda micros: micros / 1e6)
NUMBERS = st.lists(REVENUE, max_size=30) | st.lists(WHOLE, max_size=30) | st.lists(SECONDS | REVENUE, max_size=30)


def added(values: list[float]) -> float:
    (found,) = Addends(np.array(values, dtype=np.float64)).added(np.zeros(len(values), np.int64), 1).tolist()
    return found


@given(st.data(), NUMBERS)
def test_the_order_of_numbers_does_not_change_a_bit_of_their_sum(data: st.DataObject, values: list[float]) -> None:
    other = data.draw(st.permutations(values))
    assert added(values).hex() == added(other).hex()


@given(NUMBERS)
def test_a_sum_is_the_exact_one_rounded(values: list[float]) -> None:
    assert added(values) == pytest.approx(fsum(values), rel=2**-51, abs=2**-50)
    exact = sum(map(Fraction, values))
    if exact.denominator == 1 and abs(exact) <= 2**53 and all(value.is_integer() for value in values):
        assert added(values) == exact


@given(NUMBERS, NUMBERS)
def test_what_is_added_up_beside_changes_nothing(values: list[float], others: list[float]) -> None:
    """A day gives the same measured by itself and with all others: in others there may be fractions."""
    place = np.array([0] * len(values) + [1] * len(others), dtype=np.int64)
    found = Addends(np.array(values + others, dtype=np.float64)).added(place, 2)
    assert found.tolist() == [added(values), added(others)]


def test_plain_sums_depend_on_the_order() -> None:
    """Why all this: one after the other small ones get lost beside a large one."""
    values = [2.0**53, 1.0, 1.0]
    plain = [float(np.bincount([0] * 3, weights=each)[0]) for each in (values, values[::-1])]
    assert plain == [2.0**53, 2.0**53 + 2]
    assert added(values) == added(values[::-1]) == 2.0**53 + 2


def test_nothing_adds_up_to_nothing() -> None:
    none = np.empty(0, np.int64)
    assert Addends(np.empty(0)).added(none, 3).tolist() == [0.0, 0.0, 0.0]
    assert [found.tolist() for found in added_up(none, none)] == [[], []]
