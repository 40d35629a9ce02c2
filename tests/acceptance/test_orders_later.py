"""Orders that come late: what is measured again is what measuring everything at once gives."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.acceptance.dumps import table
from tests.acceptance.runner import run_loop
from tests.acceptance.small import ROADMAP

pytestmark = pytest.mark.usefixtures("undrawn")

FIRST = date(2025, 9, 1)
ORDERS = [(FIRST + timedelta(days=(7 * n) % 180), f"C{n % 17}") for n in range(120)]
LATE = [(FIRST + timedelta(days=day), customer) for day, customer in ((3, "C5"), (60, "C9"), (150, "C1"), (150, "C99"))]

SOURCES = """\
version: 1
sources:
  shop:
    kind: files
    path: orders_*.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      orders: {{key: id, columns: {{customer_id: customer, ordered_at: day}}}}
"""


def shop(folder: Path, through: str) -> Path:
    """A shop whose orders are complete through a day."""
    folder.mkdir(exist_ok=True)
    (folder / "roadmap.yaml").write_text(
        f"{ROADMAP}kpis: [repeat_purchase_rate, purchase_frequency, order_volume]\n", encoding="utf-8"
    )
    (folder / "sources.yaml").write_text(SOURCES.format(through=through), encoding="utf-8")
    return folder


def send(folder: Path, name: str, orders: list[tuple[date, str]]) -> None:
    """One more file of orders."""
    rows = [f"{name}{i},{customer},{day}T10:00:00Z" for i, (day, customer) in enumerate(orders)]
    (folder / f"orders_{name}.csv").write_text("\n".join(["id,customer,day", *rows]) + "\n", encoding="utf-8")


def test_late_orders_and_days_that_went_by_change_what_they_touch_and_nothing_else(tmp_path: Path) -> None:
    folder, at_once = shop(tmp_path / "shop", "2026-01-25"), shop(tmp_path / "at_once", "2026-03-15")
    send(folder, "a", ORDERS)
    assert run_loop(folder, date(2026, 1, 26)) is None
    early = table(folder, "kpi_days")
    shop(folder, "2026-03-15")
    send(folder, "b", LATE)
    assert run_loop(folder, date(2026, 3, 16)) is None
    send(at_once, "a", ORDERS)
    send(at_once, "b", LATE)
    assert run_loop(at_once, date(2026, 3, 16)) is None
    for name in ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years"):
        assert table(folder, name) == table(at_once, name)
    assert {row["kpi"] for row in early} == {"order_volume", "repeat_purchase_rate"}
    assert table(folder, "kpi_days") != early
    assert "purchase_frequency" in {row["kpi"] for row in table(folder, "kpi_values")}
