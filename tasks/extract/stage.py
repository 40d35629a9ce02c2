"""One batch, from raw rows to the rows of every fact table it feeds, with the count of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from domain.errors import SourcesError
from domain.facts import FACT_TABLES
from domain.source_specs import SourceSpec, TableMapping
from tasks.extract.dedupe import dedupe
from tasks.extract.history import events_of, replay_history
from tasks.extract.mapping import MappedTable, map_table
from tasks.extract.parsed import FILE, ROW, Parsed, joined, set_aside_frame

ASIDE = ("table_name", "file", "row", "rule", "reason", "raw", "row_key")


@dataclass
class Staged:
    """What a batch holds.

    Attributes:
        tables: by fact table: its columns in order, typed, then `_file`, `_row`.
        counts: by fact table: n_source = n_mapped + n_left_out + n_unreadable; of the mapped ones
            n_superseded (older versions, exact duplicates) and n_duplicates (set aside) are not in `tables`.
        states, events: of each mapping with `history`, as `Replayed.states` and `Replayed.ticket_events`.
        set_aside: rows set aside, as ASIDE.
        raw: the rows as they came.
        n_source: rows in the files.
        unknown: (table, extra) that sources.yaml reads and no row has.
        sightings: rows that lists show which do not say what was deleted, see `sightings_in`; None: not of such lists.
    """

    raw: pl.DataFrame
    n_source: int
    mapped: list[MappedTable] = field(default_factory=list[MappedTable])
    tables: dict[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame])
    counts: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    states: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    events: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    set_aside: pl.DataFrame = field(default_factory=lambda: _named(set_aside_frame(), ""))
    unknown: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    sightings: pl.DataFrame | None = None


def staged(read: Mapping[str, Parsed], mappings: Sequence[TableMapping], spec: SourceSpec, secret: str) -> Staged:
    """Map the rows of one batch.

    Args:
        read: rows as they came, by the stream that a mapping reads.
        mappings: how they become facts.
        spec: the source.
        secret: mixed into pseudonyms.

    Raises:
        SourceChangedError: the rows are not what the mapping says.
    """
    whole = next(iter(read.values())) if len(read) == 1 else joined(list(read.values()))
    result = Staged(whole.frame, whole.n_source)
    by_table: dict[str, list[TableMapping]] = {}
    for mapping in mappings:
        by_table.setdefault(mapping.table, []).append(mapping)
    answers_for = dict(read)
    for table, of_table in by_table.items():
        unread = [answers_for.pop(mapping.stream) for mapping in of_table if mapping.stream in answers_for]
        _stage_table(result, table, of_table, _Batch(spec, secret, read, [parsed.set_aside for parsed in unread]))
    if result.states:
        _add_events(result, mappings, spec)
    return result


@dataclass(frozen=True)
class _Batch:
    """What one fact table is made of.

    Attributes:
        unread: rows that could not be read at all; the first table that reads a stream answers for them.
    """

    spec: SourceSpec
    secret: str
    read: Mapping[str, Parsed]
    unread: Sequence[pl.DataFrame]


def _stage_table(result: Staged, table: str, mappings: Sequence[TableMapping], batch: _Batch) -> None:
    parts: list[pl.DataFrame] = []
    count: dict[str, int] = dict.fromkeys(COUNTED, 0)
    aside: list[pl.DataFrame] = []
    for unread in batch.unread:
        aside.append(unread)
        count["n_source"] += unread.height
        count["n_unreadable"] += unread.height
    for mapping in mappings:
        mapped = map_table(batch.read[mapping.stream].frame, batch.spec, mapping, secret=batch.secret)
        result.mapped.append(mapped)
        aside.append(mapped.set_aside)
        for name in FROM_MAPPING:
            count[name] += getattr(mapped, name)
        rows = mapped.rows
        if mapping.history is not None:
            replayed = replay_history(rows, mapping)
            rows = replayed.tickets
            count["n_superseded"] += replayed.n_superseded
            result.states.append(replayed.states)
            result.events.append(replayed.ticket_events)
        parts.append(_once(rows, table, result.raw, count, aside))
    whole = parts[0] if len(parts) == 1 else _once(pl.concat(parts), table, result.raw, count, aside)
    result.tables[table] = whole.select(*FACT_TABLES[table].names, FILE, ROW)
    result.counts[table] = count
    result.set_aside = pl.concat([result.set_aside, *(_named(frame, table) for frame in aside)])


def _once(
    rows: pl.DataFrame, table: str, raw: pl.DataFrame, count: dict[str, int], aside: list[pl.DataFrame]
) -> pl.DataFrame:
    """Each key once; adds to the counts and to what is set aside."""
    deduped = dedupe(rows, table, raw)
    count["n_superseded"] += deduped.n_superseded
    count["n_duplicates"] += deduped.set_aside.height
    aside.append(deduped.set_aside)
    return deduped.rows


FROM_MAPPING = (
    "n_source", "n_left_out", "n_unreadable", "n_mapped", "n_ambiguous_times", "n_swapped_dates", "n_without_score",
)  # fmt: skip
COUNTED: tuple[str, ...] = (*FROM_MAPPING, "n_superseded", "n_duplicates")


def _add_events(result: Staged, mappings: Sequence[TableMapping], spec: SourceSpec) -> None:
    """The events that histories give, each a row of its own, beside those that are mapped."""
    made = result.events[0] if len(result.events) == 1 else events_of(pl.concat(result.states))
    count = {**dict[str, int].fromkeys(COUNTED, 0), "n_source": made.height, "n_mapped": made.height}
    mapped = result.tables.get("ticket_events")
    if mapped is not None:
        _check_fields(mapped, mappings, spec)
        count = {name: n + result.counts["ticket_events"][name] for name, n in count.items()}
        made = pl.concat([mapped, made])
    result.tables["ticket_events"], result.counts["ticket_events"] = made, count


def _check_fields(mapped: pl.DataFrame, mappings: Sequence[TableMapping], spec: SourceSpec) -> None:
    """A change that is mapped and followed as well would count twice."""
    followed = {name for mapping in mappings if mapping.history for name in mapping.history.fields}
    both = sorted(followed & set(mapped["field"].unique()))
    if both:
        line = next((mapping.line for mapping in mappings if mapping.table == "ticket_events"), spec.line)
        raise SourcesError(
            f"sources.yaml:{line}  {spec.name}: ticket_events brings changes of {', '.join(both)}, which history: "
            "under tickets follows too: each would count twice. Leave it out of fields:, or out of ticket_events with "
            "where:."
        )


def _named(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    return frame.with_columns(table_name=pl.lit(table)).select(ASIDE)
