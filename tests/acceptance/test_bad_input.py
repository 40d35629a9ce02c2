"""Whatever comes in: a clear error or a row set aside, no row lost, never a traceback."""

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from sql.tables import METADATA
from tests.acceptance.dumps import differences, files_of, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.small import HEADER, MONDAY, N_ROWS, small_project, ticket, write_tickets
from tests.fakes.slack import FakeSlack, serving

RUN = ("run", "--as-of", MONDAY.isoformat())
FULL = Path("/dev/full")

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture
def kiosk(tmp_path: Path) -> Path:
    """The small project."""
    return small_project(tmp_path / "kiosk")


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    names = [column.name for column in METADATA.tables[name].c if not column.info.get("volatile")]
    return [dict(zip(names, row, strict=True)) for row in tables_of(folder)[name]]


def set_aside(folder: Path) -> list[tuple[str, str]]:
    """Table and rule of every row set aside."""
    return sorted((row["table_name"], row["rule"]) for row in table(folder, "quarantine"))


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said on standard error: at most one message, and no traceback."""
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert said.err == "" or said.err.startswith("cxloop: ")
    return said.err


def adds_up(folder: Path) -> None:
    """Rule 1, over every batch and table."""
    for row in table(folder, "batch_tables"):
        assert row["n_source"] == row["n_mapped"] + row["n_left_out"] + row["n_unreadable"]
        went = ("n_inserted", "n_updated", "n_unchanged", "n_superseded", "n_quarantined")
        assert row["n_mapped"] == sum(row[name] for name in went)


BAD_ROWS = {
    "a row with a field too few": ("T900,chat,2026-02-03 10:00", [("tickets", "ragged-row")]),
    "a row with a field too many": (f"{ticket(900)},more", [("tickets", "ragged-row")]),
    "a quote that is never closed": ('T900,"chat,2026-02-03 10:00,,true,', [("tickets", "ragged-row")]),
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
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_set_aside_with_its_reason_and_the_others_are_published(
    kiosk: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    row, expected = BAD_ROWS[case]
    write_tickets(kiosk, row)
    assert cxloop(kiosk, *RUN) == 0
    assert told(capsys) == ""
    assert set_aside(kiosk) == expected
    assert all(row["reason"] and json.loads(row["raw"]) for row in table(kiosk, "quarantine"))
    n_bad = sum(name == "tickets" for name, _ in expected)
    assert len(table(kiosk, "tickets")) == N_ROWS + 1 - n_bad
    adds_up(kiosk)


def test_two_rows_with_one_key_that_differ_are_both_set_aside(kiosk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clean = [ticket(number) for number in range(200, 300)]  # two of a hundred and more are few enough
    write_tickets(kiosk, *clean, "T900,chat,2026-02-03 10:00,,true,", "T900,email,2026-02-03 10:00,,true,")
    assert cxloop(kiosk, *RUN) == 0
    assert told(capsys) == ""
    assert set_aside(kiosk) == [("tickets", "duplicate-key")] * 2
    adds_up(kiosk)


def test_a_row_that_comes_twice_counts_once(kiosk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tickets(kiosk, ticket(0))
    assert cxloop(kiosk, *RUN) == 0
    assert (told(capsys), set_aside(kiosk), len(table(kiosk, "tickets"))) == ("", [], N_ROWS)
    adds_up(kiosk)


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
    assert cxloop(kiosk, *RUN) == 3
    error = told(capsys)
    assert error.startswith("cxloop: 1 of 2 sources failed: desk: ")
    assert words in error
    assert len(table(kiosk, "reviews")) == N_ROWS
    assert [row["state"] for row in table(kiosk, "batches")].count("published") == 1
    write_tickets(kiosk)
    assert cxloop(kiosk, *RUN) == 0
    assert len(table(kiosk, "tickets")) == N_ROWS


def test_a_missing_column_is_told_with_the_columns_that_are_there(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kiosk / "tickets.csv").write_text(HEADER.replace("opened", "created") + "\n", encoding="utf-8")
    assert cxloop(kiosk, *RUN) == 3
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
    assert cxloop(kiosk, *RUN) == 0
    assert len(table(kiosk, "tickets")) == N_ROWS


@pytest.mark.parametrize(
    ("name", "after", "line"),
    [
        ("roadmap.yaml", "vision:", "visoin: Coffee for all."),
        ("roadmap.yaml", "benchmarks:", "  slaa: {kpi: sla_attainment, windw: 28d}"),
        ("sources.yaml", "    kind: files", "    pth: tickets.csv"),
        ("sources.yaml", "        key: ticket", "        latest_bye: opened"),
    ],
)
def test_a_key_that_nobody_knows_is_told_with_file_and_line(
    kiosk: Path, capsys: pytest.CaptureFixture[str], name: str, after: str, line: str
) -> None:
    path = kiosk / name
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(number for number, text in enumerate(lines) if text.startswith(after))
    path.write_text("\n".join([*lines[: at + 1], line, *lines[at + 1 :]]), encoding="utf-8")
    assert cxloop(kiosk, *RUN) == 2
    error = told(capsys)
    assert f"{name}:{at + 2}" in error
    assert line.split(":", maxsplit=1)[0].strip() in error or "windw" in error


@pytest.mark.parametrize("text", ["version: [", "\tversion: 1", "", "- a\n- b", "version: 2", "version: 1\nversion: 1"])
@pytest.mark.parametrize("name", ["roadmap.yaml", "sources.yaml"])
def test_a_file_that_is_no_such_file_at_all_is_told(
    kiosk: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (kiosk / name).write_text(text, encoding="utf-8")
    assert cxloop(kiosk, *RUN) == 2
    assert name in told(capsys)


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
        assert cxloop(kiosk, *RUN) == 3
    error = told(capsys)
    assert "tickets.csv cannot be read (Permission denied)" in error
    assert len(table(kiosk, "reviews")) == N_ROWS
    assert cxloop(kiosk, *RUN) == 0
    assert len(table(kiosk, "tickets")) == N_ROWS


@pytest.mark.parametrize("place", ["tickets.csv", "roadmap.yaml", "sources.yaml", ".env"])
def test_a_folder_in_the_place_of_a_file_is_told(kiosk: Path, capsys: pytest.CaptureFixture[str], place: str) -> None:
    (kiosk / place).unlink(missing_ok=True)
    (kiosk / place).mkdir()
    code = cxloop(kiosk, *RUN)
    error = told(capsys)
    assert (code, place in error) in ({(3, True)} if place == "tickets.csv" else {(2, True), (0, False)})
    assert (code == 0) == (place == ".env")


@pytest.mark.parametrize("place", [".cxloop", ".cxloop/landing", ".cxloop/staging", ".cxloop/cxloop.db", "out"])
def test_a_place_that_cannot_be_written_is_told_and_the_next_run_does_the_work(
    kiosk: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    blocked = kiosk / place
    blocked.parent.mkdir(exist_ok=True)
    if place.endswith(".db"):
        blocked.mkdir()
    else:
        blocked.write_text("", encoding="utf-8")
    code = cxloop(kiosk, *RUN)
    error = told(capsys)
    assert code in (2, 3)
    assert str(blocked) in error
    blocked.rmdir() if blocked.is_dir() else blocked.unlink()
    assert cxloop(kiosk, *RUN) == 0
    assert len(table(kiosk, "tickets")) == N_ROWS
    assert files_of(kiosk)


@contextmanager
def full_landing(kiosk: Path) -> Iterator[None]:
    """What is landed is written to a disk that is full."""
    made = tempfile.mkstemp

    def on_full_disk(*arguments: Any, **more: Any) -> tuple[int, str]:
        handle, name = made(*arguments, **more)
        os.close(handle)
        return os.open(FULL, os.O_WRONLY), name

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", on_full_disk)
        yield


@contextmanager
def full_staging(kiosk: Path) -> Iterator[None]:
    """What is staged is written to a disk that is full."""
    assert cxloop(kiosk, "ingest", "desk") == 0  # tells what the batch's files are called
    folder = next((kiosk / ".cxloop" / "staging").iterdir())
    staged = [*folder.iterdir()]
    for path in staged:
        path.unlink()
        path.symlink_to(FULL)
    (kiosk / ".cxloop" / "cxloop.db").unlink()
    yield
    for path in staged:
        path.unlink()


@contextmanager
def full_out(kiosk: Path) -> Iterator[None]:
    """The page is written to a disk that is full."""
    part = kiosk / "out" / "summary" / ".latest.html.part"
    part.parent.mkdir(parents=True)
    part.symlink_to(FULL)
    yield
    part.unlink()


@contextmanager
def full_database(kiosk: Path) -> Iterator[None]:
    """The database may not grow."""
    assert cxloop(kiosk, "detect") == 0  # makes the tables

    @event.listens_for(Engine, "connect")
    def no_more_pages(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    yield
    event.remove(Engine, "connect", no_more_pages)


@pytest.mark.parametrize("full", [full_landing, full_staging, full_out, full_database])
def test_a_full_disk_is_told_and_the_next_run_does_the_work(
    kiosk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], full: Any
) -> None:
    with full(kiosk):
        capsys.readouterr()
        assert cxloop(kiosk, *RUN) in (2, 3)
    error = told(capsys)
    assert "run again" in error
    assert any(word in error.lower() for word in ("space", "full"))
    assert cxloop(kiosk, *RUN) == 0
    never_full = small_project(tmp_path / "never" / "kiosk")
    assert cxloop(never_full, *RUN) == 0
    spoken = "outbox"  # the data engineer was told of the source that failed
    assert [told for told in differences(tables_of(never_full), tables_of(kiosk)) if not told.startswith(spoken)] == []
    summary = {path: content for path, content in files_of(never_full).items() if path.startswith("summary/")}
    assert files_of(kiosk).items() >= summary.items()


@contextmanager
def _slack(fake: FakeSlack, patch: pytest.MonkeyPatch) -> Iterator[None]:
    with serving(fake) as url:
        patch.setenv("CXLOOP_SLACK_TOKEN", "xoxb-secret")
        patch.setenv("CXLOOP_SLACK_BASE_URL", url)
        yield


def test_a_token_that_slack_refuses_is_told_and_the_messages_wait(
    kiosk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeSlack()
    with _slack(fake, monkeypatch):
        fake.once("chat.postMessage", 200, {"ok": False, "error": "invalid_auth"})
        assert cxloop(kiosk, *RUN) == 5
        error = told(capsys)
        assert "Slack refuses the token: invalid_auth" in error
        assert "xoxb-secret" not in error
        waiting = table(kiosk, "outbox")
        assert {row["state"] for row in waiting} == {"waiting"}
        assert cxloop(kiosk, *RUN) == 0
    assert {row["state"] for row in table(kiosk, "outbox")} == {"sent"}
    assert len(fake.posted) == len(waiting)


def test_without_a_network_the_messages_wait(
    kiosk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXLOOP_SLACK_TOKEN", "xoxb-secret")
    monkeypatch.setenv("CXLOOP_SLACK_BASE_URL", "http://127.0.0.1:9/api/")
    assert cxloop(kiosk, *RUN) == 5
    assert "could not be reached" in told(capsys)
    assert len(table(kiosk, "tickets")) == N_ROWS
    fake = FakeSlack()
    with _slack(fake, monkeypatch):
        assert cxloop(kiosk, *RUN) == 0
    assert len(fake.posted) == len(table(kiosk, "outbox"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://nobody:geheim@127.0.0.1:9/none", "Check that the server runs"),
        ("mysql://a:geheim@b/c", "expected sqlite or postgresql"),
        ("nonsense", "CXLOOP_DATABASE_URL is no database that can be opened"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_without_its_password(
    kiosk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str, words: str
) -> None:
    monkeypatch.setenv("CXLOOP_DATABASE_URL", url)
    assert cxloop(kiosk, *RUN) == 2
    error = told(capsys)
    assert words in error
    assert "geheim" not in error


def test_a_setting_that_is_wrong_is_told_without_its_value(
    kiosk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXLOOP_MAX_QUARANTINE_SHARE", "plenty")
    assert cxloop(kiosk, *RUN) == 2
    assert "CXLOOP_MAX_QUARANTINE_SHARE" in told(capsys)
