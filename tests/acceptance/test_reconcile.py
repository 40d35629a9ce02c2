"""`cxloop reconcile`, from a file on disk to what it says and ends with."""

import csv
import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.runner import answer, cxloop
from tests.acceptance.small import N_ROWS, small_project, told

HOURS = """\
calendars:
  support: {zone: Europe/Berlin, open: {mon-fri: "08:00-11:00"}, holidays: DE-BE}
owners:"""
LAYOUT = """\
columns: {ticket: Ticket ID, opened: Created, resolution: Full resolution (min), status: Status}
zone: Europe/Berlin
"""
HEADER = "Ticket ID;Created;Full resolution (min);Status"


def line(number: int, **more: str) -> str:
    said = {"created": f"2026-02-{number % 28 + 1:02} 10:00", "minutes": "120", "status": "Solved", **more}
    return f"#T{number:03};{said['created']};{said['minutes']};{said['status']}"


def export(folder: Path, *lines: str) -> Path:
    """The vendor's export, as it was saved; how it is written is told beside it."""
    path = folder / "export.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEADER, *lines, ""]).encode()))
    path.with_name("export.yaml").write_text(LAYOUT, encoding="utf-8")
    return path


def declared(folder: Path, calendars: str) -> Path:
    """The small project with calendars and its files brought in."""
    small_project(folder)
    roadmap = folder / "roadmap.yaml"
    roadmap.write_text(roadmap.read_text(encoding="utf-8").replace("owners:", calendars, 1), encoding="utf-8")
    assert cxloop(folder, "ingest") == 0
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To be read only."""
    return declared(tmp_path_factory.mktemp("reconciled") / "kiosk", HOURS)


def classes(found: dict[str, Any]) -> dict[str, int]:
    return {each["class"]: each["n"] for each in found["classes"]}


def test_an_export_that_agrees_ends_well(desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = export(tmp_path, *(line(n) for n in range(N_ROWS)))
    assert cxloop(desk, "reconcile", "desk", "--against", str(file)) == 0
    said = capsys.readouterr().out
    assert "Tickets: ours 60, theirs 60, both 60, only ours 0, only theirs 0" in said
    assert "holidays" not in said
    assert said.endswith("Unexplained: none of the compared values.\n")


def test_a_public_holiday_is_no_business_time(tmp_path: Path) -> None:
    desk = declared(tmp_path / "kiosk", HOURS.replace("DE-BE", "US"))
    lines = [line(n) for n in range(N_ROWS)]
    lines[15] = line(15, minutes="0")  # Monday, 16 February: Washington's Birthday
    lines[14] = line(14, minutes="0")  # the Sunday before, closed as every Sunday
    lines[43] = line(43, minutes="60")  # Monday, 16 February again: an hour would be open on any other Monday
    found = answer(desk, "reconcile", "desk", "--against", str(export(tmp_path, *lines)), "--allow-unknown", "1")
    told = {example["ticket"] for each in found["classes"] if each["class"] == "business hours"
            for example in each["examples"]}  # fmt: skip
    assert told == {"T014", "T015"}


def test_each_difference_is_told_with_its_class_and_an_example(desk: Path, tmp_path: Path) -> None:
    lines = [line(n) for n in range(N_ROWS)]
    lines[1] = line(1, minutes="60")  # Monday, 2 February: an hour until the office closes at 11:00
    lines[2] = line(2, created="2026-02-03 09:00")
    found = answer(desk, "reconcile", "desk", "--against", str(export(tmp_path, *lines)))
    assert classes(found) == {"business hours": 1, "time zone": 1}
    assert found["their_zone"] == "UTC"
    assert found["classes"][0]["examples"] == [
        {"ticket": "T001", "measure": "resolution", "ours": 7200.0, "theirs": 3600.0, "url": None}
    ]
    week = next(p for p in found["periods"] if p["period"] == "2026-02-02" and p["measure"] == "resolution")
    assert (week["ours"], week["theirs"], week["different"], week["explained_share"]) == (7200.0, 7200.0, 1, 1.0)


def test_their_business_time_is_compared_with_ours(desk: Path, tmp_path: Path) -> None:
    lines = [line(n, minutes="0" if n % 28 % 7 in (6, 0) else "60") for n in range(N_ROWS)]  # weekends are closed
    lines[1] = line(1)
    command = ("reconcile", "desk", "--against", str(export(tmp_path, *lines)), "--time", "business")
    found = answer(desk, *command, "--exported-at", "2026-03-16T09:00")
    assert (found["hours"], found["exported_at"]) == ("support", "2026-03-16T08:00:00+00:00")
    assert classes(found) == {"business hours": 1}


def test_too_much_that_nothing_explains_ends_with_three(
    desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line(n, minutes="77" if n < 20 else "120") for n in range(N_ROWS)]
    command = ("reconcile", "desk", "--against", str(export(tmp_path, *lines)))
    assert cxloop(desk, *command) == 3
    said = capsys.readouterr()
    assert said.err.startswith("cxloop: 8.3 % of the compared values differ and nothing explains it; allowed are 1.0 %")
    assert (
        "unknown: 20. Nothing we know of explains it.\n  T000  full resolution: ours 120.0 min, theirs 77.0 min"
        in said.out
    )
    assert cxloop(desk, *command, "--allow-unknown", "0.1") == 0


def test_a_summary_by_week_is_compared(desk: Path, tmp_path: Path) -> None:
    file = tmp_path / "weeks.csv"
    file.write_text("Week,New tickets\n2026-02-02,17\n2026-W07,14\n2026-02-16,15\n", encoding="utf-8")
    command = (
        "reconcile",
        "desk",
        "--against",
        str(file),
        "--column",
        "period=Week",
        "--column",
        "tickets=New tickets",
    )
    found = answer(desk, *command, "--allow-unknown", "0.5")
    assert found["measures"] == [
        {"measure": "tickets", "compared": 3, "equal": 2, "rounding": 0, "different": 1, "classes": {"unknown": 1}}
    ]
    assert found["classes"][0]["examples"][0] | {"url": None} == {
        "period": "2026-02-16", "measure": "tickets", "ours": 14.0, "theirs": 15.0, "url": None,
    }  # fmt: skip


def test_a_wrong_column_an_empty_file_and_no_file_are_told(
    desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export(tmp_path, line(0))
    assert cxloop(desk, "reconcile", "desk", "--against", str(file), "--column", "ticket=Id") == 2
    assert "has no column 'Id' (for ticket)" in told(capsys)
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert cxloop(desk, "reconcile", "desk", "--against", str(empty)) == 2
    assert "empty.csv is empty" in told(capsys)
    assert cxloop(desk, "reconcile", "desk", "--against", str(tmp_path / "none.csv")) == 2
    assert "there is no such file" in told(capsys)
    assert cxloop(desk, "reconcile", "dsk", "--against", str(file)) == 2
    assert "declares no source 'dsk'. Did you mean 'desk'?" in told(capsys)
    for option, value, message in (
        ("--hours", "suport", "has no calendar 'suport'. Did you mean 'support'?"),
        ("--zone", "Europe/Berln", "is no time zone. Did you mean 'Europe/Berlin'?"),
        ("--exported-at", "monday", "expected a time as 2026-03-16T08:00"),
        ("--column", "tickt=Id", "Did you mean 'ticket'?"),
    ):
        assert cxloop(desk, "reconcile", "desk", "--against", str(file), option, value) == 2
        assert message in told(capsys)
    assert cxloop(desk, "reconcile", "shop", "--against", str(file)) == 2
    assert "nothing is held of tickets of 'shop'" in told(capsys)


def test_a_file_with_a_header_alone_lacks_every_ticket_unless_it_is_a_selection(
    desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cxloop(desk, "reconcile", "desk", "--against", str(export(tmp_path))) == 3
    assert "only ours 60" in capsys.readouterr().out
    assert cxloop(desk, "reconcile", "desk", "--against", str(export(tmp_path)), "--selection") == 0
    assert "Unexplained: none" in capsys.readouterr().out


def test_the_file_that_a_source_was_read_from_agrees_with_it_on_either_database(any_project: Path) -> None:
    assert cxloop(any_project, "ingest") == 0
    file = any_project / "data" / "tickets-2.csv.gz"
    rows = list(csv.DictReader(gzip.decompress(file.read_bytes()).decode().splitlines()))
    n_tests = sum(row["topic"] == "test" for row in rows)
    n_solved = sum(row["topic"] != "test" and row["solved"] != "" for row in rows)
    columns = ("--column=first_reply_at=replied", "--column=resolved_at=solved")
    found = answer(any_project, "reconcile", "helpdesk", "--against", str(file), *columns, "--allow-unknown", "0.02")
    different = {each["measure"]: each["classes"] for each in found["measures"]}
    # what the mapping leaves out is no ticket of ours; its event log writes local times as if they were UTC
    assert different == {
        "tickets": {"unknown": n_tests}, "opened": {}, "first_reply": {}, "resolution": {"time zone": n_solved},
        "status": {},
    }  # fmt: skip
    assert found["notes"][0].startswith("8 rows of ours were left out by a `where`")


def test_it_needs_neither_prefect_nor_great_expectations(desk: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    file = export(tmp_path, *(line(n) for n in range(N_ROWS)))
    code = (
        "import sys; from cxloop.cli.main import _ended;"
        f"code = _ended(['--project', {str(desk)!r}, 'reconcile', 'desk', '--against', {str(file)!r}], is_debug=True);"
        "assert code == 0; assert not {'prefect', 'great_expectations'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
