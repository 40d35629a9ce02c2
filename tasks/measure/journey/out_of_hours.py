"""Contacts that come when we are closed beside those that come when we are open, channel by channel.

A channel that is always open, or has no hours, has no such contacts. Channels differ in when they are used, so each is
compared with itself; the difference over all of them weighs each by its contacts out of hours.
"""

from collections.abc import Iterator, Mapping
from math import ceil, inf
from typing import Any

import polars as pl

from domain.calendars import Calendar, is_open_at
from domain.differences import Ranged, difference, weighted
from domain.intervals import quantile_ranks, wilson
from domain.kpis import KPIS

CSAT, REPLY = "csat", "first_reply_time"
ALL = "all channels"

Row = dict[str, Any]


def with_hours(tickets: pl.DataFrame, hours: Mapping[str, Calendar]) -> pl.DataFrame:
    """Contacts of channels that are closed at times, with `is_open`: whether the channel was when they came.

    Args:
        tickets: one row per contact: channel, opened_at.
        hours: opening hours by channel.
    """
    found = [tickets.clear().with_columns(is_open=pl.lit(None, pl.Boolean))]
    for channel, calendar in hours.items():
        own = tickets.filter(pl.col("channel") == channel)
        own = own.with_columns(is_open=is_open_at(own["opened_at"], calendar))
        if not own["is_open"].all():
            found.append(own)
    return pl.concat(found)


def satisfied_gap(contacts: pl.DataFrame, answers: pl.DataFrame, smallest_group: int) -> list[Row]:
    """CSAT of contacts that came out of hours beside that of the others, by survey and channel.

    Args:
        contacts: as `with_hours` gives them: ticket_id, channel, is_open.
        answers: one row per answer: ticket_id, survey, is_satisfied.
        smallest_group: a side with fewer answers is left out.

    Returns:
        Rows of `_row`, of each survey by channel, then over its channels; differences out of hours less open.
    """
    held = answers.join(contacts.select("ticket_id", "channel", "is_open"), on="ticket_id")
    low, high = wilson(pl.col("total"), pl.col("n"))
    sides = (
        held.group_by("survey", "channel", "is_open")
        .agg(n=pl.len(), total=pl.col("is_satisfied").sum().cast(pl.Float64))
        .with_columns(value=pl.col("total") / pl.col("n"), low=low, high=high, n_open=pl.lit(0))
        .sort("survey", "channel")
    )
    rows: list[Row] = []
    for (survey,), mine in sides.group_by("survey", maintain_order=True):
        by_channel = list(_paired(CSAT, str(survey), mine, smallest_group))
        rows += [*by_channel, *_over_all(CSAT, str(survey), by_channel)]
    return rows


def reply_gap(contacts: pl.DataFrame, smallest_group: int) -> list[Row]:
    """The median time to the first reply to contacts that came out of hours beside that of the others, by channel.

    A contact that nobody has replied to yet waits longer than every one that was replied to. There is no difference
    over all channels: medians of chats and of letters have no sum.

    Args:
        contacts: as `with_hours` gives them: channel, is_open, reply_s (null: no reply yet).
        smallest_group: a side with fewer contacts is left out.
    """
    sides = [
        {"channel": channel, "is_open": is_open, **_median(own["reply_s"])}
        for (channel, is_open), own in contacts.sort("channel", "is_open").group_by(
            "channel", "is_open", maintain_order=True
        )
        if own["reply_s"].count()
    ]
    return list(_paired(REPLY, "", pl.DataFrame(sides), smallest_group)) if sides else []


def _median(seconds: pl.Series) -> Row:
    """The median with its order-statistic interval; what is not known yet lies above all that is."""
    known, n = seconds.drop_nulls().sort(), len(seconds)
    low, high = pl.select(*(rank.alias(str(i)) for i, rank in enumerate(quantile_ranks(pl.lit(n), 0.5)))).row(0)

    def at(rank: int) -> float:
        return float(known[rank - 1]) if rank <= len(known) else inf

    return {"n": n, "n_open": n - len(known), "value": at(ceil(n / 2)), "low": at(low), "high": at(high)}


def _paired(kpi: str, survey: str, sides: pl.DataFrame, smallest_group: int) -> Iterator[Row]:
    """One row per channel with both sides large enough."""
    for (channel,), mine in sides.group_by("channel", maintain_order=True):
        by_side = {row["is_open"]: row for row in mine.iter_rows(named=True)}
        if by_side.keys() >= {True, False} and min(side["n"] for side in by_side.values()) >= smallest_group:
            yield _row(kpi, survey, str(channel), by_side[False], by_side[True])


def _row(kpi: str, survey: str, channel: str, closed: Mapping[str, Any], open_: Mapping[str, Any]) -> Row:
    """What came out of hours, what came within, and the difference.

    Returns:
        kpi, unit, survey (empty: none), channel, out_of_hours and open (each n, n_open, value, low, high; null: not
        known yet), by, low, high (out of hours less open; null: not known), verdict.
    """
    least = KPIS[kpi].min_n
    apart = difference(_ranged(closed), _ranged(open_)) if max(closed["value"], open_["value"]) < inf else None
    is_few = min(closed["n"], open_["n"]) < least
    return {
        "kpi": kpi, "unit": KPIS[kpi].unit, "survey": survey, "channel": channel, "out_of_hours": _side(closed),
        "open": _side(open_), **_told(apart), "verdict": "too few to say" if is_few else _verdict(kpi, apart),
    }  # fmt: skip


def _over_all(kpi: str, survey: str, rows: list[Row]) -> Iterator[Row]:
    """The difference over all channels, each weighed by its contacts out of hours."""
    if len(rows) < 2:
        return
    n = sum(row["out_of_hours"]["n"] for row in rows)
    parts = [(row["out_of_hours"]["n"] / n, Ranged(row["by"], row["low"], row["high"])) for row in rows]
    apart = weighted(parts)
    n_open = sum(row["open"]["n"] for row in rows)
    nothing = dict.fromkeys(("value", "low", "high"))
    verdict = "too few to say" if min(n, n_open) < KPIS[kpi].min_n else _verdict(kpi, apart)
    yield {
        "kpi": kpi, "unit": KPIS[kpi].unit, "survey": survey, "channel": ALL,
        "out_of_hours": {"n": n, "n_open": 0, **nothing}, "open": {"n": n_open, "n_open": 0, **nothing},
        **_told(apart), "verdict": verdict,
    }  # fmt: skip


def _ranged(side: Mapping[str, Any]) -> Ranged:
    return Ranged(side["value"], side["low"], side["high"])


def _side(side: Mapping[str, Any]) -> Row:
    return {name: _finite(side[name]) for name in ("n", "n_open", "value", "low", "high")}


def _told(apart: Ranged | None) -> Row:
    if apart is None:
        return dict.fromkeys(("by", "low", "high"))
    return {"by": _finite(apart.value), "low": _finite(apart.low), "high": _finite(apart.high)}


def _finite(value: float) -> float | None:
    return value if abs(value) < inf else None


def _verdict(kpi: str, apart: Ranged | None) -> str:
    if apart is None:
        return "not known yet"
    if apart.low <= 0 <= apart.high:
        return "no clear difference"
    return "better out of hours" if (apart.low > 0) == (KPIS[kpi].better == "up") else "worse out of hours"
