"""Who said what when, in public, as exchanges: what a chat says in one go is one."""

from datetime import timedelta
from typing import Final

import polars as pl

CHAT: Final = "chat"
"""The channel whose messages come in sessions."""
SESSION: Final = timedelta(hours=1)
"""A chat's message within this time after the one before belongs to the same session."""


def conversation(tickets: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Every public message between a customer and us; bots have no part in it.

    Args:
        tickets: one row per ticket: ticket_id, channel.
        events: ticket_id, at, field, actor_role (at that moment), is_public.

    Returns:
        One row per message, by ticket and time, of the same instant the customer's first: ticket_id, at, is_ours,
        is_start: whether an exchange begins with it. In a chat that is each message after a pause of SESSION;
        elsewhere every message.
    """
    chats = tickets.filter(pl.col("channel") == CHAT).select("ticket_id", is_chat=pl.lit(value=True))
    is_said = (pl.col("field") == "comment") & pl.col("is_public") & pl.col("actor_role").is_in(["agent", "customer"])
    ticket, at = pl.col("ticket_id"), pl.col("at")
    goes_on = pl.col("is_chat") & (ticket == ticket.shift(1)) & (at - at.shift(1) < SESSION)
    return (
        events.filter(is_said)
        .select("ticket_id", "at", is_ours=pl.col("actor_role") == "agent")
        .join(chats, on="ticket_id", how="left")
        .sort("ticket_id", "at", "is_ours")
        .select("ticket_id", "at", "is_ours", is_start=~goes_on.fill_null(value=False))
    )


def touches(spoken: pl.DataFrame) -> pl.DataFrame:
    """Our replies as customers count them: ticket_id and at of each exchange's first one."""
    exchange = pl.col("exchange")
    return (
        spoken.with_columns(exchange=pl.col("is_start").cum_sum())
        .filter(pl.col("is_ours"))
        .filter((exchange != exchange.shift(1)).fill_null(value=True))
        .select("ticket_id", "at")
    )
