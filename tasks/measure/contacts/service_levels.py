"""Outcomes of service levels, from the clocks of a helpdesk that tells events instead of outcomes."""

from typing import Final

import polars as pl

APPLIED: Final = "sla_applied"
FULFILLED: Final = "sla_fulfilled"
BREACHED: Final = "sla_breached"
CLOCKS: Final = (APPLIED, FULFILLED, BREACHED)


def with_outcomes(tickets: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The tickets, with the outcome of those whose source tells clocks alone.

    Missed with the first clock that breached. Kept when every clock that a service level was applied to is fulfilled,
    or the ticket is closed. Else not known yet. A ticket without an applied service level has no outcome.

    Args:
        tickets: one row per ticket; ticket_id, closed_at, sla_met, sla_known_at.
        events: ticket_id, at, field, new: the clock, such as `reply_time:1`.

    Returns:
        The same rows and columns; sla_met and sla_known_at filled in where the source gave no outcome.
    """
    outcomes = _outcomes(events)
    if outcomes.is_empty():
        return tickets
    is_ours = pl.col("sla_met").is_null() & pl.col("has_clock").fill_null(value=False)
    known_at = pl.coalesce("breached_at", "kept_at", "closed_at")
    return (
        tickets.join(outcomes, on="ticket_id", how="left", maintain_order="left")
        .with_columns(
            sla_met=pl.when(is_ours).then(pl.col("breached_at").is_null()).otherwise("sla_met"),
            sla_known_at=pl.when(is_ours).then(known_at).otherwise("sla_known_at"),
        )
        .select(tickets.columns)
    )


def _outcomes(events: pl.DataFrame) -> pl.DataFrame:
    """One row per ticket with a service level: breached_at, and kept_at where all its clocks are fulfilled."""
    happened = events.filter(pl.col("field").is_in(CLOCKS)).with_columns(pl.col("field").cast(pl.String))
    field, at = pl.col("field"), pl.col("at")
    clocks = happened.group_by("ticket_id", "new").agg(
        is_applied=(field == APPLIED).any(),
        fulfilled_at=at.filter(field == FULFILLED).max(),
        breached_at=at.filter(field == BREACHED).min(),
    )
    fulfilled_at = pl.col("fulfilled_at")
    return (
        clocks.filter("is_applied")
        .group_by("ticket_id")
        .agg(
            has_clock=pl.lit(value=True),
            breached_at=pl.col("breached_at").min(),
            kept_at=pl.when(fulfilled_at.is_not_null().all()).then(fulfilled_at.max()),
        )
    )
