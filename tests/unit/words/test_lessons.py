"""Tone is learned anew each quarter, from the year before it and nothing later."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tasks.words.lessons import lessons
from tasks.words.tone_learning import ToneRule

COLUMNS = ("row_id", "day", "standing", "language")
FIRST = date(2025, 1, 1)
ROWS = st.lists(
    st.tuples(st.integers(0, 700), st.sampled_from(["happy", "unhappy", None]), st.sampled_from(["en", "de"])),
    max_size=30,
)  # fmt: skip


def remarks(*rows):
    schema = {"row_id": pl.String, "day": pl.Date, "standing": pl.String, "language": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row").with_columns(
        fact=pl.lit("reviews"), customer_id=pl.lit(None, pl.String), lesson=pl.lit(None, pl.String),
        text_hash=pl.format("hash of {}", "row_id"),
    )  # fmt: skip


def told(frame, **rule):
    return list(lessons(frame, "v1", ToneRule(**rule)))


def test_no_remarks_have_no_lesson():
    assert told(remarks()) == []


def test_a_quarter_learns_from_the_year_before_it():
    rows = [
        ("too old", date(2025, 3, 31), "happy", "en"), ("oldest", date(2025, 4, 1), "happy", "en"),
        ("between", date(2025, 5, 1), None, "en"), ("last", date(2026, 3, 31), "unhappy", "de"),
        ("told", date(2026, 4, 1), "happy", "en"),
    ]  # fmt: skip
    last = told(remarks(*rows))[-1]
    assert last.begins == date(2026, 4, 1)
    assert last.sample["row_id"].to_list() == ["last", "oldest"]
    assert last.untold["row_id"].to_list() == ["told"]


def test_at_most_so_many_of_each_language_and_standing_are_learned_from_whatever_their_order():
    rows = [(f"r{i}", date(2025, 5, 1), "happy", ("en", "de")[i % 2]) for i in range(40)]
    late = ("told", date(2026, 1, 1), None, "en")
    first, again = (told(remarks(*some, late), most=5)[-1] for some in (rows, rows[::-1]))
    assert first.sample.group_by("language").len().sort("language").rows() == [("de", 5), ("en", 5)]
    assert first.sample.equals(again.sample)
    assert first.mark == again.mark


def test_what_was_told_by_its_lesson_is_not_told_again():
    rows = [("a", date(2025, 5, 1), "happy", "en"), ("b", date(2026, 1, 1), None, "en")]
    marks = {one.begins: one.mark for one in told(remarks(*rows))}
    heard = remarks(*rows).with_columns(lesson=pl.Series([marks[date(2025, 4, 1)], marks[date(2026, 1, 1)]]))
    assert [one.untold.height for one in told(heard)] == [0, 0]
    other = heard.with_columns(standing=pl.Series(["unhappy", None]))
    assert [one.untold.height for one in told(other)] == [0, 1]


@given(ROWS, st.randoms(use_true_random=False), st.integers(0, 700))
def test_neither_order_nor_what_is_written_later_changes_a_lesson(some, draw, later):
    rows = [(f"r{i}", FIRST + timedelta(days=day), *more) for i, (day, *more) in enumerate(some)]
    shuffled = draw.sample(rows, len(rows))
    written = ("later", FIRST + timedelta(days=later), "happy", "en")
    before = {one.begins: one.mark for one in told(remarks(*rows))}
    assert {one.begins: one.mark for one in told(remarks(*shuffled))} == before
    after = {one.begins: one.mark for one in told(remarks(*shuffled, written))}
    assert all(after[begins] == mark for begins, mark in before.items() if begins <= written[1])


@given(ROWS)
def test_a_lesson_is_the_plain_rule_row_by_row(some):
    rows = [(f"r{i}", FIRST + timedelta(days=day), *more) for i, (day, *more) in enumerate(some)]
    for one in told(remarks(*rows)):
        start = one.begins.replace(year=one.begins.year - 1)
        plain = sorted(row_id for row_id, day, stands, _ in rows if stands and start <= day < one.begins)
        assert one.sample["row_id"].to_list() == plain
        mine = [row_id for row_id, day, *_ in rows
                if (day.year, (day.month - 1) // 3) == (one.begins.year, (one.begins.month - 1) // 3)]  # fmt: skip
        assert one.untold["row_id"].to_list() == sorted(mine)
