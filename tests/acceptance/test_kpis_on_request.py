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
