import pytest

from domain.errors import SourcesError
from tasks.extract.parse import parse
from tasks.extract.stage import staged

TABLES = """\
tickets:
  key: id
  columns: {opened_at: opened, status: state}
  history: {at: at, fields: [status]}
ticket_events:
  where: "note IS NOT NULL"
  columns: {ticket_id: id, at: at, field: "'comment'", new: note}
"""
ROWS = "id,opened,at,state,note\n7,2026-01-01,2026-01-01,new,\n7,2026-01-01,2026-01-02,new,hello\n"


def laid(spec, tables=TABLES):
    source = spec(tables)
    return staged({"": parse(ROWS.encode(), "f.csv", source.files)}, source.tables, source, "")


def test_events_that_are_mapped_and_those_of_a_history_stand_beside_each_other(spec) -> None:
    found = laid(spec)
    assert found.tables["ticket_events"].select("field", "new").rows() == [("comment", "hello"), ("status", "new")]
    count = found.counts["ticket_events"]
    assert (count["n_source"], count["n_left_out"], count["n_mapped"]) == (3, 1, 2)


def test_events_of_two_logs_in_one_source_stand_beside_each_other(spec) -> None:
    tickets = (
        TABLES[: TABLES.index("ticket_events")]
        .replace("tickets:\n", "")
        .replace("  key", "  - key")
        .replace("\n  ", "\n    ")
    )
    again = tickets.replace("key: id", "key: \"id || '-2'\"")
    found = laid(spec, "tickets:\n" + tickets.rstrip() + "\n" + again.rstrip() + "\n")
    assert found.tables["ticket_events"]["ticket_id"].to_list() == ["desk:7", "desk:7-2"]
    assert found.counts["ticket_events"]["n_mapped"] == 2


def test_a_field_that_is_mapped_and_followed_too_is_refused(spec) -> None:
    with pytest.raises(SourcesError, match=r"sources.yaml:\d+  desk: ticket_events brings changes of status, which"):
        laid(spec, TABLES.replace("'comment'", "'status'"))
