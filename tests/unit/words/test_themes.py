"""Themes of the roadmap in texts of any language."""

import polars as pl
import pytest

from tasks.words.comments import Comments
from tasks.words.themes import themes_of

THEMES = {
    "late-delivery": ["late", "verspätet", "en retard"],
    "card-refused": ["card * refused", "Karte abgelehnt"],
    "price": ["expensive", "teuer*"],
}


def themes(text: str, declared=THEMES, language: str | None = None) -> list[str]:
    frame = pl.DataFrame(
        {"text_id": ["a"], "text": [text], "language": [language]}, schema_overrides={"language": pl.String}
    )
    return themes_of(Comments(frame), declared)["theme"].to_list()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LATE again!", ["late-delivery"]),
        ("c'était en  retard...", ["late-delivery"]),
        ("Verspatet, ohne Umlaut", ["late-delivery"]),
        ("translate chocolate", []),
        ("my card refused", ["card-refused"]),
        ("the card was then suddenly refused", ["card-refused"]),
        ("the card I got last week from you was refused", []),
        ("late and far too teuer, the card: refused", ["card-refused", "late-delivery", "price"]),
        ("am teuersten", ["price"]),
        ("", []),
    ],
)
def test_phrases_are_met_as_whole_words_with_stars_for_what_varies(text: str, found: list[str]):
    assert themes(text) == found


def test_a_phrase_of_one_language_is_not_met_in_another():
    declared = {"pain": {"en": ["pain"], "fr": ["douleur"]}}
    assert themes("le pain était bon", declared, "fr") == []
    assert themes("a lot of pain", declared, "en-GB") == ["pain"]
    assert themes("pain", declared) == ["pain"]


def test_scripts_without_spaces_are_met_within_the_run_of_signs():
    assert themes("配送が遅いです", {"late": ["遅い"]}) == ["late"]


def test_signs_in_a_phrase_are_signs_and_no_pattern():
    assert themes("aaa", {"odd": ["a.a", "(", "[", "*", "a|b"]}) == []
    assert themes("C++ (beta)", {"odd": ["c++"]}) == ["odd"]


def test_what_was_masked_is_no_theme():
    assert themes("rang 0170 1234567", {"phone": ["phone"]}) == []
