from datetime import date

import polars as pl

from tasks.measure.customers.record import known_since, lives
from tasks.measure.customers.spells import spells
from tests.factories import at, facts

THROUGH = date(2026, 3, 1)


def held(*rows: tuple[str, str, str, str | None]) -> pl.DataFrame:
    return spells(
        facts("subscriptions", [
            {"source": source, "customer_id": name, "started_at": at(start), "ended_at": at(end) if end else None}
            for source, name, start, end in rows
        ]),
        "UTC",
    )  # fmt: skip


def test_each_source_is_known_from_the_first_day_somebody_was_gone() -> None:
    found = held(
        ("crm", "a", "2025-01-01", "2025-06-01"), ("crm", "b", "2025-01-01", "2025-05-01"),
        ("shop", "c", "2025-01-01", "2026-02-01"), ("new", "d", "2025-01-01", None),
        ("new", "e", "2025-01-01", "2026-03-02"),
    )  # fmt: skip
    assert known_since(found, THROUGH) == {"crm": date(2025, 5, 1), "shop": date(2026, 2, 1)}


def test_who_began_before_is_watched_from_then_and_a_source_that_tells_of_nobody_is_left_out() -> None:
    found = held(
        ("crm", "a", "2025-01-01", "2025-06-01"), ("crm", "b", "2025-05-11", None), ("new", "d", "2025-01-01", None)
    )
    placed = lives(found, THROUGH, {"crm": date(2025, 5, 1)})
    assert placed.select("customer_id", "entered", "left", "has_ended").rows() == [
        ("a", 120, 151, True),
        ("b", 0, 295, False),
    ]
    assert lives(found, THROUGH, {}).is_empty()


def test_who_came_back_in_another_source_had_left() -> None:
    found = held(("crm", "a", "2025-01-01", "2025-06-01"), ("shop", "a", "2025-09-01", None))
    placed = lives(found, THROUGH, dict.fromkeys(("crm", "shop"), date(2025, 1, 1)))
    assert placed.select("customer_id", "left", "has_ended").rows() == [("a", 151, True)]
