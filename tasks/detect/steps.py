"""Judge every series at every moment that is due, and write down what was found."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection

from domain.context import RunContext
from domain.kpis import KPIS
from domain.listening import RULE, survey_of
from domain.maturity import Waiting
from domain.records import Finding
from domain.roadmap import Roadmap, breaks_of, events_of, expected, load_roadmap
from domain.scopes import WHOLE, parsed
from domain.windows import Window, day_of, start_of
from sql.queries.facts import surveys_by_measure
from sql.queries.intake import watermarks
from sql.queries.kpis import judged_through, kept_series, parts_of, values_of
from sql.queries.listening import answers_since, first_invitation, invitations_since, surveys_since
from sql.queries.maturity import waiting_of
from sql.store import store_at
from sql.tables import findings
from tasks.detect.drift import DriftOptions, arl0_for
from tasks.detect.listening import (
    NO_ANSWERS,
    Invitations,
    answer_days,
    judged_listening,
    plan_of,
    silent_surveys,
)
from tasks.detect.pace import Target
from tasks.detect.replay import Watch, judged, needed_scopes

COHORTS = [name for name, kpi in KPIS.items() if kpi.kind == "cohort"]
EVENT_WEEKS = 4
RATING = "review_rating"
"""Weeks after a known event whose values are kept out of baselines, where no end is given."""


@task(name="judge", cache_policy=NO_CACHE, persist_result=False)
def judge(context: RunContext) -> int:
    """Judge what is due up to the run's day; the number of new findings.

    On first contact that is the whole past, week by week, each as it was known then.
    """
    store = store_at(context.folder)
    roadmap = load_roadmap(context.project.roadmap)
    with store.reading() as connection:
        found = judged_now(connection, roadmap, context.as_of)
    with store.transaction(context.run_id) as connection:
        store.put(connection, findings, [row_of(finding) for finding in found], on_conflict="ignore")
    get_run_logger().info("judged: %d findings, %d breaches", len(found), sum(f.is_breach for f in found))
    return len(found)


def judged_now(connection: Connection, roadmap: Roadmap, as_of: date, *, since: date | None = None) -> list[Finding]:
    """What every rule says at every moment that is due.

    Args:
        connection: to read with.
        roadmap: benchmarks, events, budget.
        as_of: the last moment.
        since: judge again from this moment on, whatever was judged before (for a replay that writes nothing).
    """
    through = watermarks(connection)
    held = kept_series(connection)
    marks = {} if since else judged_through(connection)
    waiting = waiting_of(connection, {kpi for kpi, _ in held}, as_of)
    watches = watches_of(roadmap, through, held, marks, surveys_by_measure(connection), waiting)
    wanted = needed_scopes(watches, held)
    rested = sorted({(name, scope) for kpi, scope in wanted for name in KPIS[kpi].rests_on})
    needed = pl.DataFrame(rested, schema={"kpi": pl.String(), "scope": pl.String()}, orient="row")
    parts = parts_of(connection, {kpi for kpi, _ in rested}, scopes={scope for _, scope in rested})
    parts = parts.join(needed, on=["kpi", "scope"], how="semi")
    found = judged(watches, parts, values_of(connection, COHORTS), as_of)
    if through_sends := through.get("survey_sends"):
        mine = {survey_of(scope): moment for (rule, _, scope, _), moment in marks.items() if rule == RULE}
        found += listening_now(connection, roadmap, min(as_of, through_sends + timedelta(days=1)), mine)
    return [finding for finding in found if since is None or finding.moment >= since]


def listening_now(connection: Connection, roadmap: Roadmap, last: date, marks: Mapping[str, date]) -> list[Finding]:
    """What is to be said of the listening plan up to the moment `last`; `marks`: survey → last moment judged."""
    begun = first_invitation(connection)
    if begun is None:
        return []
    zone, first_day = roadmap.zone, day_of(begun, roadmap.zone)
    plan = plan_of(roadmap, surveys_since(connection, list(roadmap.surveys.plans), last))
    # a survey that was never judged may be as old as the data
    is_known = bool(marks) and plan.names <= set(marks)
    first = plan.reaches_back(min(marks.values())) if is_known else first_day
    since, before = start_of(max(first, first_day), zone), start_of(last, zone)
    invitations = Invitations.of(invitations_since(connection, since, before), plan, zone, first_day)
    found = judged_listening(plan, invitations, NO_ANSWERS, marks, last)
    silent = silent_surveys(found)
    if not silent:
        return found
    answers = answer_days(answers_since(connection, silent, since, before), zone)
    return judged_listening(plan, invitations, answers, marks, last)


def watches_of(
    roadmap: Roadmap,
    through: dict[str, date],
    held: list[tuple[str, str]],
    marks: dict[tuple[str, str, str, str], date],
    surveys: dict[str, tuple[str, ...]],
    waiting: Waiting | None = None,
) -> list[Watch]:
    """Every series that is judged: each benchmark by pace; by drift each KPI's whole and each benchmark's scope.

    Each as far as its facts are complete, and ripe (`waiting`; None: nothing waits).
    """
    waiting = waiting or Waiting()
    known = set(held)
    watches: list[Watch] = []
    for name, benchmark in roadmap.benchmarks.items():
        kpi = KPIS[benchmark.kpi]
        if kpi.fact not in through or kpi.better == "none":
            continue
        target = Target(
            name, benchmark.kpi, benchmark.scope_key, benchmark.window, kpi.better, kpi.min_n,
            (benchmark.fire_after.hits, benchmark.fire_after.of), benchmark.recover_after,
            lambda day, b=benchmark: expected(b, day), benchmark.tolerance, benchmark.on,
            tuple(breaks_of(roadmap, benchmark.kpi, benchmark.scope_key)),
        )  # fmt: skip
        mark = marks.get(("pace", benchmark.kpi, benchmark.scope_key, name))
        watches.append(
            Watch(
                "pace",
                benchmark.kpi,
                benchmark.scope_key,
                name,
                benchmark.window,
                mark,
                waiting.through(kpi, benchmark.scope_key, benchmark.window, _through(kpi.fact, through, kpi.name)),
                target,
            )
        )
    series = _drifting(roadmap, known, surveys)
    arl0 = arl0_for(roadmap.alerts.budget.false_alarms_a_month, max(1, len(series)))
    tolerances = {(b.kpi, b.scope_key): b.tolerance for b in roadmap.benchmarks.values()}
    for name, scope in series:
        kpi = KPIS[name]
        options = DriftOptions(
            arl0_weeks=arl0, min_shift=tolerances.get((name, scope)) or None,
            breaks=tuple(breaks_of(roadmap, name, scope)), kept_out=_kept_out(roadmap, scope),
        )  # fmt: skip
        mark = marks.get(("drift", name, scope, ""))
        ripe = waiting.through(kpi, scope, "week", _through(kpi.fact, through, name))
        watches.append(Watch("drift", name, scope, "", "week", mark, ripe, options=options))
    return watches


def _through(fact: str, through: dict[str, date], kpi: str) -> date:
    """Last complete day of a KPI: the earliest of the facts it rests on."""
    facts = KPIS[kpi].facts if kpi in KPIS else (fact,)
    return min(through.get(name, date.min) for name in facts)


def _drifting(
    roadmap: Roadmap, known: set[tuple[str, str]], surveys: dict[str, tuple[str, ...]]
) -> list[tuple[str, str]]:
    """Series judged against their own past."""
    wanted = {(benchmark.kpi, benchmark.scope_key) for benchmark in roadmap.benchmarks.values()}
    wanted |= {(name, WHOLE) for name, kpi in KPIS.items() if kpi.watches_drift}
    for name, asking in surveys.items():
        if len(asking) > 1 and name in KPIS:
            wanted |= {(name, f'{{"survey":"{survey}"}}') for survey in asking}
    if (RATING, WHOLE) not in known:  # on several scales: each source alone
        wanted |= {(name, scope) for name, scope in known if name == RATING and parsed(scope).keys() == {"source"}}
    return sorted(
        (name, scope) for name, scope in wanted & known if KPIS[name].better != "none" and KPIS[name].watches_drift
    )


def _kept_out(roadmap: Roadmap, scope: str) -> tuple[Window, ...]:
    """Weeks around known events: judged, never learnt from."""
    return tuple(
        Window(
            event.on,
            max(event.on, getattr(event, "until", None) or date.fromordinal(event.on.toordinal() + 7 * EVENT_WEEKS)),
        )
        for event in events_of(roadmap, scope)
        if event.touches and parsed(scope).items() >= event.touches.items()
    )


def row_of(finding: Finding) -> dict[str, object]:
    """A finding as a row of `findings`."""
    names = ("period_start", "period_end", "n", "n_open", "value", "low", "high", "bound_low", "bound_high")
    point = asdict(finding.point) if finding.point else dict.fromkeys(names)
    flat = {name: value for name, value in asdict(finding).items() if name != "point"}
    return {**flat, **{name: point[name] for name in names}}
