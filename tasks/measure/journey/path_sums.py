"""What many ways add up to: the commonest, the steps that could go, and the same again in another channel."""

from datetime import timedelta
from typing import Any

import polars as pl

from domain.intervals import quantile_ranks, wilson
from tasks.measure.journey.paths import CUSTOMER, HOLD

WITHIN = timedelta(hours=72)
"""The same customer with the same topic in another channel within this is the same matter."""
_STEP, _TICKET = pl.col("step"), pl.col("ticket_id")

Row = dict[str, Any]


def whole(ways: pl.DataFrame, smallest_group: int) -> Row:
    """All contacts together.

    Args:
        ways: as `ways` gives them.
        smallest_group: of fewer contacts nothing but their number is told.

    Returns:
        n, steps, hand_offs (means), total_s, dead_s (medians), dead_share (of the time that they waited for us),
        reopened_share with reopened_low and reopened_high; null where it is not told.
    """
    low, high = wilson(pl.col("is_reopened").sum().cast(pl.Float64), pl.len().cast(pl.Float64))
    us = pl.col("us_s").sum()
    found = ways.select(
        n=pl.len(), steps=pl.col("n_steps").mean(), hand_offs=pl.col("n_hand_offs").mean(),
        total_s=pl.col("total_s").median(), dead_s=pl.col("dead_s").median(),
        dead_share=pl.when(us > 0).then(pl.col("dead_s").sum() / us), reopened_share=pl.col("is_reopened").mean(),
        reopened_low=low, reopened_high=high,
    ).row(0, named=True)  # fmt: skip
    return found if ways.height >= smallest_group else {**dict.fromkeys(found), "n": ways.height}


def commonest(ways: pl.DataFrame, smallest_group: int) -> pl.DataFrame:
    """Each path that enough contacts went, the commonest first.

    Args:
        ways: as `ways` gives them.
        smallest_group: paths of fewer contacts are left out.

    Returns:
        path, n, share (of all contacts, with low and high), n_steps, n_hand_offs, total_s (median, with total_low and
        total_high), dead_s (median), dead_share (of the time they waited for us; null: none), n_reopened,
        reopened_share, reopened_low, reopened_high.
    """
    ranks = dict(zip(("total_low", "total_high"), quantile_ranks(pl.len(), 0.5), strict=True))
    ordered, us = pl.col("total_s").sort(), pl.col("us_s").sum()
    low, high = wilson(pl.col("n"), pl.lit(ways.height))
    reopened_low, reopened_high = wilson(pl.col("n_reopened"), pl.col("n"))
    return (
        ways.group_by("path")
        .agg(
            pl.col("n_steps").first(), n=pl.len().cast(pl.Int64), n_hand_offs=pl.col("n_hand_offs").mean(),
            total_s=pl.col("total_s").median(), dead_s=pl.col("dead_s").median(),
            dead_share=pl.when(us > 0).then(pl.col("dead_s").sum() / us),
            n_reopened=pl.col("is_reopened").sum().cast(pl.Int64),
            **{name: ordered.get(rank - 1) for name, rank in ranks.items()},
        )
        .filter(pl.col("n") >= smallest_group)
        .with_columns(
            share=pl.col("n") / ways.height, low=low, high=high, reopened_share=pl.col("n_reopened") / pl.col("n"),
            reopened_low=reopened_low, reopened_high=reopened_high,
        )
        .sort("n", "path", descending=[True, False])
        .select(
            "path", "n", "share", "low", "high", "n_steps", "n_hand_offs", "total_s", "total_low", "total_high",
            "dead_s", "dead_share", "n_reopened", "reopened_share", "reopened_low", "reopened_high",
        )
    )  # fmt: skip


def detours(taken: pl.DataFrame, n_contacts: int, smallest_group: int) -> pl.DataFrame:
    """Steps after which a contact is where it was before: what was it there for?

    Args:
        taken: as `steps` gives them.
        n_contacts: all contacts.
        smallest_group: detours of fewer contacts are left out.

    Returns:
        The most time lost first: place (where it was before and after), step, kind (hand-off | question | on hold),
        n_times, n_contacts, share (of all contacts, with low and high), lost_s (all time spent there), median_s (of
        one time).
    """
    is_back = (_TICKET.shift(1) == _TICKET) & (_TICKET.shift(-1) == _TICKET) & (_STEP.shift(1) == _STEP.shift(-1))
    kind = (
        pl.when(_STEP == CUSTOMER).then(pl.lit("question"))
        .when(_STEP.str.ends_with(f", {HOLD}")).then(pl.lit("on hold"))
        .otherwise(pl.lit("hand-off"))
    )  # fmt: skip
    low, high = wilson(pl.col("n_contacts"), pl.lit(n_contacts))
    return (
        taken.with_columns(place=_STEP.shift(1), kind=kind, is_back=is_back)
        .filter("is_back")
        .group_by("place", "step", "kind")
        .agg(
            n_times=pl.len().cast(pl.Int64), n_contacts=_TICKET.n_unique().cast(pl.Int64),
            lost_s=pl.col("seconds").sum(), median_s=pl.col("seconds").median(),
        )
        .filter(pl.col("n_contacts") >= smallest_group)
        .with_columns(share=pl.col("n_contacts") / max(1, n_contacts), low=low, high=high)
        .sort("lost_s", "place", "step", descending=[True, False, False])
    )  # fmt: skip


def switches(tickets: pl.DataFrame, smallest_group: int) -> pl.DataFrame:
    """Contacts after which the same customer comes with the same topic in another channel, within WITHIN.

    Args:
        tickets: one row per contact: ticket_id, customer_id, topic, channel, opened_at, is_counted (whether it is one
            of those that are looked at; the others are only what may follow).
        smallest_group: fewer contacts are left out.

    Returns:
        The most first: channel, then (the channel after), n, n_contacts (in that channel, of a known customer and
        topic), share, low, high.
    """
    matter = ["customer_id", "topic"]
    known = tickets.drop_nulls([*matter, "channel"]).select(
        "ticket_id", *matter, "opened_at", "is_counted", channel=pl.col("channel").cast(pl.String)
    )
    asked = known.filter("is_counted")
    after = known.select(*matter, then="channel", then_at="opened_at", then_id="ticket_id")
    since = pl.col("then_at") - pl.col("opened_at")
    followed = (
        asked.join(after, on=matter)
        .filter(pl.col("then") != pl.col("channel"), since > timedelta(0), since < WITHIN)
        .sort("then_at", "then_id")
        .unique("ticket_id", keep="first", maintain_order=True)
        .group_by("channel", "then")
        .agg(n=pl.len().cast(pl.Int64))
    )
    counts = asked.group_by("channel").agg(n_contacts=pl.len().cast(pl.Int64))
    low, high = wilson(pl.col("n"), pl.col("n_contacts"))
    return (
        followed.join(counts, on="channel")
        .filter(pl.col("n") >= smallest_group)
        .with_columns(share=pl.col("n") / pl.col("n_contacts"), low=low, high=high)
        .sort("n", "channel", "then", descending=[True, False, False])
    )
