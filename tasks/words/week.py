"""What customers say in one week: more than before, new, less, what they love, and typical quotes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import polars as pl

from domain.remarks import text_hash
from tasks.words.comments import Comments
from tasks.words.quotes import QuoteRule, typical_quotes
from tasks.words.rising import ChangeRule, changed_terms, changed_themes
from tasks.words.themes import Phrases, themes_of
from tasks.words.topics import new_topics

CHANGES: Final = {
    "kind": pl.String(), "rank": pl.Int64(), "subject": pl.String(), "theme": pl.String(), "n_now": pl.Int64(),
    "of_now": pl.Int64(), "n_before": pl.Int64(), "of_before": pl.Int64(), "q": pl.Float64(),
}  # fmt: skip
QUOTES: Final = {
    "rank": pl.Int64(), "subject": pl.String(), "text_id": pl.String(), "place": pl.Int64(), "quote_hash": pl.String(),
}  # fmt: skip
ENOUGH: Final = 100
"""Customers who write in a week from which the week is told by itself; of fewer, the last 28 days are."""
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KNOWN: Final = frozenset([*_DAYS, *(f"{day}'s" for day in _DAYS)])
"""Words with a capital letter that are nobody's name, so that a quote may hold them."""
_MOST: Final = {"more": 3, "new": 3, "less": 3, "loved": 2, "said": 3}
_QUOTED: Final = 2

Row = dict[str, Any]


@dataclass(frozen=True)
class Period:
    """Texts of one period.

    Attributes:
        comments: what customers wrote.
        themes: text_id and theme of each theme that one of them speaks of.
    """

    comments: Comments
    themes: pl.DataFrame


def week_words(
    now: Period, before: Period, happy: Mapping[str, bool], declared: Mapping[str, Phrases], known: frozenset[str],
    smallest_group: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """What a week tells.

    Args:
        now: texts of the period.
        before: texts of the 28 days before it.
        happy: by text_id of `now`, whether its customer is happy; those in between, or unknown, are not in it.
        declared: the roadmap's themes.
        known: names that may be shown, in small letters.
        smallest_group: fewest customers of whom anything is told.

    Returns:
        Rows of `remark_changes` and of `remark_quotes`, without the week; text_id in place of fact and key. Nothing
        where fewer than `smallest_group` customers write.
    """
    rule = ChangeRule(smallest_group=smallest_group)
    if now.comments.n_voices < smallest_group:
        return pl.DataFrame(schema=CHANGES), pl.DataFrame(schema=QUOTES)
    rows = [*against(now, before, rule), *_loved(now, happy, rule), *_said(now, before, rule)]
    changes = _ranked(rows)
    return changes, _quotes(changes, now.comments, declared, known, smallest_group)


def known_names(company: str) -> frozenset[str]:
    """Names that a quote may hold, in small letters: the company's."""
    return KNOWN | frozenset(company.lower().split())


def against(now: Period, before: Period, rule: ChangeRule) -> list[Row]:
    """Themes and topics said more than before, or for the first time; themes and terms said less."""
    themes = changed_themes(now.comments, before.comments, (now.themes, before.themes), rule)
    terms = changed_terms(now.comments, before.comments, rule)
    topics, _ = new_topics(now.comments, terms, now.themes)
    told = set(themes["term"].to_list())
    rows = [_row(row, row["direction"], row["term"], is_theme=True) for row in themes.iter_rows(named=True)]
    rows += [_row(row, "more", row["topic"]) for row in topics.iter_rows(named=True) if row["theme"] not in told]
    fewer = terms.filter(pl.col("direction") == "less")
    rows += [_row(row, "less", row["term"]) for row in fewer.iter_rows(named=True)]
    return rows


def _loved(now: Period, happy: Mapping[str, bool], rule: ChangeRule) -> list[Row]:
    """Themes and words that happy customers speak of more often than unhappy ones; single words come last."""
    sides = [
        now.comments.among(pl.Series([text for text, is_happy in happy.items() if is_happy is side], dtype=pl.String))
        for side in (True, False)
    ]
    if any(side.n_voices < rule.smallest_group for side in sides):
        return []
    themes = changed_themes(sides[0], sides[1], (_among(now.themes, sides[0]), _among(now.themes, sides[1])), rule)
    topics, _ = new_topics(sides[0], changed_terms(sides[0], sides[1], rule), now.themes)
    loved = themes.filter(pl.col("direction") == "more")
    told = set(loved["term"].to_list())
    rows = [_row(row, "loved", row["term"], is_theme=True) for row in loved.iter_rows(named=True)]
    rows += [_row(row, "loved", row["topic"]) for row in topics.iter_rows(named=True) if row["theme"] not in told]
    return sorted(rows, key=lambda row: (_is_single_word(row), -row["n_now"], row["subject"]))


def _is_single_word(row: Row) -> bool:
    return row["theme"] is None and " " not in row["subject"]


def _said(now: Period, before: Period, rule: ChangeRule) -> list[Row]:
    """The themes most spoken of."""
    counts = [
        period.themes.join(period.comments.voices, on="text_id").group_by("theme").agg(n=pl.col("voice").n_unique())
        for period in (now, before)
    ]
    both = counts[0].join(counts[1], on="theme", how="left", suffix="_before").fill_null(0)
    heard = both.filter(pl.col("n") >= rule.smallest_group).sort(["n", "theme"], descending=[True, False])
    return [
        _row(
            {"n_now": n, "of_now": now.comments.n_voices, "n_before": n_before, "of_before": before.comments.n_voices,
             "q": None}, "said", theme, is_theme=True,
        )
        for theme, n, n_before in heard.iter_rows()
    ]  # fmt: skip


def _among(themes: pl.DataFrame, comments: Comments) -> pl.DataFrame:
    return themes.join(comments.frame.select("text_id"), on="text_id", how="semi")


def _row(found: Row, kind: str, subject: str, *, is_theme: bool = False) -> Row:
    told = "new" if kind == "more" and found["n_before"] == 0 else kind
    numbers = {name: found[name] for name in ("n_now", "of_now", "n_before", "of_before", "q")}
    return {"kind": told, "subject": subject, "theme": subject if is_theme else None, **numbers}


def _ranked(rows: list[Row]) -> pl.DataFrame:
    """The first few of each kind, none that is part of another of its kind."""
    kept: list[Row] = []
    for kind, most in _MOST.items():
        kept += first_apart([row for row in rows if row["kind"] == kind], most)
    return pl.DataFrame(kept, schema=CHANGES)


def first_apart(rows: list[Row], most: int) -> list[Row]:
    """The first of them with their rank, none that is part of another."""
    shown: list[Row] = []
    for row in rows:
        words = f" {row['subject']} "
        is_part = any(words in f" {one['subject']} " or f" {one['subject']} " in words for one in shown)
        if len(shown) < most and not is_part:
            shown.append(row | {"rank": len(shown) + 1})
    return shown


def _quotes(
    changes: pl.DataFrame, comments: Comments, declared: Mapping[str, Phrases], known: frozenset[str], smallest: int
) -> pl.DataFrame:
    """A typical text of each of the first subjects that has one: of what is new or more, then of what is most said."""
    order = ["new", "more", "said"]
    subjects = {
        row["subject"]: declared[row["subject"]] if row["theme"] else [row["subject"]]
        for kind in order
        for row in changes.filter(pl.col("kind") == kind).iter_rows(named=True)
    }
    if not subjects:
        return pl.DataFrame(schema=QUOTES)
    found = typical_quotes(comments, partial(themes_of, themes=subjects), known, QuoteRule(1, smallest))
    by_subject = {row["theme"]: row for row in found.iter_rows(named=True)}
    chosen = [by_subject[subject] for subject in subjects if subject in by_subject][:_QUOTED]
    rows = [
        {"rank": rank, "subject": row["theme"], "text_id": row["text_id"], "place": row["place"],
         "quote_hash": text_hash(row["quote"])}
        for rank, row in enumerate(chosen, start=1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=QUOTES)
