"""Halves of characters: an emoji that was cut in two on its way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.halves import without_halves


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r'"cut \ud83d"', "cut \ufffd"),
        (r'"cut \uDE00 behind"', "cut \ufffd behind"),
        (r'"whole \ud83d\ude00"', "whole \U0001f600"),
        (r'"\ud83d\ud83d\ude00\ude00"', "\ufffd\U0001f600\ufffd"),
        (r'"written \\ud83d"', r"written \ud83d"),
        (r'"\\\ud83d\n"', "\\\ufffd\n"),
        ('"as it is: \ud83d"', "as it is: \ufffd"),
        ('"in two parts: \ud83d\ude00"', "in two parts: \U0001f600"),
    ],
)
def test_an_emoji_cut_in_two_is_a_replacement_sign_and_a_whole_one_stays(text: str, said: str) -> None:
    assert json.loads(without_halves(text)) == said


@given(st.recursive(st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)))
def test_whole_texts_stay_as_they_are_however_they_are_written(value: object) -> None:
    for is_ascii in (False, True):
        assert json.loads(without_halves(json.dumps(value, ensure_ascii=is_ascii))) == value


@given(st.text(st.characters(codec=None, categories=["Cs", "Lu", "So"])))
def test_whatever_halves_come_the_text_can_be_written(value: str) -> None:
    for is_ascii in (False, True):
        said = json.loads(without_halves(json.dumps(value, ensure_ascii=is_ascii)))
        assert said == value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        said.encode()
