"""What has no parts and is made per period from contracts: churn, of customers and of revenue."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from domain.windows import NEVER, PeriodKind, periods
from tasks.measure.customers.revenue import changes_of, paid, revenue, totals, totals_together
from tasks.measure.customers.spells import Left, at_notice, churn, left, left_together, spells, stints, unpaused
from tasks.measure.spans import KEPT

COHORTS = ("churn_rate", "revenue_churn_rate", "net_revenue_retention")
KINDS: tuple[PeriodKind, ...] = ("day", *KEPT, "90d")
"""There are no parts to make other periods from."""

Scopes = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Counts:
    """What one kind of periods began with and lost: counts and sums, so that those of different customers add up.

    Attributes:
        customers: who was there, and who left. gross: of `revenue.totals`. net: the same without pauses.
    """

    customers: Left
    gross: pl.DataFrame
    net: pl.DataFrame


@dataclass(frozen=True)
class Leavers:
    """The counts of some customers, or of all.

    Attributes:
        first: the first day on which anybody is known to have left; None: nobody is.
        currencies: those of their revenue.
        kinds: counts by kind of period.
    """

    first: date | None
    currencies: frozenset[str]
    kinds: Mapping[PeriodKind, Counts]


def leavers(
    subscriptions: pl.DataFrame,
    zone: str,
    through: date,
    scopes: Mapping[str, Scopes],
    booked_on: str = "end",
    *,
    since: date | None = None,
    is_one: bool | None = None,
) -> Leavers:
    """Who was there and who left in every complete period.

    Args:
        subscriptions: one row per contract, with every contract of each customer.
        zone: reporting zone.
        through: last complete day.
        scopes: by KPI: scopes that benchmarks name.
        booked_on: `end` of the contract, or `notice`: when a customer is counted as gone. Revenue is until the end.
            A pause ends nothing; what is paid through it is nothing.
        since: a day up to which nobody left, whoever else there is; None: up to the first of these.
        is_one: whether all contracts, of others too, are in one currency; None: as these say.
    """
    held = spells(subscriptions, zone)
    if booked_on == "notice":
        held = at_notice(held, subscriptions, zone)
    ended = held.filter(pl.col("end") < NEVER)["end"].min()
    first = ended if isinstance(ended, date) else None
    contracts, unpausing = paid(subscriptions, zone), paid(unpaused(subscriptions), zone)
    currencies = frozenset(contracts["currency"].unique())
    is_one = len(currencies) == 1 if is_one is None else is_one
    begins = since or first
    if begins is None:
        return Leavers(None, currencies, {})
    of_revenue = [scope for name in COHORTS[1:] for scope in scopes.get(name, ())]
    stays = stints(held, subscriptions, zone)
    named = list({str(sorted(scope.items())): scope for scope in of_revenue}.values())
    changes = changes_of(contracts, named, is_one=is_one)
    running = changes if unpausing.equals(contracts) else changes_of(unpausing, named, is_one=is_one)
    kinds: dict[PeriodKind, Counts] = {}
    for kind in KINDS:
        spans = periods(kind, begins, through + timedelta(days=1))
        if spans:
            gross = totals(changes, spans)
            net = gross if running is changes else totals(running, spans)
            kinds[kind] = Counts(left(stays, spans, scopes.get(COHORTS[0], ())), gross, net)
    return Leavers(first, currencies, kinds)


def leavers_together(parts: Sequence[Leavers]) -> Leavers:
    """The counts of different customers, of the same periods, as one."""
    return Leavers(
        min((part.first for part in parts if part.first is not None), default=None),
        frozenset[str]().union(*(part.currencies for part in parts)),
        {
            kind: Counts(
                left_together([part.kinds[kind].customers for part in parts]),
                totals_together([part.kinds[kind].gross for part in parts]),
                totals_together([part.kinds[kind].net for part in parts]),
            )
            for kind in parts[0].kinds
        },
    )


def leaving(counted: Leavers, through: date) -> Iterator[pl.DataFrame]:
    """Values (POINTS_SCHEMA) of COHORTS for every complete period.

    Yields:
        A frame per KPIs and kind of period. Nothing while nobody is known to have left: before the first known
        leaving only survivors are on record, and a rate of 0 there would be no finding.
    """
    if counted.first is None:
        return
    for kind, counts in counted.kinds.items():
        spans = periods(kind, counted.first, through + timedelta(days=1))
        if spans:
            is_known = pl.col("period_start") >= spans[0][0]
            known = Left(counts.customers.began.filter(is_known), counts.customers.told, counts.customers.gone)
            yield churn(known, kind)
            yield revenue(counts.gross.filter(is_known), kind, counts.net.filter(is_known))
