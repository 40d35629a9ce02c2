"""What was known of each customer at a moment: the signals churn risk is learned from, and how it went on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from domain.windows import FIRST_DAY, NEVER
from tasks.measure.customers.risk_columns import Signal
from tasks.measure.customers.spells import spells
from tasks.measure.entries import day_in

RECENT_DAYS, ANSWER_DAYS, USE_DAYS = 30, 180, 90
"""How far back contacts, answers and use are looked at."""
DETRACTOR_BELOW = 7
SIGNALS: tuple[Signal, ...] = (
    Signal("tenure_days", "number", "a customer for {} days"),
    Signal("n_contacts", "number", "{} contacts in 30 days", {"0": "", "1": "one contact in 30 days"}),
    Signal("n_repeats", "number", "wrote {} times again about the same", {"0": "", "1": "wrote again about the same"}),
    Signal("n_unresolved", "number", "{} contacts unresolved", {"0": "", "1": "one contact unresolved"}),
    Signal("unresolved_days", "number", "unresolved for {} days", {"0": ""}),
    Signal("is_detractor", "category", "would not recommend us", {"false": ""}),
    Signal("is_dissatisfied", "category", "was not satisfied the last time", {"false": ""}),
    Signal("use_percent", "number", "buys {} % of what it was a quarter before"),
    Signal("product", "category", "has {}"),
)
"""What facts say of a customer; a signal without data is never known and adds nothing."""


@dataclass(frozen=True)
class Known:
    """Everything that was recorded, whenever.

    Attributes:
        subscriptions: one row per contract, as the fact table has it.
        tickets: one row per contact: customer_id, topic, opened_at, resolved_at (UTC; where tickets are reopened, as it
            stood at the moment that is asked for), excluded_as, deleted_at.
        answers: one row per answer: customer_id, measure, score, direction, scale_low, scale_high, satisfied_from,
            answered_at, deleted_at.
        orders: one row per order: customer_id, ordered_at, deleted_at.
        zone: the reporting zone.
    """

    subscriptions: pl.DataFrame
    tickets: pl.DataFrame
    answers: pl.DataFrame
    orders: pl.DataFrame
    zone: str


def signals(known: Known, moment: date) -> pl.DataFrame:
    """What was known of each customer before a moment, and nothing later.

    Args:
        known: what was recorded; whatever happened on `moment` or later does not count.
        moment: the day.

    Returns:
        One row per customer with a contract on the day before, and no notice given by then (who has given notice is
        leaving: no risk but a fact), sorted: customer_id and the columns of SIGNALS: tenure_days; n_contacts and
        n_repeats (of those, about a topic they had within 30 days before); n_unresolved, unresolved_days (the oldest;
        null: none); is_detractor, is_dissatisfied (the last answer within 180 days; null: none); use_percent (orders of
        90 days in % of the 90 before; null: none then); product (of the contract begun last).
    """
    joined = _active(known, moment)
    contacts = _contacts(known.tickets, moment, known.zone)
    for part in (contacts, *_answers(known.answers, moment, known.zone), _use(known.orders, moment, known.zone)):
        joined = joined.join(part, on="customer_id", how="left", maintain_order="left")
    if known.tickets.is_empty():
        return joined
    return joined.with_columns(pl.col("n_contacts", "n_repeats", "n_unresolved").fill_null(0))


def history(known: Known, moments: Iterable[date], horizon_days: int, through: date) -> pl.DataFrame:
    """What was known at past moments, and whether the customer left within the horizon behind each.

    Args:
        known: what was recorded.
        moments: the moments to learn from, a horizon apart, so that nobody's leaving counts twice. One whose horizon is
            not over by `through` is left out: nobody knows yet how it went on.
        horizon_days: how far ahead.
        through: the last complete day.

    Returns:
        One row per (moment, customer): moment, what `signals` gives, has_left.
    """
    held = spells(known.subscriptions, known.zone)
    frames = [signals(known, through).clear().select(pl.lit(through).alias("moment"), pl.all(), has_left=pl.lit(False))]
    for moment in moments:
        end = moment + timedelta(days=horizon_days)
        if end <= through + timedelta(days=1):
            left = held.filter(pl.col("start") < moment, pl.col("end") >= moment, pl.col("end") < end)["customer_id"]
            has_left = pl.col("customer_id").is_in(left.unique().to_list())
            frames.append(signals(known, moment).select(pl.lit(moment).alias("moment"), pl.all(), has_left=has_left))
    return pl.concat(frames)


def _active(known: Known, moment: date) -> pl.DataFrame:
    runs = (pl.col("start") < moment) & (pl.col("end") >= moment)
    since = spells(known.subscriptions, known.zone).filter(runs)
    contracts = (
        known.subscriptions.filter(pl.col("deleted_at").is_null())
        .with_columns(
            start=day_in(known.zone, "started_at").fill_null(FIRST_DAY),
            end=day_in(known.zone, "ended_at").fill_null(NEVER),
            notice=day_in(known.zone, "notice_at"),
        )
        .filter(runs)
        .sort("customer_id", "start", "subscription_id")
    )
    stays = pl.col("notice").is_null() | (pl.col("notice") >= moment)
    now = contracts.group_by("customer_id").agg(pl.col("product").last(), stays=stays.any())
    tenure = pl.when(pl.col("start") > FIRST_DAY).then((pl.lit(moment) - pl.col("start")).dt.total_days())
    return (
        since.select("customer_id", tenure_days=tenure)
        .join(now.filter("stays").drop("stays"), on="customer_id")
        .select("customer_id", "product", "tenure_days")
        .sort("customer_id")
    )


def _contacts(tickets: pl.DataFrame, moment: date, zone: str) -> pl.DataFrame:
    opened, resolved = pl.col("opened"), pl.col("resolved")
    recent = opened >= moment - timedelta(days=RECENT_DAYS)
    since = (opened - opened.shift(1).over("customer_id", "topic", order_by="opened_at")).dt.total_days()
    is_open = resolved.is_null() | (resolved >= moment)
    return (
        tickets.filter(
            pl.col("customer_id").is_not_null(), pl.col("excluded_as").is_null(), pl.col("deleted_at").is_null()
        )
        .with_columns(opened=day_in(zone, "opened_at"), resolved=day_in(zone, "resolved_at"))
        .filter(opened < moment)
        .with_columns(is_repeat=pl.col("topic").is_not_null() & (since <= RECENT_DAYS))
        .group_by("customer_id")
        .agg(
            n_contacts=recent.sum().cast(pl.Int64),
            n_repeats=(recent & pl.col("is_repeat")).sum().cast(pl.Int64),
            n_unresolved=is_open.sum().cast(pl.Int64),
            unresolved_days=(pl.lit(moment) - opened.filter(is_open).min()).dt.total_days(),
        )
    )


def _answers(answers: pl.DataFrame, moment: date, zone: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The last answer's word: to the question of recommending, and of satisfaction."""
    day, score = day_in(zone, "answered_at"), pl.col("score")
    best_high = (
        pl.when(pl.col("direction") == "down").then(pl.col("scale_low") + pl.col("scale_high") - score).otherwise(score)
    )
    known = answers.filter(
        pl.col("customer_id").is_not_null(), score.is_not_null(), pl.col("deleted_at").is_null(),
        day < moment, day >= moment - timedelta(days=ANSWER_DAYS),
    ).sort("answered_at")  # fmt: skip
    last = {
        "is_detractor": ("nps", best_high < DETRACTOR_BELOW),
        "is_dissatisfied": ("csat", best_high < pl.col("satisfied_from")),
    }
    first, second = (
        known.filter(pl.col("measure") == measure).group_by("customer_id").agg(said.last().alias(name))
        for name, (measure, said) in last.items()
    )
    return first, second


def _use(orders: pl.DataFrame, moment: date, zone: str) -> pl.DataFrame:
    day = pl.col("day")
    near, far = moment - timedelta(days=USE_DAYS), moment - timedelta(days=2 * USE_DAYS)
    counted = (
        orders.filter(pl.col("deleted_at").is_null())
        .with_columns(day=day_in(zone, "ordered_at"))
        .filter(day < moment, day >= far)
        .group_by("customer_id")
        .agg(now=(day >= near).sum(), then=(day < near).sum())
    )
    return counted.select(
        "customer_id", use_percent=pl.when(pl.col("then") > 0).then(100 * pl.col("now") / pl.col("then"))
    )
