"""Scores on several scales are never added up, whenever the second scale comes."""

from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.dumps import table
from tests.acceptance.runner import run_loop

MONDAY, NEXT_MONDAY = date(2026, 4, 6), date(2026, 4, 13)
pytestmark = pytest.mark.usefixtures("undrawn")

ROADMAP = """\
version: 1
company: {name: Kiosk, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Every customer gets an answer that helps.
owners:
  lead: {slack: "@lead", channel: "#support"}
surveys:
  effort: {kpi: ces, after: ticket solved, wait: 2 h}
benchmarks:
  ces: {kpi: ces, survey: effort, window: 28d, baseline: 5, on: 2026-01-05, target: 6, by: 2026-12-31, tolerance: 0.5, owner: lead}
"""  # noqa: E501
ANSWERS = """\
    format: csv
    zone: UTC
    complete_through: {file_name: '(\\d{4}-\\d{2}-\\d{2})'}
    tables:
      survey_answers:
        measure: ces
        key: id
        columns: {survey: survey, score: score, answered_at: at}
"""
SOURCES = f"""\
version: 1
sources:
  mail:
    kind: files
    path: mail-*.csv
{ANSWERS}        scale: {{low: 1, high: 7, direction: up}}
  chat:
    kind: files
    path: chat-*.csv
{ANSWERS}        scale: {{low: 1, high: 5, direction: up}}
  stars: &reviews
    kind: files
    path: stars-*.csv
    format: csv
    zone: UTC
    complete_through: {{file_name: '(\\d{{4}}-\\d{{2}}-\\d{{2}})'}}
    tables:
      reviews: {{about: us, scale: {{low: 1, high: 5}}, key: id, columns: {{rating: rating, reviewed_at: at}}}}
  tens:
    <<: *reviews
    path: tens-*.csv
    tables:
      reviews: {{about: us, scale: {{low: 1, high: 10}}, key: id, columns: {{rating: rating, reviewed_at: at}}}}
"""
HEAD = "id,survey,score,at\n"
STARS = "id,rating,at\n1,5,2026-03-09 09:00\n"
FIRST = {
    "mail-2026-04-05.csv": HEAD + "1,effort,7,2026-03-09 09:00\n2,thanks,3,2026-03-09 09:00\n",
    "chat-2026-04-05.csv": HEAD + "1,help,4,2026-03-09 09:00\n",
    "stars-2026-04-05.csv": STARS,
    "tens-2026-04-05.csv": "id,rating,at\n",
}
LATER = {
    "mail-2026-04-12.csv": HEAD,
    "chat-2026-04-12.csv": HEAD + "2,effort,5,2026-04-08 09:00\n",
    "stars-2026-04-12.csv": "id,rating,at\n",
    "tens-2026-04-12.csv": "id,rating,at\n1,10,2026-04-08 09:00\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def ever(folder: Path) -> dict[tuple[str, str], float]:
    """Values over all time, by KPI and scope."""
    rows = [row for row in table(folder, "kpi_values") if row["period"] == "all"]
    return {(row["kpi"], row["scope"]): row["value"] for row in rows}


def test_a_second_scale_that_comes_later_takes_back_what_was_told_of_the_survey_and_of_all_reviews(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "kiosk"
    write(folder, {"roadmap.yaml": ROADMAP, "sources.yaml": SOURCES, **FIRST})
    assert run_loop(folder, MONDAY) is None
    found = ever(folder)
    assert found["ces", '{"survey":"effort"}'] == 7
    assert found["review_rating", "{}"] == found["review_rating", '{"source":"stars"}'] == 5
    write(folder, LATER)
    assert run_loop(folder, NEXT_MONDAY) is None
    assert ever(folder) == {  # 7 of 7 and 5 of 5 are no 6, nor 5 of 5 and 10 of 10 a 7.5
        ("ces", '{"survey":"help"}'): 4, ("ces", '{"survey":"thanks"}'): 3,
        ("review_rating", '{"source":"stars"}'): 5, ("review_rating", '{"source":"tens"}'): 10,
    }  # fmt: skip
