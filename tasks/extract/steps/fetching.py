"""Fetch what is new of one stream of an interface or a warehouse, page by page, into the landing zone.

Each page lands with the place where to go on, so that a run cut off at page 900 goes on at 901. Pages are
gathered into batches, which are validated and published like files.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Any, Final
from zoneinfo import ZoneInfo

from prefect import get_run_logger

from domain.arrived import Came
from domain.context import RunContext
from domain.errors import ConfigError, CxLoopError
from domain.following import is_compared, key_columns, keys_streams, stream_of
from domain.roadmap import load_roadmap
from domain.settings import named_values
from domain.source_specs import Interface, SourceSpec, Warehouse
from sql.queries.intake import (
    batches_of,
    fetch_of,
    known_batch,
    mappings_held,
    set_batch,
    stream_place,
    unpublished_batches,
)
from sql.queries.intake import replace as count_no_more
from sql.store import Store, store_at
from sql.tables import batches, gaps
from tasks.extract.beginning import are_keys_due, pages_from, rows_from
from tasks.extract.catalog import (
    CONNECTORS,
    address_of,
    allowed,
    check,
    secret_variables,
    secrets_from,
    with_defaults,
    without_members,
)
from tasks.extract.gaps import missed
from tasks.extract.steps.calls import StoredBook
from tasks.extract.steps.declared import again, batch_of
from tasks.extract.steps.gathering import Gathering, Piece
from tasks.extract.versions import read_otherwise
from wire.allowance import DaySpentError
from wire.blocks import with_blocks
from wire.http import Caller
from wire.pages import fetch
from wire.progress import Progress
from wire.quota import shared_spacing
from wire.warehouse import read_stream

TOLD_EVERY_S: Final = 10


def stream_names(spec: SourceSpec) -> list[str]:
    """The streams that sources.yaml asks for, in the order they are read.

    Raises:
        SourcesError: the connector has no such stream or option.
    """
    if isinstance(spec.reads, Warehouse):
        return [*spec.reads.streams, *keys_streams(spec.reads)]
    check(spec)
    wanted = spec.reads.streams if isinstance(spec.reads, Interface) else ()
    return [stream.name for stream in CONNECTORS[spec.kind].streams if not wanted or stream.name in wanted]


def fetch_stream(
    context: RunContext, spec: SourceSpec, stream: str, since: date | None, told: Callable[[Came], None]
) -> int:
    """Land what is new of one stream; how many batches came of it.

    Args:
        context: the run.
        spec: the source.
        stream: the stream's name.
        since: begin anew with what changed on this day, or earlier, where the last whole fetch ended before it;
            None: where the last fetch stopped.
        told: hears what has come after each page with records; its batches may be published at once.

    Raises:
        SourceUnavailableError: it did not answer; what came before is kept, and is in a batch.
        SourceChangedError: it no longer looks as it should; likewise.
        ConfigError: a secret or setting is missing or refused.
    """
    _take_up(context, spec, stream)
    with store_at(context.folder).reading() as connection:
        kept = fetch_of(connection, spec.name, stream)
        held = mappings_held(connection, spec.name, [stream])
    if older := read_otherwise(spec, held):
        get_run_logger().warning("%s: %s", stream, older)
    _note_gap(context, spec, stream, kept)
    work = Gathering(context, spec, stream, kept)
    if (option := without_members(spec, stream)) is not None:
        get_run_logger().info("%s %s: options: %s names none, so there is nothing to read", spec.name, stream, option)
        return work.rest() if kept else 0
    n_records = 0
    try:
        for piece in _pieces(context, spec, stream, work.position, since):
            work.keep(piece)
            n_records += piece.n_records
            if piece.n_records:
                told(Came(work.n_batches, n_records, piece.is_last))
    except DaySpentError as spent:
        get_run_logger().warning("%s %s: %s", spec.name, stream, spent)
        work.cut(is_last=False)
        return work.n_batches
    except CxLoopError:
        work.cut(is_last=False)  # what came before is published
        raise
    work.cut(is_last=False)
    if since is not None and work.is_whole:
        _let_go(context, spec, stream, kept, since)
    if work.has_come and not work.is_whole:
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
            count_no_more(connection, refused)


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
        for row in unpublished_batches(connection, spec.name, stream):
            batch_id = batch_of(spec, row["sha256"])
            known = known_batch(connection, batch_id)
            if known is None:
                Store.put(connection, batches, [again(row, batch_id, spec)])
            elif known["state"] != "published":
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
    url = with_blocks(named_values(context.project), [warehouse.database]).get(warehouse.database)
    if not url:
        raise ConfigError(
            f"{spec.name}: {warehouse.database} is not set. Set it to the database's URL, in the environment or in "
            "the project's .env."
        )
    ours = [context.project.home / "cxloop.db"]
    query, columns = warehouse.streams.get(stream), list[str]()
    if query is None:
        of = stream_of(stream, warehouse.streams)
        if not are_keys_due(position, warehouse.follows[of], datetime.now(UTC)):
            return
        query, columns = replace(warehouse.streams[of], changed_at=None), key_columns(warehouse, spec.tables, of)
    yield from read_stream(
        url, query, position, schema=warehouse.schema, zone=ZoneInfo(spec.zone), ours=ours, columns=columns,
        is_compared=is_compared(warehouse, stream),
    )  # fmt: skip


def _pages(
    context: RunContext, spec: SourceSpec, stream: str, position: dict[str, Any] | None, since: date | None
) -> Iterator[Piece]:
    project = context.project
    if not isinstance(spec.reads, Interface):
        raise TypeError(spec.kind)
    connector = allowed(CONNECTORS[spec.kind], spec.reads)
    named = with_blocks(named_values(project), secret_variables(connector, spec.reads).values())
    secrets = secrets_from(connector, spec.reads, named, spec.name)
    options = with_defaults(connector, spec.reads.options)
    zone = load_roadmap(project.roadmap).zone
    first = since if position is None and since else spec.reads.start
    start = datetime.combine(first, time(), zone) if first else None
    address = spec.with_variables(address_of(connector, spec.reads), named, "address", "to its value")
    variables = secret_variables(connector, spec.reads)
    spacing = shared_spacing(f"{project.root}:{spec.name}", spec.reads.quota, zone.key)
    hidden = spec.variables_in(spec.reads.address, named)
    book = StoredBook(context, spec.name)
    with Caller(connector, address, secrets, variables=variables, spacing=spacing, hidden=hidden, book=book) as caller:
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
