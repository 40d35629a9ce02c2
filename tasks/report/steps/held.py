"""What the store holds for one summary, in one snapshot."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, and_, func, or_, select

from domain.context import RunContext
from domain.errors import RoadmapError
from domain.estimates import POINTS_SCHEMA, points
from domain.kpis import KPIS
from domain.roadmap import Roadmap, fingerprint, load_roadmap, parse_roadmap
from domain.scopes import TOUCHPOINT, WHOLE
from domain.weighting import Beside
from domain.windows import periods, start_of
from sql.queries.intake import watermarks
from sql.queries.kpis import parts_of, values_of
from sql.queries.maturity import waiting_of
from sql.queries.members import member_points
from sql.queries.watching import watch_week
from sql.queries.weighting import weighted_beside
from sql.queries.words import changes_of_words, quotes_of_words, told_week_of_words
from sql.store import Store
from sql.tables import (
    FACTS,
    batch_tables,
    batches,
    cursors,
    findings,
    gaps,
    improvement_tasks,
    incident_events,
    incidents,
    kpi_values,
    meta,
    quarantine,
    roadmap_versions,
    task_events,
    verdicts,
)
from tasks.report.benchmarks import N_POINTS, STEP_DAYS
from tasks.report.compose import JOURNEY_WEEKS, Held
from tasks.report.journey import READ_BY, kpis_of
from tasks.report.published import Edition, Key
from tasks.report.small_print import COUNTED
from tasks.report.steps.restating import asked_again, moved_since, told_before
from tasks.report.steps.weeks import Told

_BACK = timedelta(days=max(STEP_DAYS.values()) * (N_POINTS + 1))
"""How far back a chart may look."""


def held(connection: Connection, context: RunContext, told: Told) -> Held:
    """Everything that `compose` needs for one week."""
    roadmap, before = roadmaps(connection, context, told)
    editions = told_before(connection, told.moment)
    periods_known, values = _periods(connection, roadmap, told, editions), Store.frame(connection, _values(told))
    return Held(
        roadmap=roadmap, roadmap_before=before,
        findings=Store.frame(connection, select(findings).where(findings.c.moment <= told.moment)),
        periods=periods_known, values=values, editions=editions,
        moved=moved_since(connection, editions, periods_known, values, roadmap, told.moment),
        waiting=waiting_of(connection, {b.kpi for b in roadmap.benchmarks.values()}, told.known_to),
        incidents=Store.frame(connection, select(incidents)),
        incident_events=Store.frame(connection, select(incident_events)),
        tasks=Store.frame(connection, select(improvement_tasks)),
        task_events=Store.frame(connection, select(task_events)),
        verdicts=Store.frame(connection, select(verdicts)),
        sources=_sources(connection), counts=_counts(connection), quarantined=_quarantined(connection),
        excluded=_excluded(connection, roadmap, told),
        rejected=_rejected(connection),
        first_contact_on=_first_contact(connection, told), gaps=Store.frame(connection, select(gaps)),
        words=told_week_of_words(connection, told.week_start),
        word_changes=changes_of_words(connection, told.week_start),
        word_quotes=quotes_of_words(connection, told.week_start),
        through=watermarks(connection) if told.is_latest else {},
        care=watch_week(connection, told.week_start),
        cells=_cells(connection, roadmap, told),
        weighted=_weighted(connection, roadmap, told),
    )  # fmt: skip


def roadmaps(connection: Connection, context: RunContext, told: Told) -> tuple[Roadmap, Roadmap | None]:
    """The version in force in the week, and the one before if it came into force in that week.

    The latest week is told by the file as it is, an older one by the version that ran then.
    """
    now = load_roadmap(context.project.roadmap)
    version = roadmap_version(context)
    kept = Store.rows(
        connection, select(roadmap_versions).order_by(roadmap_versions.c.first_day, roadmap_versions.c.version)
    )
    if not told.is_latest and (then := [row for row in kept if row["first_day"] <= told.known_to]):
        version = then[-1]["version"]
        now = _parsed(then[-1]["text"]) or now
    first_day = next((row["first_day"] for row in kept if row["version"] == version), context.as_of)
    earlier = [row for row in kept if row["version"] != version and row["first_day"] <= first_day]
    if not earlier or first_day <= told.week_start:
        return now, None
    return now, _parsed(earlier[-1]["text"])


def roadmap_version(context: RunContext) -> str:
    """The version of the roadmap as the file says it now."""
    return fingerprint(roadmap_text(context))


def roadmap_text(context: RunContext) -> str:
    """The roadmap's file as it is."""
    return context.project.roadmap.read_bytes().decode("utf-8-sig")


def _parsed(text: str) -> Roadmap | None:
    """A version that ran; None where its format is no longer read."""
    try:
        return parse_roadmap(text)
    except RoadmapError:
        return None


def _periods(
    connection: Connection, roadmap: Roadmap, told: Told, editions: Mapping[Key, Sequence[Edition]]
) -> pl.DataFrame:
    """Each benchmark's periods as they were known at the moment: no chart shows what came out later.

    With them those that were told before, however long ago.
    """
    frames = [pl.DataFrame(schema=POINTS_SCHEMA)]
    for benchmark in roadmap.benchmarks.values():
        kpi = KPIS[benchmark.kpi]
        drawn = periods(benchmark.window, told.moment - _BACK, told.moment)
        before = asked_again(editions, (kpi.name, benchmark.scope_key, benchmark.window))
        spans = sorted({*drawn, *before})
        if kpi.kind == "cohort":  # only whole periods were counted
            counted = values_of(connection, [kpi.name], benchmark.window).filter(pl.col("scope") == benchmark.scope_key)
            frames.append(counted.select(list(POINTS_SCHEMA)))
            continue
        names = kpi.rests_on
        parts = parts_of(connection, names, scope=benchmark.scope_key)
        held_points = points(parts, benchmark.window, as_of=told.moment, spans=spans)
        frames.append(held_points.filter(pl.col("kpi") == kpi.name))
    return pl.concat(frames).unique(["kpi", "scope", "period", "period_start"]).sort("kpi", "scope", "period_start")


def _cells(connection: Connection, roadmap: Roadmap, told: Told) -> pl.DataFrame:
    """What the friction map is made of; nothing where the roadmap has no journey."""
    if not roadmap.journey:
        return pl.DataFrame(schema=POINTS_SCHEMA)
    span = (told.moment - JOURNEY_WEEKS, told.moment)
    return member_points(connection, kpis_of(roadmap), READ_BY, "28d", span, told.moment, TOUCHPOINT)


def _weighted(connection: Connection, roadmap: Roadmap, told: Told) -> dict[str, Beside]:
    """By benchmark that declares a population: its weighted value in the period that was judged last."""
    found: dict[str, Beside] = {}
    held_findings = findings.c
    for name, benchmark in roadmap.benchmarks.items():
        if not benchmark.population:
            continue
        mine = (held_findings.rule == "pace", held_findings.benchmark == name, held_findings.moment <= told.moment)
        wanted = select(*(held_findings[end] for end in ("period_start", "period_end"))).where(*mine)
        last = connection.execute(wanted.order_by(held_findings.moment.desc()).limit(1)).first()
        if last is not None and last.period_start is not None:
            beside = weighted_beside(connection, roadmap, benchmark, tuple(last), told.moment)
            found |= {name: beside} if beside else {}
    return found


def _values(told: Told) -> Select[Any]:
    """Periods of the whole and of each survey, as far as known today; of all time for the latest week."""
    table = kpi_values.c
    recent = and_(
        table.period_end <= max(told.moment, told.known_to),
        table.period_end > told.moment - _BACK,
        table.period.in_(("28d", "90d", "month")),
    )
    return select(kpi_values).where(
        or_(table.scope == WHOLE, table.scope.like('{"survey":%')),
        or_(recent, table.period == "all") if told.is_latest else recent,
    )


def _sources(connection: Connection) -> pl.DataFrame:
    """How far each source is complete."""
    rows = connection.execute(
        select(cursors.c.source, func.min(cursors.c.complete_through)).group_by(cursors.c.source)
    ).all()
    schema = {"source": pl.String, "complete_through": pl.Date}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def _first_contact(connection: Connection, told: Told) -> date | None:
    """The Monday at which people are first told of anything: this one, as long as no message was made."""
    kept = connection.execute(select(meta.c.value).where(meta.c.name == "first_contact_on")).scalar()
    if kept is None:
        return told.moment if told.is_latest else None
    return date.fromisoformat(kept)


def _counts(connection: Connection) -> pl.DataFrame:
    rows = connection.execute(
        select(batch_tables.c.table_name, *(func.sum(batch_tables.c[name]) for name in COUNTED))
        .group_by(batch_tables.c.table_name)
    ).all()  # fmt: skip
    schema = {"table_name": pl.String, **dict.fromkeys(COUNTED, pl.Int64)}
    return pl.DataFrame([(name, *map(int, counts)) for name, *counts in rows], schema=schema, orient="row")


def _quarantined(connection: Connection) -> pl.DataFrame:
    labels = (quarantine.c.source, quarantine.c.table_name, quarantine.c.rule)
    rows = connection.execute(
        select(*labels, func.count()).where(quarantine.c.state == "waiting").group_by(*labels)
    ).all()
    schema = {"source": pl.String, "table_name": pl.String, "rule": pl.String, "n": pl.Int64}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def _rejected(connection: Connection) -> pl.DataFrame:
    """Batches of which nothing was published."""
    refused = select(batches.c.source, batches.c.name).where(batches.c.state == "rejected").distinct()
    rows = [tuple(row) for row in connection.execute(refused)]
    return pl.DataFrame(rows, schema={"source": pl.String, "name": pl.String}, orient="row")


def _excluded(connection: Connection, roadmap: Roadmap, told: Told) -> pl.DataFrame:
    """Tickets of the week that are no contacts, by reason."""
    tickets = FACTS["tickets"].c
    start, end = (start_of(day, roadmap.zone) for day in (told.week_start, told.moment))
    rows = connection.execute(
        select(tickets.excluded_as, func.count())
        .where(tickets.excluded_as.is_not(None), tickets.deleted_at.is_(None))
        .where(tickets.opened_at >= start, tickets.opened_at < end)
        .group_by(tickets.excluded_as)
    ).all()
    return pl.DataFrame([tuple(row) for row in rows], schema={"excluded_as": pl.String, "n": pl.Int64}, orient="row")
