"""Who is a customer when: spells, the level of active customers, churn per period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from domain.estimates import POINTS_SCHEMA, valued
from domain.kpis import KPIS
from domain.scopes import canonical, parsed
from domain.windows import FIRST_DAY, NEVER
from tasks.measure.customers.retention import FEWEST
from tasks.measure.entries import day_in, entry

DIMENSIONS = ("segment", "persona", "product", "source", "country")
ATTRIBUTES = ("end_reason", "is_voluntary")
SPLITS = {
    "reason": pl.col("end_reason").cast(pl.String),
    "voluntary": pl.when(pl.col("is_voluntary").is_not_null()).then(
        pl.when("is_voluntary").then(pl.lit("yes")).otherwise(pl.lit("no"))
    ),
}
"""What those who left are told apart by."""
MONTH_DAYS = 31
"""A term that ends within so many days of a period's start binds nobody: monthly contracts have a weekly rate."""
_SPAN = ["scope", "period_start", "period_end"]
_TOLD = ["scope", "by", "member"]


def spells(subscriptions: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Stretches of time in which one customer had at least one contract.

    Args:
        subscriptions: one row per contract; overlapping or touching ones are one spell.
        zone: the reporting zone.

    Returns:
        One row per spell: customer_id, start, end (reporting-zone days; end: first day without;
        NEVER: runs on), dimensions and end reason of the last contract in it.
    """
    held = (
        _in_order(subscriptions, zone)
        .with_columns(is_new=(pl.col("before").is_null() | (pl.col("start") > pl.col("before"))).cast(pl.Int64))
        .with_columns(spell=pl.col("is_new").cum_sum().over("customer_id"))
    )
    return (
        held.sort("customer_id", "end", "subscription_id")
        .group_by("customer_id", "spell", maintain_order=True)
        .agg(pl.col("start").min(), pl.col("end").max(), pl.col(*DIMENSIONS, *ATTRIBUTES).last())
        .drop("spell")
    )


def stints(held: pl.DataFrame, subscriptions: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Spells by the contract whose labels a customer counts under: of several that run the one that began first.

    Args:
        held: one row per spell, of `spells` or `at_notice`.
        subscriptions: the contracts that they were made of.
        zone: the reporting zone.

    Returns:
        One row per spell and contract, without gap or overlap: customer_id, start, end (first day under another
        contract, or none), dimensions and term (day on which it ends; null: none) of the contract, and of the spell:
        gone (its end), end reason.
    """
    turns = (
        _in_order(subscriptions, zone)
        .with_columns(start=pl.max_horizontal("start", "before"), term=day_in(zone, "term_ends_at"))
        .select("customer_id", "start", "term", *DIMENSIONS, until="end")
    )
    of = held.select("customer_id", *ATTRIBUTES, gone="end", start="start")
    return (
        turns.sort("start")
        .join_asof(of.sort("start"), on="start", by="customer_id", check_sortedness=False)
        .with_columns(end=pl.min_horizontal("until", "gone"))
        .filter(pl.col("end") > pl.col("start"))
        .select("customer_id", "start", "end", "term", "gone", *DIMENSIONS, *ATTRIBUTES)
    )


def _in_order(subscriptions: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The contracts of each customer as they began: start, end, and how far those before it reach (before)."""
    return (
        subscriptions.filter(pl.col("deleted_at").is_null())
        .with_columns(
            start=day_in(zone, "started_at").fill_null(FIRST_DAY), end=day_in(zone, "ended_at").fill_null(NEVER)
        )
        .filter(pl.col("end") >= pl.col("start"))
        .sort("customer_id", "start", "subscription_id")
        .with_columns(before=pl.col("end").cum_max().shift(1).over("customer_id"))
    )


def at_notice(held: pl.DataFrame, subscriptions: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The spells as they end when notice is given: of the contract that ends a spell, and within the spell.

    Who gives notice on one contract and goes on with another has not left.
    """
    notices = (
        subscriptions.filter(pl.col("deleted_at").is_null(), pl.col("notice_at").is_not_null())
        .select("customer_id", end=day_in(zone, "ended_at").fill_null(NEVER), notice=day_in(zone, "notice_at"))
        .group_by("customer_id", "end")
        .agg(pl.col("notice").max())
    )
    found = held.join(notices, on=["customer_id", "end"], how="left", maintain_order="left")
    is_within = (pl.col("notice") > pl.col("start")) & (pl.col("notice") < pl.col("end"))
    return found.with_columns(end=pl.when(is_within).then("notice").otherwise("end")).drop("notice")


def unpaused(subscriptions: pl.DataFrame) -> pl.DataFrame:
    """The contracts as they are paid for: each without its pause, so that one with a pause is two.

    Args:
        subscriptions: one row per contract; a pause that does not end (`resumed_at` empty) goes on.
    """
    has_pause = pl.col("paused_at").is_not_null()
    paused = subscriptions.filter(has_pause)
    if paused.is_empty():
        return subscriptions
    until = paused.with_columns(ended_at=pl.min_horizontal("ended_at", "paused_at"))
    since = paused.filter(pl.col("resumed_at").is_not_null()).with_columns(
        started_at=pl.max_horizontal("started_at", "resumed_at")
    )
    return pl.concat([subscriptions.filter(~has_pause), until, since])


def win_backs(held: pl.DataFrame, through: date, within_days: int) -> pl.DataFrame:
    """Whether a customer who left came back in time, booked on the day of leaving; open until the time is over.

    Args:
        held: one row per spell, of `spells`: who left twice is there twice.
        through: last day the facts are complete for.
        within_days: the time: back on that many days after the first day without a contract at the latest.
    """
    left = (
        held.sort("customer_id", "start", "end")
        .with_columns(back=pl.col("start").shift(-1).over("customer_id"))
        .filter(pl.col("end") < NEVER, pl.col("end") <= through)
        .with_columns(over=pl.col("end") + pl.duration(days=within_days))
    )
    is_back = (pl.col("back") <= pl.col("over")).fill_null(value=False)
    day, over = pl.col("end"), pl.col("over")
    return pl.concat([
        left.select(*DIMENSIONS, *entry(booked=day, known=day, n_items=1)),
        left.filter(over <= through).select(
            *DIMENSIONS, *entry(booked=day, known=over, n=1, total=is_back.cast(pl.Float64))
        ),
    ])  # fmt: skip


def active(held: pl.DataFrame) -> pl.DataFrame:
    """Entries of the level of active customers: one more at the start, one less at the end.

    Args:
        held: one row per stint, of `stints` of `unpaused` contracts: who pauses is not active.
    """
    start, end = pl.col("start"), pl.col("end")
    return pl.concat([
        held.select(*DIMENSIONS, *entry(booked=start, known=start, n_items=1, n=1)),
        held.filter(pl.col("end") < NEVER).select(*DIMENSIONS, *entry(booked=end, known=end, n_items=-1, n=-1)),
    ])  # fmt: skip


def renewals(
    subscriptions: pl.DataFrame, held: pl.DataFrame, zone: str, through: date, *, is_told: bool = False
) -> pl.DataFrame:
    """Entries of the customers whose term ended: whether they went on.

    Annual contracts have no monthly rate: who is not due cannot leave. A customer is due on the day a term ends, also
    who left before it, and has renewed if a contract runs on behind the day after.

    Args:
        subscriptions: one row per contract and term; `term_ends_at` empty: never due.
        held: one row per spell, of `spells`.
        zone: the reporting zone.
        through: last day the facts are complete for.
        is_told: whether somebody is known to have renewed, be it on another contract than these.

    Returns:
        One entry per customer and day; none at all where nobody ever renewed: then the source moves a renewed
        contract's term on, and tells only of those that were not renewed.
    """
    asked = terms_ended(subscriptions, held, zone, through)
    outcomes = asked.filter(pl.col("known") <= through)
    if not (is_told or outcomes["is_renewed"].any()):
        outcomes, asked = outcomes.clear(), asked.clear()
    booked = pl.col("day")
    return pl.concat([
        asked.select(*DIMENSIONS, *entry(booked=booked, known=booked, n_items=1)),
        outcomes.select(
            *DIMENSIONS, *entry(booked=booked, known=pl.col("known"), n=1, total=pl.col("is_renewed").cast(pl.Float64))
        ),
    ])  # fmt: skip


def terms_ended(subscriptions: pl.DataFrame, held: pl.DataFrame, zone: str, through: date) -> pl.DataFrame:
    """Each day on which a customer's term ended: customer_id, day, dimensions, is_renewed, and known (on that day).

    What it is made of is given as for `renewals`.
    """
    due = (
        subscriptions.filter(pl.col("deleted_at").is_null(), pl.col("term_ends_at").is_not_null())
        .select("customer_id", day=day_in(zone, "term_ends_at"))
        .filter(pl.col("day") <= through)
        .unique()
    )
    known = pl.col("day") + pl.duration(days=1)
    spans = held.filter(pl.col("end") >= pl.col("start")).select("customer_id", "start", "end")
    labels = stints(held, subscriptions, zone).select("customer_id", *DIMENSIONS, began="start")
    # the spell that holds the term's end, or the last before it; what is signed on that day is another contract
    return due.sort("day").join_asof(
        spans.sort("start"), left_on="day", right_on="start", by="customer_id", check_sortedness=False
    ).filter(pl.col("start").is_not_null()).join_asof(
        labels.sort("began"), left_on="day", right_on="began", by="customer_id", allow_exact_matches=False,
        check_sortedness=False,
    ).with_columns(known=known, is_renewed=pl.col("end") > known)  # fmt: skip


@dataclass(frozen=True)
class Left:
    """Who was there when periods began, and who left within them: counts, so that those of different customers add up.

    Attributes:
        began: scope, period_start, period_end, n customers, n_bound of them by a term that runs on behind the period.
        told: scope, by, member: each scope as a whole (`by` and `member` empty), and by which member of which of
            SPLITS anybody ever left.
        gone: the columns of both but n; total customers who left.
    """

    began: pl.DataFrame
    told: pl.DataFrame
    gone: pl.DataFrame


def left(held: pl.DataFrame, spans: Sequence[tuple[date, date]], scopes: Iterable[Mapping[str, str]] = ()) -> Left:
    """Who was there when each period began, and who left within it, by what they were when it began.

    Args:
        held: one row per stint, of `stints`.
        spans: first day, and day after the last, of each period.
        scopes: further scopes beside the whole and each single member.
    """
    wanted = pl.DataFrame(list(spans), schema={"period_start": pl.Date(), "period_end": pl.Date()}, orient="row")
    named = [dict[str, str](), *(scope for scope in scopes if all(name in held.columns for name in scope))]
    # of a single member the plain share is told with its dimension
    found = [_left(_within(held, scope), wanted, SPLITS if len(scope) == 1 else ("", *SPLITS)) for scope in named]
    for dimension in KPIS["churn_rate"].dimensions:
        members = held.filter(pl.col(dimension).is_not_null())
        names = {member: canonical({dimension: member}) for member in members[dimension].unique().to_list()}
        if names:
            scope = pl.col(dimension).replace_strict(names, return_dtype=pl.String)
            found.append(_left(members.with_columns(scope=scope), wanted, ("",)))
    return Left(
        pl.concat(each.began for each in found).unique(), pl.concat(each.told for each in found).unique(),
        pl.concat(each.gone for each in found),
    )  # fmt: skip


def left_together(parts: Sequence[Left]) -> Left:
    """The counts of different customers as one."""
    return Left(
        pl.concat(part.began for part in parts).group_by(_SPAN).agg(pl.col("n", "n_bound").sum()),
        pl.concat(part.told for part in parts).unique(),
        pl.concat(part.gone for part in parts).group_by(*_TOLD, *_SPAN[1:]).agg(pl.col("total").sum()),
    )


def churn(counts: Left, kind: str) -> pl.DataFrame:
    """Of the customers active when a period began, the share that left within it.

    Args:
        counts: of `left`.
        kind: the kind of the periods.

    Returns:
        POINTS_SCHEMA; a period that began with no customer has no row, one that began with fewer than FEWEST no value,
        nor one in which most of them could not leave, bound by a term: of those the renewal rate tells.
        The whole and each further scope also by `reason` and by `voluntary` (yes | no), where the data tell it: the
        share of all customers active when the period began that left for that reason. Those add up to the whole.
    """
    named = [
        canonical({**parsed(scope), by: member} if by else parsed(scope)) for scope, by, member in counts.told.rows()
    ]
    total = pl.col("total").fill_null(0).cast(pl.Float64)
    counted = (
        counts.began.join(counts.told.with_columns(name=pl.Series(named, dtype=pl.String)), on="scope")
        .join(counts.gone, on=[*_TOLD, *_SPAN[1:]], how="left")
        .select(
            *_SPAN[1:], "n_bound", scope="name", n="n", total=total, total_sq=total, statistic=pl.lit("share"), n_open=0
        )
        .sort("scope", "period_start")
    )
    is_told = (pl.col("n") >= FEWEST) & (2 * pl.col("n_bound") <= pl.col("n"))
    return (
        valued(written_out(counted))
        .with_columns(kpi=pl.lit("churn_rate"), period=pl.lit(kind))
        .with_columns(pl.when(is_told).then(name).alias(name) for name in ("value", "low", "high"))
        .select(pl.col(name).cast(dtype) for name, dtype in POINTS_SCHEMA.items())
    )


def _within(held: pl.DataFrame, scope: Mapping[str, str]) -> pl.DataFrame:
    """The stints of one scope, with its name."""
    mine = held.filter(*(pl.col(name) == member for name, member in scope.items())) if scope else held
    return mine.with_columns(scope=pl.lit(canonical(scope)))


def _left(held: pl.DataFrame, wanted: pl.DataFrame, splits: Iterable[str]) -> Left:
    """Who was there when each period began, and was gone by its end.

    Args:
        held: one row per stint: scope, start, end, gone, and what SPLITS are told by.
        wanted: the periods.
        splits: what those who are gone are told apart by; empty: by nothing.
    """
    has_left = held.filter(pl.col("gone") < NEVER)
    level = (
        pl.concat([
            held.select("scope", day="start", change=pl.lit(1, pl.Int64)),
            held.filter(pl.col("end") < NEVER).select("scope", day="end", change=pl.lit(-1, pl.Int64)),
        ])
        .group_by("scope", "day")
        .agg(pl.col("change").sum())
        .sort("scope", "day")
        .with_columns(n=pl.col("change").cum_sum().over("scope"))
    )  # fmt: skip
    told: list[pl.DataFrame] = []
    gone: list[pl.DataFrame] = []
    for by in splits:
        member = SPLITS[by] if by else pl.lit("")
        ended = (
            has_left.with_columns(member=member)
            .filter(pl.col("member").is_not_null())
            .group_by("scope", "member", "start", "end", "gone")
            .agg(total=pl.len().cast(pl.Int64))
        )
        who = ended.select("scope", "member") if by else held.select("scope", member=pl.lit(""))
        told.append(who.unique().select("scope", "member", by=pl.lit(by)).select(_TOLD))
        gone.append(
            ended.select("gone")
            .unique()
            .join_where(wanted, pl.col("gone") >= pl.col("period_start"), pl.col("gone") < pl.col("period_end"))
            .join(ended, on="gone")
            .filter(pl.col("start") < pl.col("period_start"), pl.col("end") >= pl.col("period_start"))
            .group_by("scope", "member", *_SPAN[1:])
            .agg(pl.col("total").sum())
            .select("scope", "member", *_SPAN[1:], "total", by=pl.lit(by))
            .select(*_TOLD, *_SPAN[1:], "total")
        )
    began = when_begun(level, wanted).select(*_SPAN, "n").join(_bound(held, wanted), on=_SPAN, how="left")
    return Left(began.with_columns(pl.col("n_bound").fill_null(0)), pl.concat(told), pl.concat(gone))


def _bound(held: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """How many of those who were there when each period began are bound by a term: scope, the period, n_bound."""
    spans = wanted.sort("period_start").with_row_index("span").with_columns(pl.col("span").cast(pl.Int64))
    free = pl.col("term") - pl.duration(days=MONTH_DAYS)  # from then on it binds nobody

    def n_upto(name: str, day: pl.Expr) -> pl.Expr:
        return pl.lit(spans[name]).search_sorted(day, side="right").cast(pl.Int64)

    # periods of one kind end in the order in which they start: those in which a stint is bound are neighbours
    first = n_upto("period_start", pl.col("start"))
    until = pl.min_horizontal(
        n_upto("period_start", pl.col("end")), n_upto("period_start", free - pl.duration(days=1)),
        n_upto("period_end", pl.col("term")),
    )  # fmt: skip
    stretches = held.filter(pl.col("term").is_not_null()).select("scope", first=first, until=until)
    stretches = stretches.filter(pl.col("until") > pl.col("first"))
    level = (
        pl.concat([
            stretches.select("scope", span="first", n_bound=pl.lit(1, pl.Int64)),
            stretches.select("scope", span="until", n_bound=pl.lit(-1, pl.Int64)),
        ])
        .group_by("scope", "span")
        .agg(pl.col("n_bound").sum())
        .sort("scope", "span")
        .with_columns(pl.col("n_bound").cum_sum().over("scope"))
    )  # fmt: skip
    return (
        level.select("scope")
        .unique()
        .join(spans, how="cross")
        .sort("span")
        .join_asof(level.sort("span"), on="span", by="scope", check_sortedness=False)
        .select(*_SPAN, pl.col("n_bound").fill_null(0))
    )


def written_out(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows, each column value by value.

    Polars keeps a column of one value, as joins make them, as that value alone and divides by its reciprocal: bounds
    would differ in the last digit with how the rows were made.
    """
    return pl.DataFrame(rows.get_columns())


def when_begun(level: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """What stood before the first day of each period, where it is something.

    Args:
        level: one row per scope and day on which it changed: scope, day, n (customers from that day on), and more.
        wanted: period_start, period_end.
    """
    return (
        level.select("scope")
        .unique()
        .join(wanted, how="cross")
        .sort("period_start")
        .join_asof(
            level.sort("day"), left_on="period_start", right_on="day", by="scope", allow_exact_matches=False,
            check_sortedness=False,
        )
        .filter(pl.col("n") > 0)
    )  # fmt: skip
