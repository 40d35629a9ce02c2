from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.estimates import points
from domain.kpis import KPIS
from domain.roadmap.company import Churn
from tasks.measure.customers.spells import (
    active,
    at_notice,
    left,
    left_together,
    renewals,
    spells,
    stints,
    unpaused,
    win_backs,
)  # fmt: skip
from tasks.measure.customers.spells import churn as churn_of
from tasks.measure.entries import parts
from tests.factories import at, facts

JANUARY = date(2026, 1, 1)
MARCH = (date(2026, 3, 1), date(2026, 4, 1))


def churn(
    spent: pl.DataFrame, kind: str, spans: Sequence[tuple[date, date]], scopes: Sequence[Mapping[str, str]] = ()
) -> pl.DataFrame:
    """The churn of all spells at once, which is that of two lots of customers added up."""
    whole = churn_of(left(spent, spans, scopes), kind)
    is_first = pl.col("customer_id").hash() % 2 == 0
    lots = [left(spent.filter(is_mine), spans, scopes) for is_mine in (is_first, ~is_first)]
    assert churn_of(left_together(lots), kind).equals(whole)
    return whole


def held(*rows: dict[str, object]) -> pl.DataFrame:
    return spells(facts("subscriptions", rows), "UTC")


def stays(*rows: dict[str, object]) -> pl.DataFrame:
    contracts = facts("subscriptions", rows)
    return stints(spells(contracts, "UTC"), contracts, "UTC")


def march(*rows: dict[str, object]) -> dict[str, object]:
    found = churn(stays(*rows), "month", [MARCH]).filter(pl.col("scope") == "{}")
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
    found = churn(stays(*rows), "month", [MARCH], [{"segment": "home", "product": "none"}])
    by_scope = {row["scope"]: (row["n"], row["total"]) for row in found.to_dicts()}
    members = [by_scope['{"segment":"home"}'], by_scope['{"segment":"office"}']]
    assert by_scope["{}"] == tuple(map(sum, zip(*members, strict=True))) == (24, 6.0)


def plan(customer: str, product: str, start: str, end: str | None = None, **values: object) -> dict[str, object]:
    ended = at(end) if end else None
    return {"customer_id": customer, "product": product, "started_at": at(start), "ended_at": ended, **values}


def by_product(rows: Sequence[dict[str, object]], spans: Sequence[tuple[date, date]]) -> dict[str, list[tuple]]:
    """Who was there and who left, of the whole and of each product, by period."""
    found = churn(stays(*rows), "month", spans).filter(~pl.col("scope").str.contains("reason|voluntary"))
    by = found.filter(pl.col("scope").str.contains("^\\{\\}$|product")).sort("scope", "period_start")
    return {
        str(scope): held.select("n", "total").rows() for (scope,), held in by.group_by("scope", maintain_order=True)
    }


def test_who_changes_product_later_was_under_the_old_one_until_then_and_has_left_neither() -> None:
    # 60 are on beans until April; 3 of them leave in March, the others go on with pods
    on_beans = [plan(f"c{i}", "beans", "2026-01-01", "2026-03-10" if i < 3 else "2026-04-01") for i in range(60)]
    on_pods = [plan(f"c{i}", "pods", "2026-04-01", "2026-05-05" if i < 10 else None) for i in range(3, 60)]
    spans = [(date(2026, month, 1), date(2026, month + 1, 1)) for month in (2, 3, 4, 5)]
    beans, pods = '{"product":"beans"}', '{"product":"pods"}'
    assert by_product(on_beans + on_pods, spans) == {
        "{}": [(60, 0.0), (60, 3.0), (57, 0.0), (57, 7.0)],
        beans: [(60, 0.0), (60, 3.0), (57, 0.0)],  # before April begins they are still there
        pods: [(57, 7.0)],
    }
    level = active(stays(*on_beans, *on_pods)).group_by("product", "booked_day").agg(pl.col("n_items").sum())
    assert sorted(level.filter(pl.col("n_items") != 0).rows()) == [
        ("beans", date(2026, 1, 1), 60), ("beans", date(2026, 3, 10), -3), ("beans", date(2026, 4, 1), -57),
        ("pods", date(2026, 4, 1), 57), ("pods", date(2026, 5, 5), -7),
    ]  # fmt: skip


def test_who_moves_to_another_product_and_leaves_within_the_period_has_left_the_first() -> None:
    rows = [plan("a", "beans", "2026-01-01", "2026-03-10"), plan("a", "pods", "2026-03-10", "2026-03-20")]
    assert by_product(rows, [MARCH]) == {"{}": [(1, 1.0)], '{"product":"beans"}': [(1, 1.0)]}


def test_of_two_contracts_that_run_the_one_that_began_first_says_the_product() -> None:
    rows = [plan("a", "beans", "2026-01-01", "2026-03-10"), plan("a", "pods", "2026-02-01")]
    found = stays(*rows).select("product", "start", "end").rows()
    assert found[0] == ("beans", date(2026, 1, 1), date(2026, 3, 10))
    assert found[1][:2] == ("pods", date(2026, 3, 10))


def test_a_renewal_counts_under_the_contract_that_was_due_whatever_is_signed_then() -> None:
    rows = [
        year("a", "2025-03-01", "2026-03-01", "2026-03-01") | {"product": "beans"},
        year("a", "2026-03-01", "2027-03-01") | {"product": "pods"},
    ]
    contracts = facts("subscriptions", rows)
    found = renewals(contracts, spells(contracts, "UTC"), "UTC", date(2026, 12, 31))
    assert set(found["product"]) == {"beans"}


_PLANS = st.tuples(
    st.sampled_from("abcd"), st.sampled_from(["beans", "pods"]), st.integers(0, 100), st.none() | st.integers(0, 60)
)


@settings(deadline=None, max_examples=60)
@given(st.lists(_PLANS, max_size=12), st.integers(5, 110), st.integers(1, 40))
def test_churn_and_level_by_product_are_what_walking_through_each_customers_days_gives(
    told: list[tuple[str, str, int, int | None]], first: int, length: int
) -> None:
    lives = [(who, product, start, 9_999 if days is None else start + days) for who, product, start, days in told]

    def product_on(who: str, day: int) -> str | None:
        running = [(start, place) for place, (name, _, start, end) in enumerate(lives)
                   if name == who and start <= day < end]  # fmt: skip
        return lives[min(running)[1]][1] if running else None

    rows = [
        {"customer_id": who, "product": product, "subscription_id": f"{place:02}",
         "started_at": at(str(JANUARY + timedelta(days=start))),
         "ended_at": None if end == 9_999 else at(str(JANUARY + timedelta(days=end)))}
        for place, (who, product, start, end) in enumerate(lives)
    ]  # fmt: skip
    span = (JANUARY + timedelta(days=first), JANUARY + timedelta(days=first + length))
    expected = {}
    for product in ("beans", "pods"):
        there = [who for who in "abcd" if product_on(who, first - 1) == product]
        # gone: a day in the period without a contract
        n_left = sum(any(product_on(who, day) is None for day in range(first, first + length)) for who in there)
        if there:
            expected[f'{{"product":"{product}"}}'] = [(len(there), float(n_left))]
    found = by_product(rows, [span])
    assert {scope: counts for scope, counts in found.items() if scope != "{}"} == expected
    entries = active(stays(*rows))
    for product in ("beans", "pods"):
        mine = entries.filter(pl.col("product") == product, pl.col("booked_day") <= span[0])
        assert mine["n_items"].sum() == sum(product_on(who, first) == product for who in "abcd")


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
    found = churn(stays(*rows), "month", [MARCH], [{"source": "crm"}])
    left = {row["scope"]: (row["n"], row["total"]) for row in found.to_dicts()}
    assert left['{"reason":"price"}'] == left['{"reason":"price","source":"crm"}'] == (60, 3.0)
    assert (left['{"reason":"moved"}'], left['{"reason":"card-refused"}']) == ((60, 1.0), (60, 2.0))
    assert (left['{"voluntary":"yes"}'], left['{"voluntary":"no"}']) == ((60, 4.0), (60, 2.0))


def test_a_month_in_which_nobody_left_for_a_reason_says_so() -> None:
    rows = many(60, 6, end_reason="price")
    found = churn(stays(*rows), "month", [MARCH, (date(2026, 4, 1), date(2026, 5, 1))])
    by_month = found.filter(pl.col("scope") == '{"reason":"price"}').select("n", "total", "value").rows()
    assert by_month == [(60, 6.0, 0.1), (54, 0.0, 0.0)]


def test_churn_booked_at_notice_is_told_when_notice_was_given() -> None:
    rows = many(60, 3, notice_at=at("2026-02-10"))  # they end in March
    contracts = facts("subscriptions", rows)
    february = (date(2026, 2, 1), date(2026, 3, 1))
    found = {
        booked_on: churn(frame, "month", [february, MARCH]).filter(pl.col("scope") == "{}")["total"].to_list()
        for booked_on, frame in {
            "end": stays(*rows),
            "notice": stints(at_notice(spells(contracts, "UTC"), contracts, "UTC"), contracts, "UTC"),
        }.items()
    }
    assert found == {"end": [0.0, 3.0], "notice": [3.0, 0.0]}


def test_who_gives_notice_and_goes_on_with_another_contract_has_not_left() -> None:
    first = {"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-03-15")}
    rows = [first | {"notice_at": at("2026-02-01")}, {"customer_id": "a", "started_at": at("2026-03-15")}]
    contracts = facts("subscriptions", rows)
    assert at_notice(spells(contracts, "UTC"), contracts, "UTC").equals(spells(contracts, "UTC"))


def yearly(n: int, n_left: int, term: str) -> list[dict[str, object]]:
    return [row | {"customer_id": f"year {i}", "term_ends_at": at(term)} for i, row in enumerate(many(n, n_left))]


def test_annual_contracts_that_are_not_due_have_no_monthly_rate() -> None:
    # 60 who cannot leave before December, of whom 2 get out in March all the same
    found = march(*yearly(60, 2, "2026-12-31"))
    assert (found["n"], found["total"], found["value"], found["low"], found["high"]) == (60, 2.0, None, None, None)
    # as many by the month: half of them can leave, and the rate is that of all
    assert march(*yearly(60, 2, "2026-12-31"), *many(60, 2))["value"] == pytest.approx(4 / 120)
    assert march(*yearly(60, 2, "2026-12-31"), *many(59, 2))["value"] is None


@pytest.mark.parametrize(("term", "is_told"), [
    ("2026-02-15", True),  # over, and goes on by the month
    ("2026-03-01", True), ("2026-03-31", True), ("2026-04-01", True),  # due within it, or within a month of its start
    ("2026-04-02", False),
])  # fmt: skip
def test_who_is_due_in_the_period_can_leave(term: str, is_told: bool) -> None:
    assert (march(*yearly(60, 2, term))["value"] is not None) == is_told


def test_contracts_of_a_month_have_a_rate_of_the_week() -> None:
    monday = date(2026, 3, 2)
    found = churn(stays(*yearly(60, 2, "2026-04-01")), "week", [(monday, monday + timedelta(days=7))])
    assert found.filter(pl.col("scope") == "{}")["value"].to_list() == [0.0]


_TERMS = st.tuples(st.integers(0, 60), st.none() | st.integers(1, 90), st.none() | st.integers(1, 120))


@settings(deadline=None, max_examples=60)
@given(st.lists(_TERMS, min_size=1, max_size=12), st.sampled_from([1, 7, 28, 90]))
def test_who_is_bound_is_who_walking_through_the_contracts_finds(
    told: list[tuple[int, int | None, int | None]], length: int
) -> None:
    rows = [
        paused(str(place), start, days and start + days, None, None)
        | ({"term_ends_at": at(str(JANUARY + timedelta(days=start + term)))} if term else {})
        for place, (start, days, term) in enumerate(told)
    ]
    spans = [(JANUARY + timedelta(days=n), JANUARY + timedelta(days=n + length)) for n in range(1, 150, 7)]
    expected = {}
    for n in range(1, 150, 7):
        there = [(start, term) for start, days, term in told if start < n and (days is None or start + days >= n)]
        n_bound = sum(term is not None and start + term >= max(n + length, n + 32) for start, term in there)
        if there:
            expected[JANUARY + timedelta(days=n)] = (len(there), n_bound)
    began = left(stays(*rows), spans).began.filter(pl.col("scope") == "{}")
    assert {start: counts for start, *counts in began.select("period_start", "n", "n_bound").rows()} == {
        start: list(counts) for start, counts in expected.items()
    }


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
    entries = active(stays({"customer_id": "a", "started_at": at("2026-01-01"), "ended_at": at("2026-03-10")}))
    assert dict(entries.select("booked_day", "n_items").iter_rows()) == {date(2026, 1, 1): 1, date(2026, 3, 10): -1}


def paused(customer: str, start: int, end: int | None, pause: int | None, back: int | None) -> dict[str, object]:
    """A contract from day to day of 2026, with a pause."""
    instants = {"started_at": start, "ended_at": end, "paused_at": pause, "resumed_at": back}
    told = {name: at(str(JANUARY + timedelta(days=day))) for name, day in instants.items() if day is not None}
    return {"customer_id": customer, **told}


def active_on(day: int, rows: list[dict[str, object]]) -> int:
    running = unpaused(facts("subscriptions", rows))
    entries = active(stints(spells(running, "UTC"), running, "UTC"))
    return entries.filter(pl.col("booked_day") <= JANUARY + timedelta(days=day))["n_items"].sum()


def test_who_pauses_has_not_left_and_is_not_active_and_who_ends_it_in_the_pause_has_left() -> None:
    # March is day 59 to 89
    rows = [
        paused("pauses", 0, None, 65, None), paused("was back", 0, None, 65, 80), paused("leaves", 0, 80, 65, None),
        paused("paused before", 0, 70, 30, None), *(paused(f"c{i}", 0, None, None, None) for i in range(96)),
    ]  # fmt: skip
    found = march(*rows)
    assert (found["n"], found["total"], found["value"]) == (100, 2.0, 0.02)
    assert [active_on(day, rows) for day in (29, 30, 64, 65, 79, 80, 100)] == [100, 99, 99, 96, 96, 97, 97]


def test_who_pauses_one_contract_of_two_is_active() -> None:
    rows = [paused("a", 0, None, 10, None), paused("a", 5, 50, None, None)]
    assert [active_on(day, rows) for day in (9, 10, 49, 50)] == [1, 1, 1, 0]


_PAUSED = st.tuples(
    st.sampled_from("abc"), st.integers(0, 40), st.none() | st.integers(0, 60),
    st.none() | st.tuples(st.integers(0, 60), st.none() | st.integers(0, 30)),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(_PAUSED, max_size=8))
def test_the_level_is_the_customers_with_a_contract_that_is_not_paused(
    told: list[tuple[str, int, int | None, tuple[int, int | None] | None]],
) -> None:
    lives = [
        (who, start, None if length is None else start + length, pause and start + pause[0],
         None if pause is None or pause[1] is None else start + pause[0] + pause[1])
        for who, start, length, pause in told
    ]  # fmt: skip
    rows = [paused(*life) for life in lives]
    for day in range(0, 130, 3):
        there = {
            who for who, start, end, pause, back in lives
            if start <= day and (end is None or day < end)
            and not (pause is not None and pause <= day and (back is None or day < back))
        }  # fmt: skip
        assert active_on(day, rows) == len(there)


@pytest.mark.parametrize("win_back", ["2 working days", "36 h", "3 months", "3 years"])
def test_the_time_to_win_back_is_of_whole_days(win_back: str) -> None:
    with pytest.raises(ValidationError, match="are no whole days"):
        Churn.model_validate({"win_back": win_back})


def won_back(rows: list[dict[str, object]], through: int, within: int = 90) -> tuple[int, float, int]:
    entries = win_backs(held(*rows), JANUARY + timedelta(days=through), within)
    found = points(parts(entries, KPIS["winback_rate"]), "all").filter(pl.col("scope") == "{}")
    return found.select("n", "total", "n_open").row(0) if found.height else (0, 0.0, 0)


def test_who_is_back_in_time_is_won_back_and_open_until_then() -> None:
    rows = [
        paused("in time", 0, 10, None, None), paused("in time", 100, None, None, None),
        paused("late", 0, 10, None, None), paused("late", 101, None, None, None),
        paused("gone", 0, 10, None, None), paused("stays", 0, None, None, None),
        paused("goes on", 0, 10, None, None), paused("goes on", 10, None, None, None),
        paused("pauses", 0, None, 10, 50),
    ]  # fmt: skip
    assert won_back(rows, 99) == (0, 0.0, 3)
    assert won_back(rows, 100) == (3, 1.0, 0)
    assert won_back(rows, 400, within=91) == (3, 2.0, 0)
    assert won_back(rows, 9) == (0, 0.0, 0)


@settings(deadline=None, max_examples=40)
@given(told=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 60), st.integers(1, 40)), max_size=12),
       through=st.integers(0, 160), within=st.integers(1, 60))  # fmt: skip
def test_win_backs_are_what_walking_through_each_customers_days_gives(
    told: list[tuple[str, int, int]], through: int, within: int
) -> None:
    expected = [0, 0.0, 0]
    for who in "abcd":
        there = {day for name, start, length in told if name == who for day in range(start, start + length)}
        for day in (day + 1 for day in there if day + 1 not in there):
            if day <= through:
                is_over = day + within <= through
                expected[2] += not is_over
                expected[0] += is_over
                expected[1] += is_over and not there.isdisjoint(range(day, day + within + 1))
    rows = [paused(who, start, start + length, None, None) for who, start, length in told]
    assert list(won_back(rows, through, within)) == expected


@pytest.mark.parametrize("kind", ["day", "week"])
def test_nobody_there_gives_no_rate(kind: str) -> None:
    assert churn(stays(), kind, [MARCH]).is_empty()
