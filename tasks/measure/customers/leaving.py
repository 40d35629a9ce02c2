"""What has no parts and is made per period from contracts: churn, of customers and of revenue."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from domain.windows import NEVER, PeriodKind, periods
from tasks.measure.customers.revenue import changes_of, paid, revenue
from tasks.measure.customers.spells import at_notice, churn, spells, unpaused
from tasks.measure.spans import KEPT

COHORTS = ("churn_rate", "revenue_churn_rate", "net_revenue_retention")
KINDS: tuple[PeriodKind, ...] = ("day", *KEPT, "90d")
"""There are no parts to make other periods from."""

Scopes = Sequence[Mapping[str, str]]


def leaving(
    subscriptions: pl.DataFrame, zone: str, through: date, scopes: Mapping[str, Scopes], booked_on: str = "end"
) -> Iterator[pl.DataFrame]:
    """Values (POINTS_SCHEMA) of COHORTS for every complete period.

    Args:
        subscriptions: one row per contract.
        zone: reporting zone.
        through: last complete day.
        scopes: by KPI: scopes that benchmarks name.
        booked_on: `end` of the contract, or `notice`: when a customer is counted as gone. Revenue is until the end.
            A pause ends nothing; what is paid through it is nothing.

    Yields:
        A frame per KPIs and kind of period. Nothing while nobody is known to have left: before the first known
        leaving only survivors are on record, and a rate of 0 there would be no finding.
    """
    held = spells(subscriptions, zone)
    if booked_on == "notice":
        held = at_notice(held, subscriptions, zone)
    first = held.filter(pl.col("end") < NEVER)["end"].min()
    if not isinstance(first, date):
        return
    contracts, unpausing = paid(subscriptions, zone), paid(unpaused(subscriptions), zone)
    of_revenue = [scope for name in COHORTS[1:] for scope in scopes.get(name, ())]
    named = list({str(sorted(scope.items())): scope for scope in of_revenue}.values())
    changes = changes_of(contracts, named)
    running = changes if unpausing.equals(contracts) else changes_of(unpausing, named)
    for kind in KINDS:
        spans = periods(kind, first, through + timedelta(days=1))
        if spans:
            yield churn(held, kind, spans, scopes.get(COHORTS[0], ()))
            yield revenue(changes, kind, spans, running)
