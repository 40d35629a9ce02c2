"""Fetch what is new, keep it as it came, and lay out its rows for validation."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from domain.context import RunContext
from domain.errors import ConfigError, SourceChangedError, SourceUnavailableError
from domain.project import Project
from domain.roadmap import load_roadmap
from domain.settings import load_settings
from domain.source_specs import SourceSpec
from domain.sources import load_sources
from domain.windows import day_of
from sql.queries.intake import (
    batch,
    batches_of,
    batches_with_rows_aside,
    declare_through,
    declared_through,
    set_batch,
)
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
    if spec.complete_through.day is not None:
        _declare(context, source, spec.complete_through.day)
    before = {row["sha256"]: row for row in known.values()}
    landing = Landing(project.landing)
    waiting: list[str] = []
    for path in _files(project, spec, known.values()):
        found = hashed(path)
        batch_id = batch_of(spec, found.sha256)
        if _state(known, batch_id) == "published":
            continue
        if not landing.has(found.sha256):
            with opened(path) as stream:
                landing.put(stream)
        if batch_id not in known:
            fresh = _landed(batch_id, spec, found)
            if row := before.get(found.sha256):  # it came when it came: only its mapping is new
                fresh = {**_again(row, batch_id, spec), "name": found.name}
            with store.transaction(context.run_id) as connection:
                store.put(connection, batches, [fresh])
        waiting.append(batch_id)
    for row in known.values():  # a file may be gone by the time the run that landed it is taken up again
        batch_id = batch_of(spec, row["sha256"])
        if row["state"] != "landed" or batch_id in waiting or _state(known, batch_id) == "published":
            continue
        if batch_id not in known:
            with store.transaction(context.run_id) as connection:
                store.put(connection, batches, [_again(row, batch_id, spec)], on_conflict="ignore")
        waiting.append(batch_id)
    get_run_logger().info("landed %s: %d to publish", source, len(waiting))
    return waiting


def _files(project: Project, spec: SourceSpec, known: Iterable[Mapping[str, object]]) -> list[Path]:
    """The source's files; none where they are gone and what was landed of them is still to be published."""
    try:
        return find_files(spec.resolved_path(environment(project)), project.root)
    except SourceUnavailableError:
        if any(row["state"] == "landed" for row in known):
            return []
        raise


def _declare(context: RunContext, source: str, day: date) -> None:
    """A declared day counts for what was published before, too: nothing needs to come for it to move."""
    store = store_at(context.folder)
    with store.reading() as connection:
        if declared_through(connection, source) in (None, day):
            return
    with store.transaction(context.run_id) as connection:
        declare_through(connection, source, day)


def _state(known: Mapping[str, Mapping[str, object]], batch_id: str) -> object:
    return known[batch_id]["state"] if batch_id in known else None


@task(name="reopen source", cache_policy=NO_CACHE, persist_result=False)
def reopen_source(context: RunContext, source: str) -> list[str]:
    """Batches of a source that have rows set aside, to be read again from the landing zone as its mapping is now."""
    spec = spec_of(context.project, source)
    with store_at(context.folder).transaction(context.run_id) as connection:
        again: dict[str, None] = {}
        for row in batches_with_rows_aside(connection, source):
            batch_id = batch_of(spec, row["sha256"])
            if batch_id != row["batch_id"]:
                Store.put(connection, batches, [_again(row, batch_id, spec)], on_conflict="ignore")
            set_batch(connection, batch_id, state="landed")
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
    try:
        laid = staged(unwrapped(row["name"], content, spec.member), spec, secret_of(project))
    except SourceChangedError:
        with store.transaction(context.run_id) as connection:
            set_batch(connection, batch_id, state="unreadable")  # tried again as long as the file is there
        raise
    arrived = day_of(row["landed_at"] or datetime.now(UTC), load_roadmap(project.roadmap).zone)
    through = complete_through(spec, laid.mapped, [row["name"]], arrived)
    lay_out(laid, project.staging / batch_id)
    with store.transaction(context.run_id) as connection:
        set_batch(connection, batch_id, state="landed", complete_through=through, n_source=laid.n_source)
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


def _again(row: Mapping[str, object], batch_id: str, spec: SourceSpec) -> dict[str, object]:
    """A batch that was read before, to be read with the mapping as it is now."""
    fresh = {"batch_id": batch_id, "mapping": spec.mapping_version, "state": "landed", "verdict": None}
    return {**row, **fresh, "published_at": None}


def _landed(batch_id: str, spec: SourceSpec, found: FoundFile) -> dict[str, object]:
    nothing: date | None = None
    return {
        "batch_id": batch_id, "source": spec.name, "name": found.name, "sha256": found.sha256,
        "mapping": spec.mapping_version, "n_bytes": found.n_bytes, "state": "landed", "verdict": None,
        "complete_through": nothing, "n_source": None, "landed_at": datetime.now(UTC), "published_at": None,
    }  # fmt: skip
