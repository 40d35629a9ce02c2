"""What changes a day that is long over: measured bit by bit as if all had been there at once."""

from datetime import date
from pathlib import Path

from tests.acceptance.late_rows import Step, bit_by_bit, parts, status, ticket

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
