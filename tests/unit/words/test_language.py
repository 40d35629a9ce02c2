"""The language of a text is one of those declared, or unknown."""

import polars as pl
import pytest

from tasks.words import libraries
from tasks.words.comments import Comments
from tasks.words.language import with_languages


def said(text: str, *declared: str, known: str | None = None) -> str:
    frame = pl.DataFrame(
        {"text_id": ["a"], "text": [text], "language": [known]}, schema_overrides={"language": pl.String}
    )
    return with_languages(Comments(frame), declared).frame["language"][0]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The delivery was late again and nobody called", "en-GB"),
        ("Die Lieferung kam schon wieder zu spät", "de"),
        ("La livraison était encore en retard", "fr"),
    ],
)
def test_a_sentence_is_told_as_its_declared_language(text: str, language: str):
    assert said(text, "en-GB", "de", "fr") == language


def test_a_language_that_nobody_declared_is_unknown_and_not_the_nearest_one():
    assert said("La livraison était encore en retard", "en", "de") == "unknown"


@pytest.mark.parametrize("text", ["OK", "super", "no", "👍👍👍", "12345 67890 12345"])
def test_a_text_too_short_to_tell_is_unknown(text: str):
    assert said(text, "en", "de") == "unknown"


def test_what_the_source_says_stays():
    assert said("The delivery was late again", "en", known="en-US") == "en-US"


def test_nothing_declared_is_nothing_told():
    assert said("The delivery was late again and nobody called") == "unknown"


def test_without_the_library_every_language_is_unknown_and_one_hint_says_why(monkeypatch: pytest.MonkeyPatch):
    assert libraries.hint() is None
    monkeypatch.setattr(libraries.importlib.util, "find_spec", lambda name: None)
    assert said("The delivery was late again and nobody called", "en") == "unknown"
    assert libraries.hint() == (
        "What customers write is not read: sklearn, py3langid, vaderSentiment not installed. "
        "Install cxloop's extra: text."
    )
