"""KPIs that are measured on request: none unless the roadmap asks, and none any more when it stops asking."""

from pathlib import Path

import pytest

from tests.acceptance.dumps import table
from tests.acceptance.projects import LAST_MONDAY
from tests.acceptance.runner import answer, cxloop, run_loop
from tests.acceptance.small import MONDAY, told

pytestmark = pytest.mark.usefixtures("undrawn")

ASKED = "kpis: [full_resolution_time_business]\n"
HOURS = "channels: {chat: {owner: lead, answer_within: 8 h}}\n"


def kept(folder: Path) -> dict[str, set[str]]:
    """KPIs that each table has something of."""
    names = ("kpi_days", "kpi_stretches", "kpi_values", "kpi_years")
    return {name: {row["kpi"] for row in table(folder, name)} for name in names}


def test_a_kpi_on_request_is_measured_as_long_as_the_roadmap_asks_for_it(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, roadmap = kiosk, kiosk / "roadmap.yaml"
    plain = roadmap.read_text(encoding="utf-8") + HOURS
    roadmap.write_text(plain, encoding="utf-8")
    assert run_loop(folder, MONDAY) is None
    usual = kept(folder)
    assert all("ticket_volume" in names and "full_resolution_time_business" not in names for names in usual.values())
    assert cxloop(folder, "kpi", "full_resolution_time_business") == 2
    assert "full_resolution_time_business is measured on request" in told(capsys)

    roadmap.write_text(plain + ASKED, encoding="utf-8")
    assert run_loop(folder, MONDAY) is None
    more = kept(folder)
    assert {name: more[name] - usual[name] for name in usual} == {
        key: {"full_resolution_time_business"} for key in usual
    }
    assert answer(folder, "kpi", "full_resolution_time_business", "--by", "week")

    roadmap.write_text(plain, encoding="utf-8")
    assert run_loop(folder, LAST_MONDAY) is None
    assert all(names.isdisjoint({"full_resolution_time_business"}) for names in kept(folder).values())


SHOP = """\
  web:
    kind: files
    path: web_orders.csv
    format: csv
    zone: UTC
    complete_through: 2026-03-15
    tables:
      orders: {key: id, columns: {customer_id: customer, ordered_at: at}}
  pages:
    kind: files
    path: visits.csv
    format: csv
    zone: UTC
    complete_through: {through}
    tables:
      help_center_days: {key: id, columns: {day_at: day, n_visits: visits}}
"""
PER = ("contacts_per_100_orders", "help_center_visits_per_ticket")


def test_one_count_per_another_is_told_up_to_the_earlier_of_the_two_and_again_when_either_changes(kiosk: Path) -> None:
    sources, roadmap = kiosk / "sources.yaml", kiosk / "roadmap.yaml"
    usual = sources.read_text(encoding="utf-8")
    sources.write_text(usual + SHOP.replace("{through}", "2026-03-08"), encoding="utf-8")
    roadmap.write_text(roadmap.read_text(encoding="utf-8") + f"kpis: [{', '.join(PER)}]\n", encoding="utf-8")
    monday, later = "2026-02-02T09:00:00Z", "2026-03-09T09:00:00Z"
    (kiosk / "web_orders.csv").write_text(f"id,customer,at\n1,a,{monday}\n2,a,{monday}\n3,b,{monday}\n")
    (kiosk / "visits.csv").write_text(f"id,day,visits\n1,{monday},30\n")
    assert run_loop(kiosk, MONDAY) is None
    contacts = {row["period_start"]: row["n"] for row in answer(kiosk, "kpi", "ticket_volume", "--by", "week")}
    first = {name: answer(kiosk, "kpi", name, "--by", "week") for name in PER}
    n = contacts["2026-02-02"]
    assert [row["value"] for row in first["contacts_per_100_orders"]] == [pytest.approx(100 * n / 2)]
    later_weeks = [0.0] * sum(start > "2026-02-02" and start < "2026-03-09" for start in contacts)
    visits = [row["value"] for row in first["help_center_visits_per_ticket"]]
    assert visits == [pytest.approx(30 / n), *later_weeks]
    assert "order_volume" in kept(kiosk)["kpi_days"]

    sources.write_text(usual + SHOP.replace("{through}", "2026-03-15"), encoding="utf-8")
    (kiosk / "visits.csv").write_text(f"id,day,visits\n1,{monday},60\n2,{later},9\n")
    assert run_loop(kiosk, MONDAY) is None
    held = {str(row["period_start"]): row["value"] for row in table(kiosk, "kpi_values")
            if (row["kpi"], row["scope"], row["period"]) == (PER[1], "{}", "week")}  # fmt: skip
    assert held["2026-02-02"] == pytest.approx(60 / n)


def test_a_90th_percentile_alone_brings_the_median_whose_parts_it_shares(
    kiosk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, roadmap = kiosk, kiosk / "roadmap.yaml"
    plain = roadmap.read_text(encoding="utf-8") + HOURS
    asked = plain + "kpis: [full_resolution_time_business_p90]\n"
    roadmap.write_text(asked, encoding="utf-8")
    assert run_loop(folder, MONDAY) is None
    both = {"full_resolution_time_business", "full_resolution_time_business_p90"}
    held = kept(folder)
    assert both <= held["kpi_values"]
    assert both & held["kpi_days"] == {"full_resolution_time_business"}
    p90, median = (answer(folder, "kpi", name, "--by", "week") for name in sorted(both, reverse=True))
    assert [row["n"] for row in p90] == [row["n"] for row in median]
    assert all(slow["value"] >= usual["value"] for slow, usual in zip(p90, median, strict=True))

    roadmap.write_text(plain + ASKED, encoding="utf-8")
    assert run_loop(folder, LAST_MONDAY) is None
    assert cxloop(folder, "kpi", "full_resolution_time_business_p90") == 2
    assert "full_resolution_time_business_p90 is measured on request" in told(capsys)
