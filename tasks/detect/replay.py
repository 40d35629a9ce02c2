"""Which series are judged, by which rule, at which moments, on what was known then."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import polars as pl

from domain.estimates import POINTS_SCHEMA, points, points_seen
from domain.kpis import KPIS, Kpi
from domain.records import Finding
from domain.scopes import canonical, parsed
from domain.windows import PeriodKind, mondays, periods
from tasks.detect.drift import DriftOptions, drift_path
from tasks.detect.pace import Target, judge_pace
from tasks.detect.points import points_of

LATE = frozenset(
    {"first_reply_time", "full_resolution_time", "full_resolution_time_p90", "sla_attainment", "reopen_rate",
     "survey_response_rate", "first_reply_time_business", "full_resolution_time_business", "first_reply_time_people",
     "next_reply_time", "one_touch_rate", "transfers", "ping_pong_rate", "waiting_on_us", "waiting_on_them",
     "bot_containment", "first_contact_resolution", "repeat_contact_rate", "repeat_contact_rate_30d",
     "channel_switch_rate", "repeat_purchase_rate", "answered_in_time", "winback_rate",
     "first_reply_time_p90", "first_reply_time_business_p90", "full_resolution_time_business_p90",
     "first_reply_time_people_p90", "next_reply_time_p90", "mentions_answered",
     "multi_touch_rate", "zero_touch_rate"}
)  # fmt: skip
"""KPIs whose outcomes become known later, or are taken back: their past differs from moment to moment."""


@dataclass(frozen=True)
class Watch:
    """One series under one rule.

    Attributes:
        rule: pace | drift.
        kpi: its KPI. scope: canonical.
        benchmark: id for pace; empty for drift.
        window: the periods looked at.
        judged_through: last moment already judged; None: none.
        through: last complete day of the facts behind it.
        target: for pace.
        options: for drift.
    """

    rule: str
    kpi: str
    scope: str
    benchmark: str
    window: PeriodKind
    judged_through: date | None
    through: date
    target: Target | None = None
    options: DriftOptions | None = None

    def moments(self, first: date, as_of: date) -> list[date]:
        """Mondays that are due: after the last one judged, no later than data and day allow."""
        begin = first + timedelta(days=7) if self.judged_through is None else self.judged_through + timedelta(days=7)
        return mondays(begin, min(as_of, self.through + timedelta(days=1)))


Progress = Callable[[date], None]


def judged(
    watches: Sequence[Watch],
    parts: pl.DataFrame,
    values: pl.DataFrame,
    as_of: date,
    progress: Progress = lambda _moment: None,
) -> list[Finding]:
    """What every watch says at every moment that is due, in order of moment.

    Args:
        watches: the series and rules.
        parts: daily parts (PARTS_SCHEMA) of all their KPIs and scopes, strata of a mix included.
        values: values per period (POINTS_SCHEMA) of KPIs that have no parts.
        as_of: nothing from this day on is known.
        progress: told of each moment.

    Returns:
        One finding per watch and moment.
    """
    firsts = _first_days(parts, values)
    due = {
        watch: watch.moments(firsts[watch.kpi, watch.scope], as_of)
        for watch in watches
        if (watch.kpi, watch.scope) in firsts
    }
    found: list[Finding] = []
    early = [watch for watch in due if watch.kpi not in LATE]
    found += _known_at_once(early, due, parts, values)
    late = [watch for watch in due if watch.kpi in LATE]
    kinds: set[PeriodKind] = {watch.window for watch in late}
    moments = sorted({moment for watch in late for moment in due[watch]})
    first = parts.filter(pl.col("kpi").is_in([watch.kpi for watch in late]))["booked_day"].min()
    spans = {kind: periods(kind, first, moments[-1]) if isinstance(first, date) and moments else [] for kind in kinds}
    known = {
        kind: Known(_parts_for([w for w in late if w.window == kind], parts), kind, spans[kind], moments)
        for kind in kinds
    }
    for moment in moments:
        progress(moment)
        for kind, frame in known.items():
            frame.advance(moment)
            for watch in late:
                if watch.window == kind and moment in due[watch]:
                    found += _said(watch, frame.series, [moment])
    return sorted(found, key=lambda f: (f.moment, f.rule, f.kpi, f.scope, f.benchmark))


def _parts_for(watches: Sequence[Watch], parts: pl.DataFrame) -> pl.DataFrame:
    """Parts of these series and of their strata."""
    held = parts.select("kpi", "scope").unique().iter_rows()
    wanted = pl.DataFrame(needed_scopes(watches, held), schema={"kpi": pl.String, "scope": pl.String}, orient="row")
    return parts.join(wanted, on=["kpi", "scope"], how="semi")


class Known:
    """Points of late KPIs as they were known at one moment after another.

    What became known since the moment before touches few periods; only those are looked at again, and all
    looks of all moments are made in one pass.
    """

    def __init__(
        self, parts: pl.DataFrame, kind: PeriodKind, spans: Sequence[tuple[date, date]], moments: Sequence[date]
    ) -> None:
        schema = {**POINTS_SCHEMA, "as_of": pl.Date()}
        self._looks = looks(parts, spans, moments)
        made = [
            points_seen(own, kind, self._looks.filter(pl.col("kpi") == own["kpi"][0]).drop("kpi"))
            for own in parts.partition_by("kpi")
        ]
        self._made = pl.concat([pl.DataFrame(schema=schema), *made])
        self.points = pl.DataFrame(schema=POINTS_SCHEMA)
        self.series = BySeries(self.points)

    def advance(self, moment: date) -> None:
        """Go on to a later moment."""
        is_now = pl.col("as_of") == moment
        again = self._looks.filter(is_now)
        if again.is_empty():
            return
        kept = self.points.join(again, on=["kpi", "period_start"], how="anti")
        made = self._made.filter(is_now).drop("as_of")
        self.points = pl.concat([kept, made]).sort("kpi", "scope", "period_start")
        self.series = BySeries(self.points)


def looks(parts: pl.DataFrame, spans: Sequence[tuple[date, date]], moments: Sequence[date]) -> pl.DataFrame:
    """When each period has to be looked at: once it is complete, and whenever more of it has become known.

    Args:
        parts: PARTS_SCHEMA.
        spans: the periods that are complete by the last moment: (first day, day after the last).
        moments: in order.

    Returns:
        kpi, period_start, period_end, as_of (one of the moments).
    """
    days = pl.Series("moment", list(moments), dtype=pl.Date())
    complete = pl.DataFrame(
        spans, schema={"period_start": pl.Date(), "period_end": pl.Date()}, orient="row"
    ).with_columns(as_of=pl.lit(days).gather(pl.lit(days).search_sorted(pl.col("period_end"))))
    known = pl.lit(days).search_sorted(pl.col("known_day"), side="right")
    news = parts.select("kpi", "booked_day", moment=known).unique().filter(pl.col("moment") < len(days))
    later = (
        news.with_columns(moment=pl.lit(days).gather(pl.col("moment")))
        .join_where(
            complete,
            pl.col("booked_day") >= pl.col("period_start"),
            pl.col("booked_day") < pl.col("period_end"),
            pl.col("moment") > pl.col("as_of"),
        )
        .select("kpi", "period_start", "period_end", as_of="moment")
    )
    at_once = parts.select("kpi").unique().join(complete, how="cross")
    return pl.concat([at_once, later]).unique()


def _known_at_once(
    watches: Iterable[Watch], due: Mapping[Watch, list[date]], parts: pl.DataFrame, values: pl.DataFrame
) -> list[Finding]:
    """Findings of series whose past never changes: one pass gives all moments."""
    found: list[Finding] = []
    frames: dict[PeriodKind, pl.DataFrame] = {}
    series: dict[tuple[PeriodKind, date], BySeries] = {}
    needed = parts.filter(~pl.col("kpi").is_in(list(LATE)))
    for watch in watches:
        if not due[watch]:
            continue
        if watch.window not in frames:
            made = points(needed, watch.window, through=max(w.through for w in due))
            held = values.filter(pl.col("period") == watch.window).select(made.columns)
            frames[watch.window] = pl.concat([made, held])
        known = watch.window, watch.through
        if known not in series:
            ends = pl.col("period_end") <= watch.through + timedelta(days=1)
            series[known] = BySeries(frames[watch.window].filter(ends))
        found += _said(watch, series[known], due[watch])
    return found


def _said(watch: Watch, known: "BySeries", moments: Sequence[date]) -> list[Finding]:
    """What one watch says, given everything known."""
    held = known.of(watch.kpi, watch.scope)
    if watch.target is not None:
        of_target = points_of(held)
        return [judge_pace(of_target, watch.target, moment) for moment in moments]
    kpi, options = KPIS[watch.kpi], watch.options or DriftOptions()
    return drift_path(held, kpi, watch.scope, moments, options, known.strata(kpi, watch.scope))


class BySeries:
    """Points told apart by their series, once for all watches."""

    def __init__(self, points: pl.DataFrame) -> None:
        self._nothing = points.clear()
        self._held: dict[tuple[str, str], pl.DataFrame] = {}
        self._inside: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for own in points.partition_by("kpi", "scope"):
            kpi, scope = own["kpi"][0], own["scope"][0]
            self._held[kpi, scope] = own
            mix = KPIS[kpi].mix
            if mix is not None and (split := _without(scope, mix)):
                self._inside.setdefault((kpi, split[0]), []).append((split[1], scope))

    def of(self, kpi: str, scope: str) -> pl.DataFrame:
        """The points of one series."""
        return self._held.get((kpi, scope), self._nothing)

    def strata(self, kpi: Kpi, scope: str) -> pl.DataFrame | None:
        """A series split by the dimension its KPI holds constant, with `stratum`; None: it has none, or one alone."""
        members = self._inside.get((kpi.name, scope), [])
        if len(members) < 2:
            return None
        split = ((member, self.of(kpi.name, name)) for member, name in members)
        return pl.concat([of.hstack([pl.Series("stratum", [member] * of.height)]) for member, of in split])


@cache
def _without(scope: str, dimension: str) -> tuple[str, str] | None:
    """A scope without one of its dimensions, and its member there; None: it has none."""
    members = parsed(scope)
    member = members.pop(dimension, None)
    return None if member is None else (canonical(members), member)


def _first_days(parts: pl.DataFrame, values: pl.DataFrame) -> dict[tuple[str, str], date]:
    days = pl.concat([
        parts.select("kpi", "scope", day="booked_day"), values.select("kpi", "scope", day="period_start")
    ]).filter(pl.col("day") >= date(1980, 1, 1))  # fmt: skip
    firsts = days.group_by("kpi", "scope").agg(pl.col("day").min())
    return {(kpi, scope): day for kpi, scope, day in firsts.iter_rows()}


def needed_scopes(watches: Iterable[Watch], held: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(KPI, scope) pairs whose parts are needed: the series themselves and the strata of a mix."""
    wanted = {(watch.kpi, watch.scope) for watch in watches}
    mixes = {
        (watch.kpi, watch.scope): mix for watch in watches if watch.rule == "drift" and (mix := KPIS[watch.kpi].mix)
    }
    for kpi, scope in held:
        mix = KPIS[kpi].mix
        if mix is not None and (split := _without(scope, mix)) and mixes.get((kpi, split[0])) == mix:
            wanted.add((kpi, scope))
    return sorted(wanted)
