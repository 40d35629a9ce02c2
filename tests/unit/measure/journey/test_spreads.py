from datetime import date
from typing import Any

import polars as pl
import pytest

from domain.estimates import POINTS_SCHEMA
from domain.scopes import canonical
from tasks.measure.journey.spreads import spread_kpis, spreads


def point(kpi: str, n: int, total: float, total_sq: float | None = None, **more: Any) -> dict[str, Any]:
    scope = {name: more.pop(name) for name in ("channel", "team", "segment", "persona", "touchpoint") if name in more}
    return {
        **dict.fromkeys(POINTS_SCHEMA), "kpi": kpi, "scope": canonical(scope), "period": "28d", "n_open": 0,
        "period_start": date(2026, 2, 16), "period_end": date(2026, 3, 16), "n": n, "total": total,
        "total_sq": total if total_sq is None else total_sq, "value": total / n, "low": 0.0, "high": 1.0, **more,
    }  # fmt: skip


def made(*points: dict[str, Any], smallest_group: int = 5) -> list[dict[str, Any]]:
    return spreads(pl.DataFrame(points, schema=POINTS_SCHEMA), smallest_group)


CHAT, EMAIL = point("csat", 400, 380, channel="chat"), point("csat", 300, 210, channel="email")


def test_channels_that_surely_differ_come_first_with_their_values() -> None:
    alike = [point("csat", 200, 160, team="north"), point("csat", 200, 161, team="south")]
    first, second = made(CHAT, EMAIL, *alike, point("csat", 700, 590))
    assert (first["kpi"], first["dimension"], first["is_sure"]) == ("csat", "channel", True)
    assert first["plain_gap"] == pytest.approx(0.25)
    assert first["gap_low"] < first["gap"] < first["plain_gap"]
    assert [group["member"] for group in first["groups"]] == ["chat", "email"]
    assert (second["dimension"], second["is_sure"], second["sd"]) == ("team", False, 0)


def test_personas_that_are_served_unlike_each_other_lie_apart() -> None:
    buyer, barista = point("csat", 400, 380, persona="buyer"), point("csat", 300, 210, persona="barista")
    (row,) = made(buyer, barista, point("csat", 200, 160, persona="buyer", touchpoint="app"))
    assert (row["dimension"], row["is_sure"], row["plain_gap"]) == ("persona", True, pytest.approx(0.25))
    assert row["gap_low"] < row["gap"] < row["gap_high"]
    assert [group["member"] for group in row["groups"]] == ["barista", "buyer"]


def test_groups_under_the_smallest_and_those_with_much_open_are_left_out() -> None:
    (row,) = made(CHAT, EMAIL, point("csat", 4, 0, channel="fax"), point("csat", 90, 10, channel="bot", n_open=40))
    assert ([group["member"] for group in row["groups"]], row["n_left_out"]) == (["chat", "email"], 2)
    assert made(CHAT, point("csat", 4, 4, channel="fax")) == []


def test_deeper_cells_and_other_dimensions_are_not_mixed_in() -> None:
    inner = point("csat", 100, 10, channel="chat", segment="office")
    (row,) = made(CHAT, EMAIL, inner, point("csat", 90, 5, touchpoint="app"))
    assert row["n_groups"] == 2


def test_nps_is_in_points_and_its_spread_no_wider_than_it_can_be() -> None:
    rows = made(
        point("nps", 200, 100, 150, segment="home", value=50.0), point("nps", 100, -10, 60, segment="office", value=-10)
    )  # fmt: skip
    assert rows[0]["plain_gap"] == pytest.approx(60)
    assert rows[0]["high"] == 100  # of two groups hardly anything is known above
    assert 40 < rows[0]["sd"] < 43


def test_medians_go_by_their_own_intervals_and_need_enough_contacts() -> None:
    quick = point("first_reply_time", 200, 0, channel="chat", value=60.0, low=50.0, high=70.0)
    slow = point("first_reply_time", 200, 0, channel="email", value=3600.0, low=3200.0, high=4100.0)
    few = point("first_reply_time", 20, 0, channel="fax", value=9e5, low=1.0, high=9e6)
    (row,) = made(quick, slow, few)
    assert (row["n_groups"], row["n_left_out"], row["is_sure"]) == (2, 1, True)
    assert row["gap"] == pytest.approx(3540, rel=0.01)


def test_nothing_measured_gives_no_rows() -> None:
    assert made() == []


def test_counts_and_levels_are_not_compared() -> None:
    assert {"ticket_volume", "backlog", "active_customers", "transfers"}.isdisjoint(spread_kpis({"backlog", "csat"}))
    assert spread_kpis({"backlog", "csat", "ticket_volume"}) == ["csat"]
