"""Evaluates a mapping's expressions over raw rows; a row that one fails on is told, the others go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from domain.errors import SourceChangedError, SourcesError
from domain.expressions import columns_in, compiled
from domain.source_specs import SourceSpec, TableMapping
from domain.written import did_you_mean
from tasks.extract.parsed import FILE, ROW

_MAX_FAILED: Final = 1000
"""More rows than this that one expression fails on are no bad rows: it is the expression, or the file."""


@dataclass(frozen=True)
class Evaluated:
    """Values of one expression; `failed` marks rows it could not be computed for (null in `values`)."""

    values: pl.Series
    failed: pl.Series | None = None


def check_columns(
    frame: pl.DataFrame, expressions: Mapping[str, str], spec: SourceSpec, mapping: TableMapping
) -> list[str]:
    """The file's columns that the expressions read.

    Raises:
        SourceChangedError: a column is not there; the message lists those that are.
    """
    there = [name for name in frame.columns if name not in (FILE, ROW)]
    needed: dict[str, None] = {}
    for target, text in expressions.items():
        for name in columns_in(text):
            if name not in frame.columns:
                raise SourceChangedError(
                    f"sources.yaml:{mapping.line}  {spec.name}.{mapping.label}: {target} reads the column '{name}', "
                    f"which the file does not have.{did_you_mean(name, there)} It has: {', '.join(there)}. "
                    "Mend the mapping, or have the column exported again."
                )
            needed[name] = None
    return [name for name in needed if name not in (FILE, ROW)]


def evaluate(
    frame: pl.DataFrame, expressions: Mapping[str, str], spec: SourceSpec, mapping: TableMapping
) -> dict[str, Evaluated]:
    """Each expression over all rows, at once where none fails.

    Raises:
        SourcesError: an expression cannot hold for any row (types do not fit).
        SourceChangedError: one fails on more than 1,000 rows.
    """
    made = {f"={target}": compiled(text) for target, text in expressions.items()}
    try:
        together = frame.with_columns(**made)
    except pl.exceptions.PolarsError:
        return {target: _one(frame, target, text, spec, mapping) for target, text in expressions.items()}
    return {target: Evaluated(together[f"={target}"].alias(target)) for target in expressions}


def _one(frame: pl.DataFrame, target: str, text: str, spec: SourceSpec, mapping: TableMapping) -> Evaluated:
    place = f"sources.yaml:{mapping.line}  {spec.name}.{mapping.label}: {target}: '{text}'"
    expression = compiled(text).alias(target)
    try:
        dtype = frame.clear().with_columns(expression)[target].dtype
    except pl.exceptions.PolarsError as problem:
        raise SourcesError(
            f"{place} does not fit its columns, which are texts: {str(problem).splitlines()[0]}"
        ) from None
    parts: list[pl.Series] = []
    failed: list[pl.Series] = []
    n_failed = 0
    waiting = [frame]
    while waiting:
        part = waiting.pop()
        try:
            parts.append(part.with_columns(expression)[target].cast(dtype))
            failed.append(pl.repeat(value=False, n=part.height, eager=True))
        except pl.exceptions.PolarsError:
            if part.height > 1:
                waiting += [part[part.height // 2 :], part[: part.height // 2]]
                continue
            n_failed += 1
            if n_failed > _MAX_FAILED:
                raise SourceChangedError(
                    f"{place} fails on more than {_MAX_FAILED} rows. Look at the file: its values are not what the "
                    "mapping expects. TRY_CAST in place of CAST gives an empty value where one cannot be read."
                ) from None
            parts.append(pl.Series(target, [None], dtype=dtype))
            failed.append(pl.repeat(value=True, n=1, eager=True))
    if not parts:
        return Evaluated(pl.Series(target, [], dtype=dtype))
    return Evaluated(pl.concat(parts), pl.concat(failed))
