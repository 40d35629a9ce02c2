"""Words and phrases of up to three words, and which words may be a person's name."""

import re
from typing import Final

import polars as pl

from domain.private import MASKS
from tasks.words.comments import UNKNOWN, Comments
from tasks.words.function_words import FUNCTION_WORDS
from tasks.words.given_names import GIVEN_NAMES

LONGEST: Final = 3
_BREAK: Final = "|"
_BREAKS: Final = "|".join([*map(re.escape, MASKS), r"[.!?;:,\n\r()…|]+"])
_WORDS: Final = r"\p{L}[\p{L}\p{M}]*(?:['’\-]\p{L}+)*|\|"
_NOUNS_ARE_CAPITAL: Final = ("de", "lb")
_NAME_FROM: Final = 0.75
"""Share of a word's places within a sentence that are written with a capital, from which it is taken for a name."""

_CALLED: Final = (
    "kollege", "kollegen", "kollegin", "mitarbeiter", "mitarbeiterin", "mitarbeiters", "berater", "beraterin", "agent",
    "agentin", "techniker", "technikerin", "monteur", "fahrer", "fahrerin", "bearbeiter", "bearbeiterin", "namens",
    "herr", "herrn", "frau",
)  # fmt: skip
"""German words right before a person's name."""
_CALLED_FROM: Final = 0.2
"""Share of a word's places right behind one of them, from which it is taken for a name."""


def words_of(comments: Comments) -> pl.DataFrame:
    """Every word in its place.

    Returns:
        One row per word: text_id; place (int, counts breaks too: words side by side differ by 1); word (small letters);
        written (as it stood); is_first (first of its sentence); language.
    """
    broken = pl.col("text").str.replace_all(_BREAKS, f" {_BREAK} ").str.extract_all(_WORDS)
    return (
        comments.frame.select("text_id", pl.col("language").fill_null(UNKNOWN), written=broken)
        .with_columns(place=pl.int_ranges(0, pl.col("written").list.len()))
        .explode("written", "place", empty_as_null=False)
        .with_columns(
            word=pl.col("written").str.to_lowercase().str.replace_all("’", "'", literal=True),
            is_first=(pl.col("written").shift(1).over("text_id") == _BREAK).fill_null(value=True),
        )
        .filter(pl.col("written") != _BREAK)
    )


def terms_of(words: pl.DataFrame) -> pl.DataFrame:
    """Words and phrases of each text, within one stretch between signs; function words at neither end.

    Returns:
        One row per text and term, in no order: text_id, term.
    """
    rows = words.select("text_id", "place", "word")
    found: list[pl.DataFrame] = []
    for length in range(1, LONGEST + 1):
        parts = [pl.col("word").shift(-ahead) for ahead in range(length)]
        is_whole = (pl.col("text_id").shift(1 - length) == pl.col("text_id")) & (
            pl.col("place").shift(1 - length) == pl.col("place") + (length - 1)
        )
        phrases = rows.select(
            "text_id", term=pl.concat_str(parts, separator=" "), is_whole=is_whole, first=parts[0], last=parts[-1]
        )
        found.append(phrases.filter(pl.col("is_whole") & _says_something("first") & _says_something("last")))
    return pl.concat(found).select("text_id", "term").unique()


def telling_of_people(words: pl.DataFrame) -> frozenset[str]:
    """Words that look like names: within sentences they mostly stand with a capital letter.

    Shouted texts say nothing about a word. Nor do languages that write every noun so (German): there a name is known by
    being a common given name, or by following, often enough, what people are called by (`Kollegin Swantje`); for the
    others the rule that a shown word is one that several customers wrote stands alone.
    """
    is_capital = pl.col("written").str.contains(r"^\p{Lu}\p{Ll}")
    is_of_nouns = pl.col("language").str.split("-").list.first().is_in(list(_NOUNS_ARE_CAPITAL))
    within = words.filter(
        ~pl.col("is_first")
        & ~is_of_nouns
        & (pl.col("word").str.len_chars() > 1)
        & ~pl.col("word").str.contains("^i['’]")
    )
    shares = within.group_by("word").agg(capital=is_capital.mean())
    by_letter = shares.filter(pl.col("capital") >= _NAME_FROM)["word"].to_list()
    return frozenset(by_letter) | _named_among_nouns(words.filter(is_of_nouns))


def _named_among_nouns(words: pl.DataFrame) -> frozenset[str]:
    """Names in languages that write every noun with a capital letter."""
    is_given = pl.col("word").is_in(sorted(GIVEN_NAMES))
    # `Peters`: of Peter
    is_of_given = pl.col("word").str.strip_suffix("s").str.strip_suffix("'").is_in(sorted(GIVEN_NAMES))
    given = words.filter(is_given | is_of_given)["word"].unique().to_list()
    is_next = (pl.col("place").shift(1) + 1 == pl.col("place")) & (pl.col("text_id").shift(1) == pl.col("text_id"))
    follows = is_next & pl.col("word").shift(1).is_in(list(_CALLED))
    shares = (
        words.with_columns(is_called=follows.fill_null(value=False))
        .filter(pl.col("written").str.contains(r"^\p{Lu}\p{Ll}"))
        .group_by("word")
        .agg(called=pl.col("is_called").mean(), n_texts=pl.col("text_id").filter("is_called").n_unique())
    )
    # once may be a slip: `der Fahrer Pakete geworfen`
    called = shares.filter(pl.col("called") >= _CALLED_FROM, pl.col("n_texts") > 1)["word"].to_list()
    return frozenset(given) | frozenset(called)


def _says_something(column: str) -> pl.Expr:
    return (pl.col(column).str.len_chars() > 1) & ~pl.col(column).is_in(sorted(FUNCTION_WORDS))
