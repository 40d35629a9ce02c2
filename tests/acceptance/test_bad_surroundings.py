"""Wrong settings, places that cannot be written, full disks, silent far sides: told, and the next run does the work."""

import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tasks.extract.steps import files
from tests.acceptance.dumps import differences, files_of, table, tables_of
from tests.acceptance.runner import cxloop
from tests.acceptance.small import N_ROWS, RUN, small_project, ticket, told
from tests.fakes.slack import FakeSlack, serving
from wire.files import FoundFile, hashed

FULL = Path("/dev/full")

pytestmark = pytest.mark.usefixtures("undrawn")


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


def test_a_file_that_is_still_being_written_is_left_to_the_next_run(
    kiosk: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not noted as it was seen first, which never landed and would be looked for by every later run."""
    growing = kiosk / "tickets.csv"
    begun = growing.read_text(encoding="utf-8")

    def as_it_grows(path: Path) -> FoundFile:
        found = hashed(path)
        if path == growing:
            growing.write_text(f"{begun}{ticket(N_ROWS)}\n", encoding="utf-8")
        return found

    monkeypatch.setattr(files, "hashed", as_it_grows)
    monkeypatch.setattr(files, "get_run_logger", lambda: logging.getLogger("run"))
    assert cxloop(kiosk, "ingest") == 0
    assert "tickets.csv changed while it was read" in caplog.text
    assert [row["name"] for row in table(kiosk, "batches")] == ["reviews.csv"]
    monkeypatch.undo()
    assert cxloop(kiosk, "ingest") == 0
    assert len(table(kiosk, "tickets")) == N_ROWS + 1
    assert {row["state"] for row in table(kiosk, "batches")} == {"published"}


@pytest.mark.parametrize("text", ["version: [", "\tversion: 1", "", "- a\n- b", "version: 2", "version: 1\nversion: 1"])
@pytest.mark.parametrize("name", ["roadmap.yaml", "sources.yaml"])
def test_a_file_that_is_no_such_file_at_all_is_told(
    kiosk: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (kiosk / name).write_text(text, encoding="utf-8")
    assert cxloop(kiosk, *RUN) == 2
    assert name in told(capsys)


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
    assert cxloop(kiosk, *(RUN if place == "out" else ("ingest",))) == 0
    assert len(table(kiosk, "tickets")) == N_ROWS
    assert place != "out" or files_of(kiosk)


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


@pytest.fixture(scope="module")
def never_full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project after a run that had all the space it wanted."""
    kiosk = small_project(tmp_path_factory.mktemp("never") / "kiosk")
    assert cxloop(kiosk, *RUN) == 0
    return kiosk


@pytest.mark.parametrize("full", [full_landing, full_staging, full_out, full_database])
def test_a_full_disk_is_told_and_the_next_run_does_the_work(
    kiosk: Path, never_full: Path, capsys: pytest.CaptureFixture[str], full: Any
) -> None:
    with full(kiosk):
        capsys.readouterr()
        assert cxloop(kiosk, *RUN) in (2, 3)
    error = told(capsys)
    assert "run again" in error
    assert any(word in error.lower() for word in ("space", "full"))
    assert cxloop(kiosk, *RUN) == 0
    spoken = "outbox"  # the data engineer was told of the source that failed
    assert [d for d in differences(tables_of(never_full), tables_of(kiosk)) if not d.startswith(spoken)] == []
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
