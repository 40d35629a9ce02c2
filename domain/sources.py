"""Reads `sources.yaml`, strictly: every problem at once, each with its line and the likely fix."""

import hashlib
import json
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path
from typing import cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError

from domain.errors import SourcesError
from domain.source_mappings import read_mapping
from domain.source_specs import (
    FORMATS,
    KINDS,
    CompleteThrough,
    History,
    Scale,
    SourceSpec,
    SwappedDates,
    TableMapping,
)
from domain.written import Problems, Written

__all__ = ["CompleteThrough", "History", "Scale", "SourceSpec", "SwappedDates", "TableMapping", "load_sources"]

_SOURCE_KEYS = (
    "kind", "path", "format", "member", "encoding", "nulls", "zone", "dates", "widths", "namespace",
    "complete_through", "tables",
)  # fmt: skip


def load_sources(path: Path) -> list[SourceSpec]:
    """The sources that `path` (a `sources.yaml`) declares, in the file's order.

    A `${VARIABLE}` in a source's path stays as written: `SourceSpec.resolved_path` fills it in, so that
    one that is not set is the error of that source alone.

    Raises:
        SourcesError: the file cannot be read or does not hold; one line per problem.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SourcesError(f"{path}: there is no such file. `cxloop init DIR` writes one to start from.") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise SourcesError(f"{path}: cannot be read ({problem}). Check its permissions and encoding (UTF-8).") from None
    return read_sources(text, path.name)


def read_sources(text: str, file_name: str = "sources.yaml") -> list[SourceSpec]:
    """The sources that the YAML `text` declares; see `load_sources`."""
    problems = Problems(file_name)
    root = _parsed(text, file_name, problems)
    root.only("version", "sources")
    if root.whole("version") != 1:
        problems.add(root.line_of("version"), "version", "expected 1, the only version there is")
    sources = root.mapping("sources")
    names = list(sources.names())
    if not names:
        problems.add(root.line_of("sources"), "sources", "none is declared; name at least one")
    specs = [_source(name, sources.mapping(name), names) for name in names]
    problems.raise_all(SourcesError)
    return [spec for spec in specs if spec is not None]


def _parsed(text: str, file_name: str, problems: Problems) -> Written:
    try:
        content = cast("object", YAML(typ="rt").load(StringIO(text)))
    except MarkedYAMLError as problem:
        mark = cast("StringMark | None", problem.problem_mark)
        line = mark.line + 1 if mark else 1
        what = cast("str", problem.problem)
        raise SourcesError(f"{file_name}:{line}  is no YAML: {what.splitlines()[0]}") from None
    except YAMLError as problem:
        raise SourcesError(f"{file_name}  is no YAML: {str(problem).splitlines()[0]}") from None
    if not isinstance(content, CommentedMap):
        raise SourcesError(f"{file_name}:1  expected 'version: 1' and 'sources:', found something else")
    return Written(content, file_name, problems)


def _source(name: str, written: Written, names: list[str]) -> SourceSpec | None:
    written.only(*_SOURCE_KEYS)
    kind = written.choice("kind", KINDS, required=True)
    path = written.text("path", required=True)
    file_format = written.choice("format", FORMATS, required=True)
    widths = written.mapping("widths")
    encoding, zone = written.text("encoding") or "utf-8", written.text("zone") or "UTC"
    written.check_encoding("encoding", encoding)
    written.check_zone("zone", zone)
    tables = tuple(
        mapping
        for table in written.mapping("tables").names()
        for mapping in read_mapping(table, written.mapping("tables"), names)
    )
    if not tables and not written.has("tables"):
        written.add("tables", "missing: say which fact table its rows go to")
    through = _complete_through(written, tables)
    if kind is None or path is None or file_format is None or through is None:
        return None
    spec = SourceSpec(
        name=name, kind="files", path=path, format=file_format, tables=tables, complete_through=through,
        member=written.text("member") or "*", encoding=encoding, nulls=written.texts("nulls"), zone=zone,
        dates=written.texts("dates"), widths={column: widths.whole(column) or 0 for column in widths.names()},
        namespace=written.text("namespace") or "", line=written.line,
    )  # fmt: skip
    return replace(spec, version=_version(spec))


def _complete_through(written: Written, tables: tuple[TableMapping, ...]) -> CompleteThrough | None:
    """`arrival`, a date, `{column, lag_days}` or `{file_name}`."""
    key = "complete_through"
    if not written.has(key):
        written.add(key, "missing: through which day is it complete? arrival, a date, {column: …, lag_days: 1} or "
                         "{file_name: '…'}")  # fmt: skip
        return None
    if written.is_mapping(key):
        inner = written.mapping(key)
        inner.only("column", "lag_days", "file_name")
        if pattern := inner.text("file_name"):
            inner.check_pattern("file_name", pattern)
            return CompleteThrough("file_name", pattern=pattern)
        known = sorted({column for mapping in tables for column in mapping.columns})
        column = inner.choice("column", known, required=True)
        lag = inner.whole("lag_days")
        return CompleteThrough("column", column=column or "", lag_days=1 if lag is None else lag)
    if written.text(key) == "arrival":
        return CompleteThrough("arrival")
    day = written.day(key)
    return CompleteThrough("day", day=day) if day else None


def _version(spec: SourceSpec) -> str:
    """What decides how rows come out: not where the files are, nor through when they are complete."""
    content = asdict(replace(spec, path="", line=0, complete_through=CompleteThrough("arrival")))
    for mapping in content["tables"]:
        mapping["line"] = 0
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
