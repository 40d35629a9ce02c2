"""What changes a day that is long over: measured bit by bit as if all had been there at once."""

from datetime import date
from pathlib import Path

from tests.acceptance.dumps import table
from tests.acceptance.late_rows import CONTRACTS, SOURCES, Step, bit_by_bit, parts, reply, status, ticket

OPEN = [ticket("A", "c", "2026-03-01T10:00"), ticket("Z", "z", "2026-02-01T10:00")]
REOPENED = [status("e1", "A", "2026-03-05T10:00", "solved"), status("e2", "A", "2026-03-09T10:00", "open")]


def test_a_status_that_changed_on_another_day_than_told_first_leaves_that_day(tmp_path: Path) -> None:
    mended = [status("e1", "A", "2026-03-07T10:00", "solved")]
    through = date(2026, 3, 20)
    steps = [Step(through, {"tickets": OPEN, "events": REOPENED}), Step(through, {"events": mended})]
    assert bit_by_bit(tmp_path, steps) == []
    changes = {booked: n for (booked, _), (_, n, _) in parts(tmp_path / "bits", "backlog").items()}
    assert changes == {"2026-02-01": 1, "2026-03-01": 1, "2026-03-07": -1, "2026-03-09": 1}


def test_a_status_that_turns_out_to_be_another_tickets_is_taken_from_the_first_one(tmp_path: Path) -> None:
    mended = [status("e1", "Z", "2026-03-05T10:00", "solved")]
    through = date(2026, 3, 20)
    steps = [Step(through, {"tickets": OPEN, "events": REOPENED}), Step(through, {"events": mended})]
    assert bit_by_bit(tmp_path, steps) == []
    # A was never solved, so that nothing is reopened
    changes = {booked: n for (booked, _), (_, n, _) in parts(tmp_path / "bits", "backlog").items()}
    assert changes == {"2026-02-01": 1, "2026-03-01": 1, "2026-03-05": -1}


def test_four_weeks_that_a_late_ticket_makes_whole_have_their_values(tmp_path: Path) -> None:
    first = [ticket("A", "c", "2026-03-01T10:00", "2026-03-20T10:00")]
    late = [ticket("B", "d", "2026-03-05T10:00", "2026-03-05T12:00")]
    steps = [Step(date(2026, 4, 10), {"tickets": first, "events": []}), Step(date(2026, 4, 12), {"tickets": late})]
    assert bit_by_bit(tmp_path, steps) == []
    counted = {
        str(row["period_start"]): row["n"]
        for row in table(tmp_path / "bits", "kpi_values")
        if (row["kpi"], row["period"], row["scope"]) == ("full_resolution_time", "28d", "{}")
    }
    # B was solved before these four weeks began, and A within them
    assert counted == {"2026-03-09": 1, "2026-03-16": 1}


def test_an_own_kpi_of_what_happens_to_tickets_goes_on_after_it_was_measured_once(tmp_path: Path) -> None:
    words = "question: How many?, fact: ticket_events, statistic: count, where: \"field = 'comment'\", better: none"
    own = f"version: 1\nkpis:\n  our_words: {{{words}}}\n"
    first = {"tickets": [ticket("A", "a", "2026-03-01T10:00")], "events": [reply("e1", "A", "2026-03-01T11:00")]}
    then = {
        "tickets": [ticket("B", "b", "2026-03-10T10:00")],
        "events": [reply("e2", "B", "2026-03-10T11:00"), reply("e3", "A", "2026-03-08T11:00")],
    }
    steps = [Step(date(2026, 3, 11), first, kpis=own), Step(date(2026, 3, 11), then, kpis=own)]
    assert bit_by_bit(tmp_path, steps) == []
    booked = {day: n for (day, _), (_, n, _) in parts(tmp_path / "bits", "our_words").items()}
    assert booked == {"2026-03-01": 1, "2026-03-08": 1, "2026-03-10": 1}


def test_contacts_per_customer_follow_a_changed_zone_though_nothing_new_came(tmp_path: Path) -> None:
    rows = {
        "tickets": [ticket(f"T{day}", f"c{day}", f"2026-03-{day:02}T23:30") for day in range(1, 29)],
        "events": [],
        "subscriptions": [f"S{n},c{n},2025-01-01T00:00:00Z" for n in range(1, 40)],
    }
    steps = [Step(date(2026, 3, 31), rows), Step(date(2026, 3, 31), zone="UTC")]
    assert bit_by_bit(tmp_path, steps, SOURCES + CONTRACTS) == []
    weeks = {
        str(row["period_start"]): row["n"]
        for row in table(tmp_path / "bits", "kpi_values")
        if (row["kpi"], row["period"], row["scope"]) == ("contact_rate", "week", "{}")
    }
    assert weeks == {"2026-02-23": 1, "2026-03-02": 7, "2026-03-09": 7, "2026-03-16": 7, "2026-03-23": 6}
