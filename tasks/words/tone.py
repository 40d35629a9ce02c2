"""The tone of each text: negative, neutral, positive, or unknown rather than a guess."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from tasks.words.comments import UNKNOWN, Comments
from tasks.words.lexicon import is_english, lexicon_tones
from tasks.words.tone_learning import RULE, Learned, ToneRule

SCHEMA: Final = {
    "text_id": pl.String(), "tone": pl.String(), "said_by": pl.String(), "positive": pl.Float64(),
}  # fmt: skip


def tones(comments: Comments, learned: Mapping[str, Learned], rule: ToneRule = RULE) -> pl.DataFrame:
    """The tone of each text.

    Said by the scores where a language has taught enough: positive or negative where that is `sure`. In between,
    neutral is said in English alone, for an answer to an open question in which a word list finds no tone either:
    two witnesses. English without scores is said by the word list. All else is unknown.

    Args:
        comments: with languages.
        learned: by language, see `learned_tone`.
        rule: when a tone is said.

    Returns:
        One row per text, by text_id: tone (`negative`, `neutral`, `positive`, `unknown`), said_by (`scores`,
        `lexicon`; null: unknown), positive (probability of a happy customer, 0-1, at even odds; null: no scores).
    """
    frame = comments.frame.with_columns(pl.col("language").fill_null(UNKNOWN))
    parts = [_of_language(part, str(key[0]), learned, rule) for key, part in frame.group_by("language")]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *parts]).sort("text_id")


def _of_language(part: pl.DataFrame, language: str, learned: Mapping[str, Learned], rule: ToneRule) -> pl.DataFrame:
    texts = part["text"].to_list()
    model = learned.get(language)
    listed = lexicon_tones(texts) if is_english(language) else [None] * len(texts)
    if model is None:
        tone = [one or UNKNOWN for one in listed]
        said_by = [None if one is None else "lexicon" for one in listed]
        return _table(part, tone, said_by, [None] * len(texts))
    positive = [float(one) for one in model.positive(texts)]
    tone = [
        UNKNOWN
        if language == UNKNOWN and not model.is_familiar(text, rule.familiar)
        else _tone(one, is_toneless=listed_one == "neutral" and asks is None, sure=rule.sure)
        for text, one, listed_one, asks in zip(texts, positive, listed, part["asks"], strict=True)
    ]
    return _table(part, tone, [None if one == UNKNOWN else "scores" for one in tone], positive)


def _tone(positive: float, *, is_toneless: bool, sure: float) -> str:
    if positive >= sure:
        return "positive"
    if positive <= 1 - sure:
        return "negative"
    return "neutral" if is_toneless else UNKNOWN


def _table(
    part: pl.DataFrame, tone: Sequence[str], said_by: Sequence[str | None], positive: Sequence[float | None]
) -> pl.DataFrame:
    columns = {"text_id": part["text_id"], "tone": tone, "said_by": said_by, "positive": positive}
    return pl.DataFrame(columns, schema=SCHEMA)
