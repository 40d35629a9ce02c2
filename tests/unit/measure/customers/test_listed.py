from datetime import date

import polars as pl

from domain.estimates import points
from domain.kpis import KPIS
from tasks.measure.customers.listed import who_left, who_was_due, whose_revenue_changed
from tasks.measure.customers.revenue import paid
from tasks.measure.customers.spells import renewals, spells, stints, terms_ended
from tasks.measure.entries import parts
from tests.factories import at, facts

MARCH, APRIL = (date(2026, 3, 1), date(2026, 4, 1)), (date(2026, 4, 1), date(2026, 5, 1))


def contract(customer: str, end: str | None = None, start: str = "2025-03-10", **more: object) -> dict[str, object]:
    return {"customer_id": customer, "started_at": at(start), "ended_at": at(end) if end else None, **more}


def test_who_left_is_listed_under_the_product_they_had_when_the_period_began() -> None:
    rows = [
        contract("stays"), contract("leaves", "2026-03-20"), contract("left before", "2026-02-20"),
        contract("comes and goes", "2026-03-20", "2026-03-05"),
        contract("moves", "2026-03-05", product="beans"), contract("moves", "2026-03-15", "2026-03-05", product="pods"),
    ]  # fmt: skip
    contracts = facts("subscriptions", rows)
    found = who_left(stints(spells(contracts, "UTC"), contracts, "UTC"), [MARCH, APRIL])
    assert found.select("customer_id", "gone", "product").rows() == [
        ("moves", date(2026, 3, 15), "beans"), ("leaves", date(2026, 3, 20), None),
    ]  # fmt: skip


def test_who_was_due_is_listed_with_whether_they_went_on_once_that_is_known() -> None:
    term = {"term_ends_at": at("2026-03-10")}
    rows = [
        contract("leaves", "2026-03-10", **term), contract("goes on", "2026-03-10", **term),
        contract("goes on", start="2026-03-10", term_ends_at=at("2027-03-10")),
        contract("last day", term_ends_at=at("2026-03-31")), contract("not due", term_ends_at=at("2026-06-10")),
    ]  # fmt: skip
    contracts, through = facts("subscriptions", rows), date(2026, 3, 31)
    asked = terms_ended(contracts, spells(contracts, "UTC"), "UTC", through)
    assert who_was_due(asked, through, [MARCH]).select("customer_id", "due_on", "is_renewed").rows() == [
        ("goes on", date(2026, 3, 10), True), ("leaves", date(2026, 3, 10), False),
        ("last day", date(2026, 3, 31), None),
    ]  # fmt: skip


def test_whose_revenue_changed_is_listed_with_what_they_paid_before_and_after() -> None:
    pays = {"mrr_minor": 1000, "currency": "EUR"}
    rows = [
        contract("stays", **pays), contract("leaves", "2026-03-20", **pays),
        contract("comes", start="2026-03-05", **pays),
        contract("same price", "2026-03-10", **pays), contract("same price", start="2026-03-10", **pays),
        contract("grows", **pays), contract("grows", start="2026-03-10", mrr_minor=500, currency="EUR"),
    ]  # fmt: skip
    found = whose_revenue_changed(paid(facts("subscriptions", rows), "UTC"), [MARCH, APRIL])
    assert found.select("customer_id", "before_minor", "after_minor", "period_start").rows() == [
        ("grows", 1000, 1500, MARCH[0]), ("leaves", 1000, 0, MARCH[0]),
    ]  # fmt: skip


def test_under_50_who_were_due_there_is_no_renewal_rate() -> None:
    for n, rate in ((49, None), (50, 0.8)):
        rows = [
            contract(f"c{i}", "2026-03-11" if i < 10 else None, term_ends_at=at("2026-03-10")) for i in range(n)
        ]  # fmt: skip
        contracts = facts("subscriptions", rows)
        made = parts(renewals(contracts, spells(contracts, "UTC"), "UTC", MARCH[1]), KPIS["renewal_rate"])
        month = points(made, "month", through=date(2026, 3, 31)).filter(pl.col("scope") == "{}").row(0, named=True)
        assert (month["n"], month["total"], month["value"]) == (n, n - 10, rate)
        assert (month["low"] is None) == (rate is None)
