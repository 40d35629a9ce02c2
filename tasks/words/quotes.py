"""Typical quotes of a theme: what its customers have in common, in one customer's words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from domain.private import MASKS
from domain.remarks import LONGEST_QUOTE, pieces
from tasks.words.comments import Comments
from tasks.words.terms import telling_of_people, terms_of, words_of

SCHEMA: Final = {
    "theme": pl.String(), "rank": pl.Int64(), "text_id": pl.String(), "place": pl.Int64(), "quote": pl.String(),
    "language": pl.String(), "likeness": pl.Float64(),
}  # fmt: skip
Speaks = Callable[[Comments], pl.DataFrame]
_DOTS: Final = "… "
_ADDRESS: Final = r"[^\W\d_]\.[^\W\d_]{2}"
_LEFT_OUT: Final = re.compile("|".join([*map(re.escape, MASKS), r"\d{4}", _ADDRESS, r"[<>{}=|*^~`\\]"]))
"""What no quote holds: something else that was masked, a number long enough to be somebody's, what Slack or a browser
may take for an address (`shop.example`), signs of markup."""
_READABLE: Final = 0.75
"""Least share of a quote's characters that are letters and spaces."""
_APART: Final = 0.7
"""Likeness of two quotes from which the second says nothing new."""


@dataclass(frozen=True)
class QuoteRule:
    """Which quotes are shown.

    Attributes:
        most: quotes of one theme.
        smallest_group: fewest customers who speak of the theme, and fewest who wrote each single word of a quote; the
            roadmap's. So no name, number or story that only one customer could have written is ever shown.
        shortest, longest: characters; of longer texts, one sentence.
    """

    most: int = 2
    smallest_group: int = 5
    shortest: int = 20
    longest: int = LONGEST_QUOTE


RULE: Final = QuoteRule()


def typical_quotes(
    comments: Comments, speaks: Speaks, known: frozenset[str] = frozenset(), rule: QuoteRule = RULE
) -> pl.DataFrame:
    """The texts nearest to the middle of each theme: not the most extreme ones.

    Terms are weighed by how rare they are among all texts, a theme's middle is the mean of its texts, nearness is the
    cosine. A quote holds no name, address or number that was masked, no word that looks like a name, and only words
    that `smallest_group` customers wrote; each customer is quoted once; no two quotes of a theme say the same.

    Args:
        comments: all texts of the period.
        speaks: tells text_id and theme of any texts: `partial(themes_of, themes=...)`; of what is new, a topic's name
            is its phrase. Asked of whole texts, and of the sentences that long ones are cut into.
        known: names that may be shown (the company, its products), in small letters.
        rule: which quotes are shown.

    Returns:
        One row per theme and rank, rank 1 the most typical; place (which of its text's `pieces`), likeness 0-1.
        Nothing for themes of fewer than `smallest_group` customers, and fewer or none where no text is fit to be
        shown.
    """
    words = words_of(comments)
    shown = _sayable(words, comments, known, rule)
    spoken = speaks(comments).unique().join(comments.voices, on="text_id")
    heard = spoken.group_by("theme").agg(n=pl.col("voice").n_unique()).filter(pl.col("n") >= rule.smallest_group)
    members = spoken.join(heard.select("theme"), on="theme")
    candidates = _candidates(comments.among(members["text_id"]), shown, rule)
    if candidates.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    terms = terms_of(words)
    rarity = terms.group_by("term").agg(idf=(1 + comments.frame.height / pl.len()).log())
    weights = _weights(terms, rarity)
    centres = (
        members.join(weights, on="text_id").group_by("theme", "term").agg(weight=pl.col("weight").sum())
        .with_columns(weight=pl.col("weight") / pl.col("weight").pow(2).sum().sqrt().over("theme"))
    )  # fmt: skip
    sentences = _as_comments(candidates)
    mine = _weights(terms_of(words_of(sentences)), rarity, key="quote_id")
    near = (
        candidates.join(members.select("text_id", "theme", "voice"), on="text_id")
        .join(speaks(sentences).select("theme", quote_id="text_id"), on=["quote_id", "theme"], how="semi")
        .join(mine, on="quote_id")
        .join(centres, on=["theme", "term"], suffix="_centre")
        .group_by("theme", "quote_id", "text_id", "voice", "quote", "language")
        .agg(likeness=(pl.col("weight") * pl.col("weight_centre")).sum())
        .with_columns(likeness=pl.col("likeness").round(9))
        .sort(["theme", "likeness", "quote_id"], descending=[False, True, False])
    )  # fmt: skip
    chosen = _chosen(near, mine, rule)
    return pl.DataFrame(chosen, schema=SCHEMA)


def _sayable(words: pl.DataFrame, comments: Comments, known: frozenset[str], rule: QuoteRule) -> frozenset[str]:
    """Words that enough customers wrote and that do not look like names."""
    counts = words.join(comments.voices, on="text_id").group_by("word").agg(n=pl.col("voice").n_unique())
    common = counts.filter(pl.col("n") >= rule.smallest_group)["word"].to_list()
    return frozenset(common) - (telling_of_people(words) - known)


def _candidates(comments: Comments, sayable: frozenset[str], rule: QuoteRule) -> pl.DataFrame:
    """Whole texts of readable length, and sentences of longer ones: quote_id, text_id, quote, language."""
    rows: list[dict[str, str | None]] = []
    for text_id, written, language in comments.frame.select("text_id", "text", "language").iter_rows():
        for place, quote in enumerate(pieces(written, rule.longest)):
            part = quote.removeprefix(_DOTS).removesuffix(_DOTS[::-1])
            if rule.shortest <= len(part) <= rule.longest and _is_readable(part):
                said = {"quote": quote, "quote_id": f"{text_id}\n{place:04d}"}
                rows.append(said | {"text_id": text_id, "language": language})
    table = pl.DataFrame(rows, schema={name: pl.String() for name in ("quote_id", "text_id", "quote", "language")})
    words = words_of(_as_comments(table))
    is_sayable = pl.col("word").is_in(sorted(sayable))
    fit = words.group_by("text_id").agg(is_fit=is_sayable.all()).filter("is_fit")
    return table.join(fit.select(quote_id="text_id"), on="quote_id").sort("quote_id")


def _is_readable(text: str) -> bool:
    letters = sum(sign.isalpha() or sign == " " for sign in text)
    return not _LEFT_OUT.search(text) and letters >= _READABLE * len(text)


def _as_comments(quotes: pl.DataFrame) -> Comments:
    return Comments(quotes.select("language", text_id="quote_id", text="quote"))


def _weights(terms: pl.DataFrame, rarity: pl.DataFrame, key: str = "text_id") -> pl.DataFrame:
    """Weights of length 1 per text: key, term, weight."""
    return (
        terms.join(rarity, on="term")
        .with_columns(weight=pl.col("idf") / pl.col("idf").pow(2).sum().sqrt().over("text_id"))
        .select(pl.col("text_id").alias(key), "term", "weight")
    )


def _chosen(near: pl.DataFrame, weights: pl.DataFrame, rule: QuoteRule) -> list[dict[str, object]]:
    """The nearest ones of each theme, one per customer over all themes, none like another of its theme."""
    chosen: list[dict[str, object]] = []
    quoted: set[str] = set()
    for (theme,), part in near.group_by("theme", maintain_order=True):
        said: list[dict[str, float]] = []
        for row in part.iter_rows(named=True):
            if len(said) == rule.most:
                break
            if row["voice"] in quoted:
                continue
            mine = weights.filter(pl.col("quote_id") == row["quote_id"])
            vector = dict(zip(mine["term"].to_list(), mine["weight"].to_list(), strict=True))
            if any(sum(vector.get(term, 0.0) * weight for term, weight in one.items()) >= _APART for one in said):
                continue
            quoted.add(row["voice"])
            said.append(vector)
            place = int(row["quote_id"].rsplit("\n", maxsplit=1)[1])
            told = {"theme": theme, "rank": len(said), "place": place}
            chosen.append(told | {name: row[name] for name in ("text_id", "quote", "language", "likeness")})
    return chosen
