"""Whose voices answers are: of customers each answer counts, of accounts and of tickets the latest one."""

from collections.abc import Collection, Iterable
from datetime import date

import polars as pl

from domain.windows import TRAILING_DAYS
from tasks.measure.entries import day_in, entry
from tasks.measure.spans import after, before

HEARD_DAYS = max(TRAILING_DAYS.values())
"""An account's answer gives way to its next one within so many days: in the longest window it still is one voice."""

FIELDS = ("answer_id", "account_id", "question")
"""What is read of answers only where accounts are counted."""

RATED = ("answer_id", "ticket_id", "question")
"""What is read besides of answers about tickets that have several; and `is_mine`: not just read beside others."""


def voices(
    answers: pl.DataFrame,
    zone: str,
    dimensions: Iterable[str],
    by_account: Collection[str],
    *,
    total: pl.Expr,
    total_sq: pl.Expr | None = None,
    again: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Entries of answers; one of a segment whose accounts are counted gives way to the account's next.

    What users of one account say is not independent, and an office with 30 users is one customer. So of a survey's
    question one answer of each account counts in a period: the latest. An answer is taken back on the day of the
    account's next, and periods are seen as they were when they ended (`Kpi.is_as_at_end`), so that daily parts still
    add up exactly.

    Args:
        answers: one row per answer with a score; where accounts are counted with FIELDS, segment and survey.
        zone: reporting zone.
        dimensions: columns kept beside the entries.
        by_account: segments whose accounts are counted. An answer without an account is a voice of its own.
        total: what an answer adds.
        total_sq: its square; None: the same, as for shares.
        again: answers with a score about tickets that have several, with RATED beside the columns of `answers`: each
            gives way to the next about its ticket, whoever is counted. None: they all count.
    """
    day, squares = day_in(zone, "answered_at"), total if total_sq is None else total_sq
    held = answers.with_columns(day=day, total=total, total_sq=squares)
    sums = {"total": pl.col("total"), "total_sq": pl.col("total_sq")}
    given = held.select(*dimensions, *entry(booked=pl.col("day"), known=pl.col("day"), n_items=1, n=1, **sums))
    ways = [] if not by_account else [_given_way(held, by_account)]
    if again is not None and not again.is_empty():
        ways.append(_rated_again(again.with_columns(day=day, total=total, total_sq=squares)))
    if not ways:
        return given
    names = [*dimensions, "answer_id", "day", "next", *sums]
    gone = pl.concat([way.select(names) for way in ways]).sort("next").unique("answer_id", keep="first")
    back = {name: -of for name, of in sums.items()}
    taken = gone.select(*dimensions, *entry(booked=pl.col("day"), known=pl.col("next"), n_items=-1, n=-1, **back))
    return pl.concat([given, taken])


def _given_way(held: pl.DataFrame, by_account: Collection[str]) -> pl.DataFrame:
    """Answers that a later one of the same account and question stands in for, with the `next` one's day."""
    is_counted = pl.col("segment").cast(pl.String).is_in(sorted(by_account)) & pl.col("account_id").is_not_null()
    following = pl.col("day").shift(-1).over("account_id", "survey", "question")
    return (
        held.filter(is_counted)
        .sort("answered_at", "answer_id")
        .with_columns(next=following)
        .filter(pl.col("next") < pl.col("day") + pl.duration(days=HEARD_DAYS))
    )


def _rated_again(again: pl.DataFrame) -> pl.DataFrame:
    """Answers that a later one about the same ticket stands in for, with the `next` one's day."""
    following = pl.col("day").shift(-1).over("ticket_id", "survey", "question")
    in_order = again.sort("answered_at", "answer_id").with_columns(next=following)
    return in_order.filter(pl.col("next").is_not_null(), pl.col("is_mine"))


def touched_answers(days: Iterable[date]) -> list[date]:
    """Days on which other answers of the same accounts may give way otherwise: those before each, and it itself."""
    return sorted(before(days, HEARD_DAYS - 1))


def read_beside(days: Iterable[date]) -> list[date]:
    """Days whose answers must be known to say what those of `days` give way to: they themselves and those after."""
    return after(days, HEARD_DAYS - 1)
