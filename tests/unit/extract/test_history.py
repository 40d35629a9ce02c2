from datetime import UTC, datetime

import polars as pl

from tasks.extract.history import replay_history

LOG = """\
tickets:
  key: id
  columns: {opened_at: opened, status: state, sla_met: met, n_reopens: reopens}
  history: {at: at, fields: [status, sla_met]}
"""
HEADER = "id,opened,at,state,met,reopens\n"
ROWS = """\
7,2026-01-01 08:00,2026-01-01 08:00,new,true,0
7,2026-01-01 08:00,2026-01-02 09:00,solved,true,0
7,2026-01-01 08:00,2026-01-02 09:00,open,,1
8,2026-01-03 08:00,2026-01-03 08:00,new,true,0
7,2026-01-01 08:00,2026-01-04 10:00,closed,false,1
7,2026-01-01 08:00,2026-01-05 10:00,closed,false,1
"""


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def replayed(spec, mapped, content=ROWS, log=LOG):
    source = spec(log)
    found, _ = mapped(source, HEADER + content)
    return replay_history(found.rows, source.tables[0]), found


def test_every_change_is_an_event_and_the_first_value_is_one(spec, mapped):
    result, _ = replayed(spec, mapped)
    events = result.ticket_events.filter(pl.col("ticket_id") == "desk:7").select(
        "at", "field", "old", "new", "sequence"
    )
    assert events.rows() == [
        (at(1, 8), "status", None, "new", 0),
        (at(1, 8), "sla_met", None, "true", 1),
        (at(2, 9), "status", "new", "solved", 0),
        (at(2, 9), "status", "solved", "open", 1),
        (at(2, 9), "sla_met", "true", None, 2),
        (at(4, 10), "status", "open", "closed", 0),
        (at(4, 10), "sla_met", None, "false", 1),
    ]
    assert result.ticket_events["event_id"].n_unique() == result.ticket_events.height == 9


def test_the_last_row_is_the_ticket_and_the_rows_before_are_superseded(spec, mapped):
    result, found = replayed(spec, mapped)
    tickets = {row["ticket_id"]: row for row in result.tickets.iter_rows(named=True)}
    assert (tickets["desk:7"]["status"], tickets["desk:7"]["n_reopens"], tickets["desk:7"]["sla_met"]) == (
        "closed",
        1,
        False,
    )
    assert (tickets["desk:7"]["_row"], tickets["desk:7"]["version_at"]) == (6, at(5, 10))
    assert result.n_superseded + result.tickets.height == found.n_mapped == 6


def test_outcomes_are_read_from_changes_of_status_never_from_the_last_row(spec, mapped):
    result, _ = replayed(spec, mapped)
    closed, new = result.tickets.sort("ticket_id").rows(named=True)
    assert (closed["sla_known_at"], closed["resolved_at"], closed["closed_at"]) == (at(4, 10), at(4, 10), at(4, 10))
    assert (new["sla_known_at"], new["resolved_at"], new["closed_at"]) == (None, None, None)


def test_a_reopened_ticket_is_not_solved_but_its_first_closing_still_told_its_service_level(spec, mapped):
    content = "7,2026-01-01,2026-01-01 08:00,closed,true,0\n7,2026-01-01,2026-01-02 08:00,open,true,1\n"
    ticket = replayed(spec, mapped, content)[0].tickets.row(0, named=True)
    assert (ticket["sla_known_at"], ticket["resolved_at"], ticket["closed_at"]) == (at(1, 8), None, None)


def test_rows_out_of_order_are_read_by_their_time_and_ties_in_the_files_order(spec, mapped):
    lines = ROWS.splitlines(keepends=True)
    shuffled = "".join([lines[4], lines[5], lines[0], lines[3], lines[1], lines[2]])
    one, other = replayed(spec, mapped)[0], replayed(spec, mapped, shuffled)[0]
    same = ["event_id", "at", "field", "old", "new", "sequence"]
    assert one.ticket_events.select(same).equals(other.ticket_events.select(same))
    assert one.tickets.drop("_row").equals(other.tickets.drop("_row"))


def test_mapped_columns_are_left_as_they_are(spec, mapped):
    log = LOG.replace("sla_met: met,", "sla_met: met, sla_known_at: opened, resolved_at: at,")
    ticket = replayed(spec, mapped, ROWS, log)[0].tickets.sort("ticket_id").row(0, named=True)
    assert (ticket["sla_known_at"], ticket["resolved_at"]) == (at(1, 8), at(5, 10))


def test_an_event_without_a_time_is_set_aside(spec, mapped):
    _, found = replayed(spec, mapped, "7,2026-01-01,,new,true,0\n7,2026-01-01,soon,new,true,0\n")
    assert found.set_aside["rule"].to_list() == ["missing:at", "unreadable:at"]


def test_an_empty_log_gives_no_tickets_and_no_events(spec, mapped):
    result, _ = replayed(spec, mapped, "")
    assert (result.tickets.height, result.ticket_events.height, result.n_superseded) == (0, 0, 0)
