from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from domain.estimates import PARTS_SCHEMA, points
from domain.stretches import rest_of, stretch_of, stretched, yearly
from domain.windows import PeriodKind, Window

FIRST = date(2026, 1, 7)


def daily(n_days: int) -> pl.DataFrame:
    """Two scopes of one duration; every third day something of it is taken back later."""
    rows: list[tuple[object, ...]] = []
    for i in range(n_days):
        day = FIRST + timedelta(days=i)
        for scope in ("{}", '{"channel":"chat"}'):
            rows.append(("full_resolution_time", scope, day, day, 4, 3, 30.0, 400.0, f"{100 + i}:2 300:1"))
            if i % 3 == 0:
                later = day + timedelta(days=20)
                rows.append(("full_resolution_time", scope, day, later, -1, -1, -8.0, -64.0, "300:-1"))
    return pl.DataFrame(rows, schema=PARTS_SCHEMA, orient="row")


def test_a_stretch_is_a_week_cut_where_a_month_begins() -> None:
    assert stretch_of(date(2026, 1, 28)) == Window(date(2026, 1, 26), date(2026, 2, 1))
    assert stretch_of(date(2026, 2, 1)) == Window(date(2026, 2, 1), date(2026, 2, 2))
    assert stretch_of(date(2026, 2, 2)) == Window(date(2026, 2, 2), date(2026, 2, 9))


def test_what_is_added_up_again_are_the_other_days_of_the_stretches_that_changed() -> None:
    days = [date(2026, 1, 31), date(2026, 2, 1)]
    assert rest_of(days) == [date(2026, 1, day) for day in range(26, 31)]


@pytest.mark.parametrize("kind", ["week", "month", "28d"])
def test_stretches_give_the_values_that_days_give(kind: PeriodKind) -> None:
    parts = daily(100)
    through = FIRST + timedelta(days=99)
    expected = points(parts, kind, through=through)
    spans = list(expected.select("period_start", "period_end").unique().sort("period_start").iter_rows())
    assert len(spans) > 2
    assert_frame_equal(points(stretched(parts), kind, spans=spans), expected, check_exact=True)


def test_years_give_the_values_of_all_time() -> None:
    parts = daily(500)
    span = [(date(2026, 1, 1), FIRST + timedelta(days=500))]
    expected = points(parts, "all", spans=span)
    years = yearly(stretched(parts))
    assert years["booked_day"].unique().sort().to_list() == [date(2026, 1, 1), date(2027, 1, 1)]
    assert_frame_equal(points(years, "all", spans=span), expected, check_exact=True)
    assert yearly(parts.clear()).is_empty()


def test_stretches_added_up_in_pieces_are_those_added_up_at_once() -> None:
    parts = daily(60)
    first, later = (parts.filter(is_later) for is_later in (pl.col("booked_day") < date(2026, 2, 1),
                                                            pl.col("booked_day") >= date(2026, 2, 1)))  # fmt: skip
    assert_frame_equal(pl.concat([stretched(first), stretched(later)]), stretched(parts), check_exact=True)
