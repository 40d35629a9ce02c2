"""Publish one batch: rows, quarantine, counts, cursor and dirty days commit together, or not at all."""

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection

from domain.arrived import day_when_last
from domain.context import RunContext
from domain.errors import BatchRejectedError, CxLoopError
from domain.facts import FACT_TABLES
from domain.roadmap import load_roadmap
from sql.queries.intake import (
    batch,
    landed_later,
    position_of,
    refused_before,
    replace,
    same_content,
    set_batch,
    stream_place,
    tables_fed,
)
from sql.queries.quarantine import CORRECTED, RowKey, correct, corrections, keep_aside, mark_replayed
from sql.store import Store, store_at
from sql.tables import batch_tables, cursors
from tasks.load.changes import INSERTED, SUPERSEDED, UNCHANGED, UPDATED, balance, nothing
from tasks.load.staged import good_rows
from tasks.load.steps.deletions import as_gone, note_sightings
from tasks.load.steps.merging import merge_states
from tasks.load.steps.noting import Cause, note_changes
from tasks.load.steps.states import seen_at
from tasks.load.steps.tables import Loaded, Place, load_table, mark_days, nothing_of

_ASIDE = ("table_name", "file", "row", "row_key", "rule", "reason", "raw")
NOTED = ("n_ambiguous_times", "n_swapped_dates", "n_without_score")


@task(name="load batch", cache_policy=NO_CACHE, persist_result=False)
def load_batch(context: RunContext, batch_id: str) -> dict[str, int]:
    """Publish a validated batch; rows by what became of them.

    Raises:
        BatchRejectedError: validation refused it; its rows are in quarantine, nothing is published.
    """
    folder = context.project.staging / batch_id
    verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    set_aside = pl.concat([pl.read_parquet(folder / f"{name}.parquet") for name in ("set_aside", "quarantined")])
    zone = load_roadmap(context.project.roadmap).zone.key
    store = store_at(context.folder)
    is_rejected = verdict["outcome"] == "rejected"
    with store.transaction(context.run_id) as connection:
        row = _as_staged(connection, batch_id, folder)
        corrected = corrections(connection, [batch_id, *same_content(connection, row)])
        changes = nothing()
        if not is_rejected:
            changes = publish(connection, row, folder, zone, context.as_of)
        _set_aside(connection, row, set_aside, corrected)
        told = json.dumps(verdict, sort_keys=True)
        if is_rejected:
            set_batch(connection, batch_id, state="rejected", verdict=told)
        else:
            set_batch(connection, batch_id, state="published", verdict=told, published_at=datetime.now(UTC))
            _move_cursor(connection, row)
    changes["quarantined"] = set_aside.height
    get_run_logger().info("loaded %s: %s", row["name"], " ".join(f"{k}={v}" for k, v in changes.items()))
    if is_rejected:
        raise BatchRejectedError(verdict["message"])
    return changes


def _as_staged(connection: Connection, batch_id: str, folder: Path) -> dict[str, Any]:
    """The batch, with what staging told of it.

    The fetch may have ended since without another record: then this batch is the last one, as landing has written down.
    """
    told = json.loads((folder / "batch.json").read_text(encoding="utf-8"))
    set_batch(connection, batch_id, n_source=told["n_source"])
    row, through = batch(connection, batch_id), told["complete_through"]
    day = date.fromisoformat(through) if through else day_when_last(told["when_last"], row["complete_through"])
    set_batch(connection, batch_id, complete_through=day)
    return row | {"complete_through": day}


def publish(connection: Connection, row: dict[str, Any], folder: Path, zone: str, known_on: date) -> dict[str, int]:
    """Write every table of a batch that is laid out in a folder, and mark the days it touches; rows by what became.

    Args:
        connection: within the loading transaction.
        row: the batch.
        folder: where staging and validation laid it out.
        zone: the reporting zone, which cuts days.
        known_on: the run's day.
    """
    counts: dict[str, dict[str, int]] = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
    failed = dict(pl.read_parquet(folder / "quarantined.parquet").group_by("table_name").len().iter_rows())
    since = seen_at(row, zone)
    place = Place(row["batch_id"], same_content(connection, row), landed_later(connection, row), since, zone)
    mended = merge_states(connection, folder, place)
    loaded: dict[str, Loaded] = {}
    good: dict[str, pl.Series] = {}
    for name in dict.fromkeys([*counts, *tables_fed(connection, place.older)]):
        # a mended mapping may feed a table no more
        rows = good_rows(folder, name) if name in counts else nothing_of(name)
        if name in counts:
            good[name] = rows[FACT_TABLES[name].key]
        loaded[name] = load_table(connection, name, as_gone(connection, row, name, rows), place, mended.get(name))
    sums = nothing() | {CORRECTED: correct(connection, row, place.older, good)}
    replace(connection, [*place.older, *refused_before(connection, row)])
    for name, count in counts.items():
        found = loaded[name].found
        _count(connection, row["batch_id"], name, count, found, failed.get(name, 0))
        for change in nothing():
            sums[change] += found.get(change, 0)
    mark_days(connection, loaded, zone)
    is_again = bool(place.older) or row["published_at"] is not None
    cause = Cause(row["batch_id"], row["source"], "read again" if is_again else "came", known_on)
    note_changes(connection, loaded, cause, zone)
    note_sightings(connection, row, folder, zone, cause)
    return sums


def _move_cursor(connection: Connection, row: dict[str, Any]) -> None:
    """Say how far the stream is read now; rows and cursor commit together.

    Files stand alone: the source is complete as far as any of them says. A fetch goes on where the one before
    ended: it is complete as far as there is no gap.
    """
    source, stream = row["source"], row["stream"]
    if row["position"] is None:
        held = position_of(connection, source)
        position, through = held["position"], held["complete_through"]
    else:
        place = stream_place(connection, source, stream)
        position, through = place.position, place.complete_through
    if position is not None and (through is not None or row["position"] is not None):
        cursor = {"source": source, "stream": stream, "position": position, "complete_through": through}
        Store.put(connection, cursors, [cursor])


def _count(
    connection: Connection, batch_id: str, name: str, count: dict[str, int], found: dict[str, int], n_failed: int
) -> None:
    """Write a table's counts, having checked that every row is accounted for."""
    counts = {
        "n_source": count["n_source"], "n_left_out": count["n_left_out"], "n_unreadable": count["n_unreadable"],
        "n_mapped": count["n_mapped"], "n_inserted": found.get(INSERTED, 0), "n_updated": found.get(UPDATED, 0),
        "n_unchanged": found.get(UNCHANGED, 0), "n_superseded": found.get(SUPERSEDED, 0) + count["n_superseded"],
        "n_quarantined": n_failed + count["n_duplicates"],
    }  # fmt: skip
    wrong = balance(counts)
    if wrong:
        raise CxLoopError(
            f"batch {batch_id}, {name}: rows would be lost: {wrong}. Nothing was written; please report this."
        )
    row = {"batch_id": batch_id, "table_name": name, **counts, **{n: count[n] for n in NOTED}}
    Store.put(connection, batch_tables, [row])


def _set_aside(
    connection: Connection, row: dict[str, Any], set_aside: pl.DataFrame, corrected: dict[RowKey, str]
) -> None:
    """Keep what was set aside; what a later batch had corrected before stays corrected."""
    rows = [
        {
            "quarantine_id": _id(row["batch_id"], r["table_name"], r["file"], r["row"], r["rule"], position),
            "batch_id": row["batch_id"], "source": row["source"], **r,
        }
        for position, r in enumerate(set_aside.select(_ASIDE).to_dicts())
    ]  # fmt: skip
    mark_replayed(connection, [row["batch_id"]])
    keep_aside(connection, rows, corrected)


def _id(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:24]
