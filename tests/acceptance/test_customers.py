"""Real customers: who left, by contract, on one snapshot day; and every order of a shop, none of them lost."""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from sql.store import Store, store_at
from sql.tables import FACTS, batch_tables
from tests.acceptance.examples import example, real_file
from tests.acceptance.runner import answer, run_loop

LAST = date(2019, 7, 1)
SNAPSHOT = date(2019, 6, 30)
N_SUBSCRIBERS, N_LEFT = 7_043, 1_869
N_ORDERS, N_BUYERS = 69_659, 23_570
ORDERS, SUBSCRIPTIONS = FACTS["orders"].c, FACTS["subscriptions"].c


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example after one run."""
    folder = example("customers", tmp_path_factory.mktemp("customers") / "project")
    assert run_loop(folder, LAST) is None
    return folder


@pytest.fixture(scope="module")
def raw() -> list[dict[str, str]]:
    """The table of subscribers as it came, row by row."""
    with real_file("telco_churn/Telco-Customer-Churn.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def churn(folder: Path, *arguments: str) -> dict[str, Any]:
    (found,) = answer(folder, "kpi", "churn_rate", "--by", "month", "--from", "2019-06-01", *arguments)
    assert (found["period_start"], found["period_end"]) == ("2019-06-01", "2019-07-01")
    return found


def test_the_churn_of_the_snapshot_day(customers: Path) -> None:
    found = churn(customers)
    assert (round(100 * found["value"], 2), found["n"], found["unit"]) == (26.54, N_SUBSCRIBERS, "share")
    assert found["value"] * found["n"] == pytest.approx(N_LEFT)


@pytest.mark.parametrize(("contract", "percent"), [("Month-to-month", 42.7), ("One year", 11.3), ("Two year", 2.8)])
def test_the_churn_by_contract_is_that_of_a_count_row_by_row(
    customers: Path, raw: list[dict[str, str]], contract: str, percent: float
) -> None:
    n = n_left = 0
    for row in raw:
        if row["Contract"] == contract:
            n += 1
            n_left += row["Churn"] == "Yes"
    found = churn(customers, "--scope", f"product={contract}")
    assert round(100 * found["value"], 1) == percent
    assert (found["value"], found["n"]) == (pytest.approx(n_left / n, rel=1e-12), n)


def test_everybody_who_left_did_so_on_the_snapshot_day(customers: Path) -> None:
    left = select(SUBSCRIPTIONS.ended_at, func.count().label("n")).group_by(SUBSCRIPTIONS.ended_at)
    with store_at(str(customers)).reading() as connection:
        found = {row["ended_at"]: row["n"] for row in Store.rows(connection, left)}
    assert found.pop(None) == N_SUBSCRIBERS - N_LEFT
    assert {(day.date(), n) for day, n in found.items()} == {(SNAPSHOT, N_LEFT)}


def test_no_order_is_lost(customers: Path) -> None:
    n_cds = n_cents = 0
    lines = real_file("cdnow/CDNOW_master.txt").read_text(encoding="utf-8").splitlines()[1:]
    for line in lines:
        _, _, cds, dollars = line.split()
        n_cds += int(cds)
        n_cents += round(float(dollars) * 100)
    wanted = select(
        func.count().label("n"),
        func.count(ORDERS.customer_id.distinct()).label("buyers"),
        func.sum(ORDERS.quantity).label("cds"),
        func.sum(ORDERS.amount_minor).label("cents"),
    )
    counts = [batch_tables.c[f"n_{name}"] for name in ("source", "inserted", "quarantined", "left_out", "unreadable")]
    with store_at(str(customers)).reading() as connection:
        (found,) = Store.rows(connection, wanted)
        (batch,) = Store.rows(connection, select(*counts).where(batch_tables.c.table_name == "orders"))
    assert found == {"n": N_ORDERS, "buyers": N_BUYERS, "cds": n_cds, "cents": n_cents}
    assert tuple(batch.values()) == (N_ORDERS, N_ORDERS, 0, 0, 0)


def bought_on() -> dict[str, set[date]]:
    """The days on which each customer of the shop bought something."""
    days: dict[str, set[date]] = defaultdict(set)
    with real_file("cdnow/CDNOW_master.txt").open(encoding="ascii") as stream:
        next(stream)
        for line in stream:
            customer, day, *_ = line.split()
            days[customer].add(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).date())
    return days


def test_how_often_customers_buy_is_what_going_through_each_customers_days_gives(customers: Path) -> None:
    days = bought_on()
    rows = answer(customers, "kpi", "purchase_frequency", "--by", "month")
    assert len(rows) == 16  # of 18 months: the first ninety days end with March
    for row in rows:
        end = date.fromisoformat(row["period_end"])
        counts = [sum(end - timedelta(days=90) <= day < end for day in of) for of in days.values()]
        n = sum(count > 0 for count in counts)
        assert (row["n"], row["value"]) == (n, pytest.approx(sum(counts) / n, rel=1e-12))
        assert row["low"] < row["value"] < row["high"]


def test_who_buys_again_within_90_days_is_what_going_through_each_customers_days_gives(customers: Path) -> None:
    days = bought_on()
    n = n_again = n_open = 0
    for of_customer in map(sorted, days.values()):
        for day, later in pairwise([*of_customer, None]):
            assert day is not None
            is_open = day + timedelta(days=90) > date(1998, 6, 30)
            n_open += is_open
            n += not is_open
            n_again += not is_open and later is not None and (later - day).days <= 90
    (found,) = answer(customers, "kpi", "repeat_purchase_rate", "--by", "all")
    assert (found["n"], found["value"]) == (n, pytest.approx(n_again / n, rel=1e-12))
    assert found["bound_low"] == pytest.approx(n_again / (n + n_open), rel=1e-12)
