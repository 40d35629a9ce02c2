"""What changes a day that is long over: measured bit by bit as if all had been there at once."""

from datetime import date
from pathlib import Path

import pytest

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


FCR = "kpis: [first_contact_resolution]\n"
SLOW = ticket("A", "c", "2026-03-01T10:00", "2026-03-20T10:00")
QUICK = ticket("B", "c", "2026-03-05T10:00", "2026-03-05T12:00")
ANSWERED = [reply("a1", "A", "2026-03-02T10:00"), status("a2", "A", "2026-03-20T10:00", "solved")]
AT_ONCE = [reply("b1", "B", "2026-03-05T11:00"), status("b2", "B", "2026-03-05T12:00", "solved")]


def resolved_at_once(folder: Path) -> dict[str, float]:
    """Contacts that were solved once and for all, by the day they were solved on."""
    return {booked: total for (booked, known), (_, _, total) in parts(folder, FCR[7:-2]).items() if known > booked}


def test_another_question_that_comes_late_counts_for_the_day_the_first_one_was_solved(tmp_path: Path) -> None:
    first, late = {"tickets": [SLOW], "events": ANSWERED}, {"tickets": [QUICK], "events": AT_ONCE}
    steps = [Step(date(2026, 4, 10), first, roadmap=FCR), Step(date(2026, 4, 12), late, roadmap=FCR)]
    assert bit_by_bit(tmp_path, steps) == []
    assert resolved_at_once(tmp_path / "bits") == {"2026-03-05": 1.0, "2026-03-20": 0.0}


@pytest.mark.parametrize("is_gone", [True, False])
def test_another_question_that_is_deleted_or_anothers_no_longer_counts(tmp_path: Path, *, is_gone: bool) -> None:
    if is_gone:
        now = ticket(
            "B", "c", "2026-03-05T10:00", "2026-03-05T12:00", gone="2026-04-11T12:00", changed="2026-04-11T12:00"
        )
    else:
        now = ticket("B", "d", "2026-03-05T10:00", "2026-03-05T12:00", changed="2026-04-11T12:00")
    both = {"tickets": [SLOW, QUICK], "events": [*ANSWERED, *AT_ONCE]}
    steps = [Step(date(2026, 4, 10), both, roadmap=FCR), Step(date(2026, 4, 12), {"tickets": [now]}, roadmap=FCR)]
    assert bit_by_bit(tmp_path, steps) == []
    assert resolved_at_once(tmp_path / "bits")["2026-03-20"] == 1.0


def test_contacts_that_nobody_replied_to_wait_as_soon_as_the_first_reply_is_told_and_until_none_is(
    tmp_path: Path,
) -> None:
    first = [ticket("A", "a", "2026-03-01T10:00"), ticket("B", "b", "2026-03-02T10:00")]
    replied = [ticket("C", "c", "2026-03-10T10:00", replied="2026-03-10T11:00")]
    steps = [Step(date(2026, 3, 3), {"tickets": first, "events": []}), Step(date(2026, 3, 11), {"tickets": replied})]
    assert bit_by_bit(tmp_path / "told", steps) == []
    waiting = {booked: n_items - n for (booked, _), (n_items, n, _) in reply_times(tmp_path / "told").items()}
    assert waiting == {"2026-03-01": 1, "2026-03-02": 1, "2026-03-10": 0}
    steps.append(
        Step(date(2026, 3, 11), {"tickets": [ticket("C", "c", "2026-03-10T10:00", changed="2026-03-11T10:00")]})
    )
    assert bit_by_bit(tmp_path / "taken back", steps) == []
    assert reply_times(tmp_path / "taken back") == {}


def reply_times(folder: Path) -> dict[tuple[str, str], tuple[int, int, float]]:
    return parts(folder / "bits", "first_reply_time")
