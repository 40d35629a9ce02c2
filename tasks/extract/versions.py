"""With which mapping and parser pages are read now, and which were read with an older one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from domain.following import keys_streams
from domain.shown import counted
from domain.source_specs import Interface, SourceSpec, Warehouse
from tasks.extract.catalog import CONNECTORS
from tasks.extract.warehouse.ready import completed

_PARSER: Final = "/parser-"


def as_read(spec: SourceSpec) -> SourceSpec:
    """The source with all that decides how its rows come out, and a version that says so.

    Streams and tables of a ready-made mapping are part of it, and the version of its connector's parser.

    Raises:
        SourcesError: the ready-made mapping that it uses does not exist, or does not fit.
    """
    if isinstance(spec.reads, Interface):
        return replace(spec, version=f"{spec.version}{_PARSER}{CONNECTORS[spec.kind].parser_version}")
    return completed(spec)


def readable(spec: SourceSpec) -> tuple[str, ...]:
    """The streams whose landed pages can be read again, whether or not they are fetched now; none of files."""
    if isinstance(spec.reads, Interface):
        return tuple(stream.name for stream in CONNECTORS[spec.kind].streams)
    return (*spec.reads.streams, *keys_streams(spec.reads)) if isinstance(spec.reads, Warehouse) else ()


def read_otherwise(spec: SourceSpec, held: Mapping[str, int]) -> str | None:
    """What was read with an older mapping or parser and stays as it came out then, in words; None: nothing.

    Args:
        spec: as `as_read` gives it.
        held: by mapping version: how many published batches were read with it.
    """
    older = {version: n for version, n in held.items() if version != spec.mapping_version}
    if not older:
        return None
    n = sum(older.values())
    content, _, now = spec.mapping_version.partition(_PARSER)
    parsers = sorted({then for version in older for was, _, then in [version.partition(_PARSER)] if was == content})
    is_parser_alone = all(version.startswith(content + _PARSER) for version in older)
    how = f"parser {', '.join(parsers)} (now {now})" if is_parser_alone else "another mapping than the one of now"
    return (
        f"{spec.name}: {counted(n)} {'batch was' if n == 1 else 'batches were'} read with {how}; what came of "
        f"{'it' if n == 1 else 'them'} stays as it is until: cxloop backfill {spec.name} --from-landing"
    )
