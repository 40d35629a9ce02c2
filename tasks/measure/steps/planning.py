"""What is to be measured of each family of KPIs: which days changed, and how many facts that takes."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from prefect import get_run_logger
from sqlalchemy import Connection, select

from domain.days import days_of
from domain.kpis import KPIS
from domain.promises import days_awaited
from domain.roadmap import Roadmap
from domain.roadmap.schedules import promises_of
from domain.windows import Window, start_of
from sql.queries.facts import answering_sources, awaited_targets, has_targets, is_replied, surveys_by_measure
from sql.queries.intake import unfinished, watermarks
from sql.queries.kpis import has_outcomes, valued_through
from sql.queries.scales import review_scales, survey_scales
from sql.tables import dirty_days
from tasks.measure.families import (
    ALONE,
    FAMILIES,
    LATER,
    MEASURED_AS,
    RENEWED,
    REPLIED_BY,
    TIMED,
    TOLD,
    WAITS,
    members,
    reach_of,
)
from tasks.measure.feedback.pooling import REVIEWS, Apart, reviews_apart, surveys_apart, warnings
from tasks.measure.feedback.voices import touched_answers
from tasks.measure.pieces import Slice
from tasks.measure.spans import before, decided, passed, ranges
from tasks.measure.steps.definitions import is_changed, scopes_by_kpi, version_of
from tasks.measure.steps.facts import MANY_RANGES
from tasks.measure.steps.history import History, pieces_of
from tasks.measure.steps.making import Asked


@dataclass(frozen=True)
class Plan:
    """What is to be done for one family.

    Attributes:
        family: one of FAMILIES.
        names: its KPIs.
        asked: what is to be measured; None: nothing feeds it, or nobody asks for it any more.
        versions: what defines the numbers of each KPI that is wanted.
        days: days whose parts are made again; None: all.
        history: its pieces; none: all facts are read at once.
        valued: last complete day when it was last valued; None: it never was.
        n_facts: how many facts there are of these days, or of the stretches that hold them.
    """

    family: str
    names: tuple[str, ...]
    asked: Asked | None = None
    versions: dict[str, str] = field(default_factory=dict[str, str])
    days: Sequence[date] | None = None
    history: Sequence[Sequence[Slice]] = ()
    valued: date | None = None
    n_facts: int = 0


def plans_of(connection: Connection, roadmap: Roadmap, most: int) -> Iterator[Plan]:
    """What is to be done for each family of which anything changed, one after the other.

    Args:
        connection: to read with.
        roadmap: the roadmap.
        most: facts that may be measured at once.
    """
    facts = {family: LATER.get(family, family) for family in FAMILIES}
    histories = {fact: History(connection, fact, roadmap.zone) for fact in facts.values()}
    plans = (_plan_of(connection, family, roadmap, most, histories[facts[family]]) for family in FAMILIES)
    return (plan for plan in plans if plan)


def _plan_of(connection: Connection, family: str, roadmap: Roadmap, most: int, history: History) -> Plan | None:
    """What changed of a family; None: nothing."""
    fact, names, rule = LATER.get(family, family), members(family, roadmap.reopening), roadmap.reopening
    through = watermarks(connection).get(fact)
    if through is None:
        return None if fact in unfinished(connection) else Plan(family, names)
    wanted = [name for name in names if name in roadmap.measured]
    if not wanted:
        return Plan(family, names)
    named = scopes_by_kpi(roadmap)
    apart, asked_in = _apart(connection, family, wanted)
    by_account = roadmap.counted_by_account if family == "survey_answers" else ()
    is_timed = family == "tickets" and not TIMED.isdisjoint(wanted) and has_targets(connection)
    versions = {
        name: version_of(name, roadmap, named.get(name, ()), asked_in.get(name, ()), by_account, has_targets=is_timed)
        for name in wanted
    }
    is_new = is_changed(connection, versions)
    valued = valued_through(connection, family)
    changed = {row.day for row in connection.execute(select(dirty_days.c.day).where(dirty_days.c.fact == fact))}
    reach = waits_of(roadmap, valued) if family == "promises" else reach_of(family, rule)
    dirty = before(changed, reach) if family in LATER and family not in ALONE else changed
    if reach and valued is not None:
        dirty |= passed(valued, through, reach)
    if is_timed and valued is not None and valued < through:
        dirty |= {*days_of(awaited_targets(connection), roadmap.zone.key)}
    fewer = _days_of_each(wanted, changed, roadmap, through, valued) if valued and WAITS.keys() >= {*names} else {}
    dirty = set[date]().union(*fewer.values()) if fewer else dirty
    if not dirty and not is_new and valued == through:
        return None
    dirty = touched_answers(dirty) if by_account else dirty
    is_new = is_new or (family == "tickets" and _is_told_otherwise(connection, wanted, dirty, roadmap))
    days = None if is_new or family == "subscriptions" else sorted(dirty)
    asked = Asked(family, roadmap, tuple(wanted), named, apart, by_account, through)
    n, pieces = pieces_of(connection, asked, days, most, history)
    if pieces and pieces[0][0].window is None:
        days = None
    if pieces and days is None:
        asked = replace(asked, told=(*TOLD, RENEWED))
    elif days is not None and family == "tickets":
        asked = replace(asked, told=[name for name, shows in TOLD.items() if has_outcomes(connection, shows)])
    if days is not None and not pieces:
        asked = replace(asked, fewer=fewer)
    return Plan(family, names, asked, versions, days, pieces, valued, n)


def _apart(
    connection: Connection, family: str, wanted: Iterable[str]
) -> tuple[dict[str, Apart], dict[str, Sequence[str]]]:
    """What of a family is never added up, by KPI; and where its KPIs are asked for, with scales that are not pooled."""
    if family == "reviews":
        scales = review_scales(connection)
        return reviews_apart(scales), {REVIEWS: [f"{each}" for each in scales]}
    if family == "mentions":  # another source that tells answers changes which of them count at all
        return {}, {name: answering_sources(connection) for name in wanted}
    if family != "survey_answers":
        return {}, {}
    surveys, mixed = surveys_by_measure(connection), survey_scales(connection)
    for text in warnings(mixed):
        get_run_logger().warning("%s", text)
    told = {measure: (*names, *(f"{key}" for key in mixed if key[0] == measure)) for measure, names in surveys.items()}
    apart = surveys_apart(surveys, mixed)
    measure_of = {name: MEASURED_AS.get(name, name) for name in FAMILIES[family]}
    return (
        {name: apart[measure] for name, measure in measure_of.items() if measure in apart},
        {name: told[measure] for name, measure in measure_of.items() if measure in told},
    )


def _is_told_otherwise(
    connection: Connection, wanted: Collection[str], days: Collection[date], roadmap: Roadmap
) -> bool:
    """Whether the first reply ever is told on some days that changed, or no reply any more.

    Contacts of other days that nobody replied to are open then, or are not.
    """
    windows, zone = ranges(days), roadmap.zone
    windows = windows if len(windows) <= MANY_RANGES else [Window(windows[0].start, windows[-1].end)]
    spans = [(start_of(window.start, zone), start_of(window.end, zone)) for window in windows]
    around = [(window.start, window.end) for window in windows]
    return any(
        is_replied(connection, spans, roles) != has_outcomes(connection, name)
        for name, roles in REPLIED_BY.items()
        if name in wanted and not has_outcomes(connection, name, but_within=around)
    )


def _days_of_each(
    wanted: Iterable[str], changed: Collection[date], roadmap: Roadmap, through: date, valued: date
) -> dict[str, Sequence[date]]:
    """The days of each KPI of WAITS that changed themselves, or whose outcomes another day can have changed."""
    found: dict[str, Sequence[date]] = {}
    for name in wanted:
        reach = KPIS[name].reach_days
        near = before(changed, reach) | passed(valued, through, reach)
        found[name] = sorted(decided(changed, near, WAITS[name], roadmap.zone, max(through, valued)))
    return found


def waits_of(roadmap: Roadmap, valued: date | None) -> int:
    """Days whose promises were not all over at the end of the day that was measured last; None: there was none."""
    if valued is None:
        return 0
    since = valued + timedelta(days=1)
    return max((days_awaited(each, since, roadmap.zone) for each in promises_of(roadmap).values()), default=0)
