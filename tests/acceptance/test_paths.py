"""Paths, friction map and consistency on both databases, against counts in plain Python."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.dumps import table
from tests.acceptance.projects import LAST_MONDAY
from tests.acceptance.runner import answer, cxloop, run_loop

BERLIN = ZoneInfo("Europe/Berlin")


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)


def first_solved(folder: Path, end: date, known: date) -> dict[str, tuple[str, bool]]:
    """Contacts first solved in the 28 days before `end`: their channel, and whether they were reopened since."""
    contacts = {row["ticket_id"]: row["channel"] for row in table(folder, "tickets")
                if row["excluded_as"] is None and row["deleted_at"] is None}  # fmt: skip
    told = [row for row in table(folder, "ticket_events") if row["field"] == "status" and row["at"] < start_of(known)]
    solved: dict[str, datetime] = {}
    reopened: set[str] = set()
    for row in sorted(told, key=lambda row: (row["at"], row["sequence"])):
        ticket = row["ticket_id"]
        if row["new"] in ("solved", "closed"):
            solved.setdefault(ticket, row["at"])
        elif ticket in solved:
            reopened.add(ticket)
    start = start_of(end - timedelta(days=28))
    return {ticket: (contacts[ticket], ticket in reopened) for ticket, at in solved.items()
            if ticket in contacts and start <= at < start_of(end)}  # fmt: skip


def test_paths_map_and_spreads_are_what_counting_by_hand_gives(
    any_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_loop(any_project, LAST_MONDAY) is None
    told = answer(any_project, "paths")
    end = date.fromisoformat(told["window_end"])
    wanted = first_solved(any_project, end, end)
    assert told["all"]["n"] == len(wanted) > 40
    assert told["all"]["reopened_share"] == pytest.approx(sum(again for _, again in wanted.values()) / len(wanted))
    assert sum(row["n"] for row in told["paths"]) + told["n_other"] == len(wanted)
    chat = answer(any_project, "paths", "--scope", "channel=chat")
    assert chat["all"]["n"] == sum(channel == "chat" for channel, _ in wanted.values())
    assert all(row["path"][0] == "chat" for row in chat["paths"])

    earlier = end - timedelta(days=14)
    then = answer(any_project, "paths", "--as-of", str(earlier))
    assert (then["window_end"], then["all"]["n"]) == (str(earlier), len(first_solved(any_project, earlier, earlier)))
    between = answer(any_project, "paths", "--from", str(earlier - timedelta(days=28)), "--to", str(earlier))
    assert between["all"]["n"] == then["all"]["n"]
    assert between["all"]["reopened_share"] >= then["all"]["reopened_share"]  # what came out later counts here

    for command in (("paths",), ("journey",), ("journey", "--all"), ("consistency",), ("consistency", "--all")):
        assert cxloop(any_project, *command) == 0
    assert "Commonest paths" in capsys.readouterr().out
    (support,) = answer(any_project, "journey")["touchpoints"]
    assert support["is_heard"]
    by_channel = [row for row in answer(any_project, "consistency")["spreads"] if row["dimension"] == "channel"]
    assert {group["member"] for row in by_channel for group in row["groups"]} == {"chat", "email"}


def test_a_scope_or_a_window_that_cannot_be_is_refused_in_words(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cxloop(acme, "paths", "--scope", "agent=ann") == 2
    assert "contacts have channel, touchpoint, segment" in capsys.readouterr().err
    assert cxloop(acme, "paths", "--from", "2026-03-01", "--to", "2026-02-01") == 2
    assert "nothing lies between 2026-03-01 and 2026-02-01" in capsys.readouterr().err
    assert cxloop(acme, "paths", "--scope", "segment") == 2
    office, home, every = (
        answer(acme, "paths", *scope)["all"]["n"]
        for scope in (("--scope", "segment=office"), ("--scope", "segment=home"), ())
    )
    assert 0 < office < home
    assert office + home <= every
