"""The language of a text: one of those the company declares, or unknown rather than a guess."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import polars as pl

from domain.private import without_masks
from tasks.words.comments import UNKNOWN, Comments
from tasks.words.libraries import LANGUAGE, has, loaded


@dataclass(frozen=True)
class LanguageRule:
    """When a language is said.

    Attributes:
        fewest_letters: of a text; fewer say nothing (`OK`, `super`, `no`).
        surely: least probability among the declared languages.
        by_far: least probability among all languages the library knows; it keeps a text in a language that nobody
            declared from being taken for the nearest declared one.
    """

    fewest_letters: int = 12
    surely: float = 0.9
    by_far: float = 0.4


RULE: Final = LanguageRule()


def with_languages(comments: Comments, declared: Sequence[str], rule: LanguageRule = RULE) -> Comments:
    """The comments with a language each, as declared (`en-GB`), or `unknown`; what was said by the source stays.

    Args:
        comments: the texts.
        declared: languages that customers write in, BCP 47; the first of several variants of one language stands for
            it. None declared, or no library: everything is `unknown`.
        rule: when a language is said.
    """
    frame = comments.frame
    open_ones = frame.filter(pl.col("language").is_null())["text"].unique().sort()
    languages = pl.Series(_languages(open_ones, declared, rule), dtype=pl.String)
    found = pl.DataFrame({"text": open_ones, "found": languages})
    return Comments(
        frame.join(found, on="text", how="left", maintain_order="left").with_columns(
            language=pl.coalesce("language", "found", pl.lit(UNKNOWN))
        )
    )


def _languages(texts: pl.Series, declared: Sequence[str], rule: LanguageRule) -> list[str]:
    if not declared or not has(LANGUAGE):
        return [UNKNOWN] * len(texts)
    tags = {_primary(tag): tag for tag in reversed(declared)}
    identifier = _identifier()
    return [_language(without_masks(text), tags, identifier, rule) for text in texts]


def _language(text: str, tags: dict[str, str], identifier: Any, rule: LanguageRule) -> str:
    if sum(letter.isalpha() for letter in text) < rule.fewest_letters:
        return UNKNOWN
    ranked: dict[str, float] = dict(identifier.rank(text))
    likely = {tag: ranked.get(tag, 0.0) for tag in tags}
    best = max(sorted(likely), key=lambda tag: likely[tag])
    among = sum(likely.values())
    is_sure = ranked.get(best, 0.0) >= rule.by_far and likely[best] >= rule.surely * among
    return tags[best] if is_sure else UNKNOWN


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Its model lies in its wheel; one of our own, so that nobody's choice of languages changes it."""
    module = loaded("py3langid.langid")
    return module.LanguageIdentifier.from_model_file(module.MODEL_FILE, norm_probs=True)


def _primary(tag: str) -> str:
    return tag.split("-", maxsplit=1)[0].lower()
