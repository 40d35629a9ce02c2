"""A list that was read to its end, as it is written down until it is judged. Pure."""

import json
from typing import Any

from domain.connectors import Covers
from domain.coverage import Reading
from domain.source_specs import Interface, SourceSpec
from tasks.extract.catalog import CONNECTORS, with_defaults
from tasks.extract.sightings import covered_tables, read_as


def reading_of(spec: SourceSpec, name: str, reading: Reading) -> dict[str, Any]:
    """A row of `readings`.

    Args:
        spec: the source; of an interface.
        name: the stream's.
        reading: what was read.
    """
    connector = CONNECTORS[spec.kind]
    stream, reads = connector.stream(name), spec.reads if isinstance(spec.reads, Interface) else Interface()
    covers, options = stream.covers or Covers(), with_defaults(connector, reads.options)
    return {
        "source": spec.name, "stream": name, "member": reading.member, "rows_of": covers.of or name,
        "tables": json.dumps([*covered_tables(connector, stream)]),
        "read_as": read_as(connector, stream, options, reading.member),
        "began": reading.began, "since": reading.since if covers.by else None, "until": reading.until,
    }  # fmt: skip
