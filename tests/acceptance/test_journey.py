"""The friction map of Acme Brew, against counts in plain Python; the oracle reads the rows themselves."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.runner import answer, cxloop

BERLIN = ZoneInfo("Europe/Berlin")
END = date(2026, 3, 16)


def instant(day: date) -> int:
    """Microseconds of the instant at which a day begins."""
    at = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
    return int(at.timestamp() * 1_000_000)


def kept(folder: Path, touchpoint: str) -> tuple[int, int]:
    """Contacts of the four weeks whose service level was known by their end, and those that kept it, by hand."""
    with closing(sqlite3.connect(folder / ".cxloop" / "cxloop.db")) as held:
        rows = held.execute(
            "select sla_met from tickets where touchpoint = ? and opened_at >= ? and opened_at < ? "
            "and excluded_as is null and deleted_at is null and sla_met is not null "
            "and coalesce(sla_known_at, closed_at, resolved_at) < ?",
            (touchpoint, instant(END - timedelta(days=28)), instant(END), instant(END)),
        ).fetchall()
    return len(rows), sum(met for (met,) in rows)


def test_a_cell_is_a_count_by_hand_and_the_page_has_the_same_map(acme: Path) -> None:
    told = answer(acme, "journey")
    assert (told["window_start"], told["window_end"]) == ("2026-02-16", "2026-03-16")
    cells = {row["touchpoint"]: row["cells"] for row in told["touchpoints"]}
    for touchpoint in ("delivery", "app", "machine-service", "billing"):
        n, n_kept = kept(acme, touchpoint)
        cell = cells[touchpoint]["sla_attainment"]
        assert (cell["n"], cell["value"]) == (n, pytest.approx(n_kept / n))
        assert cell["low"] < cell["value"] < cell["high"]
    assert told["unheard"] == ["web-shop", "pricing-page", "help-center", "support", "renewal-talk", "cancel"]
    assert cells["delivery"]["nps"]["is_worse"]  # the story of the new carrier
    page = (acme / "out" / "summary" / "latest.html").read_text(encoding="utf-8")
    assert "Where it hurts" in page


def test_an_earlier_day_sees_the_four_weeks_before_it(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(acme, "journey", "--as-of", "2026-01-14", "--window", "week")
    assert (told["window_start"], told["window_end"]) == ("2026-01-05", "2026-01-12")
    assert cxloop(acme, "journey", "--as-of", "2020-01-01") == 0
    assert "early-bird expects CES 6.0: nobody is heard" in capsys.readouterr().out
