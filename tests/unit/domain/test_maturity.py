"""What of a week is in, so many days after its source was complete."""

from datetime import date, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kpis import KPIS
from domain.maturity import HORIZON_DAYS, LEAST_WEEKS, Arrivals, Fed, Maturity, Waiting, last_period, learnt_by_stream

FIRST = date(2026, 1, 5)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
SOURCE = "desk"
SURVEYS = {"relationship": ((0, 10), (7, 10), (21, 20)), "after-help": ((0, 300),)}


def weekly(n_weeks, shares=((0, 70), (7, 30)), said=(), source=SOURCE, survey=""):
    """Weeks of which so many rows come so many days after they are over; the source is read each Monday."""
    rows = {(FIRST + i * WEEK, FIRST + (i + 1) * WEEK + days * DAY): n for i in range(n_weeks) for days, n in shares}
    looked = sorted({FIRST + i * WEEK for i in range(n_weeks + 6)} | {day for _, day in rows})
    return Arrivals(source, rows, FIRST, looked, said, survey)


def maturity(*arrivals, as_of):
    return Maturity(learnt_by_stream(arrivals, as_of), arrivals, as_of)


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
    assert maturity(of, as_of=begun + 8 * WEEK).share_in(begun, begun + WEEK) == 1


def test_a_few_rows_teach_nothing():
    assert weekly(12, ((0, 2), (7, 1))).learnt(FIRST + 12 * WEEK) is None


def test_a_week_waits_until_nine_tenths_are_in_and_four_weeks_do_not():
    end = FIRST + 12 * WEEK
    known = maturity(weekly(12), as_of=end)
    assert known.share_in(end - WEEK, end) == pytest.approx(0.7)
    assert known.share_in(end - 4 * WEEK, end) == pytest.approx((0.7 + 3) / 4)
    assert known.through("week", end - DAY) == end - WEEK - DAY
    assert known.through("28d", end - DAY) == end - DAY
    later = maturity(weekly(13), as_of=end + WEEK)
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
    known = maturity(of, as_of=date(2026, 8, 1))
    assert known.usual[SOURCE, ""][0] == 1
    assert known.through("week", date(2026, 7, 31)) == date(2026, 7, 31)


def test_of_two_sources_each_waits_by_its_share_of_rows():
    end = FIRST + 12 * WEEK
    both = maturity(weekly(12), weekly(12, ((0, 300),), source="shop"), as_of=end)
    assert both.share_in(end - WEEK, end) == pytest.approx(0.25 * 0.7 + 0.75)
    assert both.share_in(end - WEEK, end, Fed(["desk"])) == pytest.approx(0.7)
    assert both.share_in(end - WEEK, end, Fed(["elsewhere"])) == 1


def test_of_two_surveys_of_one_source_each_waits_for_itself():
    """Of 40 answers a week 10 are there on Monday, 20 a week later and 40 three weeks later; of 300 all on Monday."""
    end = FIRST + 12 * WEEK
    slow, quick = (weekly(12, shares, survey=name) for name, shares in SURVEYS.items())
    both = maturity(slow, quick, as_of=end)
    assert both.share_in(end - WEEK, end, Fed(surveys=["relationship"])) == pytest.approx(0.25)
    assert both.share_in(end - 4 * WEEK, end, Fed(surveys=["relationship"])) == pytest.approx(
        (0.25 + 0.5 + 0.5 + 1) / 4
    )
    assert both.share_in(end - WEEK, end, Fed(surveys=["after-help"])) == 1
    assert both.share_in(end - WEEK, end) == pytest.approx((40 * 0.25 + 300) / 340)
    assert both.through("week", end - DAY, Fed(["desk"], ["after-help"])) == end - DAY
    assert both.through("week", end - DAY, Fed(["desk"], ["relationship"])) == end - 3 * WEEK - DAY


def test_what_feeds_a_kpi_is_what_its_scope_names_or_what_is_known_of_it():
    fed = Fed(["desk"], ["relationship", "after-help"])
    assert fed.within("{}") == fed
    assert fed.within('{"channel":"chat","survey":"after-help"}') == Fed(["desk"], ("after-help",))
    assert Fed().within('{"source":"shop"}') == Fed(("shop",), None)
    assert Fed(surveys=["after-help"]).by(weekly(1)), "rows of a table without surveys are in none"


def test_surveys_with_too_few_rows_alone_are_learnt_from_together_and_not_with_the_large_ones():
    end = FIRST + 12 * WEEK
    large = weekly(12, ((0, 300),), survey="after-help")
    few = [weekly(12, ((0, 1), (14, 3)), survey=name) for name in ("a", "b")]
    assert [of.learnt(end) for of in few] == [None, None]  # 32 rows of eight weeks that are long over
    known = maturity(large, *few, as_of=end)
    assert known.share_in(end - WEEK, end, Fed(surveys=["a"])) == 0.25
    assert known.share_in(end - WEEK, end, Fed(surveys=["after-help"])) == 1
    alone = maturity(large, few[0], as_of=end)
    assert alone.share_in(end - WEEK, end, Fed(surveys=["a"])) == 1, "nothing is made up"


def test_a_survey_that_came_all_at_once_teaches_nothing_about_the_others():
    end = FIRST + 12 * WEEK
    few = weekly(12, ((0, 1), (14, 3)), survey="a")
    old = {(FIRST + i * WEEK, end - WEEK): 100 for i in range(11)}
    lot = Arrivals(SOURCE, old, end - WEEK, few.looked, (), "b")
    assert learnt_by_stream([few, lot], end) == {}


def test_levels_and_cohorts_wait_for_nothing_and_a_scope_may_name_its_source():
    end = FIRST + 12 * WEEK
    waiting = Waiting({"tickets": maturity(weekly(12), as_of=end)}, {"sla_attainment": Fed(["shop"])})
    assert waiting.through(KPIS["backlog"], "{}", "week", end - DAY) == end - DAY
    assert waiting.through(KPIS["sla_attainment"], "{}", "week", end - DAY) == end - DAY
    assert waiting.through(KPIS["sla_attainment"], '{"source":"desk"}', "week", end - DAY) == end - WEEK - DAY
    assert waiting.share_in(KPIS["reopen_rate"], "{}", end - WEEK, end) == pytest.approx(0.7)
    assert waiting.share_in(KPIS["csat"], "{}", end - WEEK, end) is None


def test_nothing_waits_for_ever():
    end = FIRST + 12 * WEEK
    never = Maturity({(SOURCE, ""): (0.0,) * (HORIZON_DAYS + 1)}, [weekly(12)], end)
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
