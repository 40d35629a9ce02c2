"""Texts in a database: read when they are new or changed, the same tables whichever way they came."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import delete, select

from domain.errors import LeaseLostError
from domain.roadmap import Roadmap
from domain.roadmap.loading import parse_roadmap
from sql.queries.words import changes_of_words, forget_words, quotes_of_words, told_week_of_words
from sql.store import Store
from sql.tables import (
    FACTS,
    cursors,
    people,
    remark_changes,
    remark_quotes,
    remark_themes,
    remark_weeks,
    remarks,
    runs,
    tone_lessons,
)
from tasks.words.steps import texts
from tasks.words.steps.texts import Found, read_changed
from tasks.words.steps.weeks import tell_week
from tests.acceptance.small import ROADMAP
from tests.factories import FILLED, at

RUN, MONDAY = "daily-1", date(2026, 3, 16)
THEMES = "themes: {late-delivery: [late], price: [expensive]}\n"
WORDS = (remarks, remark_themes, tone_lessons, remark_weeks, remark_changes, remark_quotes)
LATE, DEAR, GOOD = (
    "The boxes came late again on Monday.",
    "Much too expensive for what it is.",
    "Great coffee and friendly people.",
)


def roadmap(themes: str = THEMES) -> Roadmap:
    return parse_roadmap(ROADMAP + themes)


class World:
    """A project whose customers write."""

    def __init__(self, store: Store) -> None:
        self.store = store
        row = {"run_id": RUN, "fence": 1, "kind": "daily", "day": MONDAY, "state": "running"}
        through = {"source": "survey", "stream": "a", "position": "", "complete_through": MONDAY - timedelta(days=1)}
        with store.transaction() as connection:
            store.put(connection, runs, [row])
            store.put(connection, cursors, [through])

    def put(self, fact: str, *rows: dict) -> None:
        with self.store.transaction() as connection:
            for row in rows:
                whole = {
                    "batch_id": "b",
                    "row_hash": hash(str(sorted(row.items(), key=str))) >> 8,
                    **FILLED[fact],
                    **row,
                }
                self.store.put(connection, FACTS[fact], [whole])

    def answers(self, n: int, text: str, day: str, score: float | None = None, prefix: str = "a", **more) -> None:
        rows = [
            {"answer_id": f"{prefix}{i:03}", "customer_id": f"c{prefix}{i:03}", "comment": text, "score": score,
             "answered_at": at(day), **more}
            for i in range(n)
        ]  # fmt: skip
        self.put("survey_answers", *rows)

    def read(self, themes: str = THEMES) -> Found:
        return read_changed(self.store, RUN, roadmap(themes))

    def tell(self, week: date | None = None, as_of: date = MONDAY, themes: str = THEMES) -> bool:
        return tell_week(self.store, RUN, roadmap(themes), as_of, week)[1]

    def rows(self, table, *names: str) -> list[tuple]:
        with self.store.reading() as connection:
            found = self.store.rows(connection, select(table))
        return sorted((tuple(row[name] for name in names or row) for row in found), key=str)

    def tables(self) -> list[list[tuple]]:
        return [self.rows(table) for table in WORDS]


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def scored_year(world: World) -> None:
    """A quarter of scored comments to learn from."""
    world.answers(60, GOOD, "2025-11-03", 5.0, "good")
    world.answers(60, LATE, "2025-11-03", 1.0, "late")


def test_one_row_is_kept_per_text_and_one_per_theme_and_no_text(world: World) -> None:
    world.answers(1, f"{LATE} {DEAR}", "2026-03-09 23:30", 2.0, segment="office", touchpoint="delivery")
    world.put("reviews", {"review_id": "r1", "title": "Late", "body": None, "rating": 5.0,
                          "reviewed_at": at("2026-03-10"), "product": "app"})  # fmt: skip
    assert world.read() == Found(2, 0, 2)
    assert world.rows(remarks, "fact", "row_id", "day", "segment", "touchpoint", "product", "standing") == [
        ("reviews", "r1", date(2026, 3, 10), None, None, "app", "happy"),
        ("survey_answers", "a000", date(2026, 3, 10), "office", "delivery", None, "unhappy"),
    ]
    assert world.rows(remark_themes) == [
        ("reviews", "r1", "late-delivery"), ("survey_answers", "a000", "late-delivery"),
        ("survey_answers", "a000", "price"),
    ]  # fmt: skip
    assert "boxes" not in str(world.tables())


def test_what_says_nothing_or_is_about_others_is_not_read(world: World) -> None:
    world.answers(1, "   ", "2026-03-10")
    world.put("survey_answers", {"answer_id": "none", "answered_at": at("2026-03-10")},
              {"answer_id": "gone", "comment": LATE, "answered_at": at("2026-03-10"),
               "deleted_at": at("2026-03-11")})  # fmt: skip
    world.put("reviews", {"review_id": "r1", "body": LATE, "about": "Rival", "reviewed_at": at("2026-03-10")})
    world.read()
    assert world.rows(remarks) == []


def test_read_twice_nothing_changes(world: World) -> None:
    scored_year(world)
    world.answers(30, LATE, "2026-03-10", 1.0)
    world.answers(1, " ", "2026-03-10", 1.0, "blank")
    assert world.read().n_read == 151
    assert world.tell()
    first = world.tables()
    assert world.read() == Found()
    assert not world.tell()
    assert world.tables() == first


def test_what_changed_is_read_again_and_what_is_gone_is_forgotten(world: World) -> None:
    world.answers(3, LATE, "2026-03-10")
    world.read()
    world.put("survey_answers", {"answer_id": "a000", "comment": DEAR, "answered_at": at("2026-03-10")},
              {"answer_id": "a001", "comment": LATE, "answered_at": at("2026-03-10"),
               "deleted_at": at("2026-03-11")})  # fmt: skip
    found = world.read()
    assert (found.n_read, found.n_gone) == (1, 1)
    assert world.rows(remark_themes, "row_id", "theme") == [("a000", "price"), ("a002", "late-delivery")]


def test_another_taxonomy_is_read_with_at_once(world: World) -> None:
    world.answers(3, LATE, "2026-03-10")
    world.read()
    assert world.read("themes: {boxes: [boxes]}\n").n_read == 3
    assert set(world.rows(remark_themes, "theme")) == {("boxes",)}


def test_texts_that_come_in_parts_give_the_same_tables(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.answers(5, LATE, "2026-03-10")
    world.read()
    scored_year(world)
    world.answers(5, GOOD, "2025-12-30", None, "b")
    world.read()
    world.tell()
    in_parts = world.tables()
    with world.store.transaction() as connection:
        forget_words(connection)
    assert world.tables() == [[]] * len(WORDS)
    monkeypatch.setattr(texts, "BATCH", 7)
    world.read()
    world.tell()
    assert world.tables() == in_parts


@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_killed_run_then_another_gives_the_same_tables(
    world: World, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    scored_year(world)
    world.answers(20, LATE, "2026-03-10")
    world.read()
    whole = world.tables()
    with world.store.transaction() as connection:
        forget_words(connection)
    monkeypatch.setattr(texts, "BATCH", 25)
    transaction, n_left = world.store.transaction, [after]

    def killed(run_id: str | None = None):
        n_left[0] -= 1
        if n_left[0] < 0:
            raise KeyboardInterrupt
        return transaction(run_id)

    with monkeypatch.context() as patched:
        patched.setattr(world.store, "transaction", killed)
        with pytest.raises(KeyboardInterrupt):
            world.read()
    assert world.tables() != whole
    world.read()
    assert world.tables() == whole


def test_a_run_that_lost_the_project_writes_nothing(world: World) -> None:
    world.answers(3, LATE, "2026-03-10")
    with world.store.transaction() as connection:
        connection.execute(delete(runs))
    with pytest.raises(LeaseLostError):
        world.read()
    assert world.rows(remarks) == []


def test_tone_is_told_by_the_scored_comments_of_the_year_before_its_quarter_and_by_no_later_one(world: World) -> None:
    scored_year(world)
    world.answers(1, "The boxes came late.", "2026-02-10", None, "q1")
    world.answers(1, "The boxes came late.", "2025-10-01", None, "q4")
    world.read()
    told = dict(world.rows(remarks, "row_id", "told_by"))
    assert (told["q1000"], told["q4000"]) == ("scores", None)
    assert world.rows(tone_lessons, "begins", "language", "n_happy", "n_unhappy") == [
        (date(2026, 1, 1), "en", 60, 60), (date(2026, 1, 1), "unknown", 60, 60),
    ]  # fmt: skip
    before = world.rows(remarks, "row_id", "tone", "told_by", "positive", "lesson")
    world.answers(90, GOOD, "2026-02-01", 1.0, "later")
    world.read()
    after = world.rows(remarks, "row_id", "tone", "told_by", "positive", "lesson")
    assert [row for row in after if not row[0].startswith("later")] == before


def test_a_late_scored_comment_of_an_earlier_quarter_tells_the_next_anew(world: World) -> None:
    scored_year(world)
    world.answers(2, LATE, "2026-02-10", None, "q1")
    world.read()
    world.answers(1, LATE, "2025-11-20", 1.0, "late-one")
    assert world.read() == Found(1, 0, 3)
    assert world.rows(tone_lessons, "language", "n_unhappy") == [("en", 61), ("unknown", 61)]


def test_words_in_a_question_of_their_own_stand_as_the_scores_of_their_response_do(world: World) -> None:
    asked = {"answered_at": at("2026-03-10"), "measure": "other", "score": None}
    world.put("survey_answers",
              *({"answer_id": f"{name}-words", "response_id": name, "comment": LATE, **asked} for name in "abcd"),
              *({"answer_id": f"{name}-{n}", "response_id": name, "score": score, "answered_at": at("2026-03-10")}
                for name, scores in {"a": [5.0, 5.0], "b": [5.0, 1.0], "c": [4.0]}.items()
                for n, score in enumerate(scores)))  # fmt: skip
    world.read()
    stands = [("a-words", "happy"), ("b-words", None), ("c-words", None), ("d-words", None)]
    assert world.rows(remarks, "row_id", "standing") == stands
    world.put("survey_answers", {"answer_id": "c-0", "response_id": "c", "score": 1.0, "answered_at": at("2026-03-10")},
              {"answer_id": "b-0", "response_id": "b", "score": 5.0, "answered_at": at("2026-03-10"),
               "deleted_at": at("2026-03-11")})  # fmt: skip
    assert world.read().n_read == 2
    stands = [("a-words", "happy"), ("b-words", "unhappy"), ("c-words", "unhappy"), ("d-words", None)]
    assert world.rows(remarks, "row_id", "standing") == stands
    assert world.read() == Found()


def test_colleagues_notes_are_counted_and_have_no_tone(world: World) -> None:
    note = {"note_id": "n1", "source": "wiki", "body": LATE, "noted_at": at("2026-03-10"), "batch_id": "b",
            "row_hash": 1}  # fmt: skip
    with world.store.transaction() as connection:
        world.store.put(connection, FACTS["feedback_notes"], [note])
    world.answers(6, GOOD, "2026-03-10")
    world.read()
    world.tell()
    assert [row for row in world.rows(remarks, "fact", "tone", "lesson") if row[1] is None] == [
        ("feedback_notes", None, None)
    ]
    assert world.rows(remark_weeks, "n_remarks", "n_notes", "n_voices") == [(6, 1, 6)]
    assert world.rows(remark_changes) == []


def test_a_week_tells_what_more_customers_say_with_a_quote_from_the_row(world: World) -> None:
    world.answers(90, GOOD, "2026-02-20", None, "before")
    world.answers(90, GOOD, "2026-03-10", None, "now")
    world.answers(30, LATE, "2026-03-11", None, "late")
    world.read()
    assert world.tell()
    with world.store.reading() as connection:
        week = told_week_of_words(connection, date(2026, 3, 9))
        changed = changes_of_words(connection, date(2026, 3, 9))
        quotes = quotes_of_words(connection, date(2026, 3, 9))
    assert week is not None
    counts = (week["first_day"], week["n_remarks"], week["n_voices"], week["n_before"])
    assert counts == (date(2026, 3, 9), 120, 120, 90)
    told = changed.filter(pl.col("theme") == "late-delivery").sort("kind").select("kind", "n_now", "of_now", "n_before")
    assert told.rows() == [("new", 30, 120, 0), ("said", 30, 120, 0)]
    assert quotes["quote"].to_list() == [LATE]


def test_a_quote_is_gone_with_its_text(world: World) -> None:
    world.answers(30, LATE, "2026-03-11", None, "late")
    world.read()
    world.tell()
    chosen = world.rows(remark_quotes, "row_id")[0][0]
    world.put("survey_answers", {"answer_id": chosen, "comment": "Call Ann Smith.", "answered_at": at("2026-03-11")})
    with world.store.reading() as connection:
        assert quotes_of_words(connection, date(2026, 3, 9)).is_empty()


def test_later_texts_play_no_part_in_a_week(world: World) -> None:
    world.answers(40, GOOD, "2026-03-10", None, "now")
    world.read()
    world.tell(date(2026, 3, 9))
    first = world.tables()[3:]
    world.answers(40, LATE, "2026-03-16", None, "later")
    world.read()
    assert not world.tell(date(2026, 3, 9))
    assert world.tables()[3:] == first


def test_few_customers_are_told_of_four_weeks_and_fewer_than_the_smallest_group_of_nothing(world: World) -> None:
    world.answers(4, LATE, "2026-03-10", None, "now")
    world.read()
    world.tell()
    assert world.rows(remark_weeks, "first_day", "n_voices") == [(date(2026, 2, 16), 4)]
    assert (world.rows(remark_changes), world.rows(remark_quotes)) == ([], [])


def test_one_person_with_two_ids_and_one_response_with_two_answers_speak_once(world: World) -> None:
    world.answers(2, LATE, "2026-03-10", None, "two")
    world.answers(2, LATE, "2026-03-10", None, "anon", response_id="r1")
    anonymous = [{"answer_id": f"anon{i:03}", "customer_id": None, "response_id": "r1", "comment": LATE,
                  "answered_at": at("2026-03-10")} for i in range(2)]  # fmt: skip
    world.put("survey_answers", *anonymous)
    tied = [{"customer_id": f"ctwo00{i}", "person_id": "p", "through": "email"} for i in range(2)]
    with world.store.transaction() as connection:
        world.store.put(connection, people, tied)
    world.read()
    world.tell()
    assert world.rows(remark_weeks, "n_remarks", "n_voices") == [(2, 2)]


def test_days_are_the_reporting_zones_on_both_sides_of_summer_time(world: World) -> None:
    moments = [datetime.fromisoformat(text) for text in ("2026-03-28T23:30+00:00", "2026-03-29T22:30+00:00")]
    for i, moment in enumerate(moments):
        world.put("survey_answers", {"answer_id": f"a{i}", "comment": LATE, "answered_at": moment})
    world.read()
    assert world.rows(remarks, "day") == [(date(2026, 3, 29),), (date(2026, 3, 30),)]
