"""Publish one batch: rows, quarantine, counts, cursor and dirty days commit together, or not at all."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection

from domain.context import RunContext
from domain.errors import BatchRejectedError, CxLoopError
from domain.facts import FACT_TABLES
from domain.roadmap import load_roadmap
from sql.queries.facts import BOOKED_AGAIN, booking, existing, ticket_instants
from sql.queries.intake import batch, set_batch
from sql.store import Store, store_at
from sql.tables import FACTS, batch_tables, cursors, dirty_days, quarantine
from tasks.load.changes import INSERTED, SUPERSEDED, UNCHANGED, UPDATED, balance, classified, days_of, hashed, nothing

NOTED = ("n_ambiguous_times", "n_swapped_dates", "n_without_score")
HELPDESK = ("tickets", "ticket_events")


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
        row = batch(connection, batch_id)
        changes = nothing()
        if not is_rejected:
            changes = _publish(connection, row, folder, zone)
        _quarantine(connection, row, set_aside)
        set_batch(
            connection, batch_id, state="rejected" if is_rejected else "published",
            verdict=json.dumps(verdict, sort_keys=True), published_at=None if is_rejected else datetime.now(UTC),
        )  # fmt: skip
    changes["quarantined"] = set_aside.height
    get_run_logger().info("loaded %s: %s", row["name"], " ".join(f"{k}={v}" for k, v in changes.items()))
    if is_rejected:
        raise BatchRejectedError(verdict["message"])
    return changes


def _publish(connection: Connection, row: dict[str, Any], folder: Path, zone: str) -> dict[str, int]:
    """Write every table of a batch, mark the days it touches, move the cursor."""
    counts: dict[str, dict[str, int]] = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
    failed = dict(pl.read_parquet(folder / "quarantined.parquet").group_by("table_name").len().iter_rows())
    loaded = {
        name: _load_table(connection, name, pl.read_parquet(folder / f"{name}.valid.parquet"), row["batch_id"])
        for name in counts
    }
    sums = nothing()
    for name, table in loaded.items():
        _count(connection, row["batch_id"], name, counts[name], table.found, failed.get(name, 0))
        for change in sums:
            sums[change] += table.found.get(change, 0)
    marks = [
        {"fact": name, "day": day}
        for name, instants in _touched(connection, loaded).items()
        for day in days_of(instants, zone)
    ]
    Store.put(connection, dirty_days, marks, on_conflict="ignore")
    if row["complete_through"] is not None:
        cursor = {"source": row["source"], "stream": "files", "position": row["name"]}
        Store.put(connection, cursors, [{**cursor, "complete_through": row["complete_through"]}])
    return sums


@dataclass(frozen=True)
class _Loaded:
    """One table of a batch, written.

    Attributes:
        found: rows by what became of them.
        changed: rows written. before: those of them that were there, as they were (key and instants).
        is_first: the table was empty before.
    """

    found: dict[str, int]
    changed: pl.DataFrame
    before: pl.DataFrame
    is_first: bool


def _load_table(connection: Connection, name: str, rows: pl.DataFrame, batch_id: str) -> _Loaded:
    fact = FACT_TABLES[name]
    hashes = hashed(rows.select(fact.names))
    there = existing(connection, name, hashes[fact.key])
    marked = classified(hashes, there.rows, fact.key)
    changed = marked.filter(pl.col("change").is_in([INSERTED, UPDATED])).drop("change")
    Store.write(connection, FACTS[name], changed.with_columns(batch_id=pl.lit(batch_id)))
    before = there.rows.join(changed.select(fact.key), on=fact.key, how="semi")
    return _Loaded(dict(marked.group_by("change").len().iter_rows()), changed, before, there.is_first)


def _touched(connection: Connection, loaded: dict[str, _Loaded]) -> dict[str, pl.Series]:
    """By fact table: instants on whose days something must be measured again.

    A ticket is booked on several days, and a change of it, or of one of its events, touches them all.
    """
    days: dict[str, pl.Series] = {}
    for name, table in loaded.items():
        if name not in HELPDESK and not table.changed.is_empty():
            days[name] = _instants([table.before, table.changed], booking(name))
    helpdesk = {name: table for name, table in loaded.items() if name in HELPDESK and not table.changed.is_empty()}
    if not helpdesk:
        return days
    booked = [_instants([t.before, t.changed], booking(name)) for name, t in helpdesk.items() if name == "tickets"]
    booked += [
        t.changed.filter(pl.col("field").is_in(BOOKED_AGAIN))["at"]
        for name, t in helpdesk.items()
        if name == "ticket_events"
    ]
    if "tickets" not in helpdesk or not helpdesk["tickets"].is_first:
        ids = pl.concat([table.changed["ticket_id"] for table in helpdesk.values()]).unique()
        booked.append(ticket_instants(connection, ids))
    days["tickets"] = pl.concat(booked)
    return days


def _instants(frames: list[pl.DataFrame], names: tuple[str, ...]) -> pl.Series:
    """All instants in some columns of some frames."""
    return pl.concat([frame[name] for frame in frames for name in names] or [pl.Series(dtype=pl.Datetime("us", "UTC"))])


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


def _quarantine(connection: Connection, row: dict[str, Any], set_aside: pl.DataFrame) -> None:
    rows = [
        {
            "quarantine_id": _id(row["batch_id"], r["table_name"], r["file"], r["row"], r["rule"], position),
            "batch_id": row["batch_id"], "source": row["source"], **r, "state": "waiting",
        }
        for position, r in enumerate(set_aside.select("table_name", "file", "row", "rule", "reason", "raw").to_dicts())
    ]  # fmt: skip
    Store.put(connection, quarantine, rows)


def _id(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:24]
