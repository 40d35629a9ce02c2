"""What was written, and what of it can be quoted."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import FACT_TABLES
from domain.private import private
from domain.remarks import WRITTEN, pieces, quoted, text_hash, whole_text, whole_texts


def test_a_title_ends_like_a_sentence_and_blank_parts_are_left_out():
    assert whole_text([" Late again ", "The bag came on Tuesday."]) == "Late again. The bag came on Tuesday."
    assert whole_text(["Why?", "It was late."]) == "Why? It was late."
    assert whole_text([None, "  "]) == ""
    assert whole_text(["Only a title", None]) == "Only a title"


def test_every_text_stands_in_columns_that_the_fact_tables_have():
    for fact, written in WRITTEN.items():
        table = FACT_TABLES[fact]
        assert all(table.has(name) for name in (written.at, *written.texts, "deleted_at"))
        assert table.has("about") == written.is_about


def test_texts_of_no_rows_are_none():
    assert whole_texts(pl.DataFrame(schema={"title": pl.String, "body": pl.String}), "reviews").to_list() == []


def test_a_quote_is_shown_only_as_it_was_found_fit():
    text = "It was late. " + "The parcel came on Tuesday, and nobody said a word about it. " * 4 + "Ring +49 30 901820."
    known = text_hash(pieces(private(text))[0])
    assert quoted(text, 0, known) == "It was late. …"
    assert quoted(text, 1, known) is None
    assert quoted(text, 99, known) is None
    assert quoted("It was never late.", 0, known) is None


@given(st.text(max_size=400))
def test_a_short_text_is_one_piece_and_a_long_one_keeps_all_its_words(text: str):
    found = pieces(text)
    assert found
    kept = "".join(piece.removeprefix("… ").removesuffix(" …") for piece in found)
    if "@" not in text and "[" not in text:
        assert "".join(kept.split()) == "".join(text.split())
