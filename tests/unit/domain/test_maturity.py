"""What of a week is in, so many days after its source was complete."""

from datetime import date, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kpis import KPIS
from domain.maturity import HORIZON_DAYS, LEAST_WEEKS, Arrivals, Maturity, Waiting, last_period

FIRST = date(2026, 1, 5)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
SOURCE = "desk"


def weekly(n_weeks, shares=((0, 70), (7, 30)), said=()):
    """Weeks of which so many rows come so many days after they are over; the source is read each Monday."""
    rows = {(FIRST + i * WEEK, FIRST + (i + 1) * WEEK + days * DAY): n for i in range(n_weeks) for days, n in shares}
    looked = sorted({FIRST + i * WEEK for i in range(n_weeks + 6)} | {day for _, day in rows})
    return Arrivals(SOURCE, rows, FIRST, looked, said)


def maturity(of, as_of):
    usual = of.learnt(as_of)
    return Maturity({} if usual is None else {of.source: usual}, [of], as_of)


def test_what_is_usual_is_learnt_from_weeks_that_are_long_over():
    of = weekly(12)
    shares = of.learnt(FIRST + 12 * WEEK)
    assert shares == (0.7,) * 7 + (1.0,) * (HORIZON_DAYS - 6)
    assert of.learnt(FIRST + (4 + LEAST_WEEKS) * WEEK) is not None
    assert of.learnt(FIRST + (4 + LEAST_WEEKS) * WEEK - DAY) is None  # one week too few is long over


def test_what_came_all_at_once_teaches_nothing():
    begun = FIRST + 20 * WEEK
    rows = {(FIRST + i * WEEK, begun): 100 for i in range(20)}
    of = Arrivals(SOURCE, rows, begun, [begun, begun + 8 * WEEK], ())
    assert of.learnt(begun + 8 * WEEK) is None
    assert maturity(of, begun + 8 * WEEK).share_in(begun, begun + WEEK) == 1


def test_a_few_rows_teach_nothing():
    assert weekly(12, ((0, 2), (7, 1))).learnt(FIRST + 12 * WEEK) is None


def test_a_week_waits_until_nine_tenths_are_in_and_four_weeks_do_not():
    end = FIRST + 12 * WEEK
    known = maturity(weekly(12), end)
    assert known.share_in(end - WEEK, end) == pytest.approx(0.7)
    assert known.share_in(end - 4 * WEEK, end) == pytest.approx((0.7 + 3) / 4)
    assert known.through("week", end - DAY) == end - WEEK - DAY
    assert known.through("28d", end - DAY) == end - DAY
    later = maturity(weekly(13), end + WEEK)
    assert later.share_in(end - WEEK, end) == 1
    assert later.through("week", end + WEEK - DAY) == end - DAY


def test_nobody_waits_for_what_its_source_says_late_but_whole():
    """Once a month all of it, and the source says only then that it is complete."""
    days = [date(2026, month, 1) for month in range(2, 10)]
    rows = {}
    for i in range(28):
        monday = FIRST + i * WEEK
        rows[monday, next(day for day in days if day >= monday + WEEK)] = 100
    looked = [FIRST + i * DAY for i in range(240)]
    of = Arrivals(SOURCE, rows, FIRST, looked, [(day, day - DAY) for day in days])
    known = maturity(of, date(2026, 8, 1))
    assert known.usual[SOURCE][0] == 1
    assert known.through("week", date(2026, 7, 31)) == date(2026, 7, 31)


def test_of_two_sources_each_waits_by_its_share_of_rows():
    slow, fast = weekly(12), weekly(12, ((0, 300),))
    quick = Arrivals("shop", fast.rows, FIRST, fast.looked, ())
    end = FIRST + 12 * WEEK
    usual = {"desk": slow.learnt(end), "shop": quick.learnt(end)}
    both = Maturity(usual, [slow, quick], end)
    assert both.share_in(end - WEEK, end) == pytest.approx(0.25 * 0.7 + 0.75)
    assert both.share_in(end - WEEK, end, ["desk"]) == pytest.approx(0.7)
    assert both.share_in(end - WEEK, end, ["elsewhere"]) == 1


def test_levels_and_cohorts_wait_for_nothing_and_a_scope_may_name_its_source():
    end = FIRST + 12 * WEEK
    waiting = Waiting({"tickets": maturity(weekly(12), end)}, {"sla_attainment": ["shop"]})
    assert waiting.through(KPIS["backlog"], "{}", "week", end - DAY) == end - DAY
    assert waiting.through(KPIS["sla_attainment"], "{}", "week", end - DAY) == end - DAY
    assert waiting.through(KPIS["sla_attainment"], '{"source":"desk"}', "week", end - DAY) == end - WEEK - DAY
    assert waiting.share_in(KPIS["reopen_rate"], "{}", end - WEEK, end) == pytest.approx(0.7)
    assert waiting.share_in(KPIS["csat"], "{}", end - WEEK, end) is None


def test_nothing_waits_for_ever():
    end = FIRST + 12 * WEEK
    never = Maturity({SOURCE: (0.0,) * (HORIZON_DAYS + 1)}, [weekly(12)], end)
    assert end - never.through("week", end - DAY) <= timedelta(days=HORIZON_DAYS + 14)


def test_the_last_complete_period_of_each_kind():
    monday = date(2026, 3, 16)
    assert last_period("week", monday) == (monday - WEEK, monday)
    assert last_period("28d", monday) == (monday - 4 * WEEK, monday)
    assert last_period("month", monday) == (date(2026, 2, 1), date(2026, 3, 1))


lots = st.dictionaries(st.tuples(st.integers(0, 11), st.integers(0, 60)), st.integers(1, 40), max_size=40)


@given(lots, st.integers(60, 120))
def test_what_is_learnt_is_what_a_count_row_by_row_gives_and_nothing_later_changes_it(lots, day):
    rows = {(FIRST + week * WEEK, FIRST + (week + 1) * WEEK + days * DAY): n for (week, days), n in lots.items()}
    as_of = FIRST + day * DAY
    looked = [FIRST + i * DAY for i in range(200)]
    found = Arrivals(SOURCE, rows, FIRST, looked, ()).learnt(as_of)
    ends = sorted({week + WEEK for week, _ in rows if week + WEEK + HORIZON_DAYS * DAY <= as_of})
    each = [
        [sum(n for (week, came), n in rows.items() if week + WEEK == end and came <= end + k * DAY)
         for k in range(HORIZON_DAYS + 1)] for end in ends
    ]  # fmt: skip
    each = [of for of in each if of[-1]]
    whole = [of[-1] for of in each]
    if len(each) < LEAST_WEEKS or sum(whole) < 50:
        assert found is None
    else:
        wanted = [median(of[k] / n for of, n in zip(each, whole, strict=True)) for k in range(HORIZON_DAYS)]
        assert found[:-1] == pytest.approx(wanted)
    earlier = {of: n for of, n in rows.items() if of[1] <= as_of}
    assert Arrivals(SOURCE, earlier, FIRST, looked, ()).learnt(as_of) == found
