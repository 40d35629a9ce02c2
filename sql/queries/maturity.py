"""How the rows of each source and survey came in, week by week."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from domain.kpis import KPIS
from domain.maturity import HORIZON_DAYS, MOST_WEEKS, Arrivals, Fed, Maturity, Waiting, learnt_by_stream
from domain.windows import week_of
from sql.queries.published import members_of
from sql.tables import batches, day_changes, runs

ARRIVING = ("survey_answers", "survey_sends", "reviews", "tickets", "orders", "help_center_days", "mentions")
"""Fact tables whose rows happen on one day and come on another."""
_OF_SURVEYS = ("survey_answers", "survey_sends")
_READING = ("daily", "backfill", "ingest")
"""Runs that read the sources."""
_LOOKS_BACK = timedelta(days=7 * (MOST_WEEKS + 2) + 2 * HORIZON_DAYS)


def waiting_of(connection: Connection, kpis: Collection[str], as_of: date) -> Waiting:
    """Which periods of some KPIs are still coming in, as known on a day."""
    tables = maturity_of(connection, as_of)
    if not tables:
        return Waiting()
    sources = members_of(connection, kpis, "source")
    asked = [name for name in kpis if name in KPIS and KPIS[name].fact in _OF_SURVEYS]
    surveys = members_of(connection, asked, "survey")
    return Waiting(tables, {kpi: Fed(sources.get(kpi), surveys.get(kpi)) for kpi in kpis})


def read_on(connection: Connection, as_of: date) -> date | None:
    """The last day up to `as_of` on which a source brought something; None: none did."""
    last = select(func.max(day_changes.c.known_on)).where(day_changes.c.known_on <= as_of)
    return connection.execute(last).scalar()


def maturity_of(connection: Connection, as_of: date) -> dict[str, Maturity]:
    """How the rows of each fact table come in, as known on a day; tables of which nothing is known are left out."""
    changes = day_changes.c
    came = (changes.how == "came", changes.table_name.in_(ARRIVING), changes.known_on <= as_of, changes.n_new > 0)
    by = (changes.table_name, changes.source, changes.survey)
    begun = {
        (str(table), str(source), str(survey)): day
        for table, source, survey, day in connection.execute(
            select(*by, func.min(changes.known_on)).where(*came).group_by(*by)
        )
    }
    if not any(day <= as_of - timedelta(days=HORIZON_DAYS) for day in begun.values()):
        return {}
    rows: dict[tuple[str, str, str], dict[tuple[date, date], int]] = defaultdict(lambda: defaultdict(int))
    recent = select(*by, changes.day, changes.known_on, func.sum(changes.n_new)).where(
        *came, changes.day >= as_of - _LOOKS_BACK
    )
    for *of, day, known_on, n in connection.execute(recent.group_by(*by, changes.day, changes.known_on)):
        table, source, survey = of
        rows[table, source, survey][week_of(day), known_on] += int(n)
    looked, said = _looked(connection, as_of), _said(connection, as_of)
    tables: dict[str, list[Arrivals]] = defaultdict(list)
    for (table, source, survey), of in sorted(rows.items()):
        came_first = begun[table, source, survey]
        tables[table].append(Arrivals(source, of, came_first, looked, said.get(source, ()), survey))
    made: dict[str, Maturity] = {}
    for table, arrivals in tables.items():
        usual = learnt_by_stream(arrivals, as_of)
        if usual:
            made[table] = Maturity(usual, arrivals, as_of)
    return made


def _looked(connection: Connection, as_of: date) -> list[date]:
    """Days on which sources were read."""
    ran = select(runs.c.day).where(runs.c.kind.in_(_READING), runs.c.day <= as_of).distinct()
    known = select(day_changes.c.known_on).where(day_changes.c.known_on <= as_of).distinct()
    return sorted({*connection.execute(ran).scalars(), *connection.execute(known).scalars(), as_of})


def _said(connection: Connection, as_of: date) -> dict[str, list[tuple[date, date]]]:
    """By source: through which day it was complete, as of each day on which a batch of it brought something."""
    there = (
        select(day_changes.c.source, day_changes.c.known_on, func.max(batches.c.complete_through))
        .join(batches, batches.c.batch_id == day_changes.c.cause)
        .where(day_changes.c.known_on <= as_of, batches.c.complete_through.is_not(None))
        .group_by(day_changes.c.source, day_changes.c.known_on)
        .order_by(day_changes.c.source, day_changes.c.known_on)
    )
    found: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for source, known_on, through in connection.execute(there):
        found[source].append((known_on, through))
    return found
