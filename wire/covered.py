"""What a reading of a list has covered, for what it shows no more. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.connectors import Stream
from domain.coverage import Reading
from domain.errors import SourceChangedError
from domain.paging import inside
from wire.edges import MOST_BACK
from wire.got import GotPage
from wire.marks import marks_of
from wire.newest import covered_by
from wire.sweeps import Sweep


def reading_of(stream: Stream, sweep: Sweep, page: GotPage, now: datetime, delay: timedelta) -> Reading | None:
    """What has been read whole with a sweep's last page; None: nothing can be said.

    Args:
        stream: the list.
        sweep: with that page.
        page: the last one.
        now: this run's beginning, by our clock.
        delay: how long the vendor may take to show a change.
    """
    covers = stream.covers
    if covers is None or sweep.is_from_token or sweep.n_back >= MOST_BACK:
        return None
    told = inside(page.answer.body, covers.total) if covers.total else None
    if covers.total and not isinstance(told, int | float):
        return None  # it said how many there are, and says it no more
    since, until = sweep.since, sweep.started - delay
    if covers.keeps is not None:
        since = now - covers.keeps  # of this run: what began days ago ends among later days
    if covers.published:
        if sweep.newest is None:
            return None
        since, until = sweep.newest
    return Reading(sweep.each, sweep.started, since, until, None if told is None else int(told))


def seeing_newest(stream: Stream, sweep: Sweep, page: GotPage, where: str) -> Sweep:
    """With what a first page shows of the newest records, where the list shows them alone."""
    covers = stream.covers
    if covers is None or not covers.published or sweep.n_pages:
        return sweep
    try:
        published = marks_of(page.records, covers.published, where)
    except SourceChangedError:  # a time that is none goes to quarantine, and stops nothing
        return sweep
    return replace(sweep, newest=covered_by(published, page.marks))
