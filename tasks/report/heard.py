"""What customers say in a week, from what was kept of their words: nothing of fewer than the smallest group."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import polars as pl

from tasks.report.sayings import Quote, Saying, Words

CHANGES: Final = {
    "kind": pl.String(), "rank": pl.Int64(), "subject": pl.String(), "theme": pl.String(), "n_now": pl.Int64(),
    "of_now": pl.Int64(), "n_before": pl.Int64(), "of_before": pl.Int64(),
}  # fmt: skip
QUOTES: Final = {"rank": pl.Int64(), "subject": pl.String(), "quote": pl.String()}


def words_of(
    week: Mapping[str, Any] | None, changes: pl.DataFrame, quotes: pl.DataFrame, smallest_group: int
) -> Words:  # fmt: skip
    """The section's words.

    Args:
        week: the row of `remark_weeks`; None: nothing was read.
        changes: columns of `remark_changes`, of the week.
        quotes: rank, subject, quote (masked), of the week.
        smallest_group: fewest customers of whom a number is told.
    """
    if week is None or not week["n_voices"]:
        return Words()
    if week["n_voices"] < smallest_group:
        return Words(smallest_group=smallest_group, is_too_few=True)
    more, new, less, loved, said = (
        tuple(_saying(row, smallest_group) for row in rows.sort("rank").iter_rows(named=True))
        for rows in (changes.filter(pl.col("kind") == kind) for kind in ("more", "new", "less", "loved", "said"))
    )
    themes = set(changes["theme"].drop_nulls().to_list())
    first: date = week["first_day"]
    return Words(
        n_remarks=week["n_remarks"], n_languages=week["n_languages"], n_notes=week["n_notes"],
        n_voices=week["n_voices"], n_before=_told(week["n_before"], smallest_group),
        is_of_four_weeks=first < week["week_start"], more=more, new=new, less=less, loved=loved,
        said=said,
        quotes=tuple(
            Quote(_name(row["subject"], is_theme=row["subject"] in themes), row["quote"])
            for row in quotes.sort("rank").iter_rows(named=True)
        ),
        smallest_group=smallest_group,
    )  # fmt: skip


def _saying(row: Mapping[str, Any], smallest_group: int) -> Saying:
    return Saying(
        _name(row["subject"], is_theme=row["theme"] is not None), _told(row["n_now"], smallest_group), row["of_now"],
        _told(row["n_before"], smallest_group), row["of_before"],
    )  # fmt: skip


def _told(n: int, smallest_group: int) -> int | None:
    """A number of customers; None: too few of them to be told of, and not nobody."""
    return n if n == 0 or n >= smallest_group else None


def _name(subject: str, *, is_theme: bool) -> str:
    """`late delivery`, a theme; `“paper straps”`, customers' own words."""
    return subject.replace("-", " ").replace("_", " ") if is_theme else f"“{subject}”"
