"""Whatever rows and files come in: a clear error or a row set aside, no row lost, never a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.dumps import adds_up, differences, table, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.small import HEADER, N_ROWS, RUN, small_project, ticket, told, write_tickets

pytestmark = pytest.mark.usefixtures("undrawn")

BAD_ROWS = {
    "a row with a field too few": ("T900,chat,2026-02-03 10:00", [("tickets", "ragged-row")]),
    "a row with a field too many": (f"{ticket(900)},more", [("tickets", "ragged-row")]),
    "bytes that are no UTF-8": (b"T900,\xff\xfe,2026-02-03 10:00,,true,", [("tickets", "broken-encoding")]),
    "a date that is none": ("T900,chat,yesterday,,true,", [("tickets", "unreadable:opened_at")]),
    "a number that is none": (
        "T900,chat,2026-02-03 10:00,2026-02-03 11:00,true,good",
        [("survey_answers", "unreadable:score")],
    ),
    "a flag that is none": (
        "T900,chat,2026-02-03 10:00,2026-02-03 11:00,perhaps,",
        [("tickets", "unreadable:sla_met")],
    ),
    "a score out of its scale": (
        "T900,chat,2026-02-03 10:00,2026-02-03 11:00,true,7",
        [("survey_answers", "out-of-scale")],
    ),
    "a date of 1970": ("T900,chat,1970-01-01 00:00,,true,", [("tickets", "date-out-of-range")]),
    "a date of 2099": ("T900,chat,2099-12-31 00:00,,true,", [("tickets", "date-out-of-range")]),
    "a local time that does not exist": (
        "T900,chat,2025-03-30 02:30,,true,",
        [("tickets", "nonexistent-time:opened_at")],
    ),
    "solved before it came": (
        "T900,chat,2026-02-03 10:00,2026-02-02 10:00,true,",
        [("tickets", "resolved-before-opened")],
    ),
    "no key": (",chat,2026-02-03 10:00,,true,", [("tickets", "missing-key")]),
    "no date": ("T900,chat,,,true,", [("tickets", "missing:opened_at")]),
    "a quote that is never closed": ('T900,"chat,2026-02-03 10:00,,true,', [("tickets", "ragged-row")]),
}  # fmt: skip


CASES = [*BAD_ROWS]
CLEAN = [ticket(number) for number in range(100, 900)]
"""So many that all the bad ones together are few."""
TWINS = ["T980,chat,2026-02-03 10:00,,true,", "T980,email,2026-02-03 10:00,,true,"]


def under_own_key(row: str | bytes, place: int) -> str | bytes:
    """The case's row, as the only one of its key."""
    key = f"T{900 + place}"
    return row.replace("T900", key) if isinstance(row, str) else row.replace(b"T900", key.encode())


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project after one run on a file with every bad row, a row twice, and two that differ under one key."""
    kiosk = small_project(tmp_path_factory.mktemp("mixed") / "kiosk")
    bad = [under_own_key(BAD_ROWS[case][0], place) for place, case in enumerate(CASES)]
    assert "never closed" in CASES[-1], "it takes in whatever comes after it"
    write_tickets(kiosk, *CLEAN, ticket(0), *TWINS, *bad)
    assert cxloop(kiosk, *RUN) == 0
    return kiosk


def set_aside(folder: Path, *rows: int) -> list[tuple[str, str]]:
    """Table and rule of what was set aside, of some rows of the file or of all."""
    found = table(folder, "quarantine")
    return sorted((row["table_name"], row["rule"]) for row in found if not rows or row["row"] in rows)


@pytest.mark.parametrize("place", range(len(CASES)), ids=CASES)
def test_a_bad_row_is_set_aside_with_its_reason(mixed: Path, place: int) -> None:
    number = N_ROWS + len(CLEAN) + 1 + len(TWINS) + place + 1
    assert set_aside(mixed, number) == BAD_ROWS[CASES[place]][1]


def test_two_rows_with_one_key_that_differ_are_both_set_aside(mixed: Path) -> None:
    first = N_ROWS + len(CLEAN) + 2
    assert set_aside(mixed, first, first + 1) == [("tickets", "duplicate-key")] * 2


def test_a_row_that_comes_twice_counts_once(mixed: Path) -> None:
    assert [row["ticket_id"] for row in table(mixed, "tickets")].count("desk:T000") == 1


def test_all_other_rows_are_published_and_every_row_is_accounted_for(mixed: Path) -> None:
    bad_answers = [rule for rows in BAD_ROWS.values() for rule in rows[1] if rule[0] == "survey_answers"]
    assert len(table(mixed, "tickets")) == N_ROWS + len(CLEAN) + len(bad_answers)
    assert len(set_aside(mixed)) == len(BAD_ROWS) + len(TWINS)
    assert all(row["reason"] and json.loads(row["raw"]) for row in table(mixed, "quarantine"))
    adds_up(mixed)


def test_bad_rows_are_no_error(kiosk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tickets(kiosk, "T900,chat,yesterday,,true,")
    assert cxloop(kiosk, "ingest") == 0
    assert told(capsys) == ""


def test_a_file_with_a_header_alone_is_a_quiet_day(kiosk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kiosk / "tickets.csv").write_text(f"{HEADER}\n", encoding="utf-8")
    assert cxloop(kiosk, *RUN) == 0
    assert told(capsys) == ""
    assert table(kiosk, "tickets") == []
    assert len(table(kiosk, "reviews")) == N_ROWS


BAD_FILES = {
    "empty": (b"", "tickets.csv is empty"),
    "without a column": (b"ticket,channel,opened,solved,score\nT1,chat,2026-02-03 10:00,,5\n", "in_time"),
    "a column twice": (f"{HEADER},channel\n".encode(), "more than one column is called 'channel'"),
    "a damaged gz": (b"\x1f\x8b\x08\x00 and no more", "damaged or cut off"),
    "a damaged zip": (b"PK\x03\x04 and no more", "damaged or cut off"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_file_that_is_not_as_mapped_is_told_and_the_other_source_goes_on(
    kiosk: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    content, words = BAD_FILES[case]
    (kiosk / "tickets.csv").write_bytes(content)
    assert cxloop(kiosk, "ingest") == 3
    error = told(capsys)
    assert error.startswith("cxloop: 1 of 2 sources failed: desk: ")
    assert words in error
    assert len(table(kiosk, "reviews")) == N_ROWS
    assert [row["state"] for row in table(kiosk, "batches")].count("published") == 1


def test_a_missing_column_is_told_with_the_columns_that_are_there(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kiosk / "tickets.csv").write_text(HEADER.replace("opened", "created") + "\n", encoding="utf-8")
    assert cxloop(kiosk, "ingest") == 3
    error = told(capsys)
    assert "opened" in error
    for name in ("ticket", "channel", "created", "solved", "in_time", "score"):
        assert name in error


def test_a_batch_with_too_many_bad_rows_is_refused_whole_and_nothing_of_it_is_lost(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tickets(kiosk, *(f"T9{n:02},chat,soon,,true," for n in range(10)))
    assert cxloop(kiosk, *RUN) == 3
    error = told(capsys)
    assert "10 of " in error
    assert "Nothing of it was published" in error
    assert table(kiosk, "tickets") == []
    assert set_aside(kiosk) == [("tickets", "unreadable:opened_at")] * 10
    before = tables_of(kiosk)
    assert cxloop(kiosk, *RUN) == 3  # and again: nothing twice
    assert differences(before, tables_of(kiosk)) == []
    write_tickets(kiosk)
    assert cxloop(kiosk, "ingest") == 0
    assert len(table(kiosk, "tickets")) == N_ROWS


def test_a_file_that_may_not_be_read_is_told_and_the_other_source_goes_on(
    kiosk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refusing(path: Path, *arguments: Any, **more: Any) -> Any:
        if path.name == "tickets.csv":  # for root every file may be read: the kernel's answer is given here
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refusing)
        assert cxloop(kiosk, "ingest") == 3
    error = told(capsys)
    assert "tickets.csv cannot be read (Permission denied)" in error
    assert len(table(kiosk, "reviews")) == N_ROWS
    assert cxloop(kiosk, "ingest") == 0
    assert len(table(kiosk, "tickets")) == N_ROWS


def test_a_file_that_is_not_there_is_told_and_the_other_source_goes_on(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kiosk / "tickets.csv").unlink()
    assert cxloop(kiosk, "ingest") == 3
    assert "no file matches" in told(capsys)
    assert len(table(kiosk, "reviews")) == N_ROWS
