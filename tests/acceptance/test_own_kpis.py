"""A company's own KPIs go round the loop as the catalogue's do."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.dumps import table, tables_of
from tests.acceptance.projects import LAST_MONDAY
from tests.acceptance.runner import answer, cxloop, run_loop
from tests.acceptance.small import MONDAY, small_project, told

pytestmark = pytest.mark.usefixtures("undrawn")

KPIS = """\
version: 1
kpis:
  our_csat:
    question: Which share of answers is satisfied?
    fact: survey_answers
    statistic: share
    numerator: score >= satisfied_from
    where: measure = 'csat'
    better: up
    dimensions: [survey, channel, touchpoint, segment, team, product, source]
  our_rating:
    question: How do public reviews rate us?
    fact: reviews
    statistic: mean
    value: rating
    where: about = 'us'
    better: up
    dimensions: [channel, product, source]
  our_volume:
    question: How many contacts came?
    fact: tickets
    statistic: count
    better: none
"""
BENCHMARK = """\
  our-csat: {kpi: our_csat, survey: after-help, window: 28d, baseline: 0.80, on: 2025-06-09, target: 0.90, by: 2026-12-31, tolerance: 0.05, owner: support-lead}
"""  # noqa: E501
SAME_AS = {"our_csat": "csat", "our_rating": "review_rating", "our_volume": "ticket_volume"}


def with_own(folder: Path, kpis: str = KPIS) -> Path:
    (folder / "kpis.yaml").write_text(kpis, encoding="utf-8")
    roadmap = folder / "roadmap.yaml"
    text = roadmap.read_text(encoding="utf-8")
    if BENCHMARK not in text:
        roadmap.write_text(text.replace("benchmarks:\n", "benchmarks:\n" + BENCHMARK), encoding="utf-8")
    return folder


def of(folder: Path, name: str, kpi: str) -> list[dict[str, Any]]:
    """The rows of a table about one KPI, without its name."""
    rows = [row for row in table(folder, name) if row["kpi"] == kpi]
    return [{key: value for key, value in row.items() if key != "kpi"} for row in rows]


def test_an_own_kpi_that_says_what_the_catalogue_says_has_its_values_row_for_row(any_project: Path) -> None:
    assert run_loop(with_own(any_project), LAST_MONDAY - timedelta(weeks=3)) is None
    assert run_loop(any_project, LAST_MONDAY) is None
    for own, catalogue in SAME_AS.items():
        for name in ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years"):
            rows = of(any_project, name, own)
            assert len(rows) > (2 if name == "kpi_years" else 20)
            assert rows == of(any_project, name, catalogue), f"{name} of {own}"
    findings = of(any_project, "findings", "our_csat")
    pace = [row for row in findings if row["rule"] == "pace"]
    assert [(row["moment"], row["is_breach"]) for row in pace] == [
        (row["moment"], row["is_breach"]) for row in of(any_project, "findings", "csat") if row["rule"] == "pace"
    ]
    (incident,) = [row for row in of(any_project, "incidents", "our_csat") if row["rule"] == "pace"]
    assert incident["state"] == "firing"
    assert len(of(any_project, "improvement_tasks", "our_csat")) == 1
    own, catalogue = (answer(any_project, "kpi", name, "--by", "month") for name in ("our_csat", "csat"))
    assert own == [{**point, "kpi": "our_csat"} for point in catalogue]
    pages = [path.read_text(encoding="utf-8") for path in (any_project / "out").rglob("*.md")]
    assert any("Our csat" in page for page in pages)


def test_twice_is_once_a_changed_definition_measures_the_past_again_and_one_that_is_spoken_of_must_stay(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_loop(with_own(project), LAST_MONDAY) is None
    before = tables_of(project)
    assert run_loop(project, LAST_MONDAY) is None
    assert tables_of(project) == before
    with_own(project, KPIS.replace("score >= satisfied_from", "score >= 5"))
    assert run_loop(project, LAST_MONDAY) is None
    assert len(of(project, "kpi_versions", "our_csat")) == 2
    (strict,) = [
        row for row in of(project, "kpi_values", "our_csat") if row["period"] == "all" and row["scope"] == "{}"
    ]
    (usual,) = [row for row in of(project, "kpi_values", "csat") if row["period"] == "all" and row["scope"] == "{}"]
    assert strict["n"] == usual["n"]
    assert strict["value"] < usual["value"]
    assert tables_of(project)["findings"] == before["findings"]
    (project / "kpis.yaml").unlink()
    roadmap = project / "roadmap.yaml"
    roadmap.write_text(roadmap.read_text(encoding="utf-8").replace(BENCHMARK, ""), encoding="utf-8")
    capsys.readouterr()
    assert cxloop(project, "run", "--as-of", LAST_MONDAY.isoformat()) == 2
    assert "there is no KPI 'our_csat'." in told(capsys)
    assert len(of(project, "kpi_versions", "our_csat")) == 2


def test_a_name_the_catalogue_has_and_a_column_no_fact_has_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_own(project, KPIS.replace("our_rating:", "review_rating:").replace("value: rating", "value: stars"))
    assert cxloop(project, "run", "--as-of", LAST_MONDAY.isoformat()) == 2
    said = told(capsys)
    assert "kpis.yaml:11  kpis: review_rating: the catalogue has a KPI of this name already" in said
    assert "kpis.yaml:15  review_rating: value: 'stars' reads 'stars', which reviews has not. Known: review_id" in said
    with_own(project, KPIS.replace("our_csat:", "their_csat:"))
    assert cxloop(project, "roadmap", "check") == 2
    assert "our-csat: no KPI called 'our_csat'." in told(capsys)


def test_a_kpi_that_is_declared_no_more_is_forgotten(kiosk: Path) -> None:
    (kiosk / "kpis.yaml").write_text(KPIS, encoding="utf-8")
    assert run_loop(kiosk, MONDAY) is None
    assert {row["kpi"] for row in table(kiosk, "kpi_days")} >= SAME_AS.keys()
    (kiosk / "kpis.yaml").write_text(KPIS.partition("  our_rating:")[0], encoding="utf-8")
    assert run_loop(kiosk, MONDAY) is None
    for name in ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years"):
        assert {row["kpi"] for row in table(kiosk, name)} & SAME_AS.keys() == {"our_csat"}


def test_two_projects_in_one_process_do_not_see_each_others(
    kiosk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = small_project(tmp_path / "other")
    (kiosk / "kpis.yaml").write_text(KPIS, encoding="utf-8")
    assert run_loop(kiosk, MONDAY) is None
    assert run_loop(other, MONDAY) is None
    assert {row["kpi"] for row in table(other, "kpi_days")} & SAME_AS.keys() == set()
    assert cxloop(other, "kpi", "our_csat") == 2
    assert "there is no KPI 'our_csat'." in told(capsys)
