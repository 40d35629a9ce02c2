"""Which scales answers and reviews are on, from both databases."""

from typing import Any

import polars as pl

from sql.queries.scales import review_scales, survey_scales
from sql.store import Store
from sql.tables import FACTS
from tests.factories import at, facts

SEVEN, FIVE = {"scale_low": 1.0, "scale_high": 7.0}, {"scale_low": 1.0, "scale_high": 5.0}
EFFORT = {"measure": "ces", "survey": "effort", "answered_at": at("2026-03-10")}
REVIEW = {"reviewed_at": at("2026-03-10"), "rating": 5.0}
TEN = {"scale_low": 1.0, "scale_high": 10.0}


def put(store: Store, name: str, rows: list[dict[str, Any]]) -> None:
    frame = facts(name, rows).with_columns(row_hash=pl.lit(1, pl.Int64), batch_id=pl.lit("one"))
    with store.transaction() as connection:
        store.write(connection, FACTS[name], frame)


def test_a_survey_with_answers_on_two_scales_is_found_whatever_named_it(store: Store):
    put(store, "survey_answers", [
        {**EFFORT, **SEVEN, "score": 7.0}, {**EFFORT, **FIVE, "score": 5.0}, {**EFFORT, **FIVE, "score": 4.0},
        {**EFFORT, **SEVEN, "measure": "csat", "score": 7.0}, {**EFFORT, **FIVE, "survey": "thanks", "score": 5.0},
    ])  # fmt: skip
    with store.reading() as connection:
        assert survey_scales(connection) == {("ces", "effort"): [(1, 5, "up"), (1, 7, "up")]}


def test_two_best_ends_are_two_scales(store: Store):
    put(store, "survey_answers", [{**EFFORT, "score": 5.0}, {**EFFORT, "score": 1.0, "direction": "down"}])
    with store.reading() as connection:
        assert survey_scales(connection) == {("ces", "effort"): [(1, 5, "down"), (1, 5, "up")]}


def test_a_scale_of_which_every_answer_was_deleted_or_dismissed_is_no_second_one(store: Store):
    put(store, "survey_answers", [
        {**EFFORT, **SEVEN, "score": 7.0}, {**EFFORT, **FIVE, "score": 5.0, "deleted_at": at("2026-03-11")},
        {**EFFORT, **FIVE},
    ])  # fmt: skip
    with store.reading() as connection:
        assert survey_scales(connection) == {}


def test_reviews_on_several_scales_are_told_by_source_and_channel(store: Store):
    put(store, "reviews", [
        {**REVIEW, "source": "stars"}, {**REVIEW, **TEN, "source": "tens", "channel": "web"},
        {**REVIEW, **TEN, "source": "tens", "channel": "app"},
    ])  # fmt: skip
    with store.reading() as connection:
        assert review_scales(connection) == [("stars", None, 1, 5), ("tens", "app", 1, 10), ("tens", "web", 1, 10)]


def test_a_competitors_scale_is_not_ours(store: Store):
    put(store, "reviews", [{**REVIEW}, {**REVIEW, **TEN, "about": "Bean & Co"}, {**REVIEW, **TEN, "rating": None}])
    with store.reading() as connection:
        assert review_scales(connection) == []
