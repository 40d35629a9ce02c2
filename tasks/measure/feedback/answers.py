"""Entries of what customers tell us: surveys, invitations, reviews."""

from collections.abc import Collection
from datetime import date

import polars as pl

from tasks.measure.entries import day_in, entry
from tasks.measure.feedback.voices import voices

ANSWER_DIMENSIONS = ("survey", "channel", "touchpoint", "segment", "persona", "team", "product", "source")
SEND_DIMENSIONS = ("survey", "channel", "touchpoint", "segment", "persona", "product", "source", "language")
REVIEW_DIMENSIONS = ("channel", "touchpoint", "product", "source")
RESPONSE_DAYS = 14
"""An invitation not answered within this many days counts as unanswered."""

PROMOTER_FROM, DETRACTOR_BELOW = 9, 7
"""On 0-10; a fractional score between 7 and 9 is neither, so the three classes partition the scale."""


def given(answers: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Answers to questions declared as `measure` that have a score, best score highest.

    Blank answers are in no denominator. Adds `level`: the score turned round where 1 is best.
    """
    turned = pl.col("scale_low") + pl.col("scale_high") - pl.col("score")
    return answers.filter(
        pl.col("measure") == measure, pl.col("score").is_not_null(), pl.col("deleted_at").is_null()
    ).with_columns(level=pl.when(pl.col("direction") == "down").then(turned).otherwise(pl.col("score")))  # fmt: skip


def nps(answers: pl.DataFrame, zone: str, by_account: Collection[str] = ()) -> pl.DataFrame:
    """Promoters less detractors; the class is derived from the raw score, always."""
    level = pl.col("level")
    voice = pl.when(level >= PROMOTER_FROM).then(1.0).when(level < DETRACTOR_BELOW).then(-1.0).otherwise(0.0)
    asked = given(answers, "nps")
    return voices(asked, zone, ANSWER_DIMENSIONS, by_account, total=voice, total_sq=voice.abs())


def csat(
    answers: pl.DataFrame, zone: str, by_account: Collection[str] = (), again: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Satisfied or not, by the class declared for the scale.

    Of a ticket's answers to one question of one survey the latest counts (Zendesk; fivetran/dbt_zendesk): an earlier
    one until the later one came.

    Args:
        answers: one row per answer.
        zone: reporting zone.
        by_account: segments whose accounts are counted.
        again: all answers about tickets that have several, as `voices` takes them; None: none has.
    """
    total = pl.col("is_satisfied").cast(pl.Float64)
    rated = None if again is None else is_satisfied(again)
    return voices(is_satisfied(answers), zone, ANSWER_DIMENSIONS, by_account, total=total, again=rated)


def csat_first(answers: pl.DataFrame, zone: str, again: pl.DataFrame | None = None) -> pl.DataFrame:
    """CSAT of first ratings: each ticket's first answer to a question of a survey counts, whatever came later.

    Args:
        answers: one row per answer; those without a ticket, and accounts, have as many voices as they gave answers.
        zone: reporting zone.
        again: as for `csat`.
    """
    total = pl.col("is_satisfied").cast(pl.Float64)
    every = voices(is_satisfied(answers), zone, ANSWER_DIMENSIONS, (), total=total)
    if again is None or again.is_empty():
        return every
    nth = pl.int_range(pl.len()).over("ticket_id", "survey", "question")
    rated = is_satisfied(again).sort("answered_at", "answer_id").filter(nth > 0, pl.col("is_mine"))
    later, day = rated.with_columns(total=total), day_in(zone, "answered_at")
    out = entry(booked=day, known=day, n_items=-1, n=-1, total=-pl.col("total"))
    return pl.concat([every, later.select(*ANSWER_DIMENSIONS, *out)])


def latest(answers: pl.DataFrame) -> pl.DataFrame:
    """Answers about tickets, of which the latest to each question of each survey counts.

    Args:
        answers: one row per answer with a score: answer_id, ticket_id, survey, question, answered_at.
    """
    in_order = answers.sort("answered_at", "answer_id")
    return in_order.unique(["ticket_id", "survey", "question"], keep="last", maintain_order=True)


def is_satisfied(answers: pl.DataFrame) -> pl.DataFrame:
    """Answers to CSAT questions that have a score, with `is_satisfied`.

    One whose satisfied class nobody declared is left out: nobody can tell, and sources that do not declare it are
    refused.
    """
    rated = given(answers, "csat").filter(pl.col("satisfied_from").is_not_null())
    return rated.with_columns(is_satisfied=pl.col("level") >= pl.col("satisfied_from"))


def ces(answers: pl.DataFrame, zone: str, by_account: Collection[str] = ()) -> pl.DataFrame:
    """Effort score as given, best score highest; surveys are apart, so scales never mix."""
    level = pl.col("level")
    asked = given(answers, "ces")
    return voices(asked, zone, ANSWER_DIMENSIONS, by_account, total=level, total_sq=level**2)


def responses(sends: pl.DataFrame, zone: str, through: date) -> pl.DataFrame:
    """Invitations and whether they were answered in time; open until answered or the time is over.

    Args:
        sends: one row per invitation.
        zone: reporting zone.
        through: last day the answers are complete for; an invitation whose time is not over then is open.
    """
    sent = day_in(zone, "sent_at")
    asked = sends.filter(pl.col("deleted_at").is_null())
    in_time = (pl.col("answered_at") - pl.col("sent_at")) < pl.duration(days=RESPONSE_DAYS)
    answered = asked.filter(in_time.fill_null(value=False))
    silent = asked.filter(~in_time.fill_null(value=False))
    over = sent + pl.duration(days=RESPONSE_DAYS)
    return pl.concat([
        asked.select(*SEND_DIMENSIONS, *entry(booked=sent, known=sent, n_items=1)),
        answered.select(*SEND_DIMENSIONS, *entry(booked=sent, known=day_in(zone, "answered_at"), n=1, total=1)),
        silent.filter(over <= through).select(*SEND_DIMENSIONS, *entry(booked=sent, known=over, n=1)),
    ])  # fmt: skip


def ratings(reviews: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Ratings of us, not of competitors."""
    day = day_in(zone, "reviewed_at")
    rating = pl.col("rating")
    return reviews.filter(
        pl.col("rating").is_not_null(), pl.col("deleted_at").is_null(), pl.col("about") == "us"
    ).select(
        *REVIEW_DIMENSIONS, *entry(booked=day, known=day, n_items=1, n=1, total=rating, total_sq=rating**2)
    )  # fmt: skip
