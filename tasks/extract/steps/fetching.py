"""Fetch what is new of one stream of an interface or a warehouse, page by page, into the landing zone.

Each page lands with the place where to go on, so that a run cut off at page 900 goes on at 901. Pages are
gathered into batches, which are validated and published like files.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Any, Final
from zoneinfo import ZoneInfo

from prefect import get_run_logger
from sqlalchemy import Connection

from domain.context import RunContext
from domain.errors import ConfigError, CxLoopError
from domain.roadmap import load_roadmap
from domain.settings import named_values
from domain.source_specs import Interface, SourceSpec, Warehouse
from domain.windows import day_of
from sql.queries.intake import batches_of, fetch_of, fields_of, replace, set_batch, stream_place
from sql.store import Store, store_at
from sql.tables import batches, cursors, fetches, gaps, source_fields
from tasks.extract.beginning import pages_from, rows_from
from tasks.extract.catalog import CONNECTORS, address_of, check, secret_variables, secrets_from, with_defaults
from tasks.extract.gaps import missed
from tasks.extract.steps.declared import again, batch_of
from wire.http import Caller
from wire.landing import Landing
from wire.pages import Fetched, fetch
from wire.progress import Progress
from wire.quota import shared_spacing
from wire.sweeps import through_of
from wire.warehouse import FetchedRows, read_stream

RECORDS: Final = 50_000
BYTES: Final = 1 << 26
"""A batch is cut at this many records or bytes: large enough to validate fast, small enough to hold in memory."""


TOLD_EVERY_S: Final = 10
Piece = Fetched | FetchedRows


def stream_names(spec: SourceSpec) -> list[str]:
    """The streams that sources.yaml asks for, in the order they are read.

    Raises:
        SourcesError: the connector has no such stream or option.
    """
    if isinstance(spec.reads, Warehouse):
        return list(spec.reads.streams)
    check(spec)
    wanted = spec.reads.streams if isinstance(spec.reads, Interface) else ()
    return [stream.name for stream in CONNECTORS[spec.kind].streams if not wanted or stream.name in wanted]


def fetch_stream(context: RunContext, spec: SourceSpec, stream: str, since: date | None = None) -> int:
    """Land what is new of one stream; how many batches came of it.

    Args:
        context: the run.
        spec: the source.
        stream: the stream's name.
        since: begin anew with what changed on this day, or earlier, where the last whole fetch ended before it;
            None: where the last fetch stopped.

    Raises:
        SourceUnavailableError: it did not answer; what came before is kept, and is in a batch.
        SourceChangedError: it no longer looks as it should; likewise.
        ConfigError: a secret or setting is missing or refused.
    """
    _take_up(context, spec, stream)
    with store_at(context.folder).reading() as connection:
        kept = fetch_of(connection, spec.name, stream)
    _note_gap(context, spec, stream, kept)
    work = _Work(context, spec, stream, kept)
    try:
        for piece in _pieces(context, spec, stream, work.position, since):
            work.keep(piece)
    except CxLoopError:
        work.cut(is_last=False)  # what came before is published
        raise
    work.cut(is_last=False)
    if since is not None and work.is_whole:
        _let_go(context, spec, stream, kept, since)
    if not work.is_whole:
        get_run_logger().warning("%s %s: not read to its end yet; the next run goes on there", spec.name, stream)
    return work.n_batches


def _let_go(context: RunContext, spec: SourceSpec, stream: str, kept: dict[str, Any] | None, since: date) -> None:
    """Refused batches count no more when all that they brought has been fetched again."""
    if not isinstance(spec.reads, Interface):
        return
    begun = pages_from(json.loads(kept["position"]) if kept else None, since) or spec.reads.start
    with store_at(context.folder).transaction(context.run_id) as connection:
        before = [row for row in batches_of(connection, spec.name) if row["stream"] == stream]
        refused = [row["batch_id"] for row in before if row["verdict"] is not None and row["published_at"] is None]
        place = stream_place(connection, spec.name, stream)
        read_to = pages_from(json.loads(place.position), date.max) if place.position else spec.reads.start
        if refused and (begun is None or (read_to is not None and begun <= read_to)):
            replace(connection, refused)


def _note_gap(context: RunContext, spec: SourceSpec, stream: str, kept: dict[str, Any] | None) -> None:
    """Write down the days that the vendor shows no more; while it does not answer, they become more."""
    connector = CONNECTORS.get(spec.kind)
    if connector is None or connector.keeps is None or kept is None:
        return
    gap = missed(kept["whole_at"], datetime.now(UTC), connector.keeps, load_roadmap(context.project.roadmap).zone)
    if gap is None:
        return
    days = connector.keeps / timedelta(days=1)
    row = {"source": spec.name, "stream": stream, **asdict(gap), "keeps_days": days}
    with store_at(context.folder).transaction(context.run_id) as connection:
        Store.put(connection, gaps, [row])
    get_run_logger().warning("%s %s: %s to %s are missed, it shows %g days", spec.name, stream, gap.first_day,
                             gap.last_day, days)  # fmt: skip


def _take_up(context: RunContext, spec: SourceSpec, stream: str) -> None:
    """Batches that could not be published are tried again, with the mapping as it is now."""
    with store_at(context.folder).transaction(context.run_id) as connection:
        known = {row["batch_id"]: row for row in batches_of(connection, spec.name)}
        for row in known.values():
            if row["stream"] != stream or row["state"] in ("published", "replaced"):
                continue
            batch_id = batch_of(spec, row["sha256"])
            if batch_id not in known:
                Store.put(connection, batches, [again(row, batch_id, spec)])
            elif known[batch_id]["state"] != "published":
                set_batch(connection, batch_id, state="landed")


def _pieces(
    context: RunContext, spec: SourceSpec, stream: str, position: dict[str, Any] | None, since: date | None
) -> Iterator[Piece]:
    if isinstance(spec.reads, Warehouse):
        return _rows(context, spec, spec.reads, stream, rows_from(position, since))
    return _pages(context, spec, stream, None if since else position, pages_from(position, since))


def _rows(
    context: RunContext, spec: SourceSpec, warehouse: Warehouse, stream: str, position: Mapping[str, Any] | None
) -> Iterator[Piece]:
    url = named_values(context.project).get(warehouse.database)
    if not url:
        raise ConfigError(
            f"{spec.name}: {warehouse.database} is not set. Set it to the database's URL, in the environment or in "
            "the project's .env."
        )
    ours = [context.project.home / "cxloop.db"]
    yield from read_stream(
        url, warehouse.streams[stream], position, schema=warehouse.schema, zone=ZoneInfo(spec.zone), ours=ours
    )


def _pages(
    context: RunContext, spec: SourceSpec, stream: str, position: dict[str, Any] | None, since: date | None
) -> Iterator[Piece]:
    project = context.project
    if not isinstance(spec.reads, Interface):
        raise TypeError(spec.kind)
    connector = CONNECTORS[spec.kind]
    named = named_values(project)
    secrets = secrets_from(connector, spec.reads, named, spec.name)
    options = with_defaults(connector, spec.reads.options)
    zone = load_roadmap(project.roadmap).zone
    first = since if position is None and since else spec.reads.start
    start = datetime.combine(first, time(), zone) if first else None
    address = spec.with_variables(address_of(connector, spec.reads), named, "address", "to its value")
    variables = secret_variables(connector, spec.reads)
    spacing = shared_spacing(f"{project.root}:{spec.name}", spec.reads.quota, zone.key)
    hidden = spec.variables_in(spec.reads.address, named)
    with Caller(connector, address, secrets, variables=variables, spacing=spacing, hidden=hidden) as caller:
        yield from fetch(
            caller, connector.stream(stream), position, start=start, options=options, now=datetime.now(UTC),
            deadline=connector.deadline, told=_now_and_then(f"{spec.name} {stream}"),
        )  # fmt: skip


def _now_and_then(what: str) -> Callable[[Progress], None]:
    """Logs how far a fetch is, every ten seconds."""
    log, last = get_run_logger(), monotonic()

    def told(progress: Progress) -> None:
        nonlocal last
        if monotonic() - last >= TOLD_EVERY_S:
            last = monotonic()
            log.info("%s: %s", what, progress)

    return told


class _Work:
    """One fetch under way: pages that have landed, and the batches they become."""

    def __init__(self, context: RunContext, spec: SourceSpec, stream: str, kept: dict[str, Any] | None) -> None:
        self._context, self._spec, self._stream = context, spec, stream
        self._store, self._landing = store_at(context.folder), Landing(context.project.landing)
        self._pages: list[str] = json.loads(kept["pages"]) if kept else []
        self._n_records: int = kept["n_records"] if kept else 0
        self.position: dict[str, Any] | None = json.loads(kept["position"]) if kept else None
        self._began = datetime.now(UTC)
        self._n_bytes = 0
        self.is_whole = False
        self._whole_at: datetime | None = kept["whole_at"] if kept else None
        self._new_words: Counter[tuple[str, str]] = Counter()
        self._fields: set[str] = set()
        self.n_batches = 0

    def keep(self, piece: Piece) -> None:
        """Land one page, and with it where to go on; a full batch is cut."""
        if piece.n_records:
            self._pages.append(self._landing.put(piece.content))
            self._n_bytes += len(piece.content)
        self._n_records += piece.n_records
        self.is_whole = piece.is_last
        self.position = dict(piece.position)
        if isinstance(piece, Fetched):
            self._new_words += piece.new_words
            self._fields |= piece.seen_fields
        if self._n_records >= RECORDS or self._n_bytes >= BYTES or piece.is_last:
            self.cut(is_last=piece.is_last)
        else:
            with self._store.transaction(self._context.run_id) as connection:
                Store.put(connection, fetches, [self._row()])

    def cut(self, *, is_last: bool) -> None:
        """Make a batch of the pages so far; with the last one the stream is complete through yesterday."""
        if not self._pages and not is_last:
            return
        through = self._through() if is_last else None
        self._whole_at = self._read_at() if is_last else self._whole_at
        batch = self._batch(through) if self._pages else None
        self._pages, self._n_records, self._n_bytes = [], 0, 0
        with self._store.transaction(self._context.run_id) as connection:
            before = stream_place(connection, self._spec.name, self._stream)
            if batch is not None:
                self._note(connection, batch)
                self.n_batches += self._put(connection, batch, before.last)
            Store.put(connection, fetches, [self._row()])
            place = stream_place(connection, self._spec.name, self._stream)
            if is_last and place.is_whole and self._spec.complete_through.kind == "arrival":
                # nothing new came: that, too, is known now
                row = {"position": json.dumps(self.position), "complete_through": through}
                Store.put(connection, cursors, [{"source": self._spec.name, "stream": self._stream, **row}])

    def _put(self, connection: Connection, batch: dict[str, Any], last: str | None) -> int:
        """Write a batch down; 1 if it is to be published, 0 if just this came last time, too."""
        known = {row["batch_id"]: row for row in batches_of(connection, self._spec.name)}.get(batch["batch_id"])
        if known is not None and known["state"] == "published" and known["batch_id"] == last:
            set_batch(connection, batch["batch_id"], position=batch["position"])
            return 0
        Store.put(connection, batches, [batch])  # what came earlier already has come again, and is the latest now
        return 1

    def _note(self, connection: Connection, batch: dict[str, Any]) -> None:
        """Remember fields that the stream has not shown before; after the first batch they are news."""
        source, stream = self._spec.name, self._stream
        known = fields_of(connection, source, stream)
        new = sorted(self._fields - known)
        rows = [{"source": source, "stream": stream, "field": name, "batch_id": batch["batch_id"]} for name in new]
        Store.put(connection, source_fields, rows)
        words = [{"field": field, "word": word, "n": n} for (field, word), n in sorted(self._new_words.items())]
        notes = {"new_words": words} if words else {}
        notes |= {"new_fields": new} if new and known else {}
        batch["notes"] = json.dumps(notes, sort_keys=True, ensure_ascii=False) if notes else None
        for each in words:
            get_run_logger().warning("%s %s: %s has %d rows with the unknown word %r", source, stream, each["field"],
                                     each["n"], each["word"])  # fmt: skip
        self._new_words, self._fields = Counter(), set()

    def _read_at(self) -> datetime:
        """Until when everything has been seen: of a fetch over several runs, when the first began."""
        return (through_of(self.position) if self._spec.kind in CONNECTORS else None) or self._began

    def _through(self) -> Any:
        connector = CONNECTORS.get(self._spec.kind)
        seen = self._read_at() - (connector.delay if connector else timedelta())
        return day_of(seen, load_roadmap(self._context.project.roadmap).zone) - timedelta(days=1)

    def _row(self) -> dict[str, Any]:
        return {
            "source": self._spec.name, "stream": self._stream, "position": json.dumps(self.position),
            "pages": json.dumps(self._pages), "n_records": self._n_records, "whole_at": self._whole_at,
        }  # fmt: skip

    def _batch(self, through: Any) -> dict[str, Any]:
        position = json.dumps(self.position)
        content = json.dumps({"stream": self._stream, "pages": self._pages}, sort_keys=True)
        sha256 = self._landing.put(content.encode())
        batch_id = batch_of(self._spec, sha256)
        return {
            "batch_id": batch_id, "source": self._spec.name, "stream": self._stream, "name": self._stream,
            "sha256": sha256, "mapping": self._spec.mapping_version, "n_bytes": len(content), "state": "landed",
            "verdict": None, "position": position, "complete_through": through, "n_source": None, "notes": None,
            "landed_at": datetime.now(UTC), "published_at": None,
        }  # fmt: skip
