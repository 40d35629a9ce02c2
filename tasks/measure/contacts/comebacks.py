"""Entries of what became of a contact afterwards: customers who come back, bots that were enough, once and for all.

Each is open until its time is over, whichever way it goes: else those who are back at once would be known before those
who stay away, and weigh too much. Contacts without a customer are in no denominator: nobody can say whether they came
back.
"""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from tasks.measure.contacts.conversations import touches
from tasks.measure.contacts.tickets import DIMENSIONS
from tasks.measure.entries import day_in, entry

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
HOURS_72 = timedelta(hours=72)
_LATER = pl.lit(datetime(9999, 1, 1, tzinfo=UTC), pl.Datetime("us", "UTC"))


def back_at(tickets: pl.DataFrame) -> pl.DataFrame:
    """Contacts of known customers, with when the same customer came next.

    Args:
        tickets: one row per ticket: customer_id, channel, opened_at; every contact of the time looked at.

    Returns:
        The same rows, those without a customer left out: `back_at`, the next contact's instant, whatever its channel,
        and `switched_at`, that of the next one in another channel, both being known; null: there is none.
    """
    known = tickets.filter(pl.col("customer_id").is_not_null())
    who = known.select("customer_id")
    # numbers sort ten times as fast as texts
    number = who.join(who.unique().with_row_index("asker"), on="customer_id", how="left", maintain_order="left")
    ordered = known.with_columns(number["asker"]).sort("asker", "opened_at", "channel")
    opened, following = pl.col("opened_at"), pl.col("opened_at").shift(-1)
    is_last = (pl.col("asker") != pl.col("asker").shift(-1)).fill_null(value=True)
    # a contact whose channel is not known is looked past, from its own no switch is seen
    held = pl.col("channel").forward_fill()
    is_other = held != held.shift(-1)

    def next_at(is_next: pl.Expr) -> pl.Expr:
        """When the next one that is meant came; a row that has none of them right behind it looks ahead."""
        known_at = pl.when(is_last).then(_LATER).when(is_next).then(following).backward_fill()
        return pl.when(known_at < _LATER).then(known_at)

    switched_at = pl.when(pl.col("channel").is_not_null()).then(next_at(is_other))
    return ordered.with_columns(back_at=next_at(following > opened), switched_at=switched_at).drop("asker")


def repeats(backs: pl.DataFrame, zone: str, through: date, within: timedelta, at: str = "back_at") -> pl.DataFrame:
    """Whether the customer came back in time, booked on the day of the contact.

    Args:
        backs: as `back_at` gives them.
        zone: reporting zone.
        through: last day the contacts are complete for.
        within: the time.
        at: `back_at`, or `switched_at` for those in another channel.
    """
    is_back = (pl.col(at) - pl.col("opened_at") < within).fill_null(value=False)
    held = backs.with_columns(is_so=is_back, over_at=pl.col("opened_at") + within)
    return _awaited(held, "opened_at", zone, through)


def switches(backs: pl.DataFrame, zone: str, through: date) -> pl.DataFrame:
    """Whether the customer tried another channel within 72 hours; of contacts whose own channel is known.

    Args:
        backs: as `back_at` gives them.
        zone: reporting zone.
        through: last day the contacts are complete for.
    """
    return repeats(backs.filter(pl.col("channel").is_not_null()), zone, through, HOURS_72, "switched_at")


def containment(backs: pl.DataFrame, zone: str, through: date) -> pl.DataFrame:
    """Whether a bot was enough: no person replied, and the customer did not come back within 72 hours.

    Of contacts that a bot answered before any person did; booked on the day of the contact. A person who replies after
    the time is over takes the success back on that day.

    Args:
        backs: as `back_at` gives them, of tickets as `with_replies` gives them; with handler and resolved_at.
        zone: reporting zone.
        through: last day the contacts are complete for.
    """
    person, opened, replied = pl.col("person_replied_at"), pl.col("opened_at"), pl.col("replied_at")
    is_untold = person.is_null() & (pl.col("handler") == "people").fill_null(value=False)
    by_person = pl.when(is_untold).then(pl.coalesce("resolved_at", "opened_at")).otherwise(person)
    is_back = (pl.col("back_at") - opened < HOURS_72).fill_null(value=False)
    is_bots = (replied < person) | (replied.is_not_null() & person.is_null() & ~is_untold)
    is_bots = is_bots | (pl.col("handler") == "bot") | (pl.col("channel") == "bot")
    held = backs.filter(is_bots.fill_null(value=False)).with_columns(over_at=opened + HOURS_72, person_at=by_person)
    is_late = (pl.col("person_at") >= pl.col("over_at")).fill_null(value=False)
    held = held.with_columns(is_so=~is_back & (pl.col("person_at").is_null() | is_late))
    late, day = held.filter("is_so", is_late, day_in(zone, "over_at") <= through), day_in(zone, "opened_at")
    return pl.concat([
        _awaited(held, "opened_at", zone, through),
        late.select(*DIMENSIONS, *entry(booked=day, known=day_in(zone, "person_at"), total=-1.0)),
    ])  # fmt: skip


def first_contact_resolution(
    backs: pl.DataFrame, turned: pl.DataFrame, spoken: pl.DataFrame, zone: str, through: date
) -> pl.DataFrame:
    """Whether a contact was solved once and for all: one reply, not reopened, no further contact within 7 days.

    Of contacts that a person replied to, booked on the day they were first solved.

    Args:
        backs: as `back_at` gives them.
        turned: as `turns` gives them.
        spoken: as `conversation` gives it.
        zone: reporting zone.
        through: last day the contacts are complete for.
    """
    solved = (
        turned.filter(pl.col("is_solved"))
        .group_by("ticket_id", maintain_order=True)
        .agg(solved_at=pl.col("at").first(), reopened_at=pl.col("until").first())
    )
    counted = (
        touches(spoken)
        .join(solved.select("ticket_id", "solved_at"), on="ticket_id")
        .filter(pl.col("at") <= pl.col("solved_at"))
        .group_by("ticket_id")
        .agg(n_touches=pl.len())
    )
    over = pl.col("solved_at") + WEEK
    # a contact that came while this one was not solved yet had not been answered by it either
    is_again = [(pl.col(at) < over).fill_null(value=False) for at in ("reopened_at", "back_at")]
    held = (
        backs.join(solved, on="ticket_id")
        .join(counted, on="ticket_id")
        .with_columns(over_at=over, is_so=(pl.col("n_touches") == 1) & ~pl.any_horizontal(is_again))
    )
    return _awaited(held, "solved_at", zone, through)


def _awaited(held: pl.DataFrame, booked: str, zone: str, through: date) -> pl.DataFrame:
    """Entries of shares whose outcome waits for a time to be over.

    Args:
        held: one row per item: is_so (whether it counts as a success by then), over_at, dimensions.
        booked: column with the instant on whose day it is booked.
        zone: reporting zone.
        through: last complete day: what is over later is open.
    """
    day, over = day_in(zone, booked), day_in(zone, "over_at")
    return pl.concat([
        held.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1)),
        held.filter(over <= through).select(
            *DIMENSIONS, *entry(booked=day, known=over, n=1, total=pl.col("is_so").cast(pl.Float64))
        ),
    ])  # fmt: skip
