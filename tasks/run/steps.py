"""Take the project's lease and give it back; tell Prefect's pages what a run found."""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from sqlalchemy import Connection, func, select

from domain.context import RunContext
from domain.errors import ConfigError
from domain.kpis import KPIS
from domain.own_kpis import load_own_kpis
from domain.project import Project
from domain.roadmap import load_roadmap
from domain.settings import load_settings
from domain.sources import load_sources
from domain.windows import day_of
from sql.ledger import begin_run, end_run, renewed
from sql.queries.intake import remember_declared
from sql.queries.kpis import spoken_of
from sql.setup import prepare
from sql.store import store_at
from sql.tables import findings
from tasks.run.benchmarks import benchmark_rows

COLLECTED_EVERY = (50_000, 20, 50)
"""Pages of records are many small objects that all go soon: to look for circles among them takes a tenth of a run."""


@dataclass
class Record:
    """What a run leaves in the ledger.

    Attributes:
        failed_sources: each source that failed, with its reason.
        page: where the summary page lies.
    """

    failed_sources: dict[str, str] = field(default_factory=dict[str, str])
    page: str | None = None


@contextmanager
def holding(project: str, kind: str, day: date | None, as_of: date | None) -> Generator[tuple[RunContext, Record]]:
    """Hold the project for one run: database made ready, lease taken, renewed, given back.

    Args:
        project: the project's folder.
        kind: `daily`, `weekly`, `backfill` …
        day: the day the run is for; None: the day it was scheduled for, in the reporting zone.
        as_of: everything from this day on is not yet known; None: `day`.

    Yields:
        The run, and a record to fill in; the ledger keeps it.

    Raises:
        RunInProgressError: another run holds the project.
        ConfigError: a file of the project or a setting is wrong, or kpis.yaml lacks a KPI that incidents speak of.
    """
    gc.set_threshold(*COLLECTED_EVERY)
    place = Project.at(project)
    settings = load_settings(place)
    own = load_own_kpis(place.kpis)
    zone = load_roadmap(place.roadmap).zone
    day = day or day_of(flow_run.scheduled_start_time or datetime.now(UTC), zone)
    store = store_at(str(place.root))
    prepare(store)
    with KPIS.including(own), store.reading() as connection:
        refuse_undeclared(connection)
    lease = timedelta(seconds=settings.lease_seconds)
    run_id = begin_run(store, kind, day, lease)
    record = Record()
    try:
        with renewed(store, run_id, lease), KPIS.including(own):
            yield RunContext(str(place.root), run_id, as_of or day), record
    except BaseException as error:
        end_run(store, run_id, "failed", {**asdict(record), "why": str(error) or type(error).__name__})
        raise
    end_run(store, run_id, "failed" if record.failed_sources else "done", asdict(record))


def refuse_undeclared(connection: Connection) -> None:
    """UnknownKpiError where incidents speak of a KPI that is declared no more: nothing could be said of them."""
    for name in spoken_of(connection):
        KPIS[name]


def declared_sources(context: RunContext, only: str | None = None) -> list[str]:
    """Names of the project's sources, in the order of `sources.yaml`; ConfigError when `only` is none of them.

    Those that are declared no more are waited for no longer.
    """
    names = [source.name for source in load_sources(context.project.sources)]
    with store_at(context.folder).transaction(context.run_id) as connection:
        remember_declared(connection, names)
    if only is None:
        return names
    if only not in names:
        raise ConfigError(f"sources.yaml declares no source {only!r}; it has: {', '.join(names)}.")
    return [only]


@task(name="show in Prefect", cache_policy=NO_CACHE, persist_result=False)
def publish_artifacts(context: RunContext, page: str) -> None:
    """Show the summary and the benchmarks on Prefect's pages; a run does not fail over it."""
    try:
        text = Path(page).with_suffix(".md")
        if text.is_file():
            create_markdown_artifact(text.read_text(encoding="utf-8"), key="summary", description=context.project.name)
        rows = _latest_findings(context)
        create_table_artifact(rows, key="benchmarks", description=f"as of {context.as_of}")
    except Exception as error:  # noqa: BLE001  # pages are a courtesy: whatever ails them, the loop's work is done
        get_run_logger().warning("Prefect's pages were not updated: %s", type(error).__name__)


def _latest_findings(context: RunContext) -> list[dict[str, Any]]:
    store = store_at(context.folder)
    latest = select(func.max(findings.c.moment)).where(findings.c.moment <= context.as_of).scalar_subquery()
    with store.reading() as connection:
        wanted = select(findings).where(findings.c.moment == latest, findings.c.benchmark != "")
        return [*benchmark_rows(store.rows(connection, wanted.order_by(findings.c.benchmark)))]
