"""The roadmap's themes in what customers wrote: words and phrases, in every language they are declared in."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from domain.private import MASKS
from tasks.words.comments import Comments

SCHEMA: Final = {"text_id": pl.String(), "theme": pl.String()}
Phrases = Sequence[str] | Mapping[str, Sequence[str]]
"""A theme's phrases: in all languages, or by language (`{de: [spät], en: [late]}`)."""

_MASK: Final = "|".join(re.escape(mask) for mask in MASKS)
_NOT_LETTERS: Final = r"[^\p{L}\p{N}]+"
_UP_TO: Final = 3
"""Words that a * of its own stands for at most."""
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that set no spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


def themes_of(comments: Comments, themes: Mapping[str, Phrases]) -> pl.DataFrame:
    """Which themes each text speaks of; several, or none.

    A phrase is met as whole words, whatever their case, accents and the signs between them. `*` within a word stands
    for any letters (`refund*`, `*verspätung`), as a word of its own for up to three words (`card * refused`). Phrases
    by language are looked for in texts of that language, and in those whose language is unknown.

    Args:
        comments: with languages where phrases are by language.
        themes: phrases by theme.

    Returns:
        One row per text and theme, by both: text_id, theme.
    """
    plain = comments.frame.select("text_id", pl.col("language").fill_null("unknown"), text=_plain(pl.col("text")))
    found = [pl.DataFrame(schema=SCHEMA)]
    for theme, phrases in themes.items():
        spoken = pl.lit(value=False)
        for language, some in _by_language(phrases).items():
            pattern = _pattern(some)
            if pattern is not None:
                spoken = spoken | (_is_of(language) & pl.col("text").str.contains(pattern))
        found.append(plain.filter(spoken).select("text_id", theme=pl.lit(theme)))
    return pl.concat(found).sort("text_id", "theme")


def _by_language(phrases: Phrases) -> dict[str, Sequence[str]]:
    return dict(phrases) if isinstance(phrases, Mapping) else {"": phrases}


def _is_of(language: str) -> pl.Expr:
    if not language:
        return pl.lit(value=True)
    primary = pl.col("language").str.to_lowercase().str.split("-").list.first()
    return primary.is_in([language.lower().split("-", maxsplit=1)[0], "unknown"])


def _plain(text: pl.Expr) -> pl.Expr:
    """Small letters without accents, one space between words and at both ends, nothing of what was masked."""
    bare = text.str.replace_all(_MASK, " ").str.normalize("NFKD").str.replace_all(r"\p{M}|['’]", "")
    bare = bare.str.to_lowercase().str.replace_all("ß", "ss", literal=True)
    return pl.format(" {} ", bare.str.replace_all(_NOT_LETTERS, " ").str.strip_chars())


def _pattern(phrases: Sequence[str]) -> str | None:
    """One regular expression for all phrases; None: none of them has a letter."""
    patterns = sorted({one for one in map(_phrase, phrases) if one})
    return f"(?:{'|'.join(patterns)})" if patterns else None


def _phrase(phrase: str) -> str | None:
    words = [_bare(word) for word in phrase.split()]
    words = [part for word in words for part in word.split()]
    while words and words[0] == "*":
        words.pop(0)
    while words and words[-1] == "*":
        words.pop()
    if not words:
        return None
    if _UNSPACED.search("".join(words)):
        return r"[^ ]*".join(re.escape(part) for part in "".join(words).split("*"))
    pattern = ""
    for place, word in enumerate(words):
        if word == "*":
            pattern += rf"(?: [^ ]+){{0,{_UP_TO}}}"
        else:
            pattern += " " + "[^ ]*".join(re.escape(part) for part in word.split("*"))
        if place == len(words) - 1:
            pattern += " "
    return pattern


def _bare(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign) and sign not in "'’")
    return re.sub(r"[^\w*]+|_", " ", bare.lower().replace("ß", "ss"))
