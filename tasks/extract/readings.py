"""A list that was read to its end, as it is written down until it is judged. Pure."""

import json
from typing import Any

from domain.connectors import Covers
from domain.coverage import Reading
from domain.following import covered_mappings, stream_of
from domain.source_specs import Interface, SourceSpec, Warehouse
from tasks.extract.catalog import CONNECTORS, with_defaults
from tasks.extract.sightings import covered_tables, read_as, warehouse_read_as


def reading_of(spec: SourceSpec, name: str, reading: Reading) -> dict[str, Any]:
    """A row of `readings`.

    Args:
        spec: the source; of an interface or a warehouse.
        name: the stream's.
        reading: what was read.
    """
    if isinstance(spec.reads, Warehouse):
        return _of_warehouse(spec, spec.reads, name, reading)
    connector = CONNECTORS[spec.kind]
    stream, reads = connector.stream(name), spec.reads if isinstance(spec.reads, Interface) else Interface()
    covers, options = stream.covers or Covers(), with_defaults(connector, reads.options)
    return {
        "source": spec.name, "stream": name, "member": reading.member, "rows_of": covers.of or name,
        "tables": json.dumps([*covered_tables(connector, stream)]),
        "read_as": read_as(connector, stream, options, reading.member),
        "began": reading.began, "since": reading.since if covers.by else None, "until": reading.until,
        "n_told": reading.n_told,
    }  # fmt: skip


def _of_warehouse(spec: SourceSpec, reads: Warehouse, name: str, reading: Reading) -> dict[str, Any]:
    stream = stream_of(name, reads.streams)
    tables = dict.fromkeys(mapping.table for mapping in covered_mappings(spec.tables, stream))
    return {
        "source": spec.name, "stream": name, "member": reading.member, "rows_of": stream,
        "tables": json.dumps([*tables]), "read_as": warehouse_read_as(spec, stream), "began": reading.began,
        "since": reading.since, "until": reading.until, "n_told": reading.n_told,
    }  # fmt: skip
