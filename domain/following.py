"""Which streams of a warehouse are compared for rows that are gone, how often, and by which columns. Pure.

A stream that is read whole is compared at each read. Of one that is read by its change, the keys alone are read from
time to time, as a stream of its own.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from domain.expressions import columns_in
from domain.facts import FACT_TABLES
from domain.source_specs import Query, TableMapping, Warehouse
from domain.written import did_you_mean

EVERY: Final = {"daily": timedelta(hours=20), "weekly": timedelta(days=7)}
"""How often keys are read, by the word that sources.yaml says; a daily run is never quite a day after the last."""

_KEYS: Final = " keys"
_OF_THE_ROW: Final = ("_file", "_row")
_QUOTED: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`""")
_CLOCK: Final = re.compile(
    r"\b(now|getdate|getutcdate|sysdatetime|today|curdate|unix_timestamp|utc_timestamp)\s*\(|"
    r"\b(current_date|current_timestamp|localtimestamp|sysdate|systimestamp)\b",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"\blimit\s+\d[^)]*$|\bselect\s+top\b|\bfetch\s+(first|next)\b|\b(tablesample|rownum)\b", re.IGNORECASE
)


def keys_stream(stream: str) -> str:
    """Name of the stream that reads a stream's keys alone."""
    return stream + _KEYS


def stream_of(name: str, streams: Mapping[str, Query]) -> str:
    """The stream whose rows a stream's are: its own name, or of a list of keys the stream that they are of."""
    return name if name in streams else name.removesuffix(_KEYS)


def keys_streams(reads: Warehouse) -> list[str]:
    """Streams that read keys alone: of those that are compared, and not read whole anyway."""
    return [keys_stream(name) for name in reads.follows if reads.streams[name].changed_at]


def is_compared(reads: Warehouse, name: str) -> bool:
    """Whether what a stream no longer shows is gone: a list of keys, or a stream that is read whole each time."""
    return name in keys_streams(reads) or (name in reads.follows and not reads.streams[name].changed_at)


def covered_mappings(tables: Sequence[TableMapping], stream: str) -> list[TableMapping]:
    """The mappings of a stream whose rows can be marked as deleted."""
    return [one for one in tables if one.stream == stream and FACT_TABLES[one.table].has("deleted_at")]


def shown_mappings(reads: Warehouse, tables: Sequence[TableMapping], stream: str) -> list[TableMapping]:
    """The mappings of a stream whose rows are written down as shown.

    Those of any stream into a table that a compared one feeds: a row that another stream still shows is there.
    """
    fed = {mapping.table for name in reads.follows for mapping in covered_mappings(tables, name)}
    return [mapping for mapping in covered_mappings(tables, stream) if mapping.table in fed]


def key_columns(reads: Warehouse, tables: Sequence[TableMapping], stream: str) -> list[str]:
    """The columns that a stream's rows are told apart by, each once: what a list of keys reads."""
    written = [mapping.key for mapping in covered_mappings(tables, stream) if mapping.key]
    own = reads.streams[stream].key
    return list(dict.fromkeys([*([own] if own else []), *(name for text in written for name in columns_in(text))]))


def unfit(reads: Warehouse, tables: Sequence[TableMapping]) -> list[str]:
    """Why streams cannot be compared as sources.yaml asks, in words; empty: they can."""
    return [why for name in reads.follows if (why := _unfit(reads, tables, name))]


def _unfit(reads: Warehouse, tables: Sequence[TableMapping], stream: str) -> str | None:
    if stream not in reads.streams:
        guess = did_you_mean(stream, [*reads.streams])
        return f"there is no stream '{stream}'.{guess} There are: {', '.join(reads.streams)}"
    mappings, select = covered_mappings(tables, stream), reads.streams[stream].select
    if keys_stream(stream) in reads.streams:
        return f"the keys of '{stream}' are read as '{keys_stream(stream)}'; give the stream of that name another one"
    if not mappings:
        return f"no table that '{stream}' feeds can tell that a row is deleted: leave it out"
    for mapping in mappings:
        if mapping.key is None:
            return (
                f"{mapping.label} has no key:, so a row of '{stream}' that is gone cannot be told from one that changed"
            )
        if found := [name for name in columns_in(mapping.key) if name in _OF_THE_ROW]:
            return f"the key of {mapping.label} is made of {found[0]}, which is another one at each read"
    bare = _QUOTED.sub(lambda text: "'now'" if text.group().lower() == "'now'" else "''", select)
    if _CLOCK.search(bare) or "'now'" in bare:
        return (
            f"the query of '{stream}' looks at the clock: a row that it leaves out for its age would count as deleted"
        )
    if _PART.search(bare):
        return f"the query of '{stream}' gives a part of its rows: the others would count as deleted"
    return None
