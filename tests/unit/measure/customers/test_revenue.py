from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from polars.testing import assert_frame_equal

from tasks.measure.customers.retention import FEWEST
from tasks.measure.customers.revenue import changes_of, paid, revenue, totals, totals_together
from tasks.measure.customers.spells import unpaused
from tests.factories import at, facts

MARCH = (date(2026, 3, 1), date(2026, 4, 1))
GROSS, NET = "revenue_churn_rate", "net_revenue_retention"


def figures(
    contracts: pl.DataFrame, kind: str, spans: list[tuple[date, date]], running: pl.DataFrame | None = None
) -> pl.DataFrame:
    is_one = contracts["currency"].n_unique() == 1

    def summed(held: pl.DataFrame) -> pl.DataFrame:
        """Of all contracts at once, which is that of two lots of customers added up."""
        whole = totals(changes_of(held, is_one=is_one), spans)
        is_first = pl.col("customer_id").hash() % 2 == 0
        lots = [changes_of(held.filter(is_mine), is_one=is_one) for is_mine in (is_first, ~is_first)]
        assert_frame_equal(totals_together([totals(lot, spans) for lot in lots]), whole, check_row_order=False)
        return whole

    gross = summed(contracts)
    return revenue(gross, kind, gross if running is None else summed(running))


def contract(
    customer: str, mrr: int | None, start: str = "2026-01-01", end: str | None = None, **more: Any
) -> dict[str, Any]:
    return {"customer_id": customer, "mrr_minor": mrr, "currency": "EUR", "started_at": at(start),
            "ended_at": at(end) if end else None, **more}  # fmt: skip


def march(*rows: dict[str, Any], scope: str = "{}") -> dict[str, dict[str, Any]]:
    found = figures(paid(facts("subscriptions", rows), "UTC"), "month", [MARCH]).filter(pl.col("scope") == scope)
    return {row["kpi"]: row for row in found.to_dicts()}


STAY = [contract(f"stays {i}", 1000) for i in range(96)]


def test_what_left_and_shrank_over_what_was_there_and_growth_only_in_the_net() -> None:
    # 100,000 when March begins: 96 × 1,000 stay, 1,000 leave, 2,000 shrink to 500, 1,000 grow to 4,000
    rows = [
        *STAY, contract("leaves", 1000, end="2026-03-10"),
        contract("shrinks", 2000, end="2026-03-15"), contract("shrinks", 500, "2026-03-15"),
        contract("grows", 1000, end="2026-03-20"), contract("grows", 4000, "2026-03-20"),
        contract("comes", 9000, "2026-03-02"),
    ]  # fmt: skip
    found = march(*rows)
    assert (found[GROSS]["n"], found[GROSS]["total"], found[GROSS]["total_sq"]) == (99, 2500.0, 100_000.0)
    assert found[GROSS]["value"] == pytest.approx(0.025)
    assert found[NET]["value"] == pytest.approx((100_000 - 2500 + 3000) / 100_000)
    assert found[GROSS]["low"] < 0.025 < found[GROSS]["high"]
    assert found[NET]["low"] < 1.005 < found[NET]["high"]


def test_the_bounds_are_those_of_a_ratio_over_customers() -> None:
    found = march(*STAY, *(contract(f"leaves {i}", 1000, end="2026-03-10") for i in range(4)))
    # all pay the same: the ratio is a share, and its bounds nearly Wilson's for 4 of 100
    assert (found[GROSS]["low"], found[GROSS]["high"]) == (
        pytest.approx(0.0157, abs=5e-4),
        pytest.approx(0.0984, abs=5e-4),
    )
    one = march(*STAY, contract("pays for all", 96_000, end="2026-03-10"))
    assert one[GROSS]["value"] == 0.5
    assert one[GROSS]["high"] - one[GROSS]["low"] > 0.7  # one customer says nothing about the others


def net_of(n: int, n_left: int, n_doubled: int) -> tuple[float, float]:
    """The interval where n customers of a like size were there."""
    rows = [contract(f"c{i}", 1000, end="2026-03-10" if i < n_left + n_doubled else None) for i in range(n)]
    more = [contract(f"c{i}", 2000, "2026-03-10") for i in range(n_left, n_left + n_doubled)]
    found = march(*rows, *more)[NET]
    return found["low"], found["high"]


def test_sixty_customers_of_whom_nobody_left_or_grew_do_not_make_retention_certain() -> None:
    # two more customers, one who leaves and one who doubles: t of 59 degrees of freedom 2.001 × √2 / 60
    assert net_of(60, 0, 0) == (pytest.approx(1 - 0.04716, abs=1e-4), pytest.approx(1 + 0.04716, abs=1e-4))


@pytest.mark.parametrize(("leave", "double"), [(0.005, 0.0), (0.01, 0.02), (0.03, 0.0), (0.03, 0.1), (0.1, 0.1)])
@pytest.mark.parametrize("n", [50, 100, 300])
def test_the_interval_of_retention_holds_the_truth_also_where_leaving_is_rare(
    n: int, leave: float, double: float
) -> None:
    """By simulation; without the two more it held it in 22 to 95 of 100."""
    drawn = default_rng(7).multinomial(n, [leave, double, 1 - leave - double], 400)
    x = 1000.0 * n
    moved = 1000.0 * (drawn[:, 0] + drawn[:, 1])
    totals_of = pl.DataFrame({
        "scope": [str(i) for i in range(400)], "period_start": MARCH[0], "period_end": MARCH[1], "n": n, "x": x,
        "xx": 1e6 * n, "lost": 1000.0 * drawn[:, 0], "lost_sq": 1e6 * drawn[:, 0], "lost_x": 1e6 * drawn[:, 0],
        "gained": 1000.0 * (drawn[:, 1] - drawn[:, 0]), "gained_sq": 1000 * moved,
        "gained_x": 1e6 * (drawn[:, 1] - drawn[:, 0]),
    })  # fmt: skip
    net = revenue(totals_of, "month", totals_of).filter(pl.col("kpi") == NET)
    is_held = (net["low"] <= 1 - leave + double) & (net["high"] >= 1 - leave + double)
    assert is_held.mean() >= 0.925


def test_a_new_contract_at_the_same_price_is_no_loss() -> None:
    found = march(*STAY, contract("renews", 700, end="2026-03-10"), contract("renews", 700, "2026-03-10"))
    assert (found[GROSS]["total"], found[NET]["value"]) == (0.0, 1.0)
    assert 0 < found[GROSS]["high"] < 0.05


def test_who_left_and_came_back_within_the_period_has_lost_nothing_by_its_end() -> None:
    found = march(*STAY, contract("pauses", 1000, end="2026-03-05"), contract("pauses", 1000, "2026-03-25"))
    assert found[GROSS]["total"] == 0.0


def test_what_is_paused_is_not_lost_and_not_paid_and_what_ends_in_a_pause_is_lost() -> None:
    rows = [
        *STAY,
        contract("pauses", 1000, paused_at=at("2026-03-10")),
        contract("pauses and is back", 1000, paused_at=at("2026-03-05"), resumed_at=at("2026-03-20")),
        contract("paused before", 1000, paused_at=at("2026-02-10")),
        contract("leaves in a pause", 1000, end="2026-03-25", paused_at=at("2026-03-10")),
    ]
    contracts = facts("subscriptions", rows)
    found = figures(paid(contracts, "UTC"), "month", [MARCH], paid(unpaused(contracts), "UTC"))
    by = {row["kpi"]: row for row in found.filter(pl.col("scope") == "{}").to_dicts()}
    # under contract when March begins: 100; one of them ends
    assert (by[GROSS]["n"], by[GROSS]["total"], by[GROSS]["total_sq"]) == (100, 1000.0, 100_000.0)
    # paying when March begins: 99; two of them pay nothing at its end
    assert (by[NET]["n"], by[NET]["total"], by[NET]["total_sq"]) == (99, 97_000.0, 99_000.0)


def test_where_everybody_pauses_for_ever_there_is_nothing_to_retain() -> None:
    contracts = facts("subscriptions", [contract(f"c{i}", 1000, paused_at=at("2026-01-01")) for i in range(FEWEST)])
    found = figures(paid(contracts, "UTC"), "month", [MARCH], paid(unpaused(contracts), "UTC"))
    assert set(found["kpi"]) == {GROSS}


def test_money_of_two_currencies_is_never_added_up() -> None:
    rows = [
        *STAY,
        *(contract(f"swiss {i}", 1000, currency="CHF", end="2026-03-02" if i < 30 else None) for i in range(60)),
    ]
    assert march(*rows) == {}
    assert march(*rows, scope='{"currency":"CHF"}')[GROSS]["value"] == 0.5
    assert march(*rows, scope='{"currency":"EUR"}')[GROSS]["value"] == 0.0
    assert march(*rows, scope='{"source":"crm"}') == {}


def test_contracts_whose_revenue_nobody_knows_are_in_neither_sum() -> None:
    found = march(*STAY, contract("unknown", None, end="2026-03-10"), contract("free", 0, end="2026-03-10"))
    assert (found[GROSS]["n"], found[GROSS]["value"]) == (96, 0.0)


def test_under_50_customers_there_is_no_rate() -> None:
    rows = [contract(f"c{i}", 1000, end="2026-03-10" if i < 5 else None) for i in range(FEWEST - 1)]
    found = march(*rows)
    assert (found[GROSS]["n"], found[GROSS]["total"], found[GROSS]["value"]) == (FEWEST - 1, 5000.0, None)


def test_no_contract_gives_nothing() -> None:
    assert march() == {}


_CONTRACT = st.tuples(
    st.sampled_from([f"c{i}" for i in range(8)]), st.integers(1, 500), st.integers(0, 120), st.integers(1, 120)
)


@given(st.lists(_CONTRACT, max_size=30))
@settings(max_examples=60, deadline=None)
def test_it_is_what_counting_customer_by_customer_gives(rows: list[tuple[str, int, int, int]]) -> None:
    day = date(2026, 1, 1).toordinal()
    told = [(who, mrr, date.fromordinal(day + start), date.fromordinal(day + start + length))
            for who, mrr, start, length in rows]  # fmt: skip
    found = march(*(contract(who, mrr, str(start), str(end)) for who, mrr, start, end in told))

    def of(who: str, on: date) -> int:
        return sum(mrr for name, mrr, start, end in told if name == who and start <= on < end)

    there = {who: held for who, *_ in told if (held := of(who, date(2026, 2, 28)))}
    left = {who: of(who, date(2026, 3, 31)) for who in there}
    if not there:
        assert found == {}
        return
    assert (found[GROSS]["n"], found[GROSS]["total_sq"]) == (len(there), sum(there.values()))
    assert found[GROSS]["total"] == sum(max(0, held - left[who]) for who, held in there.items())
    assert found[NET]["total"] == sum(left.values())


@given(st.lists(_CONTRACT, min_size=1, max_size=30), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_counted_some_customers_at_a_time_it_is_the_same(rows: list[tuple[str, int, int, int]], most: int) -> None:
    day = date(2026, 1, 1)
    held = paid(
        facts("subscriptions", [
            contract(who, mrr, str(day + timedelta(days=start)), str(day + timedelta(days=start + length)))
            for who, mrr, start, length in rows
        ]), "UTC",
    )  # fmt: skip
    spans = [(day + timedelta(days=7 * n), day + timedelta(days=7 * n + 28)) for n in range(20)]
    with pytest.MonkeyPatch.context() as patch:
        whole = figures(held, "28d", spans)
        patch.setattr("tasks.measure.customers.revenue.MOST_CHANGES", most)
        assert_frame_equal(figures(held, "28d", spans), whole)
