"""Rows set aside come back when what was wrong is mended: once, and without taking anything else back."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from sql.tables import FACTS
from tests.acceptance.dumps import Rows, table, tables_of
from tests.acceptance.runner import answer, cxloop
from tests.acceptance.small import HEADER, N_ROWS, RUN, small_project, ticket, told, write_tickets

AMERICAN = "T900,chat,02/03/2026 10:00,02/03/2026 12:00,true,5"
"""A row whose date the mapping does not know yet."""
FIGURES = ("kpi_days", "kpi_values", "cursors", "batch_tables")

pytestmark = pytest.mark.usefixtures("undrawn")


def states(folder: Path, name: str, source: str = "desk") -> list[str]:
    return sorted(row["state"] for row in table(folder, name) if row["source"] == source)


def mend(folder: Path, old: str, new: str) -> None:
    path = folder / "sources.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def know_american_dates(folder: Path) -> None:
    mend(folder, 'dates: ["%Y-%m-%d %H:%M"]', 'dates: ["%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M"]')


def as_if_always_so(folder: Path, tmp_path: Path) -> None:
    """Facts and figures are those of a project that had today's files and mapping from the start.

    What was judged and told before stays as it was judged and told.
    """
    fresh = small_project(tmp_path / "fresh" / "kiosk")
    for name in ("sources.yaml", "tickets.csv"):
        (fresh / name).write_bytes((folder / name).read_bytes())
    assert cxloop(fresh, *RUN) == 0
    expected, found = tables_of(fresh), tables_of(folder)
    for name in (*FACTS, *FIGURES):
        assert _without_counts(name, found) == _without_counts(name, expected), name


def _without_counts(name: str, tables: Mapping[str, Rows]) -> Rows:
    """What became of rows (inserted, unchanged) depends on what was there; that they add up is checked elsewhere."""
    return [row[:6] for row in tables[name]] if name == "batch_tables" else tables[name]


@pytest.mark.parametrize("command", [("quarantine", "replay"), ("quarantine", "replay", "desk"), RUN])
def test_when_the_mapping_is_mended_what_can_be_read_is_published_once(
    kiosk: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    write_tickets(kiosk, AMERICAN, "T901,chat,whenever,,true,")
    assert cxloop(kiosk, *RUN) == 3  # three of 123, of tickets and answers, are too many
    assert (states(kiosk, "batches"), states(kiosk, "quarantine")) == (["rejected"], ["waiting"] * 3)
    know_american_dates(kiosk)
    assert cxloop(kiosk, *command) == 0
    assert states(kiosk, "batches") == ["published", "replaced"]
    assert states(kiosk, "quarantine") == [*["replayed"] * 3, "waiting"]
    assert [row["ticket_id"] for row in table(kiosk, "tickets")].count("desk:T900") == 1
    assert len(table(kiosk, "tickets")) == N_ROWS + 1
    assert cxloop(kiosk, *RUN) == 0
    as_if_always_so(kiosk, tmp_path)


def test_replaying_again_publishes_nothing_twice(kiosk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tickets(kiosk, "T901,chat,whenever,,true,")
    assert cxloop(kiosk, *RUN) == 0
    before = tables_of(kiosk)
    assert cxloop(kiosk, "quarantine", "replay") == 0
    after = tables_of(kiosk)
    counted = {"batch_tables"}  # rows that were inserted are unchanged now
    assert {name for name in before if before[name] != after[name]} <= counted
    assert [row["n_unchanged"] for row in table(kiosk, "batch_tables") if row["table_name"] == "tickets"] == [N_ROWS]


def test_nothing_set_aside_is_nothing_to_replay(kiosk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cxloop(kiosk, *RUN) == 0
    capsys.readouterr()
    assert cxloop(kiosk, "quarantine", "replay") == 0
    assert capsys.readouterr().out == "Nothing is set aside.\n"


@pytest.mark.parametrize("command", [("quarantine", "replay"), RUN])
def test_when_the_limit_is_raised_the_rest_is_published(
    kiosk: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    write_tickets(kiosk, *(f"T9{n:02},chat,whenever,,true," for n in range(6)))
    assert cxloop(kiosk, *RUN) == 3
    set_aside = table(kiosk, "quarantine")
    monkeypatch.setenv("CXLOOP_MAX_QUARANTINE_SHARE", "0.2")
    assert cxloop(kiosk, *command) == 0
    assert states(kiosk, "batches") == ["published"]
    assert len(table(kiosk, "tickets")) == N_ROWS
    assert table(kiosk, "quarantine") == set_aside  # they wait as before, once


def test_a_replay_reads_the_landing_zone_when_the_file_is_gone(kiosk: Path) -> None:
    write_tickets(kiosk, AMERICAN)
    assert cxloop(kiosk, *RUN) == 0
    (kiosk / "tickets.csv").unlink()
    know_american_dates(kiosk)
    assert cxloop(kiosk, "quarantine", "replay") == 0
    assert len(table(kiosk, "tickets")) == N_ROWS + 1


def test_what_was_landed_before_a_crash_is_published_though_its_file_is_gone(
    kiosk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("tasks.extract.apart.laying.unwrapped", lambda *_: 1 / 0)
        assert cxloop(kiosk, *RUN) == 3
    (kiosk / "tickets.csv").unlink()
    assert cxloop(kiosk, *RUN) == 0
    assert len(table(kiosk, "tickets")) == N_ROWS
    assert cxloop(kiosk, *RUN) == 3  # now it is told that it is gone


def test_rows_that_a_mended_mapping_gives_no_more_are_withdrawn(kiosk: Path, tmp_path: Path) -> None:
    assert cxloop(kiosk, *RUN) == 0
    mend(
        kiosk,
        "        key: ticket\n        columns: {channel",
        "        key: ticket\n        where: \"ticket <> 'T005'\"\n        columns: {channel",
    )
    assert cxloop(kiosk, *RUN) == 0
    assert len(table(kiosk, "tickets")) == N_ROWS - 1
    as_if_always_so(kiosk, tmp_path)


def test_another_key_does_not_count_everything_twice(kiosk: Path, tmp_path: Path) -> None:
    assert cxloop(kiosk, *RUN) == 0
    mend(
        kiosk,
        "        key: ticket\n        columns: {channel",
        "        key: \"'no-' || ticket\"\n        columns: {channel",
    )
    assert cxloop(kiosk, *RUN) == 0
    assert len(table(kiosk, "tickets")) == N_ROWS
    as_if_always_so(kiosk, tmp_path)


def test_a_table_that_is_mapped_no_more_is_withdrawn(kiosk: Path, tmp_path: Path) -> None:
    assert cxloop(kiosk, *RUN) == 0
    path = kiosk / "sources.yaml"
    text = path.read_text(encoding="utf-8")
    answers, shop = text.index("      survey_answers:"), text.index("  shop:")
    path.write_text(text[:answers] + text[shop:], encoding="utf-8")
    assert cxloop(kiosk, *RUN) == 0
    assert table(kiosk, "survey_answers") == []
    as_if_always_so(kiosk, tmp_path)


def test_a_mapping_that_is_mended_wrongly_takes_nothing_back(kiosk: Path) -> None:
    write_tickets(kiosk, AMERICAN)
    assert cxloop(kiosk, *RUN) == 0
    before = tables_of(kiosk)
    mend(kiosk, "opened_at: opened", "opened_at: openned")
    for command in (("quarantine", "replay"), RUN):
        assert cxloop(kiosk, *command) == 3
        after = tables_of(kiosk)
        for name in (*FACTS, "kpi_days", "kpi_values", "findings", "cursors", "batch_tables", "quarantine"):
            assert after[name] == before[name], name
    mend(kiosk, "opened_at: openned", "opened_at: opened")
    know_american_dates(kiosk)
    assert cxloop(kiosk, *RUN) == 0
    assert len(table(kiosk, "tickets")) == N_ROWS + 1


def test_an_older_file_that_is_read_again_takes_back_nothing_that_a_newer_one_brought(kiosk: Path) -> None:
    write_tickets(kiosk, AMERICAN)
    assert cxloop(kiosk, *RUN) == 0
    write_tickets(kiosk)  # the next day's export: one ticket moved on, and the bad row is not in it any more
    path = kiosk / "tickets.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(ticket(7), ticket(7).replace("chat", "phone")), "utf-8")
    assert cxloop(kiosk, *RUN) == 0
    know_american_dates(kiosk)
    assert cxloop(kiosk, "quarantine", "replay") == 0
    channels = {row["ticket_id"]: row["channel"] for row in table(kiosk, "tickets")}
    assert (channels["desk:T007"], channels["desk:T900"], channels["desk:T008"]) == ("phone", "chat", "chat")


def complete_through(folder: Path) -> date:
    return next(row["complete_through"] for row in table(folder, "cursors") if row["source"] == "desk")


def declare(folder: Path, how: str) -> None:
    mend(
        folder,
        "complete_through: 2026-03-15\n    tables:\n      tickets:",
        f"complete_through: {how}\n    tables:\n      tickets:",
    )


def test_a_batch_that_is_refused_leaves_the_source_complete_as_far_as_it_was(kiosk: Path) -> None:
    declare(kiosk, "{column: opened_at}")
    assert cxloop(kiosk, *RUN) == 0
    before = complete_through(kiosk)
    write_tickets(kiosk, "T900,chat,2026-03-10 10:00,,true,", *(f"T91{n},chat,whenever,,true," for n in range(9)))
    assert cxloop(kiosk, *RUN) == 3
    assert complete_through(kiosk) == before == date(2026, 2, 27)


def test_a_file_that_is_read_again_is_complete_through_the_day_it_came(kiosk: Path) -> None:
    declare(kiosk, "arrival")
    with time_machine.travel(datetime(2026, 3, 16, 6, tzinfo=UTC), tick=True):
        assert cxloop(kiosk, *RUN) == 0
    know_american_dates(kiosk)
    with time_machine.travel(datetime(2026, 3, 30, 6, tzinfo=UTC), tick=True):
        assert cxloop(kiosk, *RUN) == 0
    assert states(kiosk, "batches") == ["published", "replaced"]
    assert complete_through(kiosk) == date(2026, 3, 15)


def test_a_declared_day_moves_without_a_new_file(kiosk: Path, tmp_path: Path) -> None:
    mend(kiosk, "complete_through: 2026-03-15", "complete_through: 2026-03-01")
    assert cxloop(kiosk, *RUN) == 0
    mend(kiosk, "complete_through: 2026-03-01", "complete_through: 2026-03-15")
    assert cxloop(kiosk, *RUN) == 0
    as_if_always_so(kiosk, tmp_path)


def test_list_and_show_tell_row_rule_and_reason(kiosk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tickets(kiosk, "T901,chat,whenever,,true,")
    assert cxloop(kiosk, *RUN) == 0
    capsys.readouterr()
    assert cxloop(kiosk, "quarantine", "list", "--json") == 0
    expected = [
        {"source": "desk", "table_name": "tickets", "rule": "unreadable:opened_at", "state": "waiting", "n_rows": 1}
    ]
    assert json.loads(capsys.readouterr().out) == expected
    assert cxloop(kiosk, "quarantine", "list", "desk", "--rows", "--json") == 0
    row = json.loads(capsys.readouterr().out)[0]
    assert (row["file"], row["row"]) == ("tickets.csv", N_ROWS + 1)
    assert cxloop(kiosk, "quarantine", "show", row["quarantine_id"][:6], "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert json.loads(shown["raw"])["opened"] == "whenever"


def corrected(folder: Path) -> list[tuple[str, str | None, str]]:
    """Key, state and the file that corrected it, of every row of the desk that was set aside."""
    names = {row["batch_id"]: row["name"] for row in table(folder, "batches")}
    rows = [(str(row["row_key"]), names.get(row["corrected_by"]), row["state"]) for row in table(folder, "quarantine")]
    return sorted(rows, key=str)


def next_file(folder: Path, name: str, *rows: str) -> None:
    (folder / name).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def test_a_row_that_a_later_file_brings_well_is_corrected_by_it(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mend(kiosk, "path: tickets.csv", "path: tickets*.csv")
    write_tickets(kiosk, "T901,chat,whenever,,true,")
    assert cxloop(kiosk, *RUN) == 0
    assert corrected(kiosk) == [("desk:T901", None, "waiting")]
    next_file(kiosk, "tickets-2.csv", "T902,chat,2026-03-01 10:00,,true,")
    assert cxloop(kiosk, "ingest") == 0
    assert corrected(kiosk) == [("desk:T901", None, "waiting")]
    next_file(kiosk, "tickets-3.csv", "T901,chat,2026-03-01 10:00,,true,")
    assert cxloop(kiosk, "ingest") == 0
    assert corrected(kiosk) == [("desk:T901", "tickets-3.csv", "corrected")]
    assert answer(kiosk, "status")["rows_set_aside"] == 0
    assert answer(kiosk, "quarantine", "list") == []
    assert [row["n_rows"] for row in answer(kiosk, "quarantine", "list", "--state", "corrected")] == [1]
    assert [row["state"] for row in answer(kiosk, "quarantine", "list", "--all")] == ["corrected"]
    capsys.readouterr()
    assert cxloop(kiosk, "quarantine", "replay") == 0
    assert capsys.readouterr().out == "Nothing is set aside.\n"
    assert cxloop(kiosk, "quarantine", "list", "--all", "--state", "waiting") == 2


def test_a_row_that_comes_wrong_again_waits_and_an_older_file_does_not_correct_it(kiosk: Path) -> None:
    mend(kiosk, "path: tickets.csv", "path: tickets*.csv")
    write_tickets(kiosk, "T901,chat,03/02/2026 10:00,,true,")
    assert cxloop(kiosk, *RUN) == 0
    next_file(kiosk, "tickets-2.csv", ticket(100), *(ticket(n) for n in range(110, 180)), "T901,chat,whenever,,true,")
    assert cxloop(kiosk, "ingest") == 0
    assert corrected(kiosk) == [("desk:T901", None, "waiting")] * 2
    know_american_dates(kiosk)  # the older one can be read now; what came later still cannot
    assert cxloop(kiosk, "ingest") == 0
    assert [(state, by) for _, by, state in corrected(kiosk) if state != "replayed"] == [("waiting", None)]


def test_a_correction_stays_when_the_batch_is_read_again_and_goes_with_the_mapping_that_made_it(kiosk: Path) -> None:
    mend(kiosk, "path: tickets.csv", "path: tickets*.csv")
    write_tickets(kiosk, "T901,chat,whenever,,true,", "T902,chat,never,,true,")
    assert cxloop(kiosk, *RUN) == 0
    next_file(kiosk, "tickets-2.csv", "T901,chat,2026-03-01 10:00,,true,")
    assert cxloop(kiosk, "ingest") == 0
    expected = [("desk:T901", "tickets-2.csv", "corrected"), ("desk:T902", None, "waiting")]
    assert corrected(kiosk) == expected
    assert cxloop(kiosk, "quarantine", "replay") == 0
    assert corrected(kiosk) == expected
    know_american_dates(kiosk)  # both files are read anew
    assert cxloop(kiosk, "ingest") == 0
    assert [row for row in corrected(kiosk) if row[2] != "replayed"] == expected
    left_out = "where: \"NOT (ticket = 'T901' AND opened LIKE '2026%')\""
    columns = "        key: ticket\n        columns: {channel"
    mend(kiosk, columns, columns.replace("ticket\n", f"ticket\n        {left_out}\n"))
    assert cxloop(kiosk, "ingest") == 0
    waiting = [(key, by) for key, by, state in corrected(kiosk) if state == "waiting"]
    assert waiting == [("desk:T901", None), ("desk:T902", None)]


@pytest.mark.parametrize("command", ["list", "replay"])
def test_a_source_that_nobody_declared_is_told_with_those_there_are(
    kiosk: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert cxloop(kiosk, "ingest", "shop") == 0
    assert cxloop(kiosk, "quarantine", command, "dsek") == 2
    assert told(capsys) == "cxloop: sources.yaml has no source 'dsek'. It has: desk, shop.\n"


def test_rows_of_a_source_that_is_declared_no_more_are_still_listed(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tickets(kiosk, "T901,chat,whenever,,true,")
    assert cxloop(kiosk, "ingest") == 0
    mend(kiosk, "  desk:", "  counter:")
    capsys.readouterr()
    assert cxloop(kiosk, "quarantine", "list", "desk") == 0
    assert "unreadable:opened_at" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["too many bad rows", "unreadable"])
def test_a_corrected_file_of_the_same_name_takes_the_place_of_one_that_was_refused(
    kiosk: Path, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    if wrong == "unreadable":
        (kiosk / "tickets.csv").write_text("", encoding="utf-8")
    else:
        write_tickets(kiosk, *(f"T9{n:02},chat,whenever,,true," for n in range(9)))
    assert cxloop(kiosk, "ingest") == 3
    assert states(kiosk, "batches") == ["unreadable" if wrong == "unreadable" else "rejected"]
    write_tickets(kiosk)
    assert cxloop(kiosk, "ingest") == 0
    assert states(kiosk, "batches") == ["published", "replaced"]
    assert set(states(kiosk, "quarantine")) <= {"replayed"}
    capsys.readouterr()
    assert answer(kiosk, "status")["rows_set_aside"] == 0
    assert cxloop(kiosk, "quarantine", "replay") == 0
    assert capsys.readouterr().out == "Nothing is set aside.\n"


def test_a_refused_file_beside_one_of_another_name_stays_refused(kiosk: Path) -> None:
    mend(kiosk, "path: tickets.csv", "path: tickets*.csv")
    write_tickets(kiosk, *(f"T9{n:02},chat,whenever,,true," for n in range(9)))
    assert cxloop(kiosk, "ingest") == 3
    (kiosk / "tickets-2.csv").write_text(f"{HEADER}\n{ticket(300)}\n", encoding="utf-8")
    assert cxloop(kiosk, "ingest") == 3
    assert states(kiosk, "batches") == ["published", "rejected"]
    assert set(states(kiosk, "quarantine")) == {"waiting"}
