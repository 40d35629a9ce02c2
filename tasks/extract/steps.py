"""Fetch what is new, keep it as it came, and lay out its rows for validation."""

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from domain.errors import ConfigError, SourceUnavailableError
from domain.project import Project
from domain.roadmap import load_roadmap
from domain.settings import load_settings
from domain.source_specs import SourceSpec
from domain.sources import load_sources
from domain.windows import day_of
from sql.queries.intake import batch, batches_of, batches_with_rows_aside, mark_replayed, set_batch
from sql.store import Store, store_at
from sql.tables import batches
from tasks.extract.stage import Staged, staged
from tasks.extract.watermark import complete_through
from wire.files import FoundFile, find_files, hashed, opened, unwrapped
from wire.landing import Landing


@task(
    name="land source",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=lambda _task, _run, state: isinstance(
        state.result(raise_on_failure=False), SourceUnavailableError
    ),
)
def land_source(context: RunContext, source: str) -> list[str]:
    """Keep every new file of a source; the batches that are still to be published.

    A file that was published before, by content and mapping, is not read again.

    Raises:
        SourceUnavailableError: no file is there, or it cannot be read.
        SourcesError: its path names a variable that is not set.
    """
    project = context.project
    spec = spec_of(project, source)
    store = store_at(context.folder)
    with store.reading() as connection:
        known = {row["batch_id"]: row for row in batches_of(connection, source)}
    landing = Landing(project.landing)
    waiting: list[str] = []
    for path in find_files(spec.resolved_path(environment(project)), project.root):
        found = hashed(path)
        batch_id = batch_of(spec, found.sha256)
        held = known.get(batch_id)
        if held is not None and held["state"] == "published":
            continue
        if not landing.has(found.sha256):
            with opened(path) as stream:
                landing.put(stream)
        if held is None:
            with store.transaction(context.run_id) as connection:
                store.put(connection, batches, [_landed(batch_id, spec, found)])
        waiting.append(batch_id)
    # a file may be gone by the time the run that landed it is taken up again
    waiting += [
        batch_id
        for batch_id, row in known.items()
        if row["state"] == "landed" and row["mapping"] == spec.mapping_version and batch_id not in waiting
    ]
    get_run_logger().info("landed %s: %d to publish", source, len(waiting))
    return waiting


@task(name="reopen source", cache_policy=NO_CACHE, persist_result=False)
def reopen_source(context: RunContext, source: str) -> list[str]:
    """Batches of a source that have rows set aside, to be read again from the landing zone as its mapping is now."""
    spec = spec_of(context.project, source)
    with store_at(context.folder).transaction(context.run_id) as connection:
        again: dict[str, None] = {}
        for row in batches_with_rows_aside(connection, source):
            batch_id = batch_of(spec, row["sha256"])
            if batch_id != row["batch_id"]:
                set_batch(connection, row["batch_id"], state="replaced")
                fresh = {"batch_id": batch_id, "mapping": spec.mapping_version, "verdict": None, "published_at": None}
                Store.put(connection, batches, [{**row, **fresh}], on_conflict="ignore")
            set_batch(connection, batch_id, state="landed")
            mark_replayed(connection, row["batch_id"])
            again[batch_id] = None
    get_run_logger().info("reopened %s: %d batches", source, len(again))
    return list(again)


@task(name="stage batch", cache_policy=NO_CACHE, persist_result=False)
def stage_batch(context: RunContext, batch_id: str) -> int:
    """Map a landed batch and lay its tables out under the staging folder; the rows in its files.

    Raises:
        SourceChangedError: the file no longer looks as the mapping says.
    """
    project = context.project
    store = store_at(context.folder)
    with store.reading() as connection:
        row = batch(connection, batch_id)
    spec = spec_of(project, row["source"])
    content = Landing(project.landing).get(row["sha256"])
    laid = staged(unwrapped(row["name"], content, spec.member), spec, secret_of(project))
    arrived = day_of(row["landed_at"] or datetime.now(UTC), load_roadmap(project.roadmap).zone)
    through = complete_through(spec, laid.mapped, [row["name"]], arrived)
    lay_out(laid, project.staging / batch_id)
    with store.transaction(context.run_id) as connection:
        set_batch(connection, batch_id, complete_through=through, n_source=laid.n_source)
    get_run_logger().info("staged %s: rows=%d set_aside=%d", row["name"], laid.n_source, laid.set_aside.height)
    return laid.n_source


def lay_out(laid: Staged, folder: Path) -> None:
    """Write a batch's tables for the next steps; made again whenever it is staged again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in laid.tables.items():
            rows.write_parquet(folder / f"{name}.parquet", compression="lz4")
        laid.raw.write_parquet(folder / "raw.parquet", compression="lz4")
        laid.set_aside.write_parquet(folder / "set_aside.parquet")
        (folder / "counts.json").write_text(json.dumps(laid.counts, sort_keys=True), encoding="utf-8")
    except (OSError, pl.exceptions.ComputeError) as error:
        raise ConfigError(
            f"{folder}: the rows of a batch cannot be laid out ({error}). Free some space, or give this user the "
            "right to write there, then run again: nothing is lost."
        ) from None


def spec_of(project: Project, source: str) -> SourceSpec:
    """One source of a project; ConfigError lists those there are."""
    specs = {spec.name: spec for spec in load_sources(project.sources)}
    if source not in specs:
        raise ConfigError(f"sources.yaml has no source '{source}'. It has: {', '.join(specs)}.")
    return specs[source]


def source_names(folder: str) -> list[str]:
    """The sources of the project in a folder, in the file's order."""
    return [spec.name for spec in load_sources(Project.at(folder).sources)]


def environment(project: Project) -> Mapping[str, str]:
    """What `${VARIABLE}`s in paths may name: the environment and the project's settings."""
    settings = load_settings(project)
    return {**({"CXLOOP_DATA": str(settings.data)} if settings.data else {}), **os.environ}


def batch_of(spec: SourceSpec, sha256: str) -> str:
    """A batch's id: the same file under the same mapping is the same batch."""
    text = f"{spec.name}\x1f{sha256}\x1f{spec.mapping_version}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def secret_of(project: Project) -> str:
    """What pseudonyms are keyed with: the project's own name, unless a secret is set."""
    settings = load_settings(project)
    return settings.pseudonym_key.get_secret_value() if settings.pseudonym_key else project.name


def _landed(batch_id: str, spec: SourceSpec, found: FoundFile) -> dict[str, object]:
    nothing: date | None = None
    return {
        "batch_id": batch_id, "source": spec.name, "name": found.name, "sha256": found.sha256,
        "mapping": spec.mapping_version, "n_bytes": found.n_bytes, "state": "landed", "verdict": None,
        "complete_through": nothing, "n_source": None, "landed_at": datetime.now(UTC), "published_at": None,
    }  # fmt: skip
