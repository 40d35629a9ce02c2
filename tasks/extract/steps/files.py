"""Keep every new file of a source of kind `files`."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from prefect import get_run_logger

from domain.context import RunContext
from domain.errors import SourceUnavailableError
from domain.project import Project
from domain.settings import named_values
from domain.source_specs import SourceSpec
from sql.queries.intake import batches_of, declare_through, declared_through, set_batch
from sql.store import store_at
from sql.tables import batches
from tasks.extract.steps.declared import again, batch_of
from wire.files import FoundFile, find_files, hashed, opened
from wire.landing import Landing

STREAM = "files"


def land_files(context: RunContext, spec: SourceSpec) -> int:
    """Land what is new; how many batches are to be published.

    A file that was published before, by content and mapping, is not read again; one that was refused
    is, as long as it is there. One that changes while it is read is still being written: it is left to the next run.

    Raises:
        SourceUnavailableError: no file is there, or it cannot be read.
        SourcesError: its path names a variable that is not set.
    """
    project = context.project
    store = store_at(context.folder)
    with store.reading() as connection:
        known = {row["batch_id"]: row for row in batches_of(connection, spec.name)}
    if spec.complete_through.day is not None:
        _declare(context, spec.name, spec.complete_through.day)
    before = {row["sha256"]: row for row in known.values()}
    landing = Landing(project.landing)
    waiting: set[str] = set()
    for path in _files(project, spec, known.values()):
        found = hashed(path)
        batch_id = batch_of(spec, found.sha256)
        state = _state(known, batch_id)
        if state == "published":
            continue
        if not landing.has(found.sha256) and not _kept(landing, found):
            get_run_logger().warning(
                "%s: %s changed while it was read, so it is still being written; it is left to the next run",
                spec.name, found.name,
            )  # fmt: skip
            continue
        with store.transaction(context.run_id) as connection:
            if state is None:
                row = before.get(found.sha256)  # it came when it came: only its mapping is new
                fresh = {**again(row, batch_id, spec), "name": found.name} if row else _landed(batch_id, spec, found)
                store.put(connection, batches, [fresh])
            elif state != "landed":
                set_batch(connection, batch_id, state="landed")
        waiting.add(batch_id)
    for row in known.values():  # a file may be gone by the time the run that landed it is taken up again
        batch_id = batch_of(spec, row["sha256"])
        if row["state"] != "landed" or batch_id in waiting or _state(known, batch_id) == "published":
            continue
        if batch_id not in known:
            with store.transaction(context.run_id) as connection:
                store.put(connection, batches, [again(row, batch_id, spec)], on_conflict="ignore")
        waiting.add(batch_id)
    return len(waiting)


def _kept(landing: Landing, found: FoundFile) -> bool:
    """Keep a file, if it still is what it was when it was found; whether it is."""
    with opened(found.path) as stream:
        return landing.put(stream, found.sha256) == found.sha256


def _files(project: Project, spec: SourceSpec, known: Iterable[Mapping[str, object]]) -> list[Path]:
    """The source's files; none where they are gone and what was landed of them is still to be published."""
    try:
        return find_files(spec.resolved_path(named_values(project)), project.root)
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


def _landed(batch_id: str, spec: SourceSpec, found: FoundFile) -> dict[str, object]:
    nothing: date | None = None
    return {
        "batch_id": batch_id, "source": spec.name, "stream": STREAM, "name": found.name, "sha256": found.sha256,
        "mapping": spec.mapping_version, "n_bytes": found.n_bytes, "state": "landed", "verdict": None,
        "position": None, "complete_through": nothing, "n_source": None, "notes": None,
        "landed_at": datetime.now(UTC), "published_at": None,
    }  # fmt: skip
