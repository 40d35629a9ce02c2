"""Churn and revenue counted some customers at a time, beside the same of all customers at once."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.estimates import POINTS_SCHEMA
from tasks.measure.customers.leaving import Leavers, leavers, leavers_together, leaving
from tests.factories import at, facts
from tests.unit.measure.helpdesk import BERLIN

FIRST, THROUGH = date(2025, 9, 1), date(2026, 2, 28)
SCOPES = {
    "churn_rate": [{"segment": "home", "product": "beans"}, {"segment": "home"}],
    "net_revenue_retention": [{"segment": "home", "product": "beans"}],
}
CONTRACT = st.fixed_dictionaries({
    "customer_id": st.sampled_from("abcdefgh"), "start": st.integers(0, 150), "length": st.none() | st.integers(0, 90),
    "notice": st.none() | st.integers(0, 60), "pause": st.none() | st.integers(0, 60),
    "mrr_minor": st.none() | st.integers(0, 5) | st.integers(0, 900_000_000),
    "currency": st.sampled_from(["EUR", "USD"]),
    "segment": st.sampled_from(["home", "office", None]), "product": st.sampled_from(["beans", "pods"]),
    "end_reason": st.sampled_from(["price", "moved", None]), "is_voluntary": st.none() | st.booleans(),
})  # fmt: skip

AS_THEY_ARE = ("customer_id", "mrr_minor", "segment", "product", "end_reason", "is_voluntary")


def contracts(rows: list[dict[str, Any]], *, is_one: bool) -> pl.DataFrame:
    """Contracts from days since the first one."""

    def on(days: int | None) -> Any:
        return None if days is None else at(str(FIRST + timedelta(days=days)))

    told: list[dict[str, Any]] = []
    for row in rows:
        start, length, paused = row["start"], row["length"], row["pause"]
        end = None if length is None else start + length
        paused = None if paused is None or (end is not None and start + paused > end) else start + paused
        told.append({
            **{name: row[name] for name in AS_THEY_ARE},
            "currency": "EUR" if is_one else row["currency"], "started_at": on(start), "ended_at": on(end),
            "notice_at": None if row["notice"] is None else on(start + row["notice"]), "paused_at": on(paused),
            "resumed_at": None if paused is None else on(paused + 7),
        })  # fmt: skip
    return facts("subscriptions", told)


def told(counted: Leavers) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=POINTS_SCHEMA), *leaving(counted, THROUGH)])


@settings(deadline=None, max_examples=25)
@given(st.lists(CONTRACT, min_size=1, max_size=25), st.booleans(), st.sampled_from(["end", "notice"]))
def test_some_customers_at_a_time_give_what_all_give_at_once(
    rows: list[dict[str, Any]], is_one: bool, booked_on: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for room in ("spells", "revenue"):
            patch.setattr(f"tasks.measure.customers.{room}.FEWEST", 1)
        held = contracts(rows, is_one=is_one)
        whole = leavers(held, BERLIN, THROUGH, SCOPES, booked_on)
        assert told(leavers(held.reverse(), BERLIN, THROUGH, SCOPES, booked_on)).equals(told(whole))
        for one in (True, False):
            parts = [
                leavers(
                    held.filter(pl.col("customer_id").is_in([*names])), BERLIN, THROUGH, SCOPES, booked_on,
                    since=FIRST, is_one=one,
                )
                for names in ("abc", "de", "fgh")
            ]  # fmt: skip
            counted = leavers_together(parts)
            if len(counted.currencies) <= 1:
                break
        assert (counted.first, counted.currencies) == (whole.first, whole.currencies)
        assert told(counted).equals(told(whole))


def test_nothing_is_told_while_nobody_is_known_to_have_left() -> None:
    row = {"start": 0, "length": None, "notice": None, "pause": None, "mrr_minor": 100, "currency": "EUR"}
    rest = {"segment": "home", "product": "beans", "end_reason": None, "is_voluntary": None}
    held = contracts([{"customer_id": name, **row, **rest} for name in "ab"], is_one=True)
    assert told(leavers(held, BERLIN, THROUGH, SCOPES)).is_empty()
    assert told(leavers(held, BERLIN, THROUGH, SCOPES, since=FIRST, is_one=True)).is_empty()
