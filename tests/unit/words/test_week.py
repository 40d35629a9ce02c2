"""What a week tells: counted by customers, guarded, the same whatever the order."""

import polars as pl

from tasks.words.comments import Comments
from tasks.words.themes import themes_of
from tasks.words.week import Period, week_words

DECLARED = {"late": ["late"], "price": ["expensive"]}
LATE, GOOD, DEAR = "the boxes came late once more", "great coffee and friendly people", "this is far too expensive now"


def period(*said):
    """`said`: text and by how many customers."""
    texts = [text for text, n in said for _ in range(n)]
    ids = [f"t{i:04}" for i in range(len(texts))]
    comments = Comments(pl.DataFrame({"text_id": ids, "text": texts}, schema={"text_id": pl.String, "text": pl.String}))
    return Period(comments, themes_of(comments, DECLARED))


def told(now, before, happy=None, smallest=5):
    return week_words(now, before, happy or {}, DECLARED, frozenset(), smallest)


def kinds(changes):
    return {(row["kind"], row["subject"]): (row["n_now"], row["n_before"]) for row in changes.iter_rows(named=True)}


def test_nothing_written_tells_nothing():
    changes, quotes = told(period(), period())
    assert changes.is_empty()
    assert quotes.is_empty()


def test_a_theme_for_the_first_time_is_new_and_one_said_before_is_more():
    found = kinds(told(period((LATE, 40), (DEAR, 40), (GOOD, 40)), period((LATE, 4), (GOOD, 200)))[0])
    assert found["new", "price"] == (40, 0)
    assert found["more", "late"] == (40, 4)
    assert found["said", "late"] == (40, 4)


def test_a_theme_said_less_is_told_as_less_and_its_words_not_once_more():
    changes, _ = told(period((GOOD, 200)), period((LATE, 80), (GOOD, 120)))
    less = changes.filter(pl.col("kind") == "less")
    assert less["subject"].to_list()[0] == "late"
    assert less.height <= 3


def test_customers_own_words_are_told_where_no_theme_says_it():
    changes, quotes = told(period(("paper straps cut the bags open", 30), (GOOD, 90)), period((GOOD, 300)))
    new = changes.filter(pl.col("kind") == "new")
    assert new["theme"].to_list() == [None]
    assert new["subject"][0] in "paper straps cut the bags open"
    assert quotes["subject"].to_list() == new["subject"].to_list()


def test_what_happy_customers_say_more_often_than_unhappy_ones_is_loved():
    now = period(("pause with one tap", 40), ("the app is slow today", 40))
    happy = {f"t{i:04}": i < 40 for i in range(80)}
    changes, _ = told(now, period((GOOD, 50)), happy)
    loved = changes.filter(pl.col("kind") == "loved")
    assert loved.select("n_now", "of_now", "n_before", "of_before").rows()[0] == (40, 40, 0, 40)
    only_happy = dict.fromkeys(happy, True)
    assert told(now, period((GOOD, 50)), only_happy)[0].filter(pl.col("kind") == "loved").is_empty()


def test_fewer_than_the_smallest_group_are_told_of_nothing():
    changes, quotes = told(period((LATE, 4)), period((GOOD, 50)))
    assert changes.is_empty()
    assert quotes.is_empty()
    assert ("said", "late") not in kinds(told(period((LATE, 4), (GOOD, 9)), period((GOOD, 50)))[0])
    assert ("said", "late") in kinds(told(period((LATE, 5), (GOOD, 9)), period((GOOD, 50)))[0])


def test_counts_are_what_a_plain_count_gives():
    now, before = period((LATE, 12), (DEAR, 9), (f"{LATE} and {DEAR}", 3), (GOOD, 30)), period((LATE, 2), (GOOD, 9))
    for row in told(now, before)[0].filter(pl.col("kind") == "said").iter_rows(named=True):
        phrase = DECLARED[row["theme"]][0]
        counts = [sum(phrase in text for text in one.comments.frame["text"]) for one in (now, before)]
        assert [row["n_now"], row["n_before"]] == counts
        assert (row["of_now"], row["of_before"]) == (54, 11)
