"""A word list's view of an English text: a start where no scores are, and a witness that a text has no tone.

Source:
    Hutto and Gilbert 2014, VADER; its published cuts of the compound score, ±0.05.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from domain.private import without_masks
from tasks.words.libraries import LEXICON, has, loaded

ENGLISH: Final = "en"
_CUT: Final = 0.05


def lexicon_tones(texts: Sequence[str]) -> list[str | None]:
    """`negative`, `neutral` or `positive` for each English text; None for all without the library."""
    if not has(LEXICON):
        return [None] * len(texts)
    analyzer = _analyzer()
    return [_tone(analyzer.polarity_scores(without_masks(text))["compound"]) for text in texts]


def is_english(language: str) -> bool:
    """Whether a tag says English, of whatever country."""
    return language.split("-", maxsplit=1)[0].lower() == ENGLISH


def _tone(compound: float) -> str:
    return "positive" if compound >= _CUT else "negative" if compound <= -_CUT else "neutral"


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    return loaded("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
