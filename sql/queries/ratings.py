"""Tickets that were rated more than once."""

from collections.abc import Collection, Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, and_, false, func, or_, select

from domain.key_blocks import KeyBlock
from sql import frames
from sql.queries.facts import with_keys
from sql.queries.key_blocks import in_block
from sql.tables import FACTS

IS_MINE = "is_mine"


def rated_again(
    connection: Connection,
    spans: Sequence[tuple[datetime, datetime]] | None,
    columns: Sequence[str],
    words: Collection[str],
    block: KeyBlock | None = None,
) -> pl.DataFrame:
    """All answers about the tickets that have several, one of them at least within some spans (None: whenever).

    Args:
        connection: within a transaction.
        spans: [start, end) instants.
        columns: which ones of `survey_answers`, `answer_id` among them.
        words: which of them come back as categories.
        block: whose answers are asked for; None: all.

    Returns:
        Rows of `survey_answers`, and IS_MINE: whether it is in the block.
    """
    answers = FACTS["survey_answers"]
    ticket, key = answers.c.ticket_id, answers.c.answer_id
    several = select(ticket).where(ticket.is_not(None)).group_by(ticket).having(func.count() > 1)
    if spans is not None:
        at = answers.c.answered_at
        is_near = or_(false(), *(and_(at >= start, at < end) for start, end in spans))
        near = select(ticket).where(ticket.is_not(None), is_near)
        several = several.where(ticket.in_(with_keys(connection, frames.read(connection, near)["ticket_id"])))
    held = frames.read(connection, several)["ticket_id"]
    theirs = with_keys(connection, held)
    wanted = select(*(answers.c[name] for name in columns)).where(ticket.in_(theirs))
    rows = frames.read_many(connection, wanted, words)
    if block is None or held.is_empty():
        return rows.with_columns(pl.lit(value=True).alias(IS_MINE))
    mine = frames.read(connection, select(key).where(ticket.in_(theirs), in_block(answers, block)))["answer_id"]
    return rows.with_columns(pl.col("answer_id").is_in(mine.implode()).alias(IS_MINE))
