"""With which mapping and parser something was read."""

from dataclasses import replace

import pytest

from domain.sources import read_sources
from tasks.extract import catalog
from tasks.extract.versions import as_read, read_otherwise, readable

SOURCES = """\
version: 1
sources:
  desk: {kind: zendesk, options: {subdomain: acme}}
  export:
    {kind: files, path: a.csv, format: csv, complete_through: arrival,
     tables: {tickets: {columns: {opened_at: a, status: b}}}}
"""


def test_a_parser_that_reads_otherwise_makes_another_mapping_version(monkeypatch: pytest.MonkeyPatch):
    desk, export = read_sources(SOURCES)
    before = as_read(desk).mapping_version
    connector = catalog.CONNECTORS["zendesk"]
    raised = replace(connector, parser_version=connector.parser_version + 1)
    monkeypatch.setitem(catalog.CONNECTORS, "zendesk", raised)
    assert as_read(desk).mapping_version != before
    assert as_read(export) == export
    assert readable(export) == ()
    assert "tickets" in readable(desk)


def test_it_is_told_whether_the_parser_alone_is_another_one():
    desk = replace(read_sources(SOURCES)[0], version="abc/parser-3")
    assert read_otherwise(desk, {}) is None
    assert read_otherwise(desk, {"abc/parser-3": 9}) is None
    assert read_otherwise(desk, {"abc/parser-1": 1, "abc/parser-2": 2, "abc/parser-3": 9}) == (
        "desk: 3 batches were read with parser 1, 2 (now 3); what came of them stays as it is until: "
        "cxloop backfill desk --from-landing"
    )
    other = read_otherwise(desk, {"def/parser-3": 1, "abc/parser-2": 2})
    assert other is not None
    assert "3 batches were read with another mapping than the one of now" in other
