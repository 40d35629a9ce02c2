"""Facts without a segment get their customer's of the time; others keep their own."""

import polars as pl

from domain.segments import BEGINNING, SPELLS
from tasks.measure.stamping import stamped, unsaid
from tests.factories import at, facts

HELD = pl.DataFrame(
    [
        ("crm:1", BEGINNING, at("2026-03-10"), "home", None), ("crm:1", at("2026-03-10"), None, "office", None),
        ("crm:2", BEGINNING, None, None, None),
    ],
    schema=SPELLS, orient="row",
)  # fmt: skip


def tickets() -> pl.DataFrame:
    rows = facts("tickets", [
        {"customer_id": "crm:1", "opened_at": at("2026-03-12")},
        {"customer_id": "crm:1", "opened_at": at("2026-03-09")},
        {"customer_id": "crm:1", "opened_at": at("2026-03-09"), "segment": "partner"},
        {"customer_id": "crm:2", "opened_at": at("2026-03-09")},
        {"customer_id": "crm:3", "opened_at": at("2026-03-09")},
        {"opened_at": at("2026-03-09")},
    ])  # fmt: skip
    return rows.with_columns(pl.col("segment").cast(pl.Categorical))


def test_what_the_source_says_stays_and_the_rest_is_looked_up_as_of_its_time() -> None:
    found = stamped(tickets(), HELD, "opened_at")
    assert found["segment"].to_list() == ["office", "home", "partner", None, None, None]
    assert found.schema == tickets().schema
    assert found.drop("segment").equals(tickets().drop("segment"))


def test_only_customers_of_rows_without_a_segment_are_looked_up() -> None:
    rows = tickets()
    assert sorted(unsaid(rows)) == ["crm:1", "crm:2", "crm:3"]
    assert unsaid(rows.filter(pl.col("segment").is_not_null())).is_empty()


def test_without_spells_nothing_is_touched() -> None:
    assert stamped(tickets(), HELD.clear(), "opened_at").equals(tickets())
