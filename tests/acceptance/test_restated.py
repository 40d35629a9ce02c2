"""Figures that summaries told and that are other ones later: told once, by how much, and why."""

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import URL
from tests.acceptance.dumps import differences, files_of, table, tables_of
from tests.acceptance.runner import answer, cxloop, run_loop
from tests.acceptance.small import MONDAY, N_ROWS, SOURCES, small_project, ticket, write_tickets

pytestmark = pytest.mark.usefixtures("undrawn")

WEEK = timedelta(days=7)
BENCHMARKS = """\
  csat: {kpi: csat, survey: after-help, window: 28d, baseline: 0.6, on: 2026-01-05, target: 0.7, by: 2026-12-31, tolerance: 0.05, owner: lead}
  rating: {kpi: review_rating, window: 28d, baseline: 3, on: 2026-01-05, target: 3.5, by: 2026-12-31, tolerance: 0.1, owner: lead}
  quick: {kpi: quick_help, window: 28d, baseline: 0.6, on: 2026-01-05, target: 0.7, by: 2026-12-31, tolerance: 0.05, owner: lead}
  vip-sla: {kpi: sla_attainment, scope: {segment: vip}, window: 28d, baseline: 0.9, on: 2026-01-05, target: 0.95, by: 2026-12-31, tolerance: 0.05, owner: lead}
"""  # noqa: E501
SEGMENTS = "segments:\n  vip: {when: \"plan = 'gold'\"}\n"
OWN = """\
version: 1
kpis:
  quick_help:
    question: Which share of contacts is solved within two hours?
    fact: tickets
    statistic: share
    numerator: resolved_at - opened_at <= INTERVAL '2 hours'
    better: up
    booked_at: opened_at
    known_at: resolved_at
"""
CRM = """\
  crm:
    kind: files
    path: crm.csv
    format: csv
    namespace: desk
    zone: UTC
    complete_through: 2026-03-15
    tables:
      customers: {key: id, columns: {plan: plan, created_at: "'2025-01-01'"}}
"""


@pytest.fixture
def kiosk(tmp_path: Path) -> Path:
    """Tickets of customers in a segment, answers, reviews that may be deleted, a KPI of its own; told on a Monday."""
    return told_first(small_project(tmp_path / "kiosk"))


def told_first(folder: Path) -> Path:
    change(folder / "roadmap.yaml", "benchmarks:\n", SEGMENTS + "benchmarks:\n" + BENCHMARKS)
    (folder / "kpis.yaml").write_text(OWN, encoding="utf-8")
    sources = SOURCES.replace("reviewed_at: at}", "reviewed_at: at, deleted_at: deleted}")
    customer = "CASE WHEN ticket < 'T030' THEN 'C1' ELSE 'C2' END"
    sources = sources.replace(
        "columns: {channel: channel, status", f'columns: {{customer_id: "{customer}", channel: channel, status'
    )
    (folder / "sources.yaml").write_text(sources + CRM, encoding="utf-8")
    (folder / "crm.csv").write_text("id,plan\nC1,gold\nC2,silver\n", encoding="utf-8")
    write_reviews(folder)
    assert run_loop(folder, MONDAY) is None
    return folder


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def write_reviews(folder: Path, deleted: Sequence[int] = ()) -> None:
    rows = [
        f"V{n},{n % 5 + 1},2026-02-{n % 28 + 1:02}T10:00:00Z,{'2026-03-20T10:00:00Z' if n in deleted else ''}"
        for n in range(N_ROWS)
    ]
    (folder / "reviews.csv").write_text("\n".join(["id,rating,at,deleted", *rows]) + "\n", encoding="utf-8")


def week(folder: Path, number: int) -> dict[str, Any]:
    """A turn of the loop `number` weeks later, its data complete through the Sunday; the numbers it told."""
    path = folder / "sources.yaml"
    through = MONDAY + number * WEEK - timedelta(days=1)
    text = re.sub(r"complete_through: \S+", f"complete_through: {through}", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    assert run_loop(folder, MONDAY + number * WEEK) is None
    return json.loads((folder / "out/summary/latest.json").read_text(encoding="utf-8"))


def reasons(numbers: dict[str, Any]) -> dict[str, list[tuple[str, str, int]]]:
    """By KPI (a scope beside it): why its latest restated figure is another one."""
    return {
        " ".join((row["kpi"], *row["scope"].values())) if isinstance(row["scope"], dict) else row["kpi"] + row["scope"]:
            [(reason["kind"], reason["source"], reason["n"]) for reason in row["reasons"]]
        for row in numbers["small_print"]["restated"]
    }  # fmt: skip


CSAT, VIP = 'csat{"survey":"after-help"}', 'sla_attainment{"segment":"vip"}'
LATE = [f"X{n:03},chat,2026-02-2{n % 8} 10:00,2026-02-2{n % 8} 14:00,false,1" for n in range(10)]


def test_late_rows_are_told_once_with_source_day_and_size(kiosk: Path) -> None:
    assert week(kiosk, 1)["small_print"]["restated"] == []
    write_tickets(kiosk, *LATE)
    found = week(kiosk, 2)
    assert reasons(found)["sla_attainment{}"] == [("late", "desk", 5)]
    assert reasons(found)[CSAT] == [("late", "desk", 5)]
    assert VIP not in reasons(found)  # the late ones are not theirs
    said = (
        "Restated: SLA attainment, 4 weeks to 22 Mar: 100.0 → 70.6 %, n 12 → 17 "
        "(5 late tickets of desk, come on 30 Mar)"
    )
    for ending in ("md", "html"):
        text = (kiosk / f"out/summary/latest.{ending}").read_text(encoding="utf-8")
        assert said in text.replace("\u00a0", " ")
    assert week(kiosk, 3)["small_print"]["restated"] == []
    kept = [row for row in answer(kiosk, "restated", "sla_attainment") if row["scope"] == {}]
    assert {row["told_on"] for row in kept} == {"2026-03-30"}
    assert [(row["before"], row["n_before"], row["n_now"]) for row in kept[:1]] == [(1.0, 12, 17)]
    assert cxloop(kiosk, "restated") == 0


def test_a_changed_file_a_deletion_and_both_together(kiosk: Path) -> None:
    rows = [ticket(number) for number in range(N_ROWS)]
    (kiosk / "tickets.csv").write_text(
        "\n".join(["ticket,channel,opened,solved,in_time,score", *(re.sub(r",\d$", ",5", row) for row in rows)]) + "\n",
        encoding="utf-8",
    )
    write_reviews(kiosk, deleted=[19, 24, 44, 49, 54])
    found = reasons(week(kiosk, 1))
    ((kind, source, n),) = found[CSAT]
    assert (kind, source) == ("corrected", "desk")
    assert n > 5
    assert found["review_rating{}"] == [("deleted", "shop", 5)]
    assert "sla_attainment{}" not in found


def test_a_changed_definition_is_told_as_one(kiosk: Path) -> None:
    change(kiosk / "kpis.yaml", "'2 hours'", "'1 hours'")
    found = reasons(week(kiosk, 1))
    assert found == {"quick_help{}": [("definition", "", 0)]}


def test_a_changed_rule_for_segments_is_told_as_one(kiosk: Path) -> None:
    write_tickets(kiosk, *(row.replace("X", "A") for row in LATE))  # of C1
    week(kiosk, 1)
    change(kiosk / "roadmap.yaml", "plan = 'gold'", "plan = 'silver'")
    assert reasons(week(kiosk, 2)) == {VIP: [("segments", "", 0)]}


def test_a_mended_mapping_that_is_read_again_is_told_as_one(kiosk: Path) -> None:
    change(kiosk / "sources.yaml", "columns: {rating: rating,", "where: \"rating <> '1'\", columns: {rating: rating,")
    assert cxloop(kiosk, "backfill", "shop", "--from-landing") == 0
    ((name, [(kind, source, n)]),) = reasons(week(kiosk, 1)).items()
    assert (name, kind, source) == ("review_rating{}", "read again", "shop")
    assert n == len([n for n in range(0, N_ROWS, 5) if n % 28 + 1 >= 16])  # of the four weeks to 15 March


def test_outcomes_that_become_known_settle_as_it_was_said_that_they_might(kiosk: Path) -> None:
    waiting = [f"W{n:03},chat,2026-03-17 1{n}:00,,," for n in range(8)]
    write_tickets(kiosk, *waiting)
    assert week(kiosk, 1)["small_print"]["n_settled"] == 0
    write_tickets(kiosk, *(row.replace(",,,", ",2026-03-24 10:00,false,1") for row in waiting))
    found = week(kiosk, 2)
    assert "quick_help{}" not in reasons(found)
    assert found["small_print"]["n_settled"] == 1
    assert answer(kiosk, "restated", "quick_help") == []
    (settled,) = answer(kiosk, "restated", "quick_help", "--settled")
    assert (settled["before"], settled["now"], settled["n_before"], settled["n_now"]) == (1, 0.6, 12, 20)
    assert settled["reasons"] == [{"kind": "settled", "n": 8}]


def test_rows_that_came_open_are_named_when_they_move_a_figure_at_last(kiosk: Path) -> None:
    waiting = [f"W{n:03},chat,2026-03-10 1{n}:00,,," for n in range(8)]
    write_tickets(kiosk, *waiting)
    assert "quick_help{}" not in reasons(week(kiosk, 1))
    write_tickets(kiosk, *(row.replace(",,,", ",2026-03-24 10:00,false,1") for row in waiting))
    assert reasons(week(kiosk, 2))["quick_help{}"] == [("late", "desk", 8), ("settled", "", 8)]


def test_what_comes_within_a_week_is_shown_at_once_and_told_by_the_next_summary(kiosk: Path) -> None:
    write_tickets(kiosk, *LATE)
    before = table(kiosk, "published_figures")
    assert run_loop(kiosk, MONDAY + timedelta(days=2)) is None
    midweek = json.loads((kiosk / "out/summary/latest.json").read_text(encoding="utf-8"))
    assert reasons(midweek)["sla_attainment{}"] == [("late", "desk", 10)]
    after = table(kiosk, "published_figures")
    assert [row for row in after if row["told_on"] == MONDAY] == before
    assert {row["edition"] for row in after} == {1}, "what was never told before is told now; nothing a second time"
    assert reasons(week(kiosk, 1))["sla_attainment{}"] == [("late", "desk", 10)]


def test_twice_is_once_and_a_look_back_changes_nothing(kiosk: Path) -> None:
    write_tickets(kiosk, *LATE)
    week(kiosk, 1)
    held, shown = tables_of(kiosk), files_of(kiosk)
    assert run_loop(kiosk, MONDAY + WEEK) is None
    assert differences(held, tables_of(kiosk)) == []
    assert files_of(kiosk) == shown
    figures = table(kiosk, "published_figures")
    assert run_loop(kiosk, MONDAY) is None
    assert table(kiosk, "published_figures") == figures
    assert cxloop(kiosk, "report", "--week", "2026-03-09") == 0
    assert table(kiosk, "published_figures") == figures


def test_the_same_is_told_on_the_other_database(
    kiosk: Path, postgresql_url: str, tmp_path: Path, monkeypatch: Any
) -> None:
    write_tickets(kiosk, *LATE)
    week(kiosk, 1)
    figures = table(kiosk, "published_figures")
    monkeypatch.setenv(URL, postgresql_url)
    other = told_first(small_project(tmp_path / "other"))
    write_tickets(other, *LATE)
    week(other, 1)
    assert table(other, "published_figures") == figures
    assert [row["n_new"] for row in table(other, "day_changes")] == [
        row["n_new"] for row in table(kiosk, "day_changes")
    ]
    assert date(2026, 3, 23) in {row["told_on"] for row in figures}
