"""Reads `sources.yaml`, strictly: every problem at once, each with its line and the likely fix."""

import hashlib
import json
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

from domain.asked import asked_in
from domain.errors import SourcesError
from domain.facts import FACT_TABLES
from domain.following import unfit
from domain.scales import mixed
from domain.source_mappings import read_mapping
from domain.source_reads import READERS, interface
from domain.source_specs import (
    KINDS,
    CompleteThrough,
    Files,
    History,
    Interface,
    Scale,
    SourceSpec,
    SwappedDates,
    TableMapping,
    Warehouse,
)
from domain.written import Problems, Written, root_of

__all__ = ["CompleteThrough", "History", "Scale", "SourceSpec", "SwappedDates", "TableMapping", "load_sources"]

ARRIVAL = CompleteThrough("arrival")


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
    return list(_read(text, path.name))


@lru_cache(maxsize=4)
def _read(text: str, file_name: str) -> tuple[SourceSpec, ...]:
    """Every step reads the file anew; what was read is taken apart once."""
    return tuple(read_sources(text, file_name))


def read_sources(text: str, file_name: str = "sources.yaml") -> list[SourceSpec]:
    """The sources that the YAML `text` declares; see `load_sources`."""
    problems = Problems(file_name)
    root = root_of(text, problems, "'version: 1' and 'sources:'", SourcesError)
    root.only("version", "sources")
    if root.whole("version") != 1:
        problems.add(root.line_of("version"), "version", "expected 1, the only version there is")
    sources = root.mapping("sources")
    names = list(sources.names())
    if not names:
        problems.add(root.line_of("sources"), "sources", "none is declared; name at least one")
    specs = [_source(name, sources.mapping(name), names) for name in names]
    read = [spec for spec in specs if spec is not None]
    _check_external_ids(read, sources)
    for question, text in mixed(each for spec in read for each in asked_in(spec, sources.mapping(spec.name))):
        problems.add(question.line, question.where, text)
    problems.raise_all(SourcesError)
    return read


def _check_external_ids(specs: list[SourceSpec], sources: Written) -> None:
    """A misspelt namespace would tie nobody, and nobody would see it."""
    known = sorted({spec.people for spec in specs})
    for spec in specs:
        if spec.external_namespace not in known:
            sources.mapping(spec.name).add(
                "external_ids", f"no source has the namespace '{spec.external_ids}'. There are: {', '.join(known)}"
            )


def _source(name: str, written: Written, names: list[str]) -> SourceSpec | None:
    kind = written.choice("kind", KINDS, required=True)
    if kind is None:
        return None
    read_from = READERS.get(kind, interface)
    reads = read_from(written)
    is_interface = read_from is interface
    is_made = is_interface or (isinstance(reads, Warehouse) and reads.use != "")
    zone = written.text("zone") or "UTC"
    written.check_zone("zone", zone)
    streams = list(reads.streams) if isinstance(reads, Warehouse) else None
    tables = tuple(
        mapping
        for table in written.mapping("tables").names()
        for mapping in read_mapping(table, written.mapping("tables"), names, streams=streams, is_whole=not is_made)
    )
    if not tables and not written.has("tables") and not is_made:
        written.add("tables", "missing: say which fact table its rows go to")
    known = {name for table in FACT_TABLES.values() for name in table.names} if is_made else _mapped(tables)
    through = ARRIVAL if is_interface else _complete_through(written, known)
    if isinstance(reads, Warehouse) and not reads.use:
        for why in unfit(reads, tables):
            written.add("follow_deletions", why)
    if reads is None or through is None:
        return None
    spec = SourceSpec(
        name=name, kind=kind, reads=reads, tables=tables, complete_through=through, nulls=written.texts("nulls"),
        zone=zone, dates=written.texts("dates"), namespace=written.text("namespace") or "",
        external_ids=written.text("external_ids") or "", country=_country(written), line=written.line,
    )  # fmt: skip
    return replace(spec, version=version_of(spec))


def _country(written: Written) -> str:
    country = written.text("country") or ""
    if country and not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        written.add("country", f"'{country}' is no country. Write two capital letters, ISO 3166: DE, US")
    return country


def _mapped(tables: tuple[TableMapping, ...]) -> set[str]:
    return {column for mapping in tables for column in mapping.columns}


def _complete_through(written: Written, known: set[str]) -> CompleteThrough | None:
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
        column = inner.choice("column", sorted(known), required=True)
        lag = inner.whole("lag_days")
        return CompleteThrough("column", column=column or "", lag_days=1 if lag is None else lag)
    if written.text(key) == "arrival":
        return CompleteThrough("arrival")
    day = written.day(key)
    return CompleteThrough("day", day=day) if day else None


def version_of(spec: SourceSpec) -> str:
    """What decides how rows come out: not where the files are, nor through when they are complete."""
    reads = spec.reads
    if isinstance(reads, Files):
        reads = replace(reads, path="")
    elif isinstance(reads, Interface):
        reads = Interface(options=reads.options)
    else:
        reads = replace(reads, database="")
    content = asdict(replace(spec, reads=reads, line=0, version="", complete_through=ARRIVAL))
    for mapping in content["tables"]:
        mapping["line"] = 0
    if isinstance(reads, Warehouse):
        for query in content["reads"]["streams"].values():
            del query["overlap"]
        for name in ("follows", "most_gone"):  # what becomes of a row that is gone, not how one comes out
            del content["reads"][name]
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
