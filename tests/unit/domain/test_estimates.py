from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.estimates import PARTS_SCHEMA, points
from domain.histogram import bin_of, value_of

MONDAY = date(2016, 2, 29)


def part(kpi: str, booked: date, known: date | None = None, **values: object) -> dict[str, object]:
    return {"kpi": kpi, "scope": "{}", "booked_day": booked, "known_day": known or booked, "n_items": 0, "n": 0,
            "total": 0.0, "total_sq": 0.0, "bins": None, **values}  # fmt: skip


def frame(*parts: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(parts), schema=PARTS_SCHEMA)


def test_outcomes_not_yet_known_make_bounds() -> None:
    parts = frame(
        part("sla_attainment", MONDAY, n_items=10),
        part("sla_attainment", MONDAY, date(2016, 3, 5), n=6, total=3.0),
        part("sla_attainment", MONDAY, date(2016, 3, 20), n=4, total=4.0),
    )
    then = points(parts, "week", as_of=date(2016, 3, 7), through=date(2016, 3, 6)).row(0, named=True)
    assert (then["n"], then["n_open"], then["value"]) == (6, 4, 0.5)
    assert (then["bound_low"], then["bound_high"]) == (0.3, 0.7)
    now = points(parts, "week", through=date(2016, 3, 31)).row(0, named=True)
    assert (now["n"], now["n_open"], now["value"], now["bound_low"]) == (10, 0, 0.7, None)


def test_open_scores_of_nps_may_all_be_detractors_or_all_promoters_and_of_a_mean_anything() -> None:
    parts = frame(
        *(part(kpi, MONDAY, n_items=10) for kpi in ("nps", "ces")),
        # 4 promoters, 1 detractor and a passive; 6 efforts of 4
        part("nps", MONDAY, n=6, total=3.0, total_sq=5.0),
        part("ces", MONDAY, n=6, total=24.0, total_sq=96.0),
    )
    found = {row["kpi"]: row for row in points(parts, "all").to_dicts()}
    assert (found["nps"]["value"], found["nps"]["bound_low"], found["nps"]["bound_high"]) == (50.0, -10.0, 70.0)
    assert (found["ces"]["value"], found["ces"]["bound_low"], found["ces"]["bound_high"]) == (4.0, None, None)


def test_a_period_that_is_not_over_is_not_given() -> None:
    parts = frame(
        part("ticket_volume", MONDAY, n_items=1, n=1), part("ticket_volume", date(2016, 3, 9), n_items=1, n=1)
    )
    weeks = points(parts, "week", through=date(2016, 3, 12))
    assert weeks["period_start"].to_list() == [MONDAY]


def test_figures_over_all_count_every_row() -> None:
    parts = frame(
        part("ticket_volume", MONDAY, n_items=1, n=1), part("ticket_volume", date(2017, 3, 9), n_items=2, n=2)
    )
    whole = points(parts, "all").row(0, named=True)
    assert (whole["value"], whole["period_start"], whole["period_end"]) == (3.0, MONDAY, date(2017, 3, 10))


def test_a_median_lies_within_one_percent_and_its_interval_between_order_statistics() -> None:
    seconds = pl.DataFrame({"s": [60.0 * i for i in range(1, 101)]})
    bins = seconds.select(bin=bin_of(pl.col("s"))).group_by("bin").len().sort("bin")
    text = " ".join(f"{index}:{count}" for index, count in bins.iter_rows())
    found = points(frame(part("full_resolution_time", MONDAY, n_items=100, n=100, bins=text)), "all").row(0, named=True)
    assert found["value"] == pytest.approx(50 * 60, rel=0.01)
    assert found["low"] == pytest.approx(40 * 60, rel=0.01)
    assert found["high"] == pytest.approx(60 * 60, rel=0.01)


@given(st.floats(1, 1e8))
def test_a_bin_stands_for_its_durations_within_one_percent(seconds: float) -> None:
    shown = pl.DataFrame({"s": [seconds]}).select(value_of(bin_of(pl.col("s")))).item()
    assert shown == pytest.approx(seconds, rel=0.0101)


def test_a_median_with_open_outcomes_has_bounds() -> None:
    parts = frame(
        part("first_reply_time", MONDAY, n_items=5), part("first_reply_time", MONDAY, n=3, bins="100:1 200:1 300:1")
    )
    found = points(parts, "all").row(0, named=True)
    assert found["bound_low"] < found["value"] < found["bound_high"]


def test_taking_back_what_was_known_leaves_no_trace() -> None:
    parts = frame(
        part("full_resolution_time", MONDAY, n_items=2, n=2, bins="10:1 20:1"),
        part("full_resolution_time", MONDAY, date(2016, 3, 2), n_items=-1, n=-1, bins="10:-1"),
    )
    found = points(parts, "all").row(0, named=True)
    assert found["n"] == 1
    assert found["value"] == pytest.approx(pl.select(value_of(pl.lit(20))).item())


def test_a_level_is_the_sum_of_all_changes_up_to_the_end_of_the_period() -> None:
    parts = frame(
        part("active_customers", date(1970, 1, 1), n_items=100, n=100),
        part("active_customers", date(2016, 3, 1), n_items=-10, n=-10),
        part("active_customers", date(2016, 3, 8), n_items=5, n=5),
    )
    weeks = points(parts, "week", through=date(2016, 3, 13))
    assert weeks["value"].to_list() == [90.0, 95.0]


def test_contacts_are_per_100_customers_of_the_same_scope() -> None:
    parts = frame(
        part("active_customers", date(1970, 1, 1), n_items=200, n=200),
        part("active_customers", MONDAY, n_items=0, n=0),
        part("contact_rate", MONDAY, n_items=25, n=25, total=25.0),
    )
    found = points(parts, "week", through=date(2016, 3, 6)).filter(pl.col("kpi") == "contact_rate").row(0, named=True)
    assert (found["n"], found["value"]) == (25, 12.5)
    assert found["low"] < 12.5 < found["high"]


def rates(*parts: dict[str, object], through: date | None = None) -> list[tuple[date, int, float]]:
    found = points(frame(*parts), "week", through=through).filter(pl.col("kpi") == "contact_rate")
    return found.select("period_start", "n", "value").rows()


def test_a_week_in_which_the_first_customers_became_known_has_no_contacts_per_100() -> None:
    # 70 contacts, and customers are known from Thursday on: 100 are 57 on a mean day, which would make it 122.5
    came = part("contact_rate", MONDAY, n_items=70, n=70)
    known = part("active_customers", date(2016, 3, 3), n_items=100, n=100)
    later = part("contact_rate", date(2016, 3, 8), n_items=35, n=35)
    assert rates(came, known, later, through=date(2016, 3, 13)) == [(date(2016, 3, 7), 35, 35.0)]


def test_a_week_without_a_contact_is_none_of_100_once_it_is_complete() -> None:
    customers = part("active_customers", date(1970, 1, 1), n_items=200, n=200)
    came = [part("contact_rate", day, n_items=10, n=10) for day in (date(2016, 3, 8), date(2016, 3, 23))]
    second, third, fourth, fifth = (date(2016, 3, day) for day in (7, 14, 21, 28))
    # nothing is known of the time before the first contact
    with_none = [(second, 10, 5.0), (third, 0, 0.0), (fourth, 10, 5.0)]
    assert rates(customers, *came, through=date(2016, 3, 27)) == with_none
    assert rates(customers, *came, through=date(2016, 4, 3)) == [*with_none, (fifth, 0, 0.0)]
    none = points(frame(customers, *came), "week", through=date(2016, 4, 3)).filter(pl.col("kpi") == "contact_rate")
    assert none.filter(pl.col("n") == 0)["low"].to_list() == [0.0, 0.0]
    assert none.filter(pl.col("n") == 0)["high"].to_list() == [pytest.approx(3.69 / 2, abs=0.02)] * 2


def test_periods_that_nobody_says_are_complete_are_not_without_contacts() -> None:
    parts = frame(
        part("active_customers", date(1970, 1, 1), n_items=200, n=200),
        part("contact_rate", MONDAY, n_items=10, n=10),
    )
    spans = [(MONDAY, date(2016, 3, 7)), (date(2016, 3, 7), date(2016, 3, 14))]
    found = points(parts, "week", spans=spans).filter(pl.col("kpi") == "contact_rate")
    assert found["period_start"].to_list() == [MONDAY]


def test_contacts_are_per_100_orders_and_visits_per_contact_of_the_same_period() -> None:
    parts = frame(
        part("order_volume", MONDAY, n_items=40, n=40),
        part("contacts_per_100_orders", MONDAY, n_items=8, n=8, total=8.0),
        part("ticket_volume", MONDAY, n_items=8, n=8, total=8.0),
        part("help_center_visits_per_ticket", MONDAY, n_items=20, n=20, total=20.0),
    )
    found = {row["kpi"]: row for row in points(parts, "week", through=date(2016, 3, 6)).to_dicts()}
    orders, visits = found["contacts_per_100_orders"], found["help_center_visits_per_ticket"]
    assert (orders["n"], orders["value"], visits["n"], visits["value"]) == (8, 20.0, 20, 2.5)
    # 8 of 48 lie between 8.696 % and 29.578 % by Wilson: 9.525 and 42.001 on 100
    assert (orders["low"], orders["high"]) == (pytest.approx(9.525, abs=0.01), pytest.approx(42.001, abs=0.01))
    assert visits["low"] < 2.5 < visits["high"]


def test_without_a_contact_there_is_no_number_of_visits_per_contact() -> None:
    parts = frame(part("help_center_visits_per_ticket", MONDAY, n_items=20, n=20, total=20.0))
    assert points(parts, "week", through=date(2016, 3, 6)).is_empty()


@pytest.mark.parametrize("kind", ["day", "week", "month", "28d", "90d", "all"])
def test_no_parts_give_no_points(kind: str) -> None:
    assert points(frame(), kind).is_empty()  # pyright: ignore[reportArgumentType]


def test_trailing_windows_end_on_mondays_and_hold_four_whole_weeks() -> None:
    days = [date.fromordinal(MONDAY.toordinal() + i) for i in range(35)]
    parts = frame(*(part("ticket_volume", day, n_items=1, n=1) for day in days))
    found = points(parts, "28d", through=days[-1])
    assert found["value"].to_list() == [28.0, 28.0]
    assert found["period_end"].to_list() == [date(2016, 3, 28), date(2016, 4, 4)]
