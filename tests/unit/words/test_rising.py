"""What is said more than before: surely, and by how many customers."""

import random

import polars as pl
import pytest
from scipy.stats import fisher_exact

from tasks.words.comments import Comments
from tasks.words.rising import ChangeRule, changed, changed_terms, changed_themes
from tasks.words.themes import themes_of
from tasks.words.topics import new_topics

BLAND = [
    "the",
    "coffee",
    "machine",
    "box",
    "taste",
    "price",
    "order",
    "week",
    "team",
    "colour",
    "smell",
    "cup",
    "filter",
    "water",
    "paper",
    "lid",
    "bag",
    "shop",
]


def bland(n: int, seed: int, **special: int) -> Comments:
    """Texts of random words; of the first ones some say, by name, what is special."""
    draw = random.Random(seed)
    texts = [" ".join(draw.choice(BLAND) for _ in range(6)) for _ in range(n)]
    at = 0
    for said, times in special.items():
        for place in range(at, at + times):
            texts[place] += f" and {said.replace('_', ' ')}"
        at += times
    ids = [f"{seed}-{place:05d}" for place in range(n)]
    return Comments(pl.DataFrame({"text_id": ids, "customer_id": ids, "text": texts}))


def counts(**said: int) -> pl.DataFrame:
    return pl.DataFrame({"term": list(said), "n": list(said.values())}, schema={"term": pl.String, "n": pl.Int64})


def test_a_worked_case_has_fishers_p_and_a_shrunk_ratio():
    told = changed(counts(late=121), counts(late=34), 612, 640).row(0, named=True)
    assert told["p"] == pytest.approx(
        2 * fisher_exact([[121, 612 - 121], [34, 640 - 34]], alternative="greater").pvalue, rel=1e-6
    )
    assert (told["direction"], told["n_now"], told["n_before"]) == ("more", 121, 34)
    # prior: 10 * 155 / 1252 = 1.238 yes, 8.762 no: ln(122.238 / 499.762) - ln(35.238 / 614.762)
    assert told["log_odds"] == pytest.approx(1.4510, abs=1e-3)


def test_what_was_never_said_before_is_found_with_few_voices_when_the_past_is_long():
    assert changed(counts(straps=7), counts(), 600, 15_000).height == 1
    assert changed(counts(straps=7), counts(), 600, 600, ChangeRule(false_discoveries=0.001)).height == 0


def test_fewer_customers_than_the_smallest_group_are_not_told():
    assert changed(counts(straps=4), counts(), 600, 1_000_000).height == 0


def test_sure_but_small_is_not_told():
    assert changed(counts(late=52_000), counts(late=50_000), 100_000, 100_000).height == 0


def test_less_is_told_as_well():
    told = changed(counts(refund=24), counts(refund=61), 612, 600)
    assert told["direction"].to_list() == ["less"]


def test_nothing_is_told_beside_an_empty_period():
    assert changed(counts(late=50), counts(), 60, 0).height == 0
    empty = Comments(pl.DataFrame(schema={"text_id": pl.String, "text": pl.String}))
    assert changed_terms(bland(50, 1), empty).height == 0
    assert changed_terms(empty, bland(50, 1)).height == 0


def test_two_periods_of_the_same_talk_seldom_differ():
    false_alarms = sum(changed_terms(bland(150, seed), bland(300, 1000 + seed)).height > 0 for seed in range(40))
    assert false_alarms <= 4  # 5 % of 40 is 2; more than 4 comes once in 50


def test_one_customer_who_says_it_a_hundred_times_is_one_voice():
    now = bland(200, 1).frame
    loud = pl.DataFrame(
        {"text_id": [f"x{n}" for n in range(100)], "customer_id": ["loud"] * 100, "text": ["straps broke"] * 100}
    )
    both = Comments(pl.concat([now.select(loud.columns), loud]))
    assert changed_terms(both, bland(600, 2)).height == 0


def test_new_terms_of_the_same_customers_are_one_topic_named_by_its_longest_phrase():
    now, before = bland(300, 1, paper_straps_cut=25, card_refused=30), bland(900, 2)
    changes = changed_terms(now, before)
    topics, texts = new_topics(now, changes, themes_of(now, {"card": ["card refused"]}))
    assert topics.select("topic", "n_now", "n_before", "theme").rows() == [
        ("card refused", 30, 0, "card"),
        ("paper straps cut", 25, 0, None),
    ]
    assert texts.group_by("topic").len().sort("topic")["len"].to_list() == [30, 25]


def test_topics_are_the_same_whatever_the_order_of_rows():
    now, before = bland(300, 1, paper_straps_cut=25, card_refused=30), bland(900, 2)
    none = themes_of(now, {})
    shuffled = Comments(now.frame.sample(fraction=1.0, shuffle=True, seed=7))
    one, other = (new_topics(part, changed_terms(part, before), none) for part in (now, shuffled))
    assert one[0].equals(other[0])
    assert one[1].equals(other[1])


def test_nothing_risen_is_no_topic():
    now, before = bland(100, 1), bland(100, 2)
    topics, texts = new_topics(now, changed_terms(now, before), themes_of(now, {}))
    assert (topics.height, texts.height) == (0, 0)


def test_a_name_is_no_topic_however_often_it_is_said():
    now = bland(300, 1, rude_Sarah_today=30)
    terms = changed_terms(now, bland(900, 2))["term"].to_list()
    assert terms
    assert not [term for term in terms if "sarah" in term]


def test_the_roadmaps_themes_rise_and_fall_too():
    now, before = bland(300, 1, came_late=60), bland(600, 2, came_late=20)
    declared = {"late": ["late"], "price": ["price"]}
    told = changed_themes(now, before, (themes_of(now, declared), themes_of(before, declared)))
    assert told.select("term", "direction", "n_now", "n_before").rows() == [("late", "more", 60, 20)]
