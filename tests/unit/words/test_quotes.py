"""Quotes are typical, readable, and nobody's secret."""

from functools import partial

import polars as pl

from tasks.words.comments import Comments
from tasks.words.quotes import QuoteRule, typical_quotes
from tasks.words.themes import themes_of

LATE = [
    "the boxes came late on Monday again",
    "our boxes came late again this week",
    "boxes came late again, on a monday",
]
SPEAKS = partial(themes_of, themes={"late": ["late"]})


def written(*texts: str, customers: list[str] | None = None) -> Comments:
    ids = [f"t{place:03d}" for place in range(len(texts))]
    return Comments(pl.DataFrame({"text_id": ids, "customer_id": customers or ids, "text": texts}))


def quotes(comments: Comments, known: frozenset[str] = frozenset({"monday"}), **rule: int) -> list[str]:
    return typical_quotes(comments, SPEAKS, known, QuoteRule(**rule))["quote"].to_list()


def test_the_most_typical_text_is_quoted_and_not_the_most_extreme():
    rant = "late late late the worst shop of all shops in the world, never again"
    found = quotes(written(*LATE * 5, *[rant] * 5), most=1)
    assert found[0] in LATE


def test_a_theme_of_fewer_customers_than_the_smallest_group_is_not_quoted():
    assert quotes(written(*LATE[:1] * 4)) == []
    assert quotes(written(*LATE[:1] * 9, customers=["one"] * 9)) == []
    assert len(quotes(written(*LATE[:1] * 5))) == 1


def test_each_customer_is_quoted_once():
    comments = written(*LATE * 4, customers=["a", "a", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
    table = typical_quotes(comments, SPEAKS, frozenset({"monday"}), QuoteRule(most=9))
    voices = table.join(comments.voices, on="text_id")["voice"].to_list()
    assert len(voices) == len(set(voices))


def test_two_quotes_do_not_say_the_same():
    found = quotes(written(*[LATE[0]] * 8, *["a late parcel with broken cups and lids inside"] * 8), most=2)
    assert len(found) == len(set(found)) == 2


def test_a_word_that_only_one_customer_wrote_is_in_no_quote():
    assert quotes(written(*LATE[:1] * 5, LATE[0] + " for kowalczyk"), most=9) == LATE[:1]


def test_a_name_that_many_customers_wrote_is_in_no_quote():
    named = "the boxes came late and Sarah did not care"
    assert quotes(written(*[named] * 9), most=9) == []
    assert quotes(written(*[named] * 9), frozenset({"sarah"}), most=9) == [named]


def test_what_was_masked_and_long_numbers_are_in_no_quote():
    for secret in ("call 0170 1234567", "write to ann@example.org", "order 47110815", "Mrs. Smith knows"):
        assert quotes(written(*[f"the boxes came late, {secret}"] * 9)) == []


def test_of_a_long_text_one_readable_sentence_is_quoted_and_marked_as_cut():
    long = "We have been with you for many years and like the taste. The boxes came late again this week. " * 3
    found = quotes(written(*[long.strip()] * 6), most=1)
    assert found == ["… The boxes came late again this week. …"]


def test_texts_too_short_or_too_long_to_read_are_not_quoted():
    assert quotes(written(*["late"] * 9)) == []
    assert quotes(written(*["late " * 60] * 9)) == []


def test_quotes_do_not_hang_on_the_order_of_rows():
    comments = written(*LATE * 5)
    shuffled = Comments(comments.frame.sample(fraction=1.0, shuffle=True, seed=3))
    assert quotes(shuffled) == quotes(comments)
