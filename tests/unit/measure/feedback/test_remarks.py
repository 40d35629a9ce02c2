"""Sentiment: good less bad, of what can be told."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tasks.measure.feedback.remarks import DIMENSIONS, sentiment
from tests.factories import at

TONES = ("positive", "neutral", "negative", "unknown", None)


def remarks(*rows):
    """Rows: tone, instant, response, words."""
    made = [
        {"fact": "survey_answers", "row_id": f"r{i}", "tone": tone, "written_at": at(when), "response_id": response,
         "text_hash": words or f"h{i}"}
        for i, (tone, when, response, words) in enumerate(rows)
    ]  # fmt: skip
    schema = {"fact": pl.String, "row_id": pl.String, "tone": pl.String, "written_at": pl.Datetime("us", "UTC"),
              "response_id": pl.String, "text_hash": pl.String}  # fmt: skip
    return pl.DataFrame(made, schema=schema).with_columns(pl.lit(None, pl.String).alias(name) for name in DIMENSIONS)


def test_nothing_written_is_nothing_measured():
    assert sentiment(remarks(), "UTC").is_empty()


def test_good_less_bad_among_what_can_be_told_on_the_zones_day():
    made = sentiment(
        remarks(
            ("positive", "2026-03-09", None, None), ("positive", "2026-03-09", None, None),
            ("negative", "2026-03-09", None, None), ("neutral", "2026-03-09", None, None),
            ("unknown", "2026-03-09", None, None), (None, "2026-03-09 23:30", None, None),
            ("negative", "2026-03-09 23:30", None, None),
        ), "Europe/Berlin",
    )  # fmt: skip
    of_day = made.group_by("booked_day").agg(pl.col("n", "total", "total_sq").sum()).sort("booked_day")
    assert of_day.rows() == [(date(2026, 3, 9), 4, 1.0, 3.0), (date(2026, 3, 10), 1, -1.0, 1.0)]


def test_equal_words_of_one_response_count_once_and_those_of_two_twice():
    twice = ("positive", "2026-03-09", "a", "same")
    assert sentiment(remarks(twice, twice), "UTC")["n"].sum() == 1
    assert sentiment(remarks(twice, ("positive", "2026-03-09", "b", "same")), "UTC")["n"].sum() == 2
    assert sentiment(remarks(twice, ("positive", "2026-03-09", "a", "other")), "UTC")["n"].sum() == 2
    assert sentiment(remarks(twice, ("positive", "2026-03-10", "a", "same")), "UTC")["n"].sum() == 2
    alone = ("positive", "2026-03-09", None, "same")
    assert sentiment(remarks(alone, alone), "UTC")["n"].sum() == 2


@given(st.lists(st.tuples(st.sampled_from(TONES), st.just("2026-03-09"), st.none(), st.none()), max_size=20))
def test_it_is_a_plain_count_and_lies_between_all_bad_and_all_good(rows):
    made = sentiment(remarks(*rows), "UTC")
    known = [tone for tone, *_ in rows if tone in TONES[:3]]
    assert made["n"].sum() == len(known)
    assert made["total"].sum() == known.count("positive") - known.count("negative")
    assert abs(made["total"].sum()) <= made["total_sq"].sum() <= made["n"].sum()
