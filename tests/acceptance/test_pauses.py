"""Contracts that pause, end and come back: told later, they change what they touch, as measuring all at once does."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.dumps import table
from tests.acceptance.runner import answer, run_loop
from tests.acceptance.small import ROADMAP

pytestmark = pytest.mark.usefixtures("undrawn")

SOURCES = """\
version: 1
sources:
  crm:
    kind: files
    path: contracts_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      subscriptions:
        key: id
        columns: {{customer_id: customer, started_at: began, ended_at: ended, paused_at: paused, resumed_at: resumed,
                  mrr_minor: cents, currency: "'EUR'"}}
"""
HEAD = "id,customer,began,ended,paused,resumed,cents"
N = 100
EARLY = [f"S{n},C{n},2025-06-01,{'2026-01-10' if n < 4 else ''},,,1000" for n in range(N)]
LATE = [
    "S100,C0,2026-02-09,,,,1000",  # back on the 30th day
    "S101,C1,2026-02-10,,,,1000",  # a day late
    "S10,C10,2025-06-01,,2026-02-10,,1000",  # pauses, and still does
    "S11,C11,2025-06-01,,2026-02-10,2026-03-10,1000",  # pauses, and goes on
    "S12,C12,2025-06-01,2026-03-20,2026-02-10,,1000",  # ends in the pause
]


def company(folder: Path, through: str, rows: list[list[str]]) -> Path:
    """A company whose contracts are complete through a day, in as many files."""
    folder.mkdir(exist_ok=True)
    rule = "kpis: [winback_rate]\nchurn: {win_back: 30 days}\n"
    (folder / "roadmap.yaml").write_text(f"{ROADMAP}{rule}", encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES.format(through=through), encoding="utf-8")
    for number, told in enumerate(rows):
        (folder / f"contracts_{number}.csv").write_text("\n".join([HEAD, *told]) + "\n", encoding="utf-8")
    return folder


def by_month(folder: Path, kpi: str, *fields: str) -> dict[str, tuple[Any, ...]]:
    """Some fields of each month of 2026."""
    rows = answer(folder, "kpi", kpi, "--by", "month", "--from", "2026-01-01")
    return {row["period_start"][:7]: tuple(row[field] for field in fields) for row in rows}


def test_who_pauses_has_not_left_does_not_pay_and_who_is_back_in_time_is_won_back(tmp_path: Path) -> None:
    folder = company(tmp_path / "company", "2026-01-31", [EARLY])
    assert run_loop(folder, date(2026, 2, 1)) is None
    assert by_month(folder, "winback_rate", "n") == {"2026-01": (0,)}
    company(folder, "2026-03-31", [EARLY, LATE])
    assert run_loop(folder, date(2026, 4, 6)) is None
    assert by_month(folder, "winback_rate", "n", "value") == {"2026-01": (4, 0.25), "2026-03": (0, None)}
    assert by_month(folder, "churn_rate", "n", "value") == {
        "2026-01": (100, 0.04), "2026-02": (96, 0.0), "2026-03": (98, pytest.approx(1 / 98)),
    }  # fmt: skip
    # two of four are back, three pause since February, one of them goes on in March, and one ends
    assert by_month(folder, "active_customers", "value") == {"2026-01": (96,), "2026-02": (95,), "2026-03": (96,)}
    assert by_month(folder, "revenue_churn_rate", "n", "value")["2026-02"] == (96, 0.0)
    assert by_month(folder, "net_revenue_retention", "n", "value")["2026-02"] == (96, pytest.approx(93 / 96))
    at_once = company(tmp_path / "at_once", "2026-03-31", [EARLY, LATE])
    assert run_loop(at_once, date(2026, 4, 6)) is None
    for name in ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years"):
        assert table(folder, name) == table(at_once, name)
