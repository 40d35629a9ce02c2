from math import sqrt
from statistics import mean, stdev

import polars as pl
import pytest
from scipy import stats

from tasks.measure.feedback.rivals import rivals
from tests.factories import at, facts


def rated(about: str, ratings: list[float], channel: str | None = "play", **more: object) -> list[dict[str, object]]:
    return [{"about": about, "rating": r, "channel": channel, "reviewed_at": at("2026-03-02"), **more}
            for r in ratings]  # fmt: skip


def reviews(*rows: list[dict[str, object]]) -> pl.DataFrame:
    every = [one for some in rows for one in some]
    return facts("reviews", [{"review_id": f"r{i}", **row} for i, row in enumerate(every)])


OURS, THEIRS = [5.0, 4.0, 3.0, 4.0] * 10, [3.0, 2.0, 4.0, 1.0] * 10


def test_a_competitor_is_held_beside_us_with_an_interval_by_hand() -> None:
    us, them = rivals(reviews(rated("us", OURS), rated("Bean Co", THEIRS)))
    assert (us["about"], us["n"], us["value"], us["by"], us["verdict"]) == ("us", 40, mean(OURS), None, "")
    half = [stats.t.ppf(0.975, 39) * stdev(some) / sqrt(40) for some in (OURS, THEIRS)]
    assert them["by"] == pytest.approx(mean(THEIRS) - mean(OURS))
    assert them["by_high"] - them["by"] == pytest.approx(sqrt(half[0] ** 2 + half[1] ** 2), rel=1e-4)
    assert them["verdict"] == "rated worse than we are"


def test_only_the_same_place_and_scale_are_compared() -> None:
    of_ten = rated("Bean Co", [9.0] * 40, scale_low=1.0, scale_high=10.0)
    rows = rivals(reviews(rated("us", OURS), rated("Bean Co", THEIRS, "app-store"), of_ten))
    assert [(row["channel"], row["about"], row["verdict"]) for row in rows] == [
        ("app-store", "Bean Co", "no review of ours here"), ("play", "Bean Co", "no review of ours here"),
    ]  # fmt: skip


def test_few_reviews_say_nothing_and_deleted_ones_and_those_without_a_rating_are_none() -> None:
    gone = rated("Bean Co", [1.0] * 40, deleted_at=at("2026-03-03"))
    rows = rivals(reviews(rated("us", OURS), rated("Bean Co", [1.0]), rated("Two Cups", [5.0, 4.0]), gone))
    assert [(row["about"], row["n"], row["verdict"]) for row in rows] == [
        ("us", 40, ""), ("Bean Co", 1, "too few to say"), ("Two Cups", 2, "too few to say"),
    ]  # fmt: skip


def test_ours_alone_are_another_matter_and_a_source_without_channels_is_a_place_of_its_own() -> None:
    assert rivals(reviews(rated("us", OURS))) == []
    assert rivals(reviews()) == []
    assert [row["about"] for row in rivals(reviews(rated("us", OURS, None), rated("Bean Co", THEIRS, None)))] == [
        "us", "Bean Co",
    ]  # fmt: skip
