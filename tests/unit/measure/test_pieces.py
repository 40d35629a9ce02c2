from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.key_blocks import KeyBlock
from domain.stretches import stretch_of
from domain.windows import Window
from tasks.measure.pieces import Slice, blocks, month_at, pieces, stretches_of

DAYS = st.lists(st.dates(date(2024, 1, 1), date(2026, 12, 31)), min_size=1, max_size=60)


def cut(days: list[date], most: int) -> list[Window]:
    """The pieces of facts booked on these days."""
    months = Counter(month_at(day).start for day in days)
    counted = [(month_at(start), n) for start, n in sorted(months.items())]
    found = pieces(counted, most, lambda window: sum(window.start <= day < window.end for day in days), whole)
    return [window for part in found for window, block in part if window is not None and block is None]


def whole(_window: Window, _n: int) -> list[KeyBlock | None]:
    return [None]


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
    assert list(pieces([], 10, lambda _: 0, whole)) == []


def test_a_stretch_with_more_than_may_be_measured_at_once_is_cut_into_blocks() -> None:
    march, busy = month_at(date(2026, 3, 2)), Window(date(2026, 3, 9), date(2026, 3, 16))
    two = blocks(("id",), ["a", "b", "c", "d"], 2)

    def cut_if_busy(window: Window, n: int) -> list[KeyBlock | None]:
        return two if n > 10 else [None]

    found = list(pieces([(march, 30)], 10, lambda window: 25 if window == busy else 1, cut_if_busy))
    assert [[part.block for part in parts] for parts in found] == [[None], two, [None]]
    assert {part.window for part in found[1]} == {busy}
    assert Slice(None).days is None
    assert Slice(Window(date(2026, 2, 28), date(2026, 3, 2))).days == [date(2026, 2, 28), date(2026, 3, 1)]


@given(st.lists(st.text("abcd", min_size=1, max_size=3), max_size=40), st.integers(1, 50))
@settings(deadline=None)
def test_every_key_is_in_one_block(keys: list[str], n_blocks: int) -> None:
    found = blocks(("id",), sorted(keys), n_blocks)
    assert len(found) <= n_blocks
    for key in [*keys, "", "zz"]:
        assert sum(is_in(key, block) for block in found) == 1


def is_in(key: str, block: KeyBlock | None) -> bool:
    return block is None or ((block.low is None or block.low <= key) and (block.high is None or key < block.high))


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
