"""Who may leave, from what was kept of the week."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Leaver:
    """A customer surely likelier to leave than usual: masked id, chance, its sure range, why, what it pays a month.

    `revenue`: amount in minor units and currency; either may not be known.
    """

    customer_id: str
    risk: float
    low: float
    high: float
    reasons: tuple[str, ...]
    revenue: tuple[tuple[int | None, str | None], ...]


@dataclass(frozen=True)
class Stake:
    """Recurring revenue of a year, in minor units: expected to leave, its sure range, and all of theirs.

    `currency` None: of `n` customers it is not known.
    """

    currency: str | None
    n: int
    expected: int | None
    low: int | None
    high: int | None
    whole: int | None


@dataclass(frozen=True)
class Free:
    """Customers without a contract.

    Attributes:
        n_back: who came back once at least. n_gone: of these, probably gone. n_once: who bought once.
        n_then: who would have been called gone 90 days before (0: that cannot be told); back_share, low, high: of
            these, who bought since.
    """

    n_back: int
    n_gone: int
    n_once: int
    n_then: int
    back_share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Care:
    """Who may leave.

    Attributes:
        as_of: last day that counts. why_not: why nothing can be told; empty: it can.
        base_share: share of the cases learned from who left; n_cases: these cases, n_left: who left.
        separation: how often who left had the higher chance than who stayed, 0.5-1.
        n_customers: who stay as far as anybody knows. n_watched: of these, surely likelier to leave than usual.
        stakes: by currency. reasons: signal and how many it speaks of, the commonest first. first: the likeliest.
        free: who buys without a contract; None: there is nobody, or too few orders to say.
    """

    as_of: date
    why_not: str = ""
    base_share: float = 0.0
    n_cases: int = 0
    n_left: int = 0
    separation: float = 0.5
    n_customers: int = 0
    n_watched: int = 0
    stakes: tuple[Stake, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    first: tuple[Leaver, ...] = ()
    free: Free | None = None


def care_of(week: Mapping[str, Any] | None) -> Care | None:
    """The section's figures.

    Args:
        week: the row of `watch_weeks`; None: nothing was told.
    """
    if week is None:
        return None
    told = json.loads(week["told"])
    free = Free(**told["buying"]) if told.get("buying") else None
    if week["why_not"]:
        return Care(week["as_of"], week["why_not"], free=free)
    stakes = tuple(
        Stake(row["currency"], row["n"], row["at_stake_minor"], row["low_minor"], row["high_minor"],
              row["revenue_minor"])
        for row in told["stakes"]
    )  # fmt: skip
    first = tuple(
        Leaver(row["customer_id"], row["risk_share"], row["low"], row["high"], tuple(row["reasons"]),
               tuple((one["mrr_minor"], one["currency"]) for one in row["revenue"]))
        for row in told["customers"]
    )  # fmt: skip
    return Care(
        week["as_of"], "", week["base_share"], week["n_cases"], week["n_left"], week["separation"],
        week["n_customers"], week["n_watched"], stakes, tuple((row["signal"], row["n"]) for row in told["reasons"]),
        first, free,
    )  # fmt: skip
