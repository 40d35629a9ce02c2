"""Real answers of patients: a scale that runs the other way, codes that are no scores, days and months swapped."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from sql.store import Store, store_at
from sql.tables import FACTS, batch_tables
from tests.acceptance.examples import example, real_file
from tests.acceptance.runner import answer, run_loop

LAST = date(2022, 10, 3)
"""The Monday after the last day of the answers."""
RESPONDENT, DAY, SCORE, TRUST = "Respondent ID", "Date", "FFT categorical answer", "Trust"
SATISFIED, SCORES, NO_SCORES = {"1", "2"}, {"1", "2", "3", "4", "5"}, {"6", "7"}
N_RESPONDENTS = 4_466
LONDON = ZoneInfo("Europe/London")
ANSWERS = FACTS["survey_answers"].c

Raw = dict[str, str]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example after one run."""
    folder = example("health_service", tmp_path_factory.mktemp("patients") / "service")
    assert run_loop(folder, LAST) is None
    return folder


@pytest.fixture(scope="module")
def raw() -> list[Raw]:
    """The file as it came, row by row, read by Python alone."""
    with real_file("nhs_fft/v6framework_230831.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def by_respondent(raw: Iterable[Raw]) -> dict[str, list[Raw]]:
    found: dict[str, list[Raw]] = defaultdict(list)
    for row in raw:
        found[row[RESPONDENT]].append(row)
    return found


def share_satisfied(raw: Iterable[Raw]) -> tuple[float, int]:
    """Very good and good among the respondents who gave a score, each counted once."""
    n = n_satisfied = 0
    for rows in by_respondent(raw).values():
        (score,) = {row[SCORE] for row in rows}
        if score in SCORES:
            n += 1
            n_satisfied += score in SATISFIED
    return n_satisfied / n, n


def overall(folder: Path, *columns: Any) -> list[dict[str, Any]]:
    """Some columns of each respondent's score."""
    wanted = select(*columns).where(ANSWERS.question == "overall")
    with store_at(str(folder)).reading() as connection:
        return Store.rows(connection, wanted)


def counted(folder: Path, name: str) -> int:
    with store_at(str(folder)).reading() as connection:
        return connection.execute(select(func.sum(batch_tables.c[name]))).scalar_one()


def test_every_respondent_is_there_once(service: Path, raw: list[Raw]) -> None:
    ids = [row["response_id"] for row in overall(service, ANSWERS.response_id)]
    assert len(ids) == len(set(ids)) == N_RESPONDENTS
    assert {name.removeprefix("friends-and-family:") for name in ids} == set(by_respondent(raw))


def test_very_good_is_best(service: Path) -> None:
    found = Counter(
        (row["score"], row["direction"]) for row in overall(service, ANSWERS["score"], ANSWERS["direction"])
    )
    assert max(found, key=lambda key: found[key]) == (1.0, "down")
    (whole,) = answer(service, "kpi", "csat", "--by", "all")
    assert whole["value"] > 0.85


def test_the_share_satisfied_is_that_of_a_count_row_by_row(service: Path, raw: list[Raw]) -> None:
    (found,) = answer(service, "kpi", "csat", "--by", "all")
    value, n = share_satisfied(raw)
    assert (found["value"], found["n"], found["scope"]) == (pytest.approx(value, rel=1e-12), n, {})


@pytest.mark.parametrize("trust", ["NEAS", "NHFT"])
def test_so_is_the_share_of_each_trust(service: Path, raw: list[Raw], trust: str) -> None:
    (found,) = answer(service, "kpi", "csat", "--by", "all", "--scope", f"team={trust}")
    value, n = share_satisfied(row for row in raw if row[TRUST] == trust)
    assert (found["value"], found["n"]) == (pytest.approx(value, rel=1e-12), n)


def test_rows_with_a_code_that_is_no_score_are_in_no_denominator(service: Path, raw: list[Raw]) -> None:
    codes = Counter(row[SCORE] for row in raw)
    assert (codes["7"], codes["6"]) == (416, 24)
    assert counted(service, "n_without_score") == 416 + 24
    silent = {name for name, rows in by_respondent(raw).items() if rows[0][SCORE] in NO_SCORES}
    without = {
        row["response_id"].removeprefix("friends-and-family:")
        for row in overall(service, ANSWERS["response_id"], ANSWERS["score"])
        if row["score"] is None
    }
    assert without == silent
    (whole,) = answer(service, "kpi", "csat", "--by", "all")
    assert whole["n"] == N_RESPONDENTS - len(silent)


def test_respondents_with_a_day_and_its_swap_are_counted_and_nobody_is_dropped(service: Path, raw: list[Raw]) -> None:
    days = {name: {row[DAY] for row in rows} for name, rows in by_respondent(raw).items()}
    assert sum(len(found) == 2 for found in days.values()) == 503
    assert counted(service, "n_swapped_dates") == 2 * 503  # of the scores, and of the comments
    assert counted(service, "n_unreadable") == counted(service, "n_quarantined") == 0


def test_each_respondent_answered_on_a_day_that_the_file_can_mean(service: Path, raw: list[Raw]) -> None:
    """Where a respondent's dates can be read in one way only, on that one: day first, unless there is no such day."""
    n_certain = 0
    rows_of = by_respondent(raw)
    for row in overall(service, ANSWERS["response_id"], ANSWERS["answered_at"]):
        texts = {raw_row[DAY] for raw_row in rows_of[row["response_id"].removeprefix("friends-and-family:")]}
        day = row["answered_at"].astimezone(LONDON).date()
        readings = [_readings(text) for text in texts]
        assert all(day in both for both in readings)
        certain = {both[0] for both in readings if len(both) == 1}
        if certain:
            assert certain == {day}
            n_certain += len(texts) == 2
        elif len(texts) == 1:
            assert day == readings[0][0]
    assert n_certain == 288


def _readings(text: str) -> list[date]:
    """The days that a date can mean: read day first, then month first."""
    found: list[date] = []
    for form in ("%d/%m/%Y", "%m/%d/%Y"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not an instant
        except ValueError:
            continue
        if day not in found:
            found.append(day)
    return found


def test_the_months_add_up_to_the_whole(service: Path) -> None:
    months = answer(service, "kpi", "csat", "--by", "month")
    (whole,) = answer(service, "kpi", "csat", "--by", "all")
    assert sum(row["n"] for row in months) == whole["n"]
    assert sum(row["n"] * row["value"] for row in months if row["n"]) == pytest.approx(whole["n"] * whole["value"])
