"""How far a reading goes back, for what it covers."""

from datetime import datetime, timedelta

import pytest

from domain.connectors import Covers, Since
from tests.fakes.vendor import FIRST, with_stream
from wire.beginning import begun, is_due
from wire.sweeps import Kept, Position, Sweep

NOW = FIRST + timedelta(days=100)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COVERS = Covers("answered_at", back=30 * DAY, every=20 * HOUR)


def sweep(kept: Kept, start: datetime | None = None, **facts: object) -> Sweep:
    since = Since(("updated_at",), "since", overlap=HOUR)
    _, stream = with_stream(**{"since": since, "covers": COVERS, **facts})
    return begun(stream, kept, values={}, start=start, now=NOW, delay=timedelta())


def test_a_sweep_goes_back_once_in_a_while_and_the_next_one_does_not():
    first = sweep(Kept(mark=NOW - DAY, back=NOW - DAY))
    assert (first.since, first.goes_back) == (NOW - 30 * DAY, True)
    kept = first.kept(Kept(), None)
    assert kept.back == NOW
    second = sweep(Kept(mark=NOW - DAY, back=kept.back - HOUR))
    assert (second.since, second.goes_back) == (NOW - DAY - HOUR, False)
    assert second.kept(kept, None).back == kept.back


def test_it_never_goes_back_before_the_beginning():
    assert sweep(Kept(mark=NOW - DAY), start=NOW - 3 * DAY).since == NOW - 3 * DAY


def test_what_changed_before_is_asked_for_all_the_same():
    assert sweep(Kept(mark=NOW - 50 * DAY), start=NOW - 90 * DAY).since == NOW - 50 * DAY - HOUR


def test_a_list_that_covers_nothing_never_goes_back():
    assert sweep(Kept(mark=NOW - DAY), covers=None).since == NOW - DAY - HOUR


@pytest.mark.parametrize(("ago", "expected"), [(None, True), (HOUR, False), (20 * HOUR, True)])
def test_it_is_time_again_after_every(ago: timedelta | None, expected: bool):
    assert is_due(COVERS, Kept(back=None if ago is None else NOW - ago), NOW) is expected


def test_when_it_went_back_outlives_a_kill():
    held = Position({"": Kept(NOW, None, NOW, NOW - DAY)}, sweep(Kept(mark=NOW - DAY)))
    assert Position.from_json(held.to_json()) == held
