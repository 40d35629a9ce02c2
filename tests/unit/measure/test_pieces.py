from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.stretches import stretch_of
from domain.windows import Window
from tasks.measure.pieces import month_at, pieces, stretches_of

DAYS = st.lists(st.dates(date(2024, 1, 1), date(2026, 12, 31)), min_size=1, max_size=60)


def cut(days: list[date], most: int) -> list[Window]:
    """The pieces of facts booked on these days."""
    months = Counter(month_at(day).start for day in days)
    counted = [(month_at(start), n) for start, n in sorted(months.items())]
    return list(pieces(counted, most, lambda window: sum(window.start <= day < window.end for day in days)))


def test_months_are_joined_as_long_as_they_are_small_and_cut_into_weeks_where_they_are_not() -> None:
    days = [date(2026, 1, 5), date(2026, 2, 9), *[date(2026, 3, n) for n in (1, 2, 2, 3, 20)]]
    assert cut(days, 4) == [
        Window(date(2026, 1, 1), date(2026, 3, 2)),  # the first stretch of March is one Sunday
        Window(date(2026, 3, 2), date(2026, 4, 1)),
    ]


def test_months_without_facts_between_are_in_no_piece() -> None:
    found = cut([date(1970, 1, 1), date(2026, 3, 2)], 100)
    assert [window.start for window in found] == [date(1970, 1, 1), date(2026, 3, 1)]


def test_no_facts_are_no_pieces() -> None:
    assert list(pieces([], 10, lambda _: 0)) == []


@given(DAYS, st.integers(1, 70))
def test_every_fact_is_in_one_piece_and_no_stretch_is_cut(days: list[date], most: int) -> None:
    found = cut(days, most)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for day in days:
        assert [window for window in found if window.start <= day < window.end]
    for window in found:
        assert stretch_of(window.start).start == window.start
        assert stretch_of(window.end - timedelta(days=1)).end == window.end
        n = sum(window.start <= day < window.end for day in days)
        assert n <= most or window == stretch_of(window.start)


def test_the_stretches_of_a_month_are_all_its_days() -> None:
    month = month_at(date(2026, 2, 14))
    found = list(stretches_of(month))
    assert (found[0].start, found[-1].end) == (month.start, month.end)
    assert sum(stretch.days for stretch in found) == month.days
