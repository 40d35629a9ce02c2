"""Tone is learned from scores, and unknown rather than guessed."""

import random

import polars as pl
import pytest

from tasks.words import libraries
from tasks.words.comments import Comments, standing
from tasks.words.lexicon import lexicon_tones
from tasks.words.tone import tones
from tasks.words.tone_learning import ToneRule, learned_tone

GOOD = ["schnell geliefert", "sehr freundlich", "alles bestens", "tolle Beratung", "immer wieder gerne"]
BAD = ["kam viel zu spät", "niemand geht ans Telefon", "Karte abgelehnt", "falsche Rechnung", "sehr enttäuscht"]
MIXED = ["beim letzten Mal", "mein Auftrag", "am Montag", "wie besprochen", "im Laden"]


def scored(n: int = 300, seed: int = 1, language: str = "de") -> pl.DataFrame:
    draw = random.Random(seed)
    rows = []
    for place in range(n):
        happy = place % 2 == 0
        text = f"{draw.choice(MIXED)} {draw.choice(GOOD if happy else BAD)} {draw.choice(MIXED)}"
        rows.append({"text_id": f"{place:04d}", "customer_id": f"c{place % 200}", "text": text, "language": language,
                     "standing": "happy" if happy else "unhappy"})  # fmt: skip
    return pl.DataFrame(rows)


def said(text: str, learned, language: str = "de", asks: str | None = None) -> tuple[str, str | None]:
    frame = pl.DataFrame(
        {"text_id": ["x"], "text": [text], "language": [language], "asks": [asks]}, schema_overrides={"asks": pl.String}
    )
    return tones(Comments(frame), learned).select("tone", "said_by").row(0)


@pytest.fixture(scope="module")
def german():
    return learned_tone(Comments(scored()))


def test_what_unhappy_customers_write_sounds_negative_in_their_own_language(german):
    assert said("die Karte wurde abgelehnt", german) == ("negative", "scores")
    assert said("wirklich tolle Beratung", german) == ("positive", "scores")


def test_words_of_both_sides_alike_say_nothing(german):
    assert said("am Montag im Laden", german) == ("unknown", None)


def test_a_short_text_of_unknown_language_is_told_if_its_words_are_known_and_else_unknown(german):
    assert said("sehr enttäuscht", german, "unknown") == ("negative", "scores")
    assert said("baay'ee gaarii dha", german, "unknown") == ("unknown", None)


def test_a_language_without_scores_of_its_own_is_unknown(german):
    assert said("le service était très lent", german, "fr") == ("unknown", None)


def test_english_starts_with_the_word_list_and_goes_over_to_scores():
    assert said("terrible, I hate it", {}, "en-GB") == ("negative", "lexicon")
    assert said("the parcel came on Monday", {}, "en") == ("neutral", "lexicon")
    learned = learned_tone(Comments(scored(language="en")))
    assert said("Karte abgelehnt", learned, "en") == ("negative", "scores")


def test_neutral_needs_an_open_question_and_a_word_list_that_finds_no_tone():
    learned = learned_tone(Comments(scored(language="en")))
    assert said("am Montag im Laden", learned, "en") == ("neutral", "scores")
    assert said("am Montag im Laden", learned, "en", asks="improvement") == ("unknown", None)


def test_too_few_scored_comments_teach_nothing():
    assert learned_tone(Comments(scored(90))) == {}


def test_scores_that_do_not_go_with_the_words_teach_nothing():
    draw = random.Random(3)
    shuffled = scored().with_columns(standing=pl.Series(draw.sample(["happy", "unhappy"] * 150, 300)))
    assert learned_tone(Comments(shuffled)) == {}


def test_the_order_of_rows_plays_no_part(german):
    again = learned_tone(Comments(scored().sample(fraction=1.0, shuffle=True, seed=5)))
    texts = Comments(scored(60, seed=9))
    assert tones(texts, again).equals(tones(texts, german))


def test_a_question_that_asks_for_praise_teaches_nothing_about_blame():
    praised = scored().with_columns(asks=pl.lit("praise"))
    assert learned_tone(Comments(praised)) == {}


def test_learning_is_bounded_however_much_was_written():
    learned = learned_tone(Comments(scored(1000)), ToneRule(most=100))
    assert (learned["de"].n_happy, learned["de"].n_unhappy) == (100, 100)


def test_long_texts_are_cut_into_sentences_and_short_ones_are_not():
    long = scored(200).with_columns(text=pl.concat_str([pl.col("text")] * 8, separator=". "))
    learned = learned_tone(Comments(long))
    assert 300 < learned["de"].n_happy <= 6 * 100


def test_no_texts_have_no_tones(german):
    empty = Comments(pl.DataFrame(schema={"text_id": pl.String, "text": pl.String}))
    assert tones(empty, german).height == 0
    assert learned_tone(empty) == {}


def test_without_the_libraries_tone_is_unknown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(libraries.importlib.util, "find_spec", lambda name: None)
    assert learned_tone(Comments(scored())) == {}
    assert said("terrible, I hate it", {}, "en") == ("unknown", None)
    assert lexicon_tones(["good"]) == [None]


@pytest.mark.parametrize(
    ("score", "low", "high", "direction", "expected"),
    [
        (9, 0, 10, "up", "happy"), (8, 0, 10, "up", None), (7, 0, 10, "up", None), (6, 0, 10, "up", "unhappy"),
        (5, 1, 5, "up", "happy"), (4, 1, 5, "up", None), (3, 1, 5, "up", "unhappy"),
        (1, 1, 5, "down", "happy"), (2, 1, 5, "down", None), (5, 1, 5, "down", "unhappy"), (None, 1, 5, "up", None),
    ],
)  # fmt: skip
def test_standing_follows_the_lines_of_nps_on_every_scale(score, low, high, direction, expected):
    rows = pl.DataFrame(
        {"score": [score], "scale_low": [low], "scale_high": [high], "direction": [direction]},
        schema={"score": pl.Float64, "scale_low": pl.Float64, "scale_high": pl.Float64, "direction": pl.String},
    )
    assert rows.select(standing()).item() == expected
