import pytest

from domain.coverage import FEW, is_doubtful


@pytest.mark.parametrize(
    ("n_gone", "n_there", "expected"),
    [(0, 0, False), (0, 50, False), (FEW, 1, False), (FEW + 1, 43, True), (FEW + 1, 44, False), (200, 800, False),
     (201, 799, True)],
)  # fmt: skip
def test_more_than_a_few_and_a_fifth_at_once_is_doubted(n_gone: int, n_there: int, expected: bool):
    assert is_doubtful(n_gone, n_there) is expected


@pytest.mark.parametrize("n_gone", [1, FEW, 500])
def test_a_list_that_shows_nothing_any_more_is_doubted(n_gone: int):
    assert is_doubtful(n_gone, 0)


def test_the_share_is_the_users():
    assert not is_doubtful(30, 70, most_gone=0.3)
    assert is_doubtful(31, 69, most_gone=0.3)
    assert not is_doubtful(500, 0, most_gone=1)
