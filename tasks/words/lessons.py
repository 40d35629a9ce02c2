"""When tone is learned anew, and from which days: for each quarter, from the scored comments of the year before it.

So what a text is told to be never depends on a later one, and everything that is told of a quarter is told by the same
lessons, whenever it comes in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import polars as pl

from domain.ids import derived
from tasks.words.tone_learning import RULE, ToneRule


@dataclass(frozen=True)
class Lesson:
    """What is learned for one quarter, and who has not heard it.

    Attributes:
        begins: first day of the quarter.
        mark: of all that is learned from; another one, and all texts of the quarter are told again.
        sample: comments to learn from: fact, row_id, language, standing, customer_id.
        untold: remarks of the quarter that were not told by it: fact, row_id.
    """

    begins: date
    mark: str
    sample: pl.DataFrame
    untold: pl.DataFrame


def lessons(remarks: pl.DataFrame, version: str, rule: ToneRule = RULE) -> Iterator[Lesson]:
    """The lesson of each quarter with a text, in order.

    Args:
        remarks: one row per remark: fact, row_id, day, language, standing, customer_id, text_hash, lesson (the mark it
            was told by; null: not told yet).
        version: of the rules.
        rule: how much is learned from.

    Yields:
        Of each language and standing at most `rule.most` comments, drawn by their keys: the same, however rows come.
    """
    dated = remarks.with_columns(begins=pl.col("day").dt.truncate("1q"))
    scored = dated.filter(pl.col("standing").is_not_null())
    keys = scored.select("fact", "row_id").iter_rows()
    drawn = pl.Series("draw", [sha256(f"{fact}/{row_id}".encode()).hexdigest() for fact, row_id in keys], pl.String)
    scored = scored.with_columns(drawn).sort("draw")
    for begins in dated["begins"].unique().sort():
        year_before = date(begins.year - 1, begins.month, 1)
        sample = (
            scored.filter(pl.col("day") >= year_before, pl.col("day") < begins)
            .group_by("language", "standing", maintain_order=True).head(rule.most).sort("fact", "row_id")
        )  # fmt: skip
        told = sample.select("fact", "row_id", "text_hash", "language", "standing", "customer_id").rows()
        mark = derived("lesson", version, begins, told)
        mine = dated.filter(pl.col("begins") == begins)
        untold = mine.filter(pl.col("lesson").ne_missing(mark)).select("fact", "row_id").sort("fact", "row_id")
        yield Lesson(begins, mark, sample.select("fact", "row_id", "language", "standing", "customer_id"), untold)
