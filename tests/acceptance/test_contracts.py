"""Contracts of a small company: too few for a rate, so that who left is listed; of a bigger one: rates and renewals."""

from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.runner import answer, cxloop, run_loop

MONDAY = date(2026, 4, 6)
pytestmark = pytest.mark.usefixtures("undrawn")

ROADMAP = """\
version: 1
company: {name: Kiosk, currency: EUR, languages: [en], zone: Europe/Berlin}
vision: Every customer stays.
owners:
  lead: {slack: "@lead", channel: "#support"}
benchmarks:
  churn: {kpi: churn_rate, window: month, baseline: 0.03, on: 2026-01-05, target: 0.02, by: 2026-12-31, tolerance: 0.01, owner: lead}
"""  # noqa: E501
SOURCES = """\
version: 1
sources:
  crm:
    kind: files
    path: contracts.csv
    format: csv
    zone: Europe/Berlin
    complete_through: 2026-04-05
    tables:
      subscriptions:
        key: id
        columns: {customer_id: who, started_at: began, ended_at: ended, term_ends_at: term, end_reason: why, mrr_minor: cents, currency: "'EUR'"}
"""  # noqa: E501


def company(folder: Path, n: int) -> Path:
    """Contracts of a year, due in March 2026: three customers leave then."""
    folder.mkdir()
    rows = ["id,who,began,ended,term,why,cents"]
    for i in range(n):
        if i < 3:
            rows.append(f"{i},C{i:03},2025-03-10,2026-03-1{i},2026-03-10,price,1000")
        else:
            rows += [
                f"{i},C{i:03},2025-03-10,2026-03-10,2026-03-10,,1000",
                f"{i}b,C{i:03},2026-03-10,,2027-03-10,,1000",
            ]
    rows.append("x,CX,2024-01-01,2025-04-02,,moved,1000")  # the first known leaving
    for name, text in {"roadmap.yaml": ROADMAP, "sources.yaml": SOURCES, "contracts.csv": "\n".join(rows)}.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert run_loop(folder, MONDAY) is None
    return folder


def test_under_50_customers_no_rate_is_told_and_who_left_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = company(tmp_path / "kiosk", 20)
    march = answer(folder, "kpi", "churn_rate", "--by", "month", "--from", "2026-03-01")[0]
    assert (march["n"], march["value"]) == (20, None)
    assert [(one["customer_id"], one["left_on"], one["reason"]) for one in march["left"]] == [
        ("crm:C000", "2026-03-10", "price"), ("crm:C001", "2026-03-11", "price"), ("crm:C002", "2026-03-12", "price"),
    ]  # fmt: skip
    capsys.readouterr()
    assert cxloop(folder, "kpi", "churn_rate", "--by", "month", "--from", "2026-03-01") == 0
    said = capsys.readouterr().out
    assert "Where fewer than 50 customers were there no rate is told. Who left:" in said
    assert "crm:C001" in said


def test_under_50_customers_those_due_and_those_whose_revenue_changed_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = company(tmp_path / "kiosk", 10)
    asked = ("--by", "month", "--from", "2026-03-01")
    found = {
        kpi: answer(folder, "kpi", kpi, *asked)[0]
        for kpi in ("renewal_rate", "revenue_churn_rate", "net_revenue_retention")
    }
    # 8 of 10 went on: a rate would be anything from 49 to 94 %
    assert [(row["n"], row["value"], row["low"]) for row in found.values()] == [(10, None, None)] * 3
    due = {one["customer_id"]: (one["due_on"], one["is_renewed"]) for one in found["renewal_rate"]["due"]}
    assert due == {f"crm:C{i:03}": ("2026-03-10", i not in (0, 1)) for i in range(10)}
    changed = [
        {"customer_id": f"crm:C{i:03}", "before_minor": 1000, "after_minor": 0, "currency": "EUR"} for i in range(3)
    ]
    assert found["revenue_churn_rate"]["changed"] == found["net_revenue_retention"]["changed"] == changed
    capsys.readouterr()
    assert cxloop(folder, "kpi", "renewal_rate", *asked) == 0
    assert "Where fewer than 50 customers were due no rate is told. Whose term ended" in capsys.readouterr().out
    assert cxloop(folder, "kpi", "net_revenue_retention", *asked) == 0
    assert "10.00 EUR" in capsys.readouterr().out


def test_a_bigger_company_has_rates_of_customers_revenue_and_renewals(tmp_path: Path) -> None:
    folder = company(tmp_path / "chain", 60)
    found = {
        kpi: answer(folder, "kpi", kpi, "--by", "month", "--from", "2026-03-01")[0]
        for kpi in ("churn_rate", "revenue_churn_rate", "net_revenue_retention", "renewal_rate")
    }
    # C001 and C002 went on for a day or two behind their term: the one is gone the day after it
    assert {kpi: (row["n"], row["value"]) for kpi, row in found.items()} == {
        "churn_rate": (60, 0.05), "revenue_churn_rate": (60, 0.05), "net_revenue_retention": (60, 0.95),
        "renewal_rate": (60, pytest.approx(58 / 60)),
    }  # fmt: skip
    assert "left" not in found["churn_rate"]
    (by_reason,) = answer(
        folder, "kpi", "churn_rate", "--by", "month", "--from", "2026-03-01", "--scope", "reason=price"
    )
    assert by_reason["value"] == 0.05


def test_a_month_in_which_nobody_is_due_has_no_churn_rate_and_says_where_to_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = company(tmp_path / "yearly", 60)
    asked = ("kpi", "churn_rate", "--by", "month", "--from", "2026-01-01", "--to", "2026-02-01")
    january = answer(folder, *asked)[0]
    assert (january["n"], january["value"], "left" in january) == (60, None, False)
    assert january["why_no_value"].startswith("Most customers could not leave: their terms run on. renewal_rate")
    capsys.readouterr()
    assert cxloop(folder, *asked) == 0
    assert "Where no rate is told: Most customers could not leave" in capsys.readouterr().out
