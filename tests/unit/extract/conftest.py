from collections.abc import Callable

import polars as pl
import pytest

from domain.source_specs import SourceSpec
from domain.sources import read_sources
from tasks.extract.mapping import MappedTable, map_table
from tasks.extract.parse import parse

HEAD = """\
version: 1
sources:
  desk:
    kind: files
    path: f.csv
    format: csv
    complete_through: arrival
"""


@pytest.fixture
def spec() -> Callable[..., SourceSpec]:
    """A source of the given tables (YAML, as written under `tables:`) and options (YAML lines)."""

    def make(tables: str, *options: str) -> SourceSpec:
        lines = [
            *(f"    {line}" for line in options),
            "    tables:",
            *(f"      {line}" for line in tables.splitlines()),
        ]
        return read_sources(HEAD + "\n".join(lines) + "\n")[0]

    return make


@pytest.fixture
def mapped() -> Callable[[SourceSpec, str], tuple[MappedTable, pl.DataFrame]]:
    """What the first mapping of a source makes of a CSV text, and the raw rows."""

    def make(spec: SourceSpec, content: str) -> tuple[MappedTable, pl.DataFrame]:
        frame = parse(content.encode(), "f.csv", spec.files).frame
        return map_table(frame, spec, spec.tables[0]), frame

    return make
