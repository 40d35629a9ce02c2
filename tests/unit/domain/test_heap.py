import ctypes

import pytest

from domain import heap


@pytest.fixture(autouse=True)
def forgotten():
    """Which library there is, is looked up anew."""
    heap._trim.cache_clear()
    yield
    heap._trim.cache_clear()


def test_free_memory_is_given_back_as_often_as_one_likes():
    heap.give_back()
    heap.give_back()


def test_another_library_is_let_be(monkeypatch):
    def none_of_that_name(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", none_of_that_name)
    heap.give_back()
