"""A made-up twin of the health service: the share satisfied against a count in plain Python, row by row."""

import csv
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from sql.store import Store, store_at
from sql.tables import FACTS
from tests.acceptance.projects import Row, write_csv
from tests.acceptance.runner import answer, cxloop

FIRST = date(2026, 1, 13)
N_PATIENTS = 400
SCORES, SATISFIED = {"1", "2", "3", "4", "5"}, {"1", "2"}

ROADMAP = """\
version: 1
company: {name: Little Clinic, currency: GBP, languages: [en], zone: Europe/London}
vision: Every patient is heard.
owners:
  lead: {slack: "@lead", channel: "#patients"}
surveys:
  visit: {kpi: csat, after: a visit}
benchmarks:
  patients: {kpi: csat, survey: visit, window: 28d, baseline: 0.8, on: 2026-01-12, target: 0.9, by: 2026-12-31, tolerance: 0.05, owner: lead}
"""  # noqa: E501

SOURCES = """\
version: 1
sources:
  visits:
    kind: files
    path: visits.csv
    format: csv
    zone: Europe/London
    dates: ["%d/%m/%Y", "%m/%d/%Y"]
    complete_through: 2026-03-31
    tables:
      survey_answers:
        survey: visit
        measure: csat
        question: overall
        scale: {low: 1, high: 5, direction: down, satisfied_from: 4, no_score: ["6", "7"]}
        key: patient
        swapped_dates: {within: patient, order: CAST(number AS INT), among: ward}
        columns: {score: score, answered_at: day, team: ward}
"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after it was measured."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "roadmap.yaml").write_text(ROADMAP, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    write_csv(folder / "visits.csv", made_up())
    assert cxloop(folder, "ingest") == 0
    assert cxloop(folder, "measure") == 0
    return folder


def made_up() -> list[Row]:
    """Patients numbered as they came; of some, one row more or two, and of some of those the date month first."""
    dice = random.Random(31)
    found: list[Row] = []
    for number in range(N_PATIENTS):
        day = true_day(number)
        score = dice.choice("1111222345567")
        ward = dice.choice(("east", "west"))
        n_rows = dice.choice((1, 1, 2, 3))
        for place in range(n_rows):
            is_swapped = place == 1 and number % 3 == 0
            written = f"{day:%m/%d/%Y}" if is_swapped else f"{day:%d/%m/%Y}"
            found.append({"patient": f"P{number:03}", "number": number, "ward": ward, "day": written, "score": score})
    return found


def true_day(number: int) -> date:
    """Six patients a day, from the middle of January to the third week of March."""
    return FIRST + timedelta(days=number // 6)


def read(folder: Path) -> list[dict[str, str]]:
    with (folder / "visits.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def share_satisfied(rows: Iterable[dict[str, str]]) -> tuple[float, int]:
    """1 and 2 among the patients who gave a score, each counted once."""
    seen: set[str] = set()
    n = n_satisfied = 0
    for row in rows:
        if row["patient"] in seen or row["score"] not in SCORES:
            continue
        seen.add(row["patient"])
        n += 1
        n_satisfied += row["score"] in SATISFIED
    return n_satisfied / n, n


def test_the_twin_has_all_that_makes_the_real_one_hard(clinic: Path) -> None:
    rows = read(clinic)
    days: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        days[row["patient"]].add(row["day"])
    assert len(days) == N_PATIENTS < len(rows)
    assert sum(len(texts) == 2 for texts in days.values()) > 30
    assert {row["score"] for row in rows} == SCORES | {"6", "7"}


@pytest.mark.parametrize("scope", [(), ("--scope", "team=east"), ("--scope", "team=west")])
def test_the_share_satisfied_is_that_of_a_count_row_by_row(clinic: Path, scope: tuple[str, ...]) -> None:
    ward = scope[1].removeprefix("team=") if scope else ""
    (found,) = answer(clinic, "kpi", "csat", "--by", "all", *scope)
    value, n = share_satisfied(row for row in read(clinic) if row["ward"] == (ward or row["ward"]))
    assert (found["value"], found["n"]) == (pytest.approx(value, rel=1e-12), n)


def test_so_is_the_share_of_every_week_by_the_true_day(clinic: Path) -> None:
    weeks = answer(clinic, "kpi", "csat", "--by", "week")
    assert len(weeks) == 10
    for week in weeks:
        start, end = (date.fromisoformat(week[name]) for name in ("period_start", "period_end"))
        rows = (row for row in read(clinic) if start <= true_day(int(row["number"])) < end)
        value, n = share_satisfied(rows)
        assert (week["value"], week["n"]) == (pytest.approx(value, rel=1e-12), n)


def test_a_patient_with_several_rows_is_one_answer(clinic: Path) -> None:
    with store_at(str(clinic)).reading() as connection:
        rows = Store.rows(connection, select(FACTS["survey_answers"].c.answer_id))
    assert sorted(row["answer_id"] for row in rows) == [f"visits:P{number:03}:overall" for number in range(N_PATIENTS)]
