"""Map a landed batch and write its tables for the next steps; in whatever process."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from domain.arrived import AS_LANDED
from domain.connectors import Connector
from domain.errors import ConfigError
from domain.following import shown_mappings, stream_of
from domain.project import Project
from domain.roadmap import load_roadmap
from domain.source_specs import Files, SourceSpec, Warehouse
from domain.windows import day_of
from tasks.extract.catalog import with_defaults
from tasks.extract.interface_rows import gathered, mappings_of, unknown_extras, with_extras
from tasks.extract.parse import parse
from tasks.extract.parsed import joined
from tasks.extract.sightings import covered_tables, rows_shown, sightings_in
from tasks.extract.stage import Staged, staged
from tasks.extract.warehouse_rows import parse_pages
from tasks.extract.watermark import complete_through
from wire.containers import page_of
from wire.files import unwrapped
from wire.landing import Landing


@dataclass(frozen=True)
class Laid:
    """What was written.

    Attributes:
        n_source: rows in the batch.
        n_set_aside: those of them that could not be read.
        unknown: (table, extra) that sources.yaml reads and no row has.
    """

    n_source: int
    n_set_aside: int
    unknown: list[tuple[str, str]]


def lay(project: Project, spec: SourceSpec, connector: Connector | None, row: dict[str, Any], secret: str) -> Laid:
    """Map a batch and write its tables into its folder under the project's staging folder.

    Args:
        project: it lies there.
        spec: its source.
        connector: that read it; None: files, or a warehouse.
        row: the batch, as the table `batches` has it.
        secret: mixed into pseudonyms.

    Raises:
        SourceChangedError: it no longer looks as the mapping says.
        ConfigError: the folder cannot be written.
    """
    laid = _staged(project, spec, connector, row, secret)
    through, when_last = _through(project, spec, row, laid), _when_last(project, spec, row, laid)
    lay_out(laid, through, project.staging / row["batch_id"], when_last)
    return Laid(laid.n_source, laid.set_aside.height, laid.unknown)


def _staged(
    project: Project, spec: SourceSpec, connector: Connector | None, row: dict[str, Any], secret: str
) -> Staged:
    """A batch's rows, by the kind of its source."""
    landing = Landing(project.landing)
    content = landing.get(row["sha256"])
    if isinstance(spec.reads, Files):
        files = unwrapped(row["name"], content, spec.reads.member)
        whole = joined([parse(content, name, spec.reads) for name, content in files])
        return staged({"": whole}, spec.tables, spec, secret)
    pages = (landing.get(sha) for sha in json.loads(content)["pages"])
    if isinstance(spec.reads, Warehouse):
        return _staged_rows(spec, spec.reads, row["stream"], pages, secret)
    if connector is None:
        raise TypeError(spec.kind)
    options = with_defaults(connector, spec.reads.options)
    stream = connector.stream(row["stream"])
    read = gathered((page_of(page) for page in pages), stream, options)
    shown = sightings_in(read, connector, stream, options, spec, secret)
    if stream.covers is not None and stream.covers.of:  # keys alone: there is nothing to publish
        keys = joined(list(read.values()))
        return Staged(keys.frame, keys.n_source, sightings=shown)
    mappings = mappings_of(read, spec.tables)
    laid = staged(with_extras(read, spec.tables), mappings, spec, secret)
    laid.unknown = unknown_extras(read, spec.tables)
    return replace(laid, sightings=shown) if covered_tables(connector, stream) else laid


def _staged_rows(spec: SourceSpec, reads: Warehouse, name: str, pages: Iterable[bytes], secret: str) -> Staged:
    """A warehouse's rows, or the keys of rows alone."""
    stream = stream_of(name, reads.streams)
    shown = shown_mappings(reads, spec.tables, stream)
    if name != stream:  # keys alone: there is nothing to publish
        keys = parse_pages(pages, name)
        return Staged(keys.frame, keys.n_source, sightings=rows_shown(keys, stream, spec, shown, secret))
    read = parse_pages(pages, name, reads.streams[name].may_lack)
    laid = staged({name: read}, [one for one in spec.tables if one.stream == name], spec, secret)
    return replace(laid, sightings=rows_shown(read, name, spec, shown, secret)) if shown else laid


def _through(project: Project, spec: SourceSpec, row: dict[str, Any], laid: Staged) -> date | None:
    """The last day it is complete for; in the middle of a long fetch nothing is complete yet."""
    if row["position"] is not None and (spec.complete_through.kind == "arrival" or not _is_last(row)):
        return row["complete_through"]
    return _told(project, spec, row, laid)


def _when_last(project: Project, spec: SourceSpec, row: dict[str, Any], laid: Staged) -> str | None:
    """The last day it is complete for if nothing comes after it: a batch of a fetch may turn out to be the last one."""
    if row["position"] is None or spec.complete_through.kind == "arrival":
        return AS_LANDED
    through = _told(project, spec, row, laid)
    return through.isoformat() if through else None


def _told(project: Project, spec: SourceSpec, row: dict[str, Any], laid: Staged) -> date | None:
    zone = load_roadmap(project.roadmap).zone
    arrived = day_of(row["landed_at"] or datetime.now(UTC), zone)
    return complete_through(spec, laid.mapped, [row["name"]], arrived, zone)


def _is_last(row: dict[str, Any]) -> bool:
    return row["complete_through"] is not None


def lay_out(laid: Staged, through: date | None, folder: Path, when_last: str | None = AS_LANDED) -> None:
    """Write a batch's tables for the next steps, and the day it is complete through; made again whenever staged."""
    told = {
        "n_source": laid.n_source, "complete_through": through.isoformat() if through else None, "when_last": when_last
    }  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in laid.tables.items():
            rows.write_parquet(folder / f"{name}.parquet", compression="lz4")
        if laid.states:
            pl.concat(laid.states).write_parquet(folder / "ticket_states.parquet", compression="lz4")
        laid.raw.write_parquet(folder / "raw.parquet", compression="lz4")
        laid.set_aside.write_parquet(folder / "set_aside.parquet")
        if laid.sightings is not None:
            laid.sightings.write_parquet(folder / "sightings.parquet", compression="lz4")
        (folder / "batch.json").write_text(json.dumps(told), encoding="utf-8")
        (folder / "counts.json").write_text(json.dumps(laid.counts, sort_keys=True), encoding="utf-8")
    except (OSError, pl.exceptions.ComputeError) as error:
        raise ConfigError(
            f"{folder}: the rows of a batch cannot be laid out ({error}). Free some space, or give this user the "
            "right to write there, then run again: nothing is lost."
        ) from None
