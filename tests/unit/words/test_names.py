"""Names of people are no terms: where nouns are small by their capital letter, where all are capital by other signs."""

import polars as pl
import pytest

from tasks.words.comments import Comments
from tasks.words.function_words import FUNCTION_WORDS
from tasks.words.given_names import GIVEN_NAMES
from tasks.words.quotes import QuoteRule, typical_quotes
from tasks.words.rising import changed_terms
from tasks.words.terms import telling_of_people, words_of
from tasks.words.themes import themes_of


def texts(*said: str, language: str = "de") -> Comments:
    ids = [f"{language}{place:03d}" for place in range(len(said))]
    return Comments(pl.DataFrame({"text_id": ids, "text": said, "language": [language] * len(said)}))


def names(*said: str, language: str = "de") -> frozenset[str]:
    return telling_of_people(words_of(texts(*said, language=language)))


def test_a_first_name_that_many_write_in_german_is_no_term() -> None:
    now = texts(*["Ich sprach mit Sabine über meine Lieferung, Sabine war sehr bemüht."] * 30, *["Alles gut."] * 30)
    before = texts(*["Alles gut und wie immer."] * 100, language="de-AT")
    told = changed_terms(now, before)["term"].to_list()
    assert "lieferung" in told
    assert not [term for term in told if "sabine" in term]


def test_nor_is_it_quoted() -> None:
    said = texts(*["Meine Lieferung kam nicht und Sabine rief nicht an."] * 8, *["Die Lieferung kam wieder nicht."] * 8)
    quotes = typical_quotes(said, lambda part: themes_of(part, {"late": ["lieferung"]}), rule=QuoteRule(2, 5))
    assert quotes["quote"].to_list() == ["Die Lieferung kam wieder nicht."]


def test_names_are_known_in_the_genitive_and_in_small_letters_too() -> None:
    assert names("Das war Peters Fehler", "das war peter") == {"peters", "peter"}


def test_a_name_that_is_not_listed_is_known_by_what_people_are_called_by() -> None:
    said = ["Die Kollegin Swantje half uns", "Ein Mitarbeiter namens Swantje", "Danach rief Swantje noch einmal an"]
    assert names(*said) == {"swantje"}
    assert names(*said, language="de-CH") == {"swantje"}


@pytest.mark.parametrize("language", ["de", "de-AT", "lb"])
def test_nouns_stay_terms_where_every_noun_is_capital(language: str) -> None:
    said = ["Die Lieferung kam mit der Rechnung", "Der Fahrer Paket für Paket geworfen", "Das Paket kam im April an",
            "Der Ernst der Lage, frank und frei, ein Roman"]  # fmt: skip
    assert names(*said, language=language) == frozenset()


def test_a_noun_that_once_stands_behind_a_driver_is_no_name() -> None:
    assert names("Der Fahrer Pakete geworfen", "Wir bekamen Pakete") == frozenset()
    assert names(*["Der Fahrer Pakete geworfen"] * 2, *["Wir bekamen Pakete"] * 9) == frozenset()


def test_in_other_languages_the_capital_letter_says_it_and_german_names_may_be_words() -> None:
    assert names("we met Sabine at noon", "then Sabine left", language="en") == {"sabine"}
    assert names("la boutique a dit non", "petra is a place", language="fr") == frozenset()


def test_no_given_name_is_a_word_that_holds_sentences_together() -> None:
    assert {"ella", "mia"} == GIVEN_NAMES & FUNCTION_WORDS  # Spanish, Italian: no terms there either way
    assert {name for name in GIVEN_NAMES if len(name) < 3 or name != name.lower()} == set()
    words = {"kai", "mark", "frank", "ernst", "wolf", "rose", "heide", "april", "august", "sommer", "roman", "iris"}
    assert not GIVEN_NAMES & words


def test_nothing_said_names_nobody() -> None:
    assert names() == frozenset()
