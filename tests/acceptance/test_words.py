"""What customers write, through the whole loop: read once, told in the summary, measured on request."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.acceptance.dumps import differences, files_of, table, tables_of
from tests.acceptance.runner import answer, run_loop
from tests.acceptance.small import MONDAY, SOURCES
from tests.acceptance.test_long_histories import MEASURED, forgotten

pytestmark = pytest.mark.usefixtures("undrawn")

THEMES = "themes: {late-delivery: [late], taste: [coffee]}\n"
ASKED = "kpis: [sentiment]\n"
MAPPED = "columns: {rating: rating, reviewed_at: at, body: text}"
LATE, GOOD = "The boxes came late again and nobody called.", "Great coffee and very friendly people."
TABLES = ("remarks", "remark_themes", "tone_lessons", "remark_weeks", "remark_changes", "remark_quotes",
          "incident_words", "incident_subjects")  # fmt: skip
TONES = {"positive": 1, "neutral": 0, "negative": -1}


def reviews(folder: Path) -> None:
    """Half a year of reviews: good, a few late; in the last week many late ones."""
    rows: list[str] = []
    for day in (MONDAY - timedelta(days=180 - n) for n in range(180)):
        is_last = day >= MONDAY - timedelta(days=7)
        for n in range(14 if is_last else 4):
            is_late = n % 2 == 0 if is_last else n == 0 and day.day % 2 == 0
            text, rating = (LATE, 1) if is_late else (GOOD, 5)
            rows.append(f"R{day:%m%d}{n:02},{rating},{day}T10:00:00Z,{text}")
    (folder / "reviews.csv").write_text("\n".join(["id,rating,at,text", *rows]) + "\n", encoding="utf-8")
    sources = SOURCES.replace("columns: {rating: rating, reviewed_at: at}", MAPPED)
    (folder / "sources.yaml").write_text(sources, encoding="utf-8")


@pytest.fixture
def talk(kiosk: Path) -> Path:
    """The small project, whose customers write."""
    reviews(kiosk)
    roadmap = kiosk / "roadmap.yaml"
    roadmap.write_text(roadmap.read_text(encoding="utf-8") + THEMES + ASKED, encoding="utf-8")
    return kiosk


def plain_roadmap(folder: Path) -> None:
    roadmap = folder / "roadmap.yaml"
    roadmap.write_text(roadmap.read_text(encoding="utf-8").replace(THEMES, "").replace(ASKED, ""), encoding="utf-8")


def test_what_customers_write_is_read_once_told_and_measured(talk: Path) -> None:
    assert run_loop(talk, MONDAY) is None
    remarks = table(talk, "remarks")
    assert len(remarks) == len(table(talk, "reviews"))
    kept = {name: rows for name, rows in tables_of(talk, *TABLES).items() if name in TABLES}
    assert "boxes" not in str([rows for name, rows in kept.items() if name != "remark_changes"])

    page = (talk / "out" / "summary" / "latest.md").read_text(encoding="utf-8")
    assert "## What customers say" in page
    told = {row["kind"]: row["subject"] for row in table(talk, "remark_changes") if row["theme"]}
    assert told["more"] == "late-delivery"
    assert f"“{LATE}”" in page
    assert LATE not in (talk / "out" / "summary" / "latest.json").read_text(encoding="utf-8")

    weeks = {row["period_start"]: row for row in table(talk, "kpi_values")
             if (row["kpi"], row["scope"], row["period"]) == ("sentiment", "{}", "week")}  # fmt: skip
    assert weeks
    for start, row in weeks.items():
        tones = [
            TONES[remark["tone"]]
            for remark in remarks
            if start <= remark["day"] < start + timedelta(days=7) and remark["tone"] in TONES
        ]
        assert (row["n"], row["value"]) == (len(tones), pytest.approx(100 * sum(tones) / len(tones)))
    assert answer(talk, "kpi", "sentiment", "--by", "week")

    tables, files = tables_of(talk), files_of(talk)
    assert run_loop(talk, MONDAY) is None
    assert differences(tables, tables_of(talk)) == []
    assert files_of(talk) == files


def test_an_alert_and_its_task_say_what_customers_say(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rating = (
        "  rating: {kpi: review_rating, window: week, baseline: 3.9, on: 2026-01-05, target: 4.2, by: 2026-12-31, "
        "tolerance: 0.3, owner: lead}\n"
    )
    roadmap = talk / "roadmap.yaml"
    roadmap.write_text(roadmap.read_text(encoding="utf-8").replace("themes:", f"{rating}themes:", 1), encoding="utf-8")
    run_loop(talk, MONDAY - timedelta(days=7))
    assert run_loop(talk, MONDAY) is None
    alerts = [row["text"] for row in table(talk, "outbox") if row["key"].startswith("incident-")]
    (alert,) = [text for text in alerts if "eview rating is" in text]
    assert "What they say: late delivery 49 of 98 customers who wrote, before 41 of 336" in alert
    assert f"“{LATE}”" in alert
    (task,) = [row for row in table(talk, "improvement_tasks") if row["kpi"] == "review_rating"]
    assert "late delivery 49 of 98 customers who wrote" in task["body"]
    assert "boxes" not in task["body"]
    capsys.readouterr()
    assert answer(talk, "tasks", "show", f"CX-{task['number']}")["body"]["what_they_say"].startswith("late delivery")

    tables, files = tables_of(talk), files_of(talk)
    assert run_loop(talk, MONDAY) is None
    assert differences(tables, tables_of(talk)) == []
    assert files_of(talk) == files


def test_a_review_that_changed_is_read_and_measured_again(talk: Path) -> None:
    run_loop(talk, MONDAY)
    before = {(row["scope"], row["period"], row["period_start"]): row["value"] for row in table(talk, "kpi_values")
              if row["kpi"] == "sentiment"}  # fmt: skip
    source = talk / "reviews.csv"
    late, good = (f"{rating},2026-03-14T10:00:00Z,{text}" for rating, text in ((1, LATE), (5, GOOD)))
    source.write_text(source.read_text(encoding="utf-8").replace(late, good), encoding="utf-8")
    run_loop(talk, MONDAY)
    changed = {
        key for row in table(talk, "kpi_values") if row["kpi"] == "sentiment"
        for key in [(row["scope"], row["period"], row["period_start"])] if before[key] != row["value"]
    }  # fmt: skip
    assert ("{}", "week", date(2026, 3, 9)) in changed
    assert ("{}", "week", date(2026, 3, 2)) not in changed


def test_where_nothing_asks_nothing_is_read_and_what_was_read_is_forgotten(talk: Path) -> None:
    run_loop(talk, MONDAY)
    plain_roadmap(talk)
    assert run_loop(talk, MONDAY) is None
    assert {name: table(talk, name) for name in TABLES} == {name: [] for name in TABLES}
    assert [row for row in table(talk, "kpi_values") if row["kpi"] == "sentiment"] == []
    assert "What customers say" not in (talk / "out" / "summary" / "latest.md").read_text(encoding="utf-8")


def test_without_the_extra_nothing_is_read_and_the_doctor_says_so(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.words.libraries.has", lambda _names: False)
    assert run_loop(talk, MONDAY) is None
    assert {name: table(talk, name) for name in TABLES} == {name: [] for name in TABLES}
    (words,) = [check for check in answer(talk, "doctor") if check["name"] == "words"]
    assert (words["is_ok"], words["found"]) == (True, "not read")
    assert "Install cxloop's extra: text." in words["notes"][0]


def test_what_is_heard_is_measured_in_blocks_as_it_is_at_once(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_loop(talk, MONDAY) is None
    at_once = tables_of(talk, *MEASURED)
    assert "sentiment" in {row[0] for row in at_once["kpi_days"]}
    forgotten(talk)
    monkeypatch.setenv("CXLOOP_ROWS_AT_ONCE", "120")
    assert run_loop(talk, MONDAY) is None
    assert differences(at_once, tables_of(talk, *MEASURED)) == []
