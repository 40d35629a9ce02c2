"""How alike Acme Brew serves: the out-of-hours gap against a count in plain Python, row by row."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.runner import answer, cxloop
from tests.acceptance.test_journey import END, instant

BERLIN = ZoneInfo("Europe/Berlin")


def satisfied(folder: Path, channel: str, *, is_open: bool) -> tuple[int, int]:
    """Answers about contacts of the ninety days that came from 7 to 22 o'clock, or not, and the satisfied ones."""
    start, end = instant(END - timedelta(days=90)), instant(END)
    with closing(sqlite3.connect(folder / ".cxloop" / "cxloop.db")) as held:
        rows = held.execute(
            "select opened_at, score, satisfied_from from survey_answers a join tickets t on t.ticket_id = a.ticket_id "
            "where t.channel = ? and opened_at >= ? and opened_at < ? and answered_at < ? and measure = 'csat' "
            "and score is not null and excluded_as is null and a.deleted_at is null and t.deleted_at is null",
            (channel, start, end, end),
        ).fetchall()
    hours = [datetime.fromtimestamp(opened / 1e6, UTC).astimezone(BERLIN).hour for opened, _, _ in rows]
    held_then = [(score, limit) for hour, (_, score, limit) in zip(hours, rows, strict=True)
                 if (7 <= hour < 22) == is_open]  # fmt: skip
    return len(held_then), sum(score >= limit for score, limit in held_then)


def test_the_gap_out_of_hours_is_a_count_by_hand(acme: Path) -> None:
    told = answer(acme, "consistency", "--window", "90d")
    rows = {(row["kpi"], row["channel"]): row for row in told["out_of_hours"]}
    email = rows["csat", "email"]
    for side, is_open in (("out_of_hours", False), ("open", True)):
        n, n_satisfied = satisfied(acme, "email", is_open=is_open)
        assert (email[side]["n"], email[side]["value"]) == (n, pytest.approx(n_satisfied / n))
    assert email["low"] < email["by"] < email["high"]
    assert set(told["always_open"]) >= {"bot"}


def test_office_and_home_surely_differ_in_nps_and_channels_not_in_csat(
    acme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = answer(acme, "consistency")
    by_name = {(row["kpi"], row["dimension"]): row for row in told["spreads"]}
    nps = by_name["nps", "segment"]
    assert nps["is_sure"]
    assert nps["gap_low"] <= nps["gap"] <= nps["plain_gap"]
    personas = by_name["nps", "persona"]
    assert personas["n_groups"] == len(personas["groups"]) > 1
    assert personas["gap_low"] <= personas["gap"] <= personas["plain_gap"]
    assert not by_name["csat", "channel"]["is_sure"]
    assert told["reviews"] == []
    assert cxloop(acme, "consistency") == 0
    assert "more that may be chance, with --all" in capsys.readouterr().out
    assert cxloop(acme, "consistency", "--as-of", "2020-01-01") == 0
