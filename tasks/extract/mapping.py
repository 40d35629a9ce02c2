"""Raw rows become rows of a fact table, as their mapping says; nothing is lost on the way.

Ids: a row's own key and references to tickets, invitations and responses are prefixed by the source's
name (a reference by the one that `refers_to` names), so that two sources never clash. People's ids
(`customer_id`, `account_id`), own or referred to, are prefixed by the source's `namespace`, by default
its name too, so that sources of one company can share them. Agents and actors become pseudonyms.
"""

from dataclasses import dataclass
from functools import reduce

import polars as pl

from domain.facts import FACT_TABLES
from domain.source_specs import SourceSpec, TableMapping
from tasks.extract.evaluate import check_columns, evaluate
from tasks.extract.fact_columns import AT, LATEST, FactColumns, expressions_of, fact_schema, swap_expressions_of
from tasks.extract.parsed import FILE, ROW, raw_rows, set_aside_frame
from tasks.extract.swapped_dates import Settled, settle_swapped
from tasks.extract.typing_columns import blank_to_null


@dataclass(frozen=True)
class MappedTable:
    """What one mapping made of one batch: n_source = n_mapped + n_left_out + n_unreadable.

    Attributes:
        table: the fact table.
        label: the mapping's name in messages and counts.
        rows: one row per mapped raw row: the fact table's columns in order, typed, then `_file`, `_row`
            (and `_at`, `_latest` until they have served).
        set_aside: rows that could not be read; as SET_ASIDE_SCHEMA.
        n_source: raw rows.
        n_left_out: rows for which `where` was not true.
        n_unreadable: rows set aside.
        n_ambiguous_times: local times that came twice, read as the earlier.
        n_swapped_dates: groups whose two dates were each other's swap.
        n_without_score: answers with a word that is no score.
    """

    table: str
    label: str
    rows: pl.DataFrame
    set_aside: pl.DataFrame
    n_source: int
    n_left_out: int
    n_unreadable: int
    n_ambiguous_times: int = 0
    n_swapped_dates: int = 0
    n_without_score: int = 0

    @property
    def n_mapped(self) -> int:
        """Rows mapped."""
        return self.n_source - self.n_left_out - self.n_unreadable


def map_table(frame: pl.DataFrame, source: SourceSpec, mapping: TableMapping, *, secret: str = "") -> MappedTable:
    """The rows of one fact table that `mapping` makes of raw rows.

    Args:
        frame: one row per raw row; texts, `_file` and `_row` (see `tasks.extract.parse`).
        source: declares null words, zone and date formats.
        mapping: one of `source.tables`.
        secret: mixed into pseudonyms and hashes of addresses.

    Returns:
        Mapped rows, rows set aside (`unreadable:<column>`, `nonexistent-time:<column>`, `missing-key`),
        and all counts; an empty frame gives empty tables.

    Raises:
        SourceChangedError: the file lacks a column that an expression reads; names what it has.
        SourcesError: an expression does not fit its columns for any row.
    """
    if not {*frame.columns} - {FILE, ROW}:  # JSON without a row names no column
        return MappedTable(mapping.table, mapping.label, _empty(mapping), set_aside_frame(), 0, 0, 0)
    expressions = expressions_of(mapping)
    needed = check_columns(frame, expressions | swap_expressions_of(mapping), source, mapping)
    if frame.is_empty():
        return MappedTable(mapping.table, mapping.label, _empty(mapping), set_aside_frame(), 0, 0, 0)
    read = frame.with_columns(blank_to_null(pl.col(name), source.nulls).alias(name) for name in needed)
    swaps = _swaps(read, source, mapping)
    is_kept, failed = _kept(read, source, mapping)
    kept = read.filter(is_kept)
    made = evaluate(kept, {name: text for name, text in expressions.items() if name != "where"}, source, mapping)
    work = FactColumns(source, mapping, kept, made, swaps.days.filter(is_kept) if swaps else None, secret)
    bad = failed.filter(is_kept)
    if bad.any():
        work.wrong.append(("unreadable:where", "the condition 'where' cannot be computed", bad))
    whole = _framed(work.build(), kept, mapping)
    bad = reduce(lambda one, other: one | other, (mask for _, _, mask in work.wrong), bad)
    set_aside = _set_aside(work, frame, kept, bad, _keys(whole, mapping))
    return MappedTable(
        mapping.table, mapping.label, whole.filter(~bad) if bad.any() else whole, set_aside,
        frame.height, frame.height - kept.height, set_aside.height,
        work.n_ambiguous_times, swaps.n_groups if swaps else 0, work.n_without_score,
    )  # fmt: skip


def _swaps(read: pl.DataFrame, source: SourceSpec, mapping: TableMapping) -> Settled | None:
    """Judged over all raw rows: one that `where` leaves out still tells of the others of its group."""
    expressions = swap_expressions_of(mapping)
    if not expressions:
        return None
    made = evaluate(read, expressions, source, mapping)
    among = made.get("swapped_dates:among")
    return settle_swapped(
        made["swapped_dates:date"].values, made["swapped_dates:within"].values, made["swapped_dates:order"].values,
        among.values if among else None,
    )  # fmt: skip


def _kept(read: pl.DataFrame, source: SourceSpec, mapping: TableMapping) -> tuple[pl.Series, pl.Series]:
    """Rows for which `where` holds or cannot be computed, and those for which it cannot."""
    never = pl.repeat(value=False, n=read.height, eager=True)
    if mapping.where is None:
        return ~never, never
    found = evaluate(read, {"where": mapping.where}, source, mapping)["where"]
    failed = never if found.failed is None else found.failed
    return found.values.cast(pl.Boolean).fill_null(value=False) | failed, failed


def _framed(columns: dict[str, pl.Series], kept: pl.DataFrame, mapping: TableMapping) -> pl.DataFrame:
    """The fact table's columns in order, empty where nothing is mapped; then file, row and helpers."""
    facts = [
        columns[name].cast(dtype).alias(name) if name in columns else pl.lit(None, dtype).alias(name)
        for name, dtype in fact_schema(mapping).items()
    ]
    helpers = [columns[name].alias(name) for name in (AT, LATEST) if name in columns]
    return kept.select(*facts, FILE, ROW, *helpers)


def _empty(mapping: TableMapping) -> pl.DataFrame:
    instant = pl.Datetime("us", "UTC")
    helpers = {AT: instant} if mapping.history else {}
    helpers |= {LATEST: instant} if mapping.latest_by else {}
    return pl.DataFrame(schema={**fact_schema(mapping), FILE: pl.String(), ROW: pl.Int64(), **helpers})


def _keys(whole: pl.DataFrame, mapping: TableMapping) -> pl.Series:
    """The rows' keys; none of an event log's: a row of it is no version of another one with the same ticket."""
    keys = whole[FACT_TABLES[mapping.table].key]
    return keys if mapping.history is None else pl.repeat(None, whole.height, dtype=pl.String(), eager=True)


def _set_aside(
    work: FactColumns, frame: pl.DataFrame, kept: pl.DataFrame, bad: pl.Series, keys: pl.Series
) -> pl.DataFrame:
    """One row per row set aside: the first rule it broke, all reasons, the raw row as it came."""
    if not bad.any():
        return set_aside_frame()
    rows = kept.select(FILE, ROW).filter(bad)
    broken = [(rule, reason, mask.filter(bad).to_list()) for rule, reason, mask in work.wrong]
    found = [[(rule, reason) for rule, reason, mask in broken if mask[i]] for i in range(rows.height)]
    return set_aside_frame(
        (each[0][0], "; ".join(dict.fromkeys(reason for _, reason in each)), file, row, raw, key)
        for each, (file, row), raw, key in zip(
            found, rows.iter_rows(), raw_rows(frame, rows), keys.filter(bad), strict=True
        )
    )
