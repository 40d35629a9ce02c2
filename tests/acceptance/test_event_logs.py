"""A helpdesk's event log, one export a month: the figures are those of one file, in whatever order the months come."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sql.tables import FACTS
from tests.acceptance.dumps import Rows, adds_up, differences, tables_of
from tests.acceptance.runner import run_loop
from tests.acceptance.small import ROADMAP

MONDAY = date(2026, 3, 16)
SOURCES = """\
version: 1
sources:
  desk:
    kind: files
    path: log-*.csv
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d %H:%M"]
    complete_through: 2026-03-15
    tables:
      tickets:
        key: ticket
        columns: {status: state, opened_at: opened, channel: channel, team: team, sla_met: in_time}
        history: {at: at, fields: [status, team, sla_met]}
"""
FIGURES = (*FACTS, "ticket_states", "kpi_days", "kpi_values", "dirty_days")

pytestmark = pytest.mark.usefixtures("undrawn")


def log() -> dict[str, list[str]]:
    """Rows by month; tickets go on over the turn of a month, some are reopened, some only touched."""
    dice = random.Random(20_260_316)
    rows: list[tuple[datetime, str]] = []
    for number in range(90):
        opened = datetime(2026, 1, 2, 9, tzinfo=UTC) + timedelta(hours=17 * number)
        at, in_time = opened, "true"
        steps = ["new", "open", "open", "solved", *(["open", "solved"] if number % 9 == 0 else []), "closed", "closed"]
        for state in steps:
            team = dice.choice(["first", "second"])
            text = f"T{number:03},{opened:%Y-%m-%d %H:%M},{at:%Y-%m-%d %H:%M},{state},chat,{team},{in_time}"
            if at.date() < MONDAY:
                rows.append((at, text))
            at += timedelta(hours=dice.randrange(1, 140))
            in_time = "false" if at - opened > timedelta(days=9) else "true"
    months: dict[str, list[str]] = {}
    for at, text in sorted(rows):
        months.setdefault(f"log-{at:%Y-%m}.csv", []).append(text)
    return months


def project(folder: Path, files: dict[str, list[str]]) -> Path:
    folder.mkdir(parents=True)
    (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    export(folder, files, list(files))
    return folder


def export(folder: Path, files: dict[str, list[str]], names: Sequence[str]) -> None:
    for name in names:
        text = "\n".join(["ticket,opened,at,state,channel,team,in_time", *files[name], ""])
        (folder / name).write_text(text, encoding="utf-8")


def figures(folder: Path) -> dict[str, Rows]:
    """Facts and figures, without the file and batch that told a row."""
    adds_up(folder)
    tables = tables_of(folder)
    found: dict[str, Rows] = {name: tables[name] for name in ("kpi_days", "kpi_values", "dirty_days")}
    for name in ("tickets", "ticket_events"):
        found[name] = [row[:-1] for row in tables[name]]
    return found


def test_an_export_a_month_gives_the_figures_of_one_file_in_whatever_order_they_come(tmp_path: Path) -> None:
    months = log()
    assert len(months) == 3
    whole = project(tmp_path / "whole" / "kiosk", {"log-all.csv": [row for rows in months.values() for row in rows]})
    at_once, backwards = tmp_path / "at_once" / "kiosk", tmp_path / "backwards" / "kiosk"
    assert run_loop(whole, MONDAY) is None
    assert run_loop(project(at_once, months), MONDAY) is None
    last, *earlier = sorted(months, reverse=True)
    assert run_loop(project(backwards, {last: months[last]}), MONDAY) is None
    for name in earlier:
        export(backwards, months, [name])
        assert run_loop(backwards, MONDAY) is None
    expected = figures(whole)
    assert expected["kpi_values"]
    assert differences(expected, figures(at_once)) == []
    assert differences(expected, figures(backwards)) == []
    one, other = tables_of(at_once), tables_of(backwards)
    assert differences({name: one[name] for name in FIGURES}, {name: other[name] for name in FIGURES}) == []


def test_an_export_that_grows_is_read_again_without_a_second_event(tmp_path: Path) -> None:
    months = log()
    rows = [row for month in months.values() for row in month]
    whole = project(tmp_path / "whole" / "kiosk", {"log-all.csv": rows})
    growing = project(tmp_path / "growing" / "kiosk", {"log-all.csv": rows[:150]})
    assert run_loop(growing, MONDAY) is None
    export(growing, {"log-all.csv": rows}, ["log-all.csv"])
    assert run_loop(growing, MONDAY) is None
    assert run_loop(whole, MONDAY) is None
    assert differences(figures(whole), figures(growing)) == []
