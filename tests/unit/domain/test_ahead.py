from collections.abc import Callable, Iterator
from threading import Event, get_ident

import pytest

from domain.ahead import UnwantedError, ahead, beside, given

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


def test_what_work_gives_is_taken_while_it_goes_on_and_then_what_went_wrong() -> None:
    is_taken, taken = Event(), list[int]()

    def work(give: Callable[[int], None]) -> None:
        give(1)
        assert is_taken.wait(SOON_S)
        give(2)
        raise ValueError("no more")

    def take() -> None:
        for item in given(work):
            taken.append(item)
            is_taken.set()

    with pytest.raises(ValueError, match="no more"):
        take()
    assert taken == [1, 2]


def test_work_ends_when_nobody_takes_what_it_gives() -> None:
    is_left, said = Event(), list[str]()

    def work(give: Callable[[int], None]) -> None:
        give(1)
        assert is_left.wait(SOON_S)
        try:
            while True:
                give(2)
        except UnwantedError:
            said.append("left")
            raise

    items = given(work)
    assert next(items) == 1
    is_left.set()
    items.close()
    assert said == ["left"]
