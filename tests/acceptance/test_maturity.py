"""Answers that come late: a week is judged when about nine tenths of its usual answers are in, and says so before."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.acceptance.dumps import differences, table, tables_of
from tests.acceptance.runner import answer, cxloop, run_loop
from tests.acceptance.small import ROADMAP, told

pytestmark = pytest.mark.usefixtures("undrawn")

FIRST, WEEK = date(2026, 1, 5), timedelta(days=7)
N_WEEKS = 11
CSAT = (
    "  csat: {kpi: csat, survey: after-help, window: week, baseline: 0.6, on: 2026-01-05, target: 0.7, by: 2026-12-31, "
    "tolerance: 0.05, owner: lead}\n"
)
SOURCES = """\
version: 1
sources:
  survey:
    kind: files
    path: answers.csv
    format: csv
    zone: Europe/Berlin
    dates: ["%Y-%m-%d"]
    complete_through: 2026-01-11
    tables:
      survey_answers:
        - {survey: after-help, measure: csat, question: satisfied, scale: {low: 1, high: 5, direction: up, satisfied_from: 4},
           key: id, columns: {score: score, answered_at: at}}
"""  # noqa: E501


def answers(week: int, n_in: int) -> list[str]:
    """The first so many of a week's forty answers, six of ten satisfied."""
    start = FIRST + week * WEEK
    return [f"A{week:02}-{i:02},{start + timedelta(days=i % 7)},{5 if i % 5 < 3 else 2}" for i in range(n_in)]


def turn(folder: Path, week: int, n_last: int) -> date:
    """The Monday after a week, with `n_last` of its answers, and all the earlier ones."""
    rows = ["id,at,score", *(row for past in range(week) for row in answers(past, 40)), *answers(week, n_last)]
    (folder / "answers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    monday = FIRST + (week + 1) * WEEK
    path = folder / "sources.yaml"
    text = re.sub(r"complete_through: \S+", f"complete_through: {monday - timedelta(days=1)}", path.read_text("utf-8"))
    path.write_text(text, encoding="utf-8")
    assert run_loop(folder, monday) is None
    return monday


@pytest.fixture
def late(tmp_path: Path) -> Path:
    """Eleven Mondays; each time seven in ten of the week's answers are there, the others a week later."""
    folder = tmp_path / "late"
    folder.mkdir()
    (folder / "roadmap.yaml").write_text(ROADMAP[: ROADMAP.index("  sla:")] + CSAT, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    for week in range(N_WEEKS):
        turn(folder, week, 28)
    return folder


def moments(folder: Path) -> list[date]:
    return sorted(row["moment"] for row in table(folder, "findings") if row["rule"] == "pace")


def test_a_week_waits_for_its_answers_once_it_is_known_how_late_they_come(
    late: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monday = FIRST + N_WEEKS * WEEK
    assert moments(late) == [FIRST + i * WEEK for i in range(1, N_WEEKS)]
    by_week = {row["period_start"]: row for row in answer(late, "kpi", "csat", "--scope", "survey=after-help")}
    assert by_week[str(monday - WEEK)]["share_in"] == pytest.approx(0.7)
    assert "share_in" not in by_week[str(monday - 2 * WEEK)]
    assert told(capsys) == ""
    assert cxloop(late, "kpi", "csat", "--scope", "survey=after-help") == 0
    said = "The week of 16 Mar: still coming in: about 70 % of the usual answers."
    assert said in capsys.readouterr().out

    held = tables_of(late)
    assert run_loop(late, monday) is None
    assert differences(held, tables_of(late)) == []

    turn(late, N_WEEKS, 28)
    assert moments(late)[-1] == monday  # the week before is judged with all its answers
    (last,) = (row for row in table(late, "findings") if row["rule"] == "pace" and row["moment"] == monday)
    assert (last["n"], last["value"]) == (40, 0.6)


def test_a_page_that_stays_at_the_last_judged_week_says_so(late: Path) -> None:
    text = (late / "out/summary/latest.md").read_text(encoding="utf-8")
    assert "(9 to 15 March 2026)" in text
    assert (
        "Data reach Sun 22 Mar, but no benchmark can be judged so far: still coming in: about 70 % of the usual "
        in text
    )
    assert "So this is still the week to Sun 15 Mar." in text
    (late / "roadmap.yaml").write_text(
        (late / "roadmap.yaml").read_text("utf-8").replace("window: week", "window: 28d")
    )
    assert run_loop(late, FIRST + N_WEEKS * WEEK) is None  # four weeks do not wait for a part of the last
    text = (late / "out/summary/latest.md").read_text(encoding="utf-8")
    assert "(16 to 22 March 2026)" in text
    assert "still the week to" not in text


def test_four_weeks_do_not_wait_for_a_part_of_the_last(late: Path) -> None:
    path = late / "roadmap.yaml"
    path.write_text(path.read_text("utf-8").replace("window: week", "window: 28d"), encoding="utf-8")
    monday = turn(late, N_WEEKS, 28)
    assert moments(late)[-1] == monday


def test_the_summary_says_which_benchmark_is_still_coming_in(late: Path) -> None:
    path = late / "roadmap.yaml"
    rating = "  other: {kpi: csat, survey: after-help, window: 28d, baseline: 0.6, on: 2026-01-05, target: 0.7, by: 2026-12-31, tolerance: 0.05, owner: lead}\n"  # noqa: E501
    path.write_text(path.read_text("utf-8") + rating, encoding="utf-8")
    turn(late, N_WEEKS, 28)
    text = (late / "out/summary/latest.md").read_text(encoding="utf-8")
    assert "⚪ still coming in" in text
    assert "Still coming in: about 70 % of the usual answers. To 22 Mar it was on plan." in text


SLOW, QUICK = "relationship", "after-help"
BOTH = f"""
surveys:
  {QUICK}: {{kpi: csat, after: ticket solved, wait: 2 h}}
  {SLOW}: {{kpi: csat, every: 180 days}}
benchmarks:
""" + "".join(
    f"  {name}: {{kpi: csat, survey: {name}, window: week, baseline: 0.6, on: 2026-01-05, target: 0.7, by: 2026-12-31, tolerance: 0.05, owner: lead}}\n"  # noqa: E501
    for name in (QUICK, SLOW)
)  # fmt: skip
TWO_SURVEYS = SOURCES[: SOURCES.index("        - {survey")] + "".join(
    f"        - {{survey: {name}, where: \"kind = '{name}'\", measure: csat, question: satisfied, key: id, scale: {{low: 1, high: 5, direction: up, satisfied_from: 4}}, columns: {{score: score, answered_at: at}}}}\n"  # noqa: E501
    for name in (QUICK, SLOW)
)  # fmt: skip
IN_AFTER_WEEKS = (10, 20, 20, 40)
"""Of forty answers to the slow survey so many are in on the Monday after the week, one, two and three weeks later."""


def turn_of_both(folder: Path, week: int) -> date:
    """The Monday after a week: every answer to the quick survey, and those to the slow one that are in by then."""
    rows = ["id,at,score,kind"]
    for past in range(week + 1):
        rows += [f"Q{row},{QUICK}" for row in answers(past, 40)]
        rows += [f"S{row},{SLOW}" for row in answers(past, IN_AFTER_WEEKS[min(week - past, 3)])]
    (folder / "answers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    monday = FIRST + (week + 1) * WEEK
    path = folder / "sources.yaml"
    text = re.sub(r"complete_through: \S+", f"complete_through: {monday - timedelta(days=1)}", path.read_text("utf-8"))
    path.write_text(text, encoding="utf-8")
    assert run_loop(folder, monday) is None
    return monday


def shares_in(folder: Path, survey: str, *as_of: str) -> dict[str, float]:
    told = answer(folder, "kpi", "csat", "--scope", f"survey={survey}", *as_of)
    return {row["period_start"]: row["share_in"] for row in told if "share_in" in row}


def test_of_two_surveys_of_one_source_the_slow_one_waits_and_the_quick_one_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "both"
    folder.mkdir()
    (folder / "roadmap.yaml").write_text(ROADMAP[: ROADMAP.index("surveys:")] + BOTH.lstrip(), encoding="utf-8")
    (folder / "sources.yaml").write_text(TWO_SURVEYS, encoding="utf-8")
    for week in range(N_WEEKS - 1):
        turn_of_both(folder, week)
    then = {survey: shares_in(folder, survey) for survey in (QUICK, SLOW)}
    monday = turn_of_both(folder, N_WEEKS - 1)

    waits = {str(monday - WEEK): 0.25, str(monday - 2 * WEEK): 0.5, str(monday - 3 * WEEK): 0.5}
    assert shares_in(folder, QUICK) == {}
    assert shares_in(folder, SLOW) == pytest.approx(waits)
    judged = {
        survey: max(row["moment"] for row in table(folder, "findings") if row["benchmark"] == survey)
        for survey in (QUICK, SLOW)
    }
    assert judged[QUICK] == monday
    assert judged[SLOW] == monday - 3 * WEEK
    capsys.readouterr()
    assert cxloop(folder, "kpi", "csat", "--scope", f"survey={SLOW}") == 0
    assert "The week of 16 Mar: still coming in: about 20 % of the usual answers." in capsys.readouterr().out
    text = (folder / "out/summary/latest.md").read_text(encoding="utf-8")
    assert "(16 to 22 March 2026)" in text
    assert text.count("⚪ still coming in") == 1

    brought = [row for row in table(folder, "day_changes") if row["known_on"] == monday]
    assert {survey: sum(row["n_new"] for row in brought if row["survey"] == survey) for survey in (QUICK, SLOW)} == {
        QUICK: 40, SLOW: 10 + 10 + 20,
    }  # fmt: skip
    last = str(monday - WEEK)
    assert {survey: shares_in(folder, survey, "--as-of", last) for survey in (QUICK, SLOW)} == then
    held = tables_of(folder)
    assert run_loop(folder, monday) is None
    assert differences(held, tables_of(folder)) == []
