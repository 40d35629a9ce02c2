"""What customers wrote, in whichever fact table: where it stands, and what of it can be quoted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import polars as pl

from domain.private import HANDLE, LINK, private

US: Final = "us"
"""Whom reviews and mentions are about, where not about a competitor."""
NOTES: Final = "feedback_notes"
"""Notes of colleagues: heard, but not customers' own words."""
REMARKS: Final = "remarks"
"""The table of what was read, which KPIs are measured from as from a fact table."""
LONGEST_QUOTE: Final = 180
"""Characters; of longer texts, single sentences are quoted."""

_SENTENCE: Final = re.compile(r"(?<=[.!?…])\s+|\s*\n+\s*")
_SPACE: Final = re.compile(r"\s+")
_ENDED: Final = (".", "!", "?", "…", ":")
_ADDRESSED: Final = re.compile(rf"(?:{re.escape(HANDLE)}|{re.escape(LINK)})[ \t]*")
"""Whom a post speaks to and what it links to: says nothing, is not shown."""


@dataclass(frozen=True)
class Written:
    """Where a fact table holds what people wrote.

    Attributes:
        at: column of the instant. texts: columns of the text, in reading order.
        is_about: whether a column `about` says whom it is about.
    """

    at: str
    texts: tuple[str, ...]
    is_about: bool = False


WRITTEN: Final[dict[str, Written]] = {
    "survey_answers": Written("answered_at", ("comment",)),
    "reviews": Written("reviewed_at", ("title", "body"), is_about=True),
    "mentions": Written("mentioned_at", ("body",), is_about=True),
    NOTES: Written("noted_at", ("body",)),
}


SAID: Final = frozenset(WRITTEN) - {NOTES}
"""Fact tables of customers' own words."""


def whole_text(parts: Sequence[str | None]) -> str:
    """Title and text as one; a title ends like a sentence.

    >>> whole_text(["Late again", "The bag came on Tuesday."])
    'Late again. The bag came on Tuesday.'
    """
    said = [part.strip() for part in parts if part and part.strip()]
    ended = [part if part.endswith(_ENDED) else f"{part}." for part in said[:-1]]
    return " ".join([*ended, *said[-1:]])


def whole_texts(rows: pl.DataFrame, fact: str) -> pl.Series:
    """`whole_text` of each row of a fact table; empty where nothing was written."""
    names = WRITTEN[fact].texts
    texts = [whole_text(parts) for parts in rows.select(names).iter_rows()]
    return pl.Series("text", texts, dtype=pl.String)


def text_hash(text: str) -> str:
    """By which a text is known again: 16 hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def pieces(text: str, longest: int = LONGEST_QUOTE) -> list[str]:
    """What of a masked text can be quoted: all of a short one, the sentences of a long one, `…` where others are.

    >>> pieces("@acme It is [late].")
    ['@acme It is [late].']
    >>> pieces("One is here. Two is there.", longest=15)
    ['One is here. …', '… Two is there.']
    """
    bare = _ADDRESSED.sub("", text)
    whole = _SPACE.sub(" ", bare).strip()
    parts = [whole] if len(whole) <= longest else [_SPACE.sub(" ", one) for one in _SENTENCE.split(bare)]
    last = len(parts) - 1
    return [f"{'… ' if place else ''}{part}{' …' if place < last else ''}" for place, part in enumerate(parts)]


def quoted(text: str, place: int, known_as: str) -> str | None:
    """One piece of what somebody wrote, masked; None: it is not the one that was found fit to be shown.

    Args:
        text: as it is in the fact table.
        place: which of its pieces.
        known_as: `text_hash` of the piece when it was chosen.
    """
    parts = pieces(private(text).strip())
    found = parts[place] if place < len(parts) else ""
    return found if text_hash(found) == known_as else None
