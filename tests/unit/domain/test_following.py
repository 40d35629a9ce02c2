"""Which streams of a warehouse are compared, and which could not be."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import SourcesError
from domain.following import is_compared, key_columns, keys_streams, shown_mappings
from domain.source_specs import SourceSpec, Warehouse
from domain.sources import read_sources
from tasks.extract.beginning import are_keys_due
from tasks.extract.warehouse.ready import completed

WHOLE = """\
version: 1
sources:
  house:
    kind: sql
    database: WAREHOUSE_URL
    complete_through: arrival
    follow_deletions: {tickets: weekly, people: daily}
    most_gone: 0.5
    streams:
      tickets: {table: ticket, changed_at: changed, key: id}
      people: {query: "SELECT * FROM person WHERE kind = 'now and then'"}
      leads: {table: lead, changed_at: seen}
    tables:
      tickets: {from: tickets, key: "CONCAT(brand, '-', id)", columns: {opened_at: opened, status: "'open'"}}
      customers:
        - {from: people, key: number, columns: {created_at: seen}}
        - {from: leads, key: number, columns: {created_at: seen}}
      ticket_events: {from: leads, key: id, columns: {ticket_id: id, field: "'note'", at: seen}}
"""
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def read(old: str = "", new: str = "") -> tuple[SourceSpec, Warehouse]:
    assert old in WHOLE
    (spec,) = read_sources(WHOLE.replace(old, new))
    assert isinstance(spec.reads, Warehouse)
    return spec, spec.reads


def test_of_a_stream_read_by_its_change_the_keys_are_read_and_a_whole_one_is_compared():
    spec, reads = read()
    assert reads.most_gone == 0.5
    assert reads.follows == {"tickets": timedelta(days=7), "people": timedelta(hours=20)}
    assert keys_streams(reads) == ["tickets keys"]
    assert [is_compared(reads, name) for name in ("tickets", "tickets keys", "people", "leads")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert key_columns(reads, spec.tables, "tickets") == ["id", "brand"]


def test_a_stream_into_a_table_that_another_one_is_compared_for_shows_its_rows_too():
    spec, reads = read()
    assert [one.table for one in shown_mappings(reads, spec.tables, "leads")] == ["customers"]


def test_what_is_followed_does_not_change_how_rows_come_out():
    assert read()[0].version == read("{tickets: weekly, people: daily}", "{tickets: daily}")[0].version
    assert read()[0].version == read("    most_gone: 0.5\n", "")[0].version


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{tickets: weekly,", "{ticket: weekly,", "there is no stream 'ticket'. Did you mean 'tickets'?"),
        ("{tickets: weekly,", "{tickets: hourly,", "'hourly' is not known"),
        ("people: daily}", "leads: daily}", None),
        ("key: \"CONCAT(brand, '-', id)\", ", "", "tickets has no key:"),
        ("key: \"CONCAT(brand, '-', id)\"", 'key: "CONCAT(_file, id)"', "made of _file"),
        ("WHERE kind = 'now and then'", "WHERE seen > NOW() - INTERVAL '30 days'", "looks at the clock"),
        ("WHERE kind = 'now and then'", "WHERE seen > date('now', '-30 days')", "looks at the clock"),
        ("WHERE kind = 'now and then'", "WHERE seen > CURRENT_DATE - 30", "looks at the clock"),
        ("WHERE kind = 'now and then'", "ORDER BY id LIMIT 100", "gives a part of its rows"),
        ("WHERE kind = 'now and then'", "ORDER BY id LIMIT 100 OFFSET 20;", "gives a part of its rows"),
        ("WHERE kind = 'now and then'", "JOIN (SELECT 1 LIMIT 1) one ON TRUE", None),
        ("tickets: {table: ticket,", "people keys: {table: ticket,", "there is no stream 'tickets'"),
        ("      leads: {table: lead,", "      tickets keys: {table: lead,", "give the stream of that name another one"),
        ("people: daily}", "leads: daily, states: daily}", "there is no stream 'states'"),
    ],
)
def test_what_could_not_be_compared_is_refused_in_words(old: str, new: str, said: str | None):
    if said is None:
        read(old, new)
        return
    with pytest.raises(SourcesError) as caught:
        read(old, new)
    assert said in str(caught.value)
    assert "follow_deletions: " in str(caught.value)


def test_a_stream_whose_rows_cannot_be_marked_is_refused():
    only_events = WHOLE[: WHOLE.index("      tickets: {from")] + WHOLE[WHOLE.index("      ticket_events") :]
    with pytest.raises(SourcesError, match="no table that 'leads' feeds can tell"):
        read_sources(only_events.replace("{tickets: weekly, people: daily}", "{leads: weekly}"))


def test_streams_of_a_ready_made_mapping_are_followed_by_their_names():
    text = """\
version: 1
sources:
  desk:
    kind: sql
    database: WAREHOUSE_URL
    complete_through: arrival
    use: fivetran_zendesk
    follow_deletions: {WHICH: weekly}
"""
    (spec,) = read_sources(text.replace("WHICH", "organizations"))
    reads = completed(spec).reads
    assert isinstance(reads, Warehouse)
    assert keys_streams(reads) == ["organizations keys"]
    (spec,) = read_sources(text.replace("WHICH", "organisations"))
    with pytest.raises(SourcesError, match=r"desk\.follow_deletions: there is no stream 'organisations'\. Did you"):
        completed(spec)


@pytest.mark.parametrize(
    ("position", "is_due"),
    [
        (None, True),
        ({}, True),
        ({"began": "2026-02-25T00:00:00+00:00"}, False),
        ({"began": "2026-02-22T00:00:00+00:00"}, True),
        ({"going": "whole", "key": "7", "began": "2026-02-28T00:00:00+00:00"}, True),
    ],
)
def test_keys_are_due_when_they_were_not_read_for_long_or_not_to_their_end(
    position: dict[str, str] | None, is_due: bool
):
    assert are_keys_due(position, timedelta(days=7), NOW) is is_due
