from typing import Any

import polars as pl
import pytest

from tasks.measure.contacts.help_center import failed_searches, solved_alone, visits
from tests.factories import at, facts
from tests.unit.measure.helpdesk import BERLIN, value


def days(*rows: dict[str, Any]) -> pl.DataFrame:
    return facts("help_center_days", [{"day_at": at("2026-03-02"), **row} for row in rows])


def test_searches_without_a_hit_are_added_up_over_sections() -> None:
    held = days({"n_searches": 90, "n_failed_searches": 9}, {"n_searches": 10, "n_failed_searches": 6})
    found = value(failed_searches(held, BERLIN), "failed_search_rate")
    assert (found["n"], found["total"], found["value"]) == (100, 15.0, 0.15)
    assert found["low"] == pytest.approx(0.0931, abs=5e-5)  # Wilson, 15 of 100


def test_visits_that_end_without_contact_are_solved_alone() -> None:
    held = days({"n_visits": 40, "n_solved": 30})
    assert value(solved_alone(held, BERLIN), "self_service_rate")["value"] == 0.75


def test_visits_are_told_of_days_that_tell_them() -> None:
    held = days({"n_visits": 40, "n_solved": None}, {"n_visits": None}, {"n_visits": 9, "deleted_at": at("2026-03-03")})
    assert visits(held, BERLIN)["n"].sum() == 40


@pytest.mark.parametrize(
    "row",
    [
        {"n_searches": 5, "n_failed_searches": None},
        {"n_searches": None, "n_failed_searches": 5},
        {"n_searches": 5, "n_failed_searches": 6},
        {"n_searches": 0, "n_failed_searches": 0},
        {"n_searches": 5, "n_failed_searches": 1, "deleted_at": at("2026-03-03")},
    ],
)
def test_a_day_that_does_not_tell_both_is_in_no_denominator(row: dict[str, Any]) -> None:
    assert failed_searches(days(row), BERLIN).is_empty()
