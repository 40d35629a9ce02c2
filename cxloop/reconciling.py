"""Our figures and a vendor's export, read and set beside each other."""

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from cxloop.cli.place import Place
from domain.calendars import Calendar
from domain.errors import ConfigError, SourceChangedError
from domain.roadmap import Roadmap, load_roadmap
from domain.roadmap.schedules import schedules_of
from domain.sources import SourceSpec, load_sources
from domain.windows import start_of
from domain.written import did_you_mean
from tasks.extract.delimited import parse_delimited
from tasks.extract.instants import to_instants
from tasks.extract.parsed import FILE, ROW
from tasks.measure.contacts.tickets import turns
from tasks.reconcile.comparing import Compared, compared
from tasks.reconcile.export import Export, instant_of, read_export
from tasks.reconcile.matching import cover_of
from tasks.reconcile.ours import Ours, ours_of
from tasks.reconcile.periods import By, Figure, figures_of
from tasks.reconcile.reading import Theirs, theirs_of
from tasks.reconcile.summary import summarised

if TYPE_CHECKING:
    from sql.queries.reconcile import Held

SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Asked:
    """What the command was asked.

    Attributes:
        source: its name in sources.yaml.
        file: the vendor's export.
        layout: the YAML that says how it is written; None: where it is looked for.
        columns: field to column.
        said: what options said of the export.
        exported_at: when it was exported, as people write it, in its zone; None: not said.
        by: length of a period.
        first, last: days of contact that the export covers; None: those it shows.
        is_selection: the export holds only some tickets of these days.
    """

    source: str
    file: Path
    layout: Path | None
    columns: Mapping[str, str]
    said: Mapping[str, Any]
    exported_at: str | None
    by: By
    first: date | None
    last: date | None
    is_selection: bool


@dataclass(frozen=True)
class Reconciled:
    """What came out; `compared` and `figures` of an export by ticket alone."""

    export: Export
    pairs: Mapping[str, pl.DataFrame]
    notes: tuple[str, ...]
    compared: Compared | None
    figures: list[Figure]


def reconciled(here: Place, asked: Asked) -> Reconciled:
    """Read both sides and compare them.

    Raises:
        ConfigError: the source or the file is not there or cannot be read, a column is not in it, a value is none.
    """
    roadmap = load_roadmap(here.project.roadmap)
    spec = _declared(here, asked.source)
    texts, notes = _texts(asked.file)
    export = _export(here, asked, spec)
    calendars = schedules_of(roadmap.calendars)
    export = _with_hours(export, calendars)
    theirs = theirs_of(texts, export, asked.file.name, _instants)
    held = _held(here, asked.source)
    ours = _ours(held, asked.source, export, roadmap)
    notes = (*notes, *theirs.notes, *_about_rows_left_out(held))
    zones = (roadmap.zone.key, spec.zone, export.zone)
    if "period" in theirs.fields:
        return _of_summary(theirs, ours, export, asked, roadmap, calendars, notes)
    cover = cover_of(theirs, export.zone, asked.first, asked.last, is_selection=asked.is_selection)
    found = compared(theirs, ours, export, cover, calendars, zones)
    return Reconciled(export, found.pairs, notes, found, figures_of(found, export, asked.by, roadmap.zone.key))


def _of_summary(
    theirs: Theirs, ours: Ours, export: Export, asked: Asked, roadmap: Roadmap, calendars: Mapping[str, Calendar],
    notes: tuple[str, ...],
) -> Reconciled:  # fmt: skip
    pairs = summarised(theirs, ours, export, asked.by, roadmap.zone.key, calendars, (export.zone,))
    if not pairs:
        raise ConfigError(
            f"{asked.file.name}: no column is a figure that can be compared by period. Say which: "
            "--column tickets=NAME, --column first_reply=NAME or --column resolution=NAME."
        )
    return Reconciled(export, pairs, notes, None, [])


def _declared(here: Place, source: str) -> SourceSpec:
    specs = {spec.name: spec for spec in load_sources(here.project.sources)}
    if source not in specs:
        near = did_you_mean(source, specs)
        raise ConfigError(f"sources.yaml declares no source {source!r}.{near} It has: {', '.join(specs)}.")
    return specs[source]


def _texts(file: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The rows of a CSV file, packed or not, as texts; what of it could not be read."""
    try:
        content = file.read_bytes()
        content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such file. Export the report as CSV, and name it here.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError(f"{file}: cannot be read ({error}). Export it again.") from None
    header = content.split(b"\n", 1)[0]
    separator = max(SEPARATORS, key=lambda each: header.count(each.encode()))
    try:
        parsed = parse_delimited(content, file.name, separator=separator, encoding="utf-8")
    except SourceChangedError as error:
        raise ConfigError(str(error)) from None
    n_aside = parsed.set_aside.height
    notes = (f"{n_aside} rows of the file cannot be read and are left out",) if n_aside else ()
    return parsed.frame.drop(FILE, ROW), notes


def _export(here: Place, asked: Asked, spec: SourceSpec) -> Export:
    """How it is written: the source's own zone and formats, then the layout, then options."""
    when = datetime.fromtimestamp(asked.file.stat().st_mtime, UTC)
    export = Export(zone=spec.zone, dates=spec.dates, exported_at=when)
    layout = asked.layout or next((path for path in _layouts(here, asked) if path.is_file()), None)
    if layout is not None:
        try:
            text = layout.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{layout}: cannot be read ({error}).") from None
        export = read_export(text, layout.name, export)
    export = export.over(asked.columns, **asked.said)
    try:
        return (
            export
            if asked.exported_at is None
            else export.over({}, exported_at=instant_of(asked.exported_at, export.zone))
        )
    except ValueError:
        raise ConfigError(f"--exported-at '{asked.exported_at}': expected a time as 2026-03-16T08:00.") from None


def _layouts(here: Place, asked: Asked) -> tuple[Path, ...]:
    """Beside the file, then in the project."""
    stem = asked.file.name.removesuffix(".gz").removesuffix(".csv")
    return (asked.file.with_name(f"{stem}.yaml"), here.project.root / "reconcile" / f"{asked.source}.yaml")


def _with_hours(export: Export, calendars: Mapping[str, Calendar]) -> Export:
    """With the calendar that `time: business` means."""
    known = ", ".join(calendars) or "none"
    if export.hours is not None and export.hours not in calendars:
        near = did_you_mean(export.hours, calendars)
        raise ConfigError(f"roadmap.yaml has no calendar '{export.hours}'.{near} Its calendars: {known}.")
    if export.time == "calendar" or export.hours is not None:
        return export
    if len(calendars) != 1:
        raise ConfigError(
            f"their durations are said to be business time: of which calendar? Say --hours. Known: {known}."
        )
    return replace(export, hours=next(iter(calendars)))


def _instants(texts: pl.Series, zone: str, dates: tuple[str, ...]) -> tuple[pl.Series, pl.Series]:
    read = to_instants(texts, zone, dates)
    return read.values, read.nonexistent


def _held(here: Place, source: str) -> "Held":
    from sql.queries.reconcile import held_of

    with here.store.reading() as connection:
        held = held_of(connection, source)
    if held.tickets.is_empty():
        raise ConfigError(f"nothing is held of tickets of {source!r}. Bring them in first: cxloop ingest {source}")
    return held


def _ours(held: "Held", source: str, export: Export, roadmap: Roadmap) -> Ours:
    until = start_of(held.through + timedelta(days=1), roadmap.zone) if held.through else None
    return ours_of(
        held.tickets, held.events, turns(held.tickets, held.events), held.comments, held.answers, held.agents,
        held.set_aside, source, export.exported_at, until,
    )  # fmt: skip


def _about_rows_left_out(held: "Held") -> tuple[str, ...]:
    if not held.n_left_out:
        return ()
    return (f"{held.n_left_out} rows of ours were left out by a `where`: tickets that are only theirs may be those",)
