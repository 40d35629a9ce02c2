"""What customers wrote is masked before anything sees it."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.private import private, without_masks
from tasks.words.comments import Comments


def comments(*texts: str, **columns: object) -> Comments:
    rows = {"text_id": [f"t{place:03d}" for place in range(len(texts))], "text": texts} | columns
    return Comments(pl.DataFrame(rows))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Dear Ms. Smith, thanks", "Dear Ms. [name], thanks"),
        ("Frau Müller war nett", "Frau [name] war nett"),
        ("my name is jan and I wait", "my name is [name] and I wait"),
        ("Je m'appelle Zoé Martin", "Je m'appelle [name]"),
        ("It broke again.\nKind regards\nJan Novak", "It broke again.\nKind regards\n[name]"),
        ("Hallo Peter, wo bleibt es?", "Hallo [name], wo bleibt es?"),
        ("@anna_b rang me on https://x.example/?id=4", "[handle] rang me on [link]"),
        ("mail a.b@example.org or 0170 1234567", "mail [e-mail] or [phone]"),
        ("m\u200by name is Jan", "my name is [name]"),
    ],
)
def test_persons_addresses_and_numbers_are_replaced_by_what_they_are(written: str, shown: str):
    assert private(written) == shown


@pytest.mark.parametrize(
    "plain", ["The driver came at 10.30 and left", "Mr who?", "thanks for the quick reply", "5 @ 3 EUR"]
)
def test_ordinary_words_stay(plain: str):
    assert private(plain) == plain


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_masking_twice_is_masking_once(text: str):
    assert private(private(text)) == private(text)


def test_texts_are_masked_by_becoming_comments_and_blank_ones_are_left_out():
    kept = comments("call 0170 1234567", "  ", "@anna hello")
    assert kept.frame["text"].to_list() == ["call [phone]", "[handle] hello"]


def test_a_text_that_comes_twice_is_refused_by_its_id():
    with pytest.raises(ValueError, match="text 'a' comes twice"):
        Comments(pl.DataFrame({"text_id": ["a", "a"], "text": ["x", "y"]}))


def test_no_texts_are_no_comments():
    empty = Comments(pl.DataFrame(schema={"text_id": pl.String, "text": pl.String}))
    assert (empty.frame.height, empty.n_voices) == (0, 0)


def test_what_stands_for_masked_words_is_no_word_of_the_customer():
    assert without_masks("[name] rang [phone]").split() == ["rang"]
