from datetime import date

import polars as pl
import pytest

from domain.estimates import points
from domain.kpis import KPIS
from tasks.measure.customers import active, at_notice, churn, renewals, spells
from tasks.measure.entries import parts
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
    assert (found["n"], found["total"]) == (2, 1.0)


def test_who_changes_the_contract_without_a_gap_has_not_left() -> None:
    rows = [{"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-03-15")},
            {"customer_id": "a", "started_at": at("2026-03-15")}]  # fmt: skip
    assert march(*rows)["total"] == 0.0


def test_who_comes_back_after_a_gap_had_left() -> None:
    rows = [{"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-03-10")},
            {"customer_id": "a", "started_at": at("2026-03-20")}]  # fmt: skip
    assert march(*rows)["total"] == 1.0


def test_a_start_before_the_first_day_we_know_counts_from_the_beginning() -> None:
    assert march({"customer_id": "a", "started_at": None, "ended_at": at("2026-03-01")})["total"] == 1.0


def test_churn_of_each_member_adds_up_to_the_whole() -> None:
    rows = [{"customer_id": f"c{i}", "segment": "home" if i % 3 else "office", "started_at": at("2026-01-01"),
             "ended_at": at("2026-03-10") if i % 4 == 0 else None} for i in range(24)]  # fmt: skip
    found = churn(held(*rows), "month", [MARCH], [{"segment": "home", "product": "none"}])
    by_scope = {row["scope"]: (row["n"], row["total"]) for row in found.to_dicts()}
    members = [by_scope['{"segment":"home"}'], by_scope['{"segment":"office"}']]
    assert by_scope["{}"] == tuple(map(sum, zip(*members, strict=True))) == (24, 6.0)


def many(n: int, n_left: int, **values: object) -> list[dict[str, object]]:
    return [
        {"customer_id": f"c{i}", "started_at": at("2026-01-01"), "ended_at": at("2026-03-10") if i < n_left else None}
        | (values if i < n_left else {})
        for i in range(n)
    ]


def test_under_50_customers_there_is_no_rate() -> None:
    found = march(*many(49, 2))
    assert (found["n"], found["total"], found["value"], found["low"], found["high"]) == (49, 2.0, None, None, None)
    assert march(*many(50, 2))["value"] == 0.04


def test_churn_by_reason_and_by_who_decided_is_of_all_customers_and_adds_up() -> None:
    rows = many(60, 6)
    for row, reason in zip(rows, ["price", "price", "price", "moved", "card-refused", "card-refused"], strict=False):
        row |= {"end_reason": reason, "is_voluntary": reason != "card-refused"}
    found = churn(held(*rows), "month", [MARCH], [{"source": "crm"}])
    left = {row["scope"]: (row["n"], row["total"]) for row in found.to_dicts()}
    assert left['{"reason":"price"}'] == left['{"reason":"price","source":"crm"}'] == (60, 3.0)
    assert (left['{"reason":"moved"}'], left['{"reason":"card-refused"}']) == ((60, 1.0), (60, 2.0))
    assert (left['{"voluntary":"yes"}'], left['{"voluntary":"no"}']) == ((60, 4.0), (60, 2.0))


def test_a_month_in_which_nobody_left_for_a_reason_says_so() -> None:
    rows = many(60, 6, end_reason="price")
    found = churn(held(*rows), "month", [MARCH, (date(2026, 4, 1), date(2026, 5, 1))])
    by_month = found.filter(pl.col("scope") == '{"reason":"price"}').select("n", "total", "value").rows()
    assert by_month == [(60, 6.0, 0.1), (54, 0.0, 0.0)]


def test_churn_booked_at_notice_is_told_when_notice_was_given() -> None:
    rows = many(60, 3, notice_at=at("2026-02-10"))  # they end in March
    contracts = facts("subscriptions", rows)
    february = (date(2026, 2, 1), date(2026, 3, 1))
    found = {
        booked_on: churn(frame, "month", [february, MARCH]).filter(pl.col("scope") == "{}")["total"].to_list()
        for booked_on, frame in {
            "end": spells(contracts, "UTC"),
            "notice": at_notice(spells(contracts, "UTC"), contracts, "UTC"),
        }.items()
    }
    assert found == {"end": [0.0, 3.0], "notice": [3.0, 0.0]}


def test_who_gives_notice_and_goes_on_with_another_contract_has_not_left() -> None:
    first = {"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-03-15")}
    rows = [first | {"notice_at": at("2026-02-01")}, {"customer_id": "a", "started_at": at("2026-03-15")}]
    contracts = facts("subscriptions", rows)
    assert at_notice(spells(contracts, "UTC"), contracts, "UTC").equals(spells(contracts, "UTC"))


def due(*rows: dict[str, object], through: date = date(2026, 12, 31)) -> list[tuple[object, ...]]:
    contracts = facts("subscriptions", rows)
    found = renewals(contracts, spells(contracts, "UTC"), "UTC", through)
    return points(parts(found, KPIS["renewal_rate"]), "all").filter(pl.col("scope") == "{}").select(
        "n", "total", "n_open"
    ).rows()  # fmt: skip


def year(customer: str, start: str, term_end: str, end: str | None = None) -> dict[str, object]:
    ended = at(end) if end else None
    return {"customer_id": customer, "started_at": at(start), "term_ends_at": at(term_end), "ended_at": ended}


def test_renewals_are_of_those_due() -> None:
    rows = [
        year("goes on", "2025-03-01", "2026-03-01", "2026-03-01"), year("goes on", "2026-03-01", "2027-03-01"),
        year("leaves", "2025-03-01", "2026-03-01", "2026-03-01"),
        year("left before", "2025-03-01", "2026-03-01", "2025-11-01"),
        year("not due", "2025-06-01", "2027-06-01"),
        year("comes back later", "2025-03-01", "2026-03-01", "2026-03-01"),
        year("comes back later", "2026-05-01", "2027-05-01"),
    ]  # fmt: skip
    assert due(*rows) == [(4, 1.0, 0)]


def test_a_term_that_ends_on_the_last_day_is_open_until_the_day_after() -> None:
    rows = [
        year("goes on", "2025-03-01", "2026-03-01"), year("leaves", "2025-03-02", "2026-03-02", "2026-03-02"),
    ]  # fmt: skip
    assert due(*rows, through=date(2026, 3, 2)) == [(1, 1.0, 1)]
    assert due(*rows, through=date(2026, 3, 3)) == [(2, 1.0, 0)]


def test_a_source_that_moves_the_term_on_tells_only_of_those_who_left_and_gives_no_rate() -> None:
    assert (
        due(year("renewed", "2024-03-01", "2027-03-01"), year("left", "2024-03-01", "2026-03-01", "2026-03-01")) == []
    )


def test_the_level_falls_on_the_day_somebody_leaves() -> None:
    entries = active(held({"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-03-10")}))
    assert dict(entries.select("booked_day", "n_items").iter_rows()) == {date(2026, 1, 1): 1, date(2026, 3, 10): -1}


@pytest.mark.parametrize("kind", ["day", "week"])
def test_nobody_there_gives_no_rate(kind: str) -> None:
    assert churn(held(), kind, [MARCH]).is_empty()
