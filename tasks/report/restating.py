"""Figures that are other ones than they were told to be: which, by how much, and why."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from math import isclose

import polars as pl

from domain.definitions import changed_parts
from domain.kpis import KPIS, Unit
from domain.scopes import parsed
from tasks.report.published import Edition, Figure, Key
from tasks.report.restated import Reason, Restated
from tasks.report.words import Scale

KINDS = ("definition", "segments", "read again", "late", "corrected", "deleted", "settled", "unknown")
"""Of reasons, most important first."""
CHANGES_SCHEMA: dict[str, pl.DataType] = {
    "table_name": pl.String(), "day": pl.Date(), "known_on": pl.Date(), "source": pl.String(), "how": pl.String(),
    "told_on": pl.Date(), "n_new": pl.Int64(), "n_changed": pl.Int64(), "n_gone": pl.Int64(),
}  # fmt: skip
"""What was changed about a day: columns of the table `day_changes`."""

FINEST: dict[Unit, float] = {"share": 0.001, "points": 1.0, "score": 0.1, "per_100": 0.1, "count": 1.0}
"""The finest difference that a reader sees; of durations a hundredth."""
_FINEST_SPAN = 0.01
_PEOPLE = ("customers", "customer_history", "accounts")
_READ_TOGETHER = {
    "tickets": ("ticket_events",), "remarks": ("survey_answers", "reviews", "mentions", "feedback_notes"),
}  # fmt: skip
_EXACTLY = 1e-9


@dataclass(frozen=True)
class Since:
    """What may have moved figures since they were told.

    Attributes:
        changes: CHANGES_SCHEMA; of each figure those count that no summary rested on when it was told.
        definitions: version of each KPI's definition now. rules: of the segments' rules.
        sources: those known to feed a KPI; a KPI that is not there: any may.
    """

    changes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CHANGES_SCHEMA))
    definitions: Mapping[str, str] = field(default_factory=dict[str, str])
    rules: str = ""
    sources: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])


@dataclass(frozen=True)
class Moved:
    """A figure that is another one now.

    Attributes:
        before: as it was told. now: as it is.
        reasons: most important first.
        edition: which one `before` is.
    """

    before: Figure
    now: Figure
    reasons: tuple[Reason, ...]
    edition: int

    @property
    def is_settled(self) -> bool:
        """Open outcomes became known, and nothing came out that had been told to be impossible."""
        return {reason.kind for reason in self.reasons} == {"settled"} and _is_within(self.before, self.now.value)


def written(unit: Unit) -> Scale:
    """How restated figures are written: fine enough to see the difference."""
    return Scale(unit, FINEST[unit] if unit == "share" else None)


def differs(before: float | None, now: float | None, unit: Unit) -> bool:
    """Whether two values differ by more than rounding.

    >>> differs(0.953, 0.9534, "share"), differs(0.953, 0.907, "share"), differs(None, None, "share")
    (False, True, False)
    """
    if before is None or now is None:
        return (before is None) != (now is None)
    finest = FINEST.get(unit, _FINEST_SPAN * abs(before))
    return abs(now - before) >= finest / 2 and written(unit).told(before) != written(unit).told(now)


def moved(told: Edition, now: Figure, then: Figure | None, since: Since) -> Moved | None:
    """What became of one figure; None: it is the same, but for rounding.

    Args:
        told: as it was told last.
        now: as it is.
        then: as today's data give it, of outcomes alone that were known when it was told; None: not computed.
        since: what may have moved it.
    """
    before, unit = told.figure, KPIS[now.kpi].unit
    if not differs(before.value, now.value, unit):
        return None
    is_settling = before.n_open > now.n_open and before.n_items == now.n_items and _is_within(before, now.value)
    if then is not None:
        is_data, is_known_since = not _same(before, then), (then.n_open, then.value) != (now.n_open, now.value)
    else:
        is_data, is_known_since = not is_settling, is_settling
    reasons = _reasons(told, now, since) if is_data else []
    if is_known_since and (then is not None or is_settling):
        reasons.append(Reason("settled", n=max(0, (then or before).n_open - now.n_open)))
    return Moved(before, now, tuple(reasons or [Reason("unknown")]), told.edition)


def _same(one: Figure, other: Figure) -> bool:
    if one.value is None or other.value is None:
        return one.value is other.value
    return (one.n, one.n_open) == (other.n, other.n_open) and isclose(
        one.value, other.value, rel_tol=_EXACTLY, abs_tol=_EXACTLY
    )


def _is_within(told: Figure, value: float | None) -> bool:
    """Whether a value had been told to be possible."""
    if value is None or told.low is None or told.high is None:
        return False
    return told.low - _EXACTLY <= value <= told.high + _EXACTLY


def _reasons(told: Edition, now: Figure, since: Since) -> list[Reason]:
    """Why today's data give another figure."""
    definition = since.definitions.get(now.kpi)
    parts = changed_parts(told.definition, definition) if told.definition and definition else ()
    found = [Reason("definition", part=part) for part in parts]
    by_people = "segment" in parsed(now.scope) or "persona" in parsed(now.scope)
    if by_people and told.rules != since.rules:
        found.append(Reason("segments"))
    kpi = KPIS[now.kpi]
    facts = (kpi.fact, *_READ_TOGETHER.get(kpi.fact, ()), *kpi.facts[1:])
    reach = timedelta(days=kpi.reach_days)
    later = since.changes.filter(pl.col("told_on").is_null() | (pl.col("told_on") > told.moment))
    mine = later.filter(pl.col("table_name").is_in(facts))
    if kpi.name in since.sources:
        mine = mine.filter(pl.col("source").is_in(list(since.sources[kpi.name])))
    near = mine.filter(pl.col("day") >= now.period_start - reach, pl.col("day") < now.period_end + reach)
    rows = of_rows(mine if kpi.statistic == "level" or kpi.kind == "cohort" else near)
    if kpi.fact == "tickets" and any(reason.kind != "corrected" for reason in rows):
        rows = [reason for reason in rows if reason.kind != "corrected"]  # contacts change as they go on
    if not rows and not found and by_people:
        rows = of_rows(later.filter(pl.col("table_name").is_in(_PEOPLE)))
    return found + rows


def of_rows(changes: pl.DataFrame) -> list[Reason]:
    """What came, changed and went, by source and table, as reasons; `changes`: CHANGES_SCHEMA."""
    kind = pl.when(pl.col("how") == "read again").then(pl.lit("read again"))
    counted = pl.concat(
        changes.select("source", "table_name", "known_on", kind.otherwise(pl.lit(name)).alias("kind"), n=column)
        for name, column in (("late", "n_new"), ("corrected", "n_changed"), ("deleted", "n_gone"))
    )
    found = (
        counted.filter(pl.col("n") > 0)
        .group_by("kind", "source", "table_name")
        .agg(pl.col("n").sum(), first=pl.col("known_on").min(), last=pl.col("known_on").max())
        .sort("n", "source", "table_name", descending=[True, False, False])
    )
    reasons = [
        Reason(row["kind"], source=row["source"], table=row["table_name"], n=row["n"], first=row["first"],
               last=row["last"]) for row in found.iter_rows(named=True)
    ]  # fmt: skip
    return sorted(reasons, key=lambda reason: KINDS.index(reason.kind))


def told_again(editions: Mapping[Key, Sequence[Edition]], moment: date) -> list[Moved]:
    """What the summary of one week told to be another figure than before it."""
    found: list[Moved] = []
    for told in editions.values():
        for before, now in pairwise(told):
            if now.moment == moment:
                found.append(Moved(before.figure, now.figure, now.reasons, before.edition))
    return found


def joined(told: Iterable[Moved], live: Iterable[Moved]) -> list[Moved]:
    """What a week's summary told, and what came since, as one change of each figure."""
    found = {one.now.key: one for one in told}
    for one in live:
        earlier = found.get(one.now.key)
        reasons = one.reasons if earlier is None else (*earlier.reasons, *one.reasons)
        before, edition = (one.before, one.edition) if earlier is None else (earlier.before, earlier.edition)
        ordered = sorted(dict.fromkeys(reasons), key=lambda reason: KINDS.index(reason.kind))
        found[one.now.key] = Moved(before, one.now, tuple(ordered), edition)
    return [one for one in found.values() if differs(one.before.value, one.now.value, KPIS[one.now.kpi].unit)]


def restated_of(found: Sequence[Moved], title: Callable[[str, str], str]) -> tuple[tuple[Restated, ...], int]:
    """Series with restated figures, the largest difference first, measured by what had been possible.

    Args:
        found: figures that moved.
        title: of a series: KPI and scope.

    Returns:
        Each series by its latest period; and how many figures settled.
    """
    told = [one for one in found if not one.is_settled]
    series: dict[tuple[str, str, str], list[Moved]] = {}
    for one in told:
        series.setdefault((one.now.kpi, one.now.scope, one.now.period), []).append(one)
    ranked: list[tuple[float, Restated]] = []
    for (kpi, scope, window), members in series.items():
        last = max(members, key=lambda one: one.now.period_end)
        before, now = last.before, last.now
        if before.value is None:  # pragma: no cover - only figures with a value are told
            continue
        ranked.append((-_size(last), Restated(
            title(kpi, scope), KPIS[kpi].unit, now.period_start, now.period_end, before.value, now.value, before.n,
            now.n, last.reasons, len(members), min(one.now.period_start for one in members), kpi, scope, window,
        )))  # fmt: skip
    ranked.sort(key=lambda pair: (pair[0], pair[1].title, pair[1].window))
    return tuple(restated for _, restated in ranked), len(found) - len(told)


def _size(one: Moved) -> float:
    """The difference in half widths of what had been possible."""
    before, now = one.before, one.now
    if before.value is None or now.value is None:
        return float("inf")
    half = ((before.high or 0) - (before.low or 0)) / 2 if before.low is not None and before.high is not None else 0
    return abs(now.value - before.value) / (half or max(abs(before.value), _EXACTLY))
