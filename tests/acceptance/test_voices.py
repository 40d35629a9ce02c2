"""Answers that come late change whose voice counts in their own weeks, and in no others."""

from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.dumps import differences, tables_of
from tests.acceptance.runner import answer, cxloop, run_loop

MONDAY, NEXT_MONDAY = date(2026, 4, 6), date(2026, 4, 13)
pytestmark = pytest.mark.usefixtures("undrawn")

ROADMAP = """\
version: 1
company: {name: Kiosk, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Every customer gets an answer that helps.
owners:
  lead: {slack: "@lead", channel: "#support"}
segments:
  office: {when: "plan = 'office'", count: accounts}
  home: {when: "plan = 'home'"}
surveys:
  relationship: {kpi: nps, every: 180 days}
benchmarks:
  nps: {kpi: nps, survey: relationship, window: 28d, baseline: 20, on: 2026-01-05, target: 30, by: 2026-12-31, tolerance: 20, owner: lead}
"""  # noqa: E501
SOURCES = """\
version: 1
sources:
  surveys:
    kind: files
    path: answers-*.csv
    format: csv
    zone: Europe/Berlin
    complete_through: {file_name: 'answers-(\\d{4}-\\d{2}-\\d{2})'}
    tables:
      survey_answers:
        - survey: relationship
          measure: nps
          scale: {low: 0, high: 10, direction: up}
          key: response
          columns: {account_id: account, segment: segment, score: score, answered_at: at}
"""
FIRST = """\
response,account,segment,score,at
1,A,office,0,2026-03-03 09:00
2,A,office,10,2026-03-18 09:00
3,B,office,9,2026-03-04 09:00
4,C,home,9,2026-03-05 09:00
5,C,home,0,2026-03-06 09:00
"""
LATE = """\
response,account,segment,score,at
6,A,office,5,2026-03-05 09:00
7,B,office,3,2026-04-08 09:00
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def first(folder: Path) -> Path:
    return write(folder, **{"roadmap.yaml": ROADMAP, "sources.yaml": SOURCES, "answers-2026-04-05.csv": FIRST})


def shown(folder: Path, by: str) -> dict[str, tuple[int, float]]:
    return {row["period_start"]: (row["n"], row["value"]) for row in answer(folder, "kpi", "nps", "--by", by)}


def test_an_office_is_one_voice_in_each_period(tmp_path: Path) -> None:
    folder = first(tmp_path / "kiosk")
    assert run_loop(folder, MONDAY) is None
    assert shown(folder, "week") == {"2026-03-02": (4, 0.0), "2026-03-16": (1, 100.0)}
    assert shown(folder, "month") == {"2026-03-01": (4, 50.0)}


def test_figures_after_late_answers_are_those_of_answers_that_were_never_late(tmp_path: Path) -> None:
    late, whole = first(tmp_path / "late"), first(tmp_path / "whole")
    assert run_loop(late, MONDAY) is None
    for folder in (late, whole):
        write(folder, **{"answers-2026-04-12.csv": LATE})
        assert run_loop(folder, NEXT_MONDAY) is None
    assert shown(late, "week")["2026-03-02"] == (4, 0.0)
    assert shown(late, "month") == {"2026-03-01": (4, 50.0)}  # B's of April takes nothing out of March
    found, expected = tables_of(late), tables_of(whole)
    names = ("kpi_days", "kpi_values")
    assert differences({name: expected[name] for name in names}, {name: found[name] for name in names}) == []


def test_a_segment_that_is_counted_otherwise_is_measured_again(tmp_path: Path) -> None:
    folder = first(tmp_path / "kiosk")
    assert run_loop(folder, MONDAY) is None
    write(folder, **{"roadmap.yaml": ROADMAP.replace("count: accounts", "count: customers")})
    assert cxloop(folder, "measure", "--as-of", MONDAY.isoformat()) == 0
    assert shown(folder, "month") == {"2026-03-01": (5, 20.0)}
