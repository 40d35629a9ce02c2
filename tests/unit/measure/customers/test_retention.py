from datetime import date, timedelta

import polars as pl
import pytest

from tasks.measure.customers.retention import few, lasting, lifetimes, retention
from tasks.measure.customers.spells import spells
from tests.factories import at, facts

THROUGH = date(2026, 6, 30)


def held(*rows: dict[str, object]) -> pl.DataFrame:
    return spells(facts("subscriptions", rows), "UTC")


def cohort(n: int, started: str, left_after: dict[int, int], segment: str = "home") -> list[dict[str, object]]:
    """n customers of one start day; how many of them left after how many days."""
    ends = [days for days, n_left in left_after.items() for _ in range(n_left)]
    start = at(started)
    return [
        {"customer_id": f"{started}-{segment}-{i}", "segment": segment, "started_at": start,
         "ended_at": start + timedelta(days=ends[i]) if i < len(ends) else None}
        for i in range(n)
    ]  # fmt: skip


def test_the_cohort_of_a_month_keeps_who_did_not_leave() -> None:
    lives = lifetimes(held(*cohort(100, "2026-01-01", {20: 10, 80: 20})), THROUGH)
    found = retention(lives, marks=(30, 91, 365)).filter(pl.col("cohort") == "2026-01")
    assert found["retained_share"].to_list() == [pytest.approx(0.9), pytest.approx(0.7), None]
    assert found["n_at_risk"].to_list() == [90, 70, 0]
    assert found["is_too_few"].to_list() == [False, False, True]


def test_every_cohort_together_counts_the_young_only_as_far_as_they_came() -> None:
    rows = [*cohort(100, "2026-01-01", {20: 10}), *cohort(100, "2026-06-20", {5: 50})]
    found = retention(lifetimes(held(*rows), THROUGH), marks=(10, 30)).filter(pl.col("cohort") == "all")
    assert found["retained_share"].to_list() == [0.75, pytest.approx(0.75 * 0.9)]


def test_a_cohort_of_few_is_listed_and_has_no_share() -> None:
    lives = lifetimes(held(*cohort(49, "2026-01-01", {20: 10})), THROUGH)
    found = retention(lives, marks=(30,))
    assert found.select("n", "retained_share", "is_too_few").rows() == [(49, None, True)] * 2
    assert few(lives)["has_ended"].sum() == 10
    assert lasting(lives).is_empty()


def test_members_are_told_apart() -> None:
    rows = [*cohort(120, "2026-01-01", {20: 60}), *cohort(120, "2026-01-01", {}, "office")]
    found = retention(lifetimes(held(*rows), THROUGH), ["segment"], (30,)).filter(pl.col("cohort") == "all")
    shares = dict(found.select("scope", "retained_share").iter_rows())
    assert shares == {"{}": 0.75, '{"segment":"home"}': 0.5, '{"segment":"office"}': 1.0}


def test_who_comes_back_had_left() -> None:
    rows = [{"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-02-01")},
            {"customer_id": "a", "started_at": at("2026-05-01")}]  # fmt: skip
    assert lifetimes(held(*rows), THROUGH).select("cohort", "left", "has_ended").rows() == [("2026-01", 31, True)]


def test_who_started_before_the_data_began_is_met_at_the_age_they_had() -> None:
    rows = [{"customer_id": "met", "started_at": at("2025-01-01"), "ended_at": at("2026-03-01")},
            {"customer_id": "new", "started_at": at("2026-02-01")},
            {"customer_id": "nobody knows since when", "started_at": None}]  # fmt: skip
    lives = lifetimes(held(*rows), THROUGH, known_from=date(2026, 1, 1)).select(
        "customer_id", "entered", "left", "has_ended"
    )
    assert lives.rows() == [("met", 365, 424, True), ("new", 0, 150, False)]


def test_an_end_behind_the_last_day_has_not_come_yet() -> None:
    lives = lifetimes(held({"customer_id": "a", "started_at": at("2026-06-01"), "ended_at": at("2026-07-01")}), THROUGH)
    assert lives.select("left", "has_ended").rows() == [(30, False)]


def test_half_have_left_after_the_median_with_its_bounds() -> None:
    rows = cohort(100, "2026-01-01", dict.fromkeys(range(1, 81), 1))
    found = lasting(lifetimes(held(*rows), THROUGH)).filter(pl.col("cohort") == "2026-01").row(0, named=True)
    assert found["median_days"] == 50
    assert found["low_days"] == pytest.approx(40, abs=2)
    assert found["high_days"] == pytest.approx(60, abs=2)


def test_nobody_gives_no_retention() -> None:
    lives = lifetimes(held(), THROUGH)
    assert retention(lives).is_empty()
    assert lasting(lives).is_empty()
