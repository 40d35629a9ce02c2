from collections.abc import Iterator
from threading import Event, get_ident

import pytest

from domain.ahead import ahead, beside

SOON_S = 10


def test_items_come_in_order_and_are_made_elsewhere() -> None:
    made_in: set[int] = set()

    def items() -> Iterator[int]:
        for n in range(5):
            made_in.add(get_ident())
            yield n

    assert list(beside(items())) == [0, 1, 2, 3, 4]
    assert get_ident() not in made_in
    assert list(beside([])) == []


@pytest.mark.parametrize("n_ahead", [1, 3])
def test_the_next_ones_are_made_while_one_is_dealt_with(n_ahead: int) -> None:
    is_made = [Event() for _ in range(6)]

    def items() -> Iterator[int]:
        for n, event in enumerate(is_made):
            event.set()
            yield n

    for n in beside(items(), n_ahead):
        ahead = is_made[n : n + n_ahead + 1]
        assert all(event.wait(SOON_S) for event in ahead)


def test_what_goes_wrong_in_making_comes_where_the_item_would_have_come() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no second one")

    found = beside(items(), 3)
    assert next(found) == 1
    with pytest.raises(ValueError, match="no second one"):
        next(found)


@pytest.mark.parametrize("n_ahead", [0, 1, 3])
def test_so_many_are_taken_ahead_and_no_more(n_ahead: int) -> None:
    taken: list[int] = []
    for n in ahead((taken.append(n) or n for n in range(6)), n_ahead):
        assert taken == [*range(min(6, n + n_ahead + 1))]
    assert list(ahead([], n_ahead)) == []
