"""What a batch changed about each day, against a count row by row."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tasks.load.day_changes import COUNTS, SCHEMA, added, changes_by_day

BERLIN = "Europe/Berlin"
BOOKED = ("opened_at", "resolved_at", "closed_at")
TIMES = {"key": pl.String, **dict.fromkeys(BOOKED, pl.Datetime("us", "UTC"))}
ROWS = {**TIMES, "deleted_at": pl.Datetime("us", "UTC")}
NEVER = {"resolved_at": None, "closed_at": None, "deleted_at": None}


def at(day, hour=12):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def counted(changed, before=(), gone=()):
    frames = (pl.DataFrame(changed, ROWS), pl.DataFrame(list(before), TIMES), pl.DataFrame(list(gone), TIMES))
    found = changes_by_day(*frames, "key", BOOKED, BERLIN)
    assert set(found["survey"]) <= {""}
    return {row["day"]: tuple(row[name] for name in COUNTS) for row in found.iter_rows(named=True)}


def test_new_rows_are_new_on_the_day_they_happened_and_change_the_days_they_are_booked_on_too():
    late = {"key": "a", **NEVER, "opened_at": at(2), "resolved_at": at(4), "closed_at": at(4, 20)}
    same_day = {"key": "b", **NEVER, "opened_at": at(4), "resolved_at": at(4)}
    assert counted([late, same_day]) == {date(2026, 3, 2): (1, 0, 0), date(2026, 3, 4): (1, 1, 0)}


def test_the_reporting_zone_cuts_the_days():
    assert counted([{"key": "a", **NEVER, "opened_at": at(2, 23)}]) == {date(2026, 3, 3): (1, 0, 0)}
    summer = {"key": "a", **NEVER, "opened_at": datetime(2026, 3, 29, 22, 30, tzinfo=UTC)}
    assert counted([summer]) == {date(2026, 3, 30): (1, 0, 0)}


def test_a_row_that_moved_touches_the_day_it_left_and_the_day_it_came_to():
    before = {"key": "a", "opened_at": at(2), "resolved_at": None, "closed_at": None}
    now = {"key": "a", **NEVER, "opened_at": at(3)}
    assert counted([now], [before]) == {date(2026, 3, 2): (0, 1, 0), date(2026, 3, 3): (0, 1, 0)}


def test_deleted_rows_are_gone_and_one_that_came_deleted_was_never_there():
    before = {"key": "a", "opened_at": at(2), "resolved_at": None, "closed_at": None}
    deleted = {"key": "a", **NEVER, "opened_at": at(2), "deleted_at": at(9)}
    unseen = {"key": "b", **NEVER, "opened_at": at(2), "deleted_at": at(9)}
    taken = {"key": "c", "opened_at": at(5), "resolved_at": at(5), "closed_at": None}
    assert counted([deleted, unseen], [before], [taken]) == {
        date(2026, 3, 2): (0, 0, 1), date(2026, 3, 5): (0, 0, 1),
    }  # fmt: skip


def test_nothing_changed_is_no_row_and_a_table_that_books_nothing_has_none():
    empty = pl.DataFrame(schema=ROWS)
    assert counted([]) == {}
    assert changes_by_day(empty, empty, empty, "key", (), BERLIN).schema == SCHEMA


def test_two_lots_of_one_cause_add_up():
    one = pl.DataFrame([("", date(2026, 3, 2), 1, 0, 2), ("nps", date(2026, 3, 2), 5, 0, 0)], SCHEMA, orient="row")
    assert added(one, one).rows() == [("", date(2026, 3, 2), 2, 0, 4), ("nps", date(2026, 3, 2), 10, 0, 0)]


ANSWERED = {"key": pl.String, "answered_at": pl.Datetime("us", "UTC")}
ANSWERS = {"survey": pl.String, **ANSWERED, "deleted_at": pl.Datetime("us", "UTC")}


def by_survey(changed, before=(), gone=None):
    frames = [pl.DataFrame(changed, ANSWERS, orient="row"), pl.DataFrame(list(before), ANSWERED, orient="row")]
    schema = ANSWERED if gone is None else {"survey": pl.String, **ANSWERED}
    frames.append(pl.DataFrame(gone or [], schema, orient="row"))
    return changes_by_day(*frames, "key", ("answered_at",), BERLIN).rows()


def test_answers_are_counted_survey_by_survey():
    new = [("nps", "a", at(2), None), ("csat", "b", at(2), None), ("csat", "c", at(2), None)]
    assert by_survey(new) == [("csat", date(2026, 3, 2), 2, 0, 0), ("nps", date(2026, 3, 2), 1, 0, 0)]
    was = [("a", at(1)), ("b", at(2))]
    assert by_survey([*new, ("csat", "d", at(3), at(9))], [*was, ("d", at(3))], [("ces", "e", at(2))]) == [
        ("ces", date(2026, 3, 2), 0, 0, 1), ("csat", date(2026, 3, 2), 1, 1, 0), ("csat", date(2026, 3, 3), 0, 0, 1),
        ("nps", date(2026, 3, 1), 0, 1, 0), ("nps", date(2026, 3, 2), 0, 1, 0),
    ]  # fmt: skip


def test_an_answer_that_another_survey_has_now_came_with_none():
    assert by_survey([("csat", "a", at(2), None)], [("a", at(2))]) == [("csat", date(2026, 3, 2), 0, 1, 0)]


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(1, 5), st.none() | st.integers(1, 5)), max_size=12))
def test_surveys_add_up_to_what_their_rows_give_without_them(rows):
    changed = [(survey, str(n), at(day), None) for n, (survey, day, _) in enumerate(rows)]
    before = [(str(n), at(day)) for n, (*_, day) in enumerate(rows) if day]
    whole = changes_by_day(
        pl.DataFrame(changed, ANSWERS, orient="row").drop("survey"), pl.DataFrame(before, ANSWERED, orient="row"),
        pl.DataFrame(schema=ANSWERED), "key", ("answered_at",), BERLIN,
    )  # fmt: skip
    found = pl.DataFrame(by_survey(changed, before), SCHEMA, orient="row")
    assert added(found.with_columns(survey=pl.lit("")), found.clear()).equals(whole)
    assert dict(found.group_by("survey").agg(pl.col("n_new").sum()).filter(pl.col("n_new") > 0).iter_rows()) == Counter(
        survey for survey, _, was in rows if was is None
    )


hours = st.integers(0, 24 * 5).map(lambda n: datetime(2026, 3, 27, tzinfo=UTC) + timedelta(hours=n))
row = st.tuples(hours, st.none() | hours, st.none() | hours, st.none() | hours)


@given(st.lists(st.tuples(row, st.none() | row), max_size=12))
def test_each_day_is_what_a_count_row_by_row_gives(rows):
    changed = [dict(zip(ROWS, (str(n), *now), strict=True)) for n, (now, _) in enumerate(rows)]
    before = [dict(zip(TIMES, (str(n), *was[:3]), strict=True)) for n, (_, was) in enumerate(rows) if was]
    wanted = Counter()
    for now, was in rows:
        days, opened, is_deleted = {_day(at) for at in now[:3] if at}, _day(now[0]), now[3] is not None
        if was is None:
            if not is_deleted:
                wanted[opened, "n_new"] += 1
                wanted.update((day, "n_changed") for day in days - {opened})
        else:
            days |= {_day(at) for at in was[:3] if at}
            wanted.update((day, "n_gone" if is_deleted else "n_changed") for day in days)
    found = counted(changed, before)
    assert {(day, name): n for day, ns in found.items() for name, n in zip(COUNTS, ns, strict=True) if n} == wanted


def _day(instant):
    return instant.astimezone(ZoneInfo(BERLIN)).date()
