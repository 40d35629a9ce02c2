from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import TooFewPointsError
from tasks.measure.contacts.tickets import turns
from tasks.measure.customers.risk import separation
from tasks.measure.customers.risk_signals import Known
from tasks.measure.customers.watch import HORIZON_DAYS, as_known, commonest, revenue_now, watched
from tests.factories import at, facts

THROUGH = date(2026, 3, 1)
NOW = THROUGH + timedelta(days=1)
ORDERS = {"customer_id": pl.String(), "ordered_at": pl.Datetime("us", "UTC"), "deleted_at": pl.Datetime("us", "UTC")}


def known(contracts: list[dict[str, Any]], tickets: list[dict[str, Any]]) -> Known:
    return Known(
        facts("subscriptions", contracts), facts("tickets", tickets), facts("survey_answers", []),
        pl.DataFrame(schema=ORDERS), "UTC",
    )  # fmt: skip


def company() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """At every moment the same: a hundred who wrote, forty of whom leave; a hundred who did not, of whom four leave."""
    contracts: list[dict[str, Any]] = [
        {"customer_id": "first", "started_at": at("2023-01-01"), "ended_at": at("2024-09-01")}
    ]
    tickets: list[dict[str, Any]] = [
        {"customer_id": "first", "opened_at": at("2024-06-01"), "resolved_at": at("2024-06-02")}
    ]
    for number in range(5):
        moment = NOW - timedelta(days=HORIZON_DAYS * number)
        for i in range(200):
            name, wrote = f"c{number}-{i:03}", i < 100
            leaves = number > 0 and (i % 100) < (40 if wrote else 4)
            ended = at(str(moment + timedelta(days=10 + i % 50))) if leaves else None
            contracts.append({
                "customer_id": name, "started_at": at(str(moment - timedelta(days=60))), "ended_at": ended,
                "mrr_minor": 1000, "currency": "EUR",
            })  # fmt: skip
            if wrote:
                opened = at(str(moment - timedelta(days=5)))
                tickets.append({"customer_id": name, "opened_at": opened, "resolved_at": opened})
    return contracts, tickets


def test_those_like_the_ones_who_left_are_likelier_to_and_the_reason_is_said() -> None:
    contracts, tickets = company()
    held = known(contracts, tickets)
    found = watched(held, turns(held.tickets, facts("ticket_events", [])), THROUGH)
    above = found.customers.filter(pl.col("standing") == "above")
    assert set(above["customer_id"]) == {f"c0-{i:03}" for i in range(100)}
    assert found.customers.height == 200 + 4 * (60 + 96)
    assert {reasons[0] for reasons in above["reasons"].to_list()} == {"one contact in 30 days"}
    assert above["risk_share"].to_list() == pytest.approx([0.4] * 100, abs=0.05)


def test_who_has_an_end_already_is_no_risk_but_a_fact() -> None:
    contracts, tickets = company()
    contracts.append({"customer_id": "leaving", "started_at": at("2026-01-01"), "ended_at": at("2026-03-20")})
    held = known(contracts, tickets)
    found = watched(held, turns(held.tickets, facts("ticket_events", [])), THROUGH)
    assert "leaving" not in found.customers["customer_id"]


def test_before_a_source_told_who_left_nothing_is_learned() -> None:
    contracts, tickets = company()
    silent = [{**row, "ended_at": None} for row in contracts]
    held = known(silent, tickets)
    with pytest.raises(TooFewPointsError, match="the history has 0 cases"):
        watched(held, turns(held.tickets, facts("ticket_events", [])), THROUGH)


def test_revenue_is_that_of_running_contracts_per_currency() -> None:
    def contract(name: str, cents: int | None, currency: str | None, end: str | None = None) -> dict[str, Any]:
        return {
            "customer_id": name, "started_at": at("2026-01-01"), "ended_at": at(end) if end else None,
            "mrr_minor": cents, "currency": currency,
        }  # fmt: skip

    rows = [contract("a", 100, "EUR"), contract("a", 50, "EUR"), contract("a", 7, "USD"),
            contract("a", 9, "EUR", "2026-02-01"), contract("b", None, None)]  # fmt: skip
    assert revenue_now(facts("subscriptions", rows), "UTC", NOW).rows() == [
        ("a", "EUR", 150),
        ("a", "USD", 7),
        ("b", None, None),
    ]


def test_an_end_that_came_to_light_later_is_not_known_yet() -> None:
    day = {name: at(f"2026-03-{name}") for name in ("01", "02", "05", "09", "20")}
    contracts = facts("subscriptions", [
        {"customer_id": "left before", "started_at": day["01"], "ended_at": day["01"]},
        {"customer_id": "left since", "started_at": day["01"], "ended_at": day["05"]},
        {"customer_id": "gave notice", "started_at": day["01"], "ended_at": day["05"], "notice_at": day["01"]},
        {"customer_id": "notice since", "started_at": day["01"], "ended_at": day["05"], "notice_at": day["02"]},
        {"customer_id": "ends ahead", "started_at": day["01"], "ended_at": day["20"]},
        {"customer_id": "came since", "started_at": day["05"]},
        {"customer_id": "always there"},
    ])  # fmt: skip
    found = as_known(contracts, "UTC", THROUGH, date(2026, 3, 8))
    assert dict(found.select("customer_id", "ended_at").iter_rows()) == {
        "left before": day["01"], "left since": None, "gave notice": day["05"], "notice since": None,
        "ends ahead": day["20"], "always there": None,
    }  # fmt: skip
    assert as_known(contracts, "UTC", THROUGH, THROUGH).equals(contracts)
    assert as_known(contracts.clear(), "UTC", THROUGH, date(2026, 3, 8)).is_empty()


def test_the_commonest_reasons_of_so_many_that_they_may_be_told() -> None:
    said = [["n_contacts", "product"], ["n_contacts"], ["product", "product"], [], ["tenure_days"]]
    frame = pl.DataFrame({"signals": said}, schema={"signals": pl.List(pl.String)})
    assert commonest(frame, 2).rows() == [("n_contacts", 2), ("product", 2)]
    assert commonest(frame.clear(), 2).is_empty()


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=30))
def test_how_well_leavers_are_told_apart_is_counted_on_pairs(cases: list[tuple[int, bool]]) -> None:
    left, stayed = ([odds for odds, has_left in cases if has_left is kind] for kind in (True, False))
    assume(left and stayed)
    pairs = [1.0 if one > other else 0.5 if one == other else 0.0 for one in left for other in stayed]
    odds, outcome = (np.array(column, dtype=np.float64) for column in zip(*cases, strict=True))
    assert separation(odds, outcome) == pytest.approx(sum(pairs) / len(pairs))


def test_those_likelier_to_leave_share_a_reason() -> None:
    contracts, tickets = company()
    held = known(contracts, tickets)
    found = watched(held, turns(held.tickets, facts("ticket_events", [])), THROUGH)
    assert 0.7 < found.model.separation < 1
    above = found.customers.filter(pl.col("standing") == "above")
    assert commonest(above, 5).row(0) == ("n_contacts", 100)
