"""The search for objects that hold each other, put off."""

import gc
from importlib import import_module

import pytest

from domain.cycles import staying, unsearched


def test_the_search_goes_on_as_it_was_before() -> None:
    was_on = gc.isenabled()
    try:
        for is_on in (True, False):
            (gc.enable if is_on else gc.disable)()
            with unsearched():
                assert not gc.isenabled()
            assert gc.isenabled() == is_on
    finally:
        (gc.enable if was_on else gc.disable)()


def test_what_stays_is_left_out_ever_after_even_where_an_import_fails() -> None:
    gc.unfreeze()
    with pytest.raises(ModuleNotFoundError), staying():
        import_module("there.is.none")
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()
