"""Of a ticket's ratings the latest counts, from the day it came."""

from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.dumps import differences, tables_of
from tests.acceptance.runner import answer, run_loop

MONDAY, NEXT_MONDAY = date(2026, 4, 6), date(2026, 4, 13)
pytestmark = pytest.mark.usefixtures("undrawn")

ROADMAP = """\
version: 1
company: {name: Kiosk, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Every customer gets an answer that helps.
owners:
  lead: {slack: "@lead", channel: "#support"}
surveys:
  after-help: {kpi: csat, after: ticket solved, wait: 2 h}
benchmarks:
  csat: {kpi: csat, survey: after-help, window: 28d, baseline: 0.5, on: 2026-01-05, target: 0.9, by: 2026-12-31, tolerance: 0.1, owner: lead}
"""  # noqa: E501
SOURCES = """\
version: 1
sources:
  desk:
    kind: files
    path: answers-*.csv
    format: csv
    zone: Europe/Berlin
    complete_through: {file_name: 'answers-(\\d{4}-\\d{2}-\\d{2})'}
    tables:
      survey_answers:
        - survey: after-help
          measure: csat
          question: satisfied
          scale: {low: 1, high: 5, direction: up, satisfied_from: 4}
          key: response
          columns: {ticket_id: ticket, channel: channel, score: score, answered_at: at}
"""
FIRST = """\
response,ticket,channel,score,at
1,T1,chat,1,2026-03-03 09:00
2,T2,chat,1,2026-03-04 09:00
3,T2,email,5,2026-03-05 09:00
4,T3,chat,5,2026-03-18 09:00
5,,chat,2,2026-03-18 09:00
"""
LATE = """\
response,ticket,channel,score,at
6,T1,chat,5,2026-03-25 09:00
7,T3,chat,1,2026-04-08 09:00
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def first(folder: Path) -> Path:
    return write(folder, **{"roadmap.yaml": ROADMAP, "sources.yaml": SOURCES, "answers-2026-04-05.csv": FIRST})


def shown(folder: Path, by: str) -> dict[str, tuple[int, float]]:
    return {row["period_start"]: (row["n"], row["value"]) for row in answer(folder, "kpi", "csat", "--by", by)}


def test_who_rates_a_ticket_again_has_one_voice_in_each_period(tmp_path: Path) -> None:
    folder = first(tmp_path / "kiosk")
    assert run_loop(folder, MONDAY) is None
    assert shown(folder, "week") == {"2026-03-02": (2, 0.5), "2026-03-16": (2, 0.5)}


def test_figures_after_a_later_rating_are_those_of_one_that_was_never_late(tmp_path: Path) -> None:
    late, whole = first(tmp_path / "late"), first(tmp_path / "whole")
    assert run_loop(late, MONDAY) is None
    for folder in (late, whole):
        write(folder, **{"answers-2026-04-12.csv": LATE})
        assert run_loop(folder, NEXT_MONDAY) is None
    # T1 was bad when its week ended, and good when March did; T3 is bad since April
    assert shown(late, "week") == {
        "2026-03-02": (2, 0.5), "2026-03-16": (2, 0.5), "2026-03-23": (1, 1.0), "2026-04-06": (1, 0.0),
    }  # fmt: skip
    assert shown(late, "month") == {"2026-03-01": (4, 0.75)}
    assert shown(late, "all") == {"2026-03-03": (4, 0.5)}
    found, expected = tables_of(late), tables_of(whole)
    names = ("kpi_days", "kpi_values", "kpi_stretches", "kpi_years")
    assert differences({name: expected[name] for name in names}, {name: found[name] for name in names}) == []


def test_a_later_rating_that_is_gone_gives_the_earlier_one_its_voice_back(tmp_path: Path) -> None:
    again, once = first(tmp_path / "again"), first(tmp_path / "once")
    only = FIRST.replace("3,T2,email,5", "3,T9,email,5")  # it was about another ticket
    assert run_loop(again, MONDAY) is None
    write(again, **{"answers-2026-04-05.csv": only})
    write(once, **{"answers-2026-04-05.csv": only})
    for folder in (again, once):
        assert run_loop(folder, NEXT_MONDAY) is None
    assert shown(again, "week") == {"2026-03-02": (3, 1 / 3), "2026-03-16": (2, 0.5)}
    found, expected = tables_of(again), tables_of(once)
    names = ("kpi_days", "kpi_values", "kpi_stretches", "kpi_years")
    assert differences({name: expected[name] for name in names}, {name: found[name] for name in names}) == []


@pytest.mark.parametrize("rows", [1, 2])
def test_pieces_of_a_long_history_know_later_ratings_in_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    whole, pieces = first(tmp_path / "whole"), first(tmp_path / "pieces")
    for folder in (whole, pieces):
        write(folder, **{"answers-2026-04-12.csv": LATE})
    assert run_loop(whole, NEXT_MONDAY) is None
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", str(rows))
    assert run_loop(pieces, NEXT_MONDAY) is None
    found, expected = tables_of(pieces), tables_of(whole)
    names = ("kpi_days", "kpi_values", "kpi_stretches", "kpi_years")
    assert differences({name: expected[name] for name in names}, {name: found[name] for name in names}) == []
