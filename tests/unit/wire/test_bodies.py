"""What the body of an answer turns out to be."""

import math

import pytest

from wire.bodies import BrokenError, json_in, short_words


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_half_an_emoji_is_a_replacement_sign_whatever_else_is_in_the_page(encoding: str) -> None:
    body = json_in(r'{"said": "cut \ud83d", "whole": "\ud83d\ude00", "n": 99999999999999999999}'.encode(encoding))
    assert body == {"said": "cut \ufffd", "whole": "\U0001f600", "n": 99999999999999999999}
    assert json_in(b'["\xed\xa0\xbd"]') == ["\ufffd"]


def test_a_refusal_with_half_an_emoji_can_be_told() -> None:
    assert short_words(rb'{"message": "no \ud83d"}') == "no \ufffd"


def test_numbers_that_are_none_are_read_and_a_page_that_is_cut_is_told() -> None:
    assert math.isnan(json_in(b"[NaN]")[0])
    with pytest.raises(BrokenError):
        json_in(b'{"a": "\\ud8')
