"""What is never added up."""

from collections.abc import Mapping

import polars as pl

from domain.estimates import points
from domain.kpis import KPIS
from tasks.measure.entries import parts
from tasks.measure.feedback import answers
from tasks.measure.feedback.pooling import Apart, kept_apart, reviews_apart, surveys_apart, warnings
from tests.factories import at, facts

UTC = "UTC"
DAY = at("2026-03-09 12:00")


def values(entries: pl.DataFrame, kpi: str, apart: Mapping[str, Apart]) -> dict[str, tuple[int, float]]:
    """n and value by scope."""
    mine = apart.get(kpi)
    kept = entries if mine is None else kept_apart(entries, mine)
    found = points(parts(kept, KPIS[kpi], is_pooled=mine is None, alone=[*(mine or ())]), "all")
    return {scope: (n, value) for scope, n, value in found.select("scope", "n", "value").iter_rows()}


def test_two_best_answers_on_two_scales_are_no_effort_of_six() -> None:
    asked = {"measure": "ces", "answered_at": DAY, "scale_low": 1.0}
    rows = facts("survey_answers", [{**asked, "survey": "effort", "scale_high": 7.0, "score": 7.0},
                                    {**asked, "survey": "effort", "scale_high": 5.0, "score": 5.0},
                                    {**asked, "survey": "thanks", "scale_high": 5.0, "score": 4.0}])  # fmt: skip
    made = answers.ces(rows, UTC)
    mixed = [("ces", "effort")]
    assert values(made, "ces", surveys_apart({"ces": ["effort", "thanks"]}, mixed)) == {'{"survey":"thanks"}': (1, 4.0)}
    alone = made.filter(pl.col("survey") == "effort")
    assert values(alone, "ces", {})["{}"] == (2, 6.0)  # what it is kept from
    assert values(alone, "ces", surveys_apart({"ces": ["effort"]}, mixed)) == {}


def test_a_survey_on_several_scales_is_told_with_each_of_them() -> None:
    (text,) = warnings({("ces", "effort"): [(1, 5, "up"), (1, 7, "down")]})
    assert text.startswith("survey 'effort' has answers about ces on 1-5 (5 is best) and 1-7 (1 is best): scales are")


def reviewed(*rows: tuple[str, str | None, float, float]) -> pl.DataFrame:
    """Reviews: source, channel, best rating, rating."""
    every = {"product": "pot", "reviewed_at": DAY}
    return facts("reviews", [
        {**every, "source": source, "channel": channel, "scale_high": high, "rating": rating}
        for source, channel, high, rating in rows
    ])  # fmt: skip


def test_five_of_five_and_ten_of_ten_stars_are_not_seven_and_a_half() -> None:
    rows = reviewed(("stars", "web", 5, 5), ("tens", "web", 10, 10), ("tens", "app", 10, 8))
    made, on = answers.ratings(rows, UTC), [("stars", "web", 1, 5), ("tens", "web", 1, 10), ("tens", "app", 1, 10)]
    assert values(made, "review_rating", reviews_apart(on)) == {
        '{"channel":"app"}': (1, 8.0), '{"source":"stars"}': (1, 5.0), '{"source":"tens"}': (2, 9.0),
    }  # fmt: skip


def test_a_source_with_two_scales_is_told_by_its_channels_alone() -> None:
    rows = reviewed(("export", "web", 5, 5), ("export", "app", 10, 10))
    on = [("export", "web", 1.0, 5.0), ("export", "app", 1.0, 10.0)]
    assert values(answers.ratings(rows, UTC), "review_rating", reviews_apart(on)) == {
        '{"channel":"app"}': (1, 10.0), '{"channel":"web"}': (1, 5.0),
    }  # fmt: skip


def test_reviews_on_one_scale_are_added_up() -> None:
    assert reviews_apart([]) == {}
    made = answers.ratings(reviewed(("a", "web", 5, 5), ("b", "app", 5, 4)), UTC)
    assert values(made, "review_rating", {})["{}"] == (2, 4.5)
