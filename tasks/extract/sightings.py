"""Which rows a batch shows of lists that do not say what was deleted: those set aside or left out among them. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import polars as pl

from domain.connectors import Connector, Covers, Options, Stream
from domain.coverage import BELONGS
from domain.expressions import columns_in
from domain.facts import FACT_TABLES
from domain.following import covered_mappings
from domain.source_specs import SourceSpec, TableMapping, Warehouse
from tasks.extract.mapping import map_table
from tasks.extract.parsed import ROW, Parsed
from tasks.extract.typing_columns import typed

MEMBER: Final = "_member"
"""The member of the stream's `per_option` that a row came with."""
SCHEMA: Final[dict[str, pl.DataType]] = {
    "source": pl.String(), "stream": pl.String(), "table_name": pl.String(), "row_key": pl.String(),
    "member": pl.String(), "at": pl.Datetime("us", "UTC"), "read_as": pl.String(),
}  # fmt: skip


def sightings_in(
    read: Mapping[str, Parsed], connector: Connector, stream: Stream, options: Options, spec: SourceSpec, secret: str
) -> pl.DataFrame:
    """The rows that a batch shows, by the keys that they have in the fact tables.

    Args:
        read: the parser's rows by fact table, see `interface_rows.gathered`.
        connector: it belongs to.
        stream: the list.
        options: with defaults.
        spec: the source.
        secret: mixed into pseudonyms.

    Returns:
        Columns as SCHEMA, each key of a table once; no row where nothing covers the stream. A row whose key ends in
        BELONGS stands for all rows that belong to one of a list of keys.
    """
    covers, tables = stream.covers or Covers(), covered_tables(connector, stream)
    rows_of = covers.of or stream.name
    shown = [
        _of_table(parsed.frame, table, covers.by, spec, secret)
        for table in tables if (parsed := read.get(table)) is not None and parsed.frame.height
    ]  # fmt: skip
    if not shown:
        return pl.DataFrame(schema=SCHEMA)
    beside = [
        rows.with_columns(row_key=pl.col("row_key") + BELONGS, table_name=pl.lit(table))
        for rows in shown for table in covers.along
    ]  # fmt: skip
    whole = pl.concat([*shown, *beside])
    prints = {member: read_as(connector, stream, options, member) for member in whole["member"].unique().to_list()}
    return whole.with_columns(
        source=pl.lit(spec.name), stream=pl.lit(rows_of), read_as=pl.col("member").replace_strict(prints)
    ).select([*SCHEMA])


def rows_shown(
    parsed: Parsed, stream: str, spec: SourceSpec, mappings: Sequence[TableMapping], secret: str
) -> pl.DataFrame:
    """The rows that a batch of a warehouse shows; where its pages lack columns of a key, none of that table.

    Args:
        parsed: the batch's rows as they came, or their keys alone.
        stream: the stream that the rows are of, also where a list of keys shows them.
        spec: the source.
        mappings: of the stream, into tables whose rows are compared.
        secret: mixed into pseudonyms.

    Returns:
        Columns as SCHEMA, each key of a table once.
    """
    shown = list[pl.DataFrame]()
    for mapping in mappings:
        bare = replace(mapping, columns={}, where=None, latest_by=None, history=None, exclude={}, scale=None,
                       swapped_dates=None)  # fmt: skip
        if mapping.key is None or not {*columns_in(mapping.key)} <= {*parsed.frame.columns}:
            continue
        keys = map_table(parsed.frame, spec, bare, secret=secret).rows[FACT_TABLES[mapping.table].key]
        shown.append(pl.DataFrame({"row_key": keys.drop_nulls()}).with_columns(table_name=pl.lit(mapping.table)))
    if not shown:
        return pl.DataFrame(schema=SCHEMA)
    whole = pl.concat(shown).unique(["table_name", "row_key"], maintain_order=True)
    return whole.with_columns(
        source=pl.lit(spec.name), stream=pl.lit(stream), member=pl.lit(""),
        read_as=pl.lit(warehouse_read_as(spec, stream)), at=pl.lit(None, SCHEMA["at"]),
    ).select([*SCHEMA])  # fmt: skip


def warehouse_read_as(spec: SourceSpec, stream: str) -> str:
    """Fingerprint of what decides which rows a stream of a warehouse gives, and how their keys come out."""
    if not isinstance(spec.reads, Warehouse):
        raise TypeError(spec.kind)
    keys = [[one.label, one.key] for one in covered_mappings(spec.tables, stream)]
    query = spec.reads.streams[stream].select
    text = json.dumps([query, spec.reads.schema, keys, spec.nulls, spec.name, spec.people])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def covered_tables(connector: Connector, stream: Stream) -> Sequence[str]:
    """Fact tables of the rows that a stream's pages show, where something covers it."""
    rows_of = (stream.covers and stream.covers.of) or stream.name
    return [name for name in connector.covered(rows_of) if FACT_TABLES[name].has("deleted_at")]


def read_as(connector: Connector, stream: Stream, options: Options, member: str) -> str:
    """Fingerprint of what decides which rows a member's pages give: rows of another one are not held against them.

    A list of keys shows the same ones whatever the options say.
    """
    if stream.covers is None or stream.covers.of:
        return "keys"
    held: Any = options.get(stream.per_option) if stream.per_option else None
    own = held.get(member) if isinstance(held, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    text = json.dumps({**options, stream.per_option: own}, sort_keys=True, default=str)
    return hashlib.sha256(f"{connector.parser_version}\x1f{text}".encode()).hexdigest()[:16]


def _of_table(frame: pl.DataFrame, table: str, by: str, spec: SourceSpec, secret: str) -> pl.DataFrame:
    key = FACT_TABLES[table].key
    mapping = TableMapping(table=table, label=table, columns={}, key=f'"{key}"', stream=table)
    keys = map_table(frame, spec, mapping, secret=secret).rows.select(ROW, row_key=key)
    none = pl.Series("at", [None] * frame.height, dtype=pl.String)
    texts = frame[by].alias("at") if by in frame.columns else none
    at = typed(texts, "instant", zone="UTC", dates=()).values.alias("at")
    member = pl.col(MEMBER).fill_null("") if MEMBER in frame.columns else pl.lit("")
    beside = frame.select(ROW, member=member).with_columns(at)
    shown = keys.join(beside, on=ROW).select("row_key", "member", "at", table_name=pl.lit(table))
    return shown.unique("row_key", keep="last", maintain_order=True)
