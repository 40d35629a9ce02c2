"""Entries of what channels promise: answered in time."""

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from domain.promises import Promise, due_at
from domain.windows import start_of
from tasks.measure.contacts.tickets import DIMENSIONS, first_solved
from tasks.measure.entries import day_in, entry


def answered_in_time(
    replied: pl.DataFrame, turned: pl.DataFrame, zone: str, through: date, promises: Mapping[str, Promise]
) -> pl.DataFrame:
    """Whether a contact was answered within what its channel promises, booked on the day of the contact.

    By what came first: a person's reply, a bot's where a bot did the work, or being solved; what is said afterwards
    changes nothing. Open until it is answered in time, or the time is over. Contacts of channels that promise nothing
    are not counted.

    Args:
        replied: tickets as `with_replies` gives them.
        turned: as `turns` gives them.
        zone: reporting zone.
        through: last day the contacts are complete for: what is due later is open.
        promises: by channel.
    """
    by_bot = pl.when(pl.col("handler") == "bot").then("replied_at")
    answered = pl.min_horizontal("person_replied_at", by_bot, "solved_at")
    held = replied.join(first_solved(turned), on="ticket_id", how="left", maintain_order="left").with_columns(
        answered_at=answered
    )
    end = start_of(through + timedelta(days=1), ZoneInfo(zone))
    found = [held.clear().with_columns(due_at=pl.col("answered_at"))]
    for channel, promise in promises.items():
        own = held.filter(pl.col("channel") == channel)
        found.append(own.with_columns(due_at=due_at(own["opened_at"], promise, end)))
    promised = pl.concat(found)
    is_kept = (pl.col("answered_at") <= pl.col("due_at")).fill_null(pl.col("answered_at").is_not_null())
    day, over = day_in(zone, "opened_at"), day_in(zone, "due_at")
    return pl.concat([
        promised.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1)),
        promised.filter(is_kept).select(
            *DIMENSIONS, *entry(booked=day, known=day_in(zone, "answered_at"), n=1, total=1.0)
        ),
        promised.filter(~is_kept, over <= through).select(*DIMENSIONS, *entry(booked=day, known=over, n=1)),
    ])  # fmt: skip
