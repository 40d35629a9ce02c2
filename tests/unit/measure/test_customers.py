from datetime import date

import polars as pl
import pytest

from tasks.measure.customers import active, churn, spells
from tests.factories import at, facts

MARCH = (date(2026, 3, 1), date(2026, 4, 1))


def held(*rows: dict[str, object]) -> pl.DataFrame:
    return spells(facts("subscriptions", rows), "UTC")


def march(*rows: dict[str, object]) -> dict[str, object]:
    found = churn(held(*rows), "month", [MARCH]).filter(pl.col("scope") == "{}")
    return found.row(0, named=True) if found.height else {}


def test_churn_is_of_those_who_were_there_when_the_period_began() -> None:
    rows = [
        {"customer_id": "stays", "started_at": at("2026-01-01")},
        {"customer_id": "leaves", "started_at": at("2026-01-01"), "ended_at": at("2026-03-15")},
        {"customer_id": "left before", "started_at": at("2026-01-01"), "ended_at": at("2026-02-15")},
        {"customer_id": "comes and goes", "started_at": at("2026-03-02"), "ended_at": at("2026-03-15")},
    ]
    found = march(*rows)
    assert (found["n"], found["total"], found["value"]) == (2, 1.0, 0.5)


def test_who_changes_the_contract_without_a_gap_has_not_left() -> None:
    rows = [{"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-03-15")},
            {"customer_id": "a", "started_at": at("2026-03-15")}]  # fmt: skip
    assert march(*rows)["total"] == 0.0


def test_who_comes_back_after_a_gap_had_left() -> None:
    rows = [{"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-03-10")},
            {"customer_id": "a", "started_at": at("2026-03-20")}]  # fmt: skip
    assert march(*rows)["total"] == 1.0


def test_a_start_before_the_first_day_we_know_counts_from_the_beginning() -> None:
    assert march({"customer_id": "a", "started_at": None, "ended_at": at("2026-03-01")})["value"] == 1.0


def test_churn_of_each_member_adds_up_to_the_whole() -> None:
    rows = [{"customer_id": f"c{i}", "segment": "home" if i % 3 else "office", "started_at": at("2026-01-01"),
             "ended_at": at("2026-03-10") if i % 4 == 0 else None} for i in range(24)]  # fmt: skip
    found = churn(held(*rows), "month", [MARCH], [{"segment": "home", "product": "none"}])
    by_scope = {row["scope"]: (row["n"], row["total"]) for row in found.to_dicts()}
    members = [by_scope['{"segment":"home"}'], by_scope['{"segment":"office"}']]
    assert by_scope["{}"] == tuple(map(sum, zip(*members, strict=True))) == (24, 6.0)


def test_the_level_falls_on_the_day_somebody_leaves() -> None:
    entries = active(held({"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-03-10")}))
    assert dict(entries.select("booked_day", "n_items").iter_rows()) == {date(2026, 1, 1): 1, date(2026, 3, 10): -1}


@pytest.mark.parametrize("kind", ["day", "week"])
def test_nobody_there_gives_no_rate(kind: str) -> None:
    assert churn(held(), kind, [MARCH]).is_empty()
