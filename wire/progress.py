"""How far a fetch is, and how long it will go on: for a first backfill of years."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.connectors import Since
from wire.clock import Clock
from wire.sweeps import Sweep


@dataclass(frozen=True)
class Progress:
    """Where a sweep stands.

    Attributes:
        n_pages, n_records: of this sweep, earlier runs included.
        mark: the latest change seen.
        left: how long it will go on, as fast as this run went until now; None: that cannot be told.
        each: the member of `per_option`.
    """

    n_pages: int
    n_records: int
    mark: datetime | None
    left: timedelta | None
    each: str = ""

    def __str__(self) -> str:
        """In words, for the log."""
        of = f" of {self.each}" if self.each else ""
        mark = f", through {self.mark:%Y-%m-%d %H:%M}" if self.mark else ""
        left = f", about {self.left} left" if self.left else ""
        return f"page {self.n_pages}{of}, {self.n_records} records{mark}{left}"


class Pace:
    """How fast the marks of one run move towards now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._from: tuple[float, datetime, str] | None = None

    def progress(self, sweep: Sweep, since: Since | None) -> Progress:
        """Where the sweep stands after its latest page."""
        left = None if since is None or since.is_newest_first else self._left(sweep)
        return Progress(sweep.n_pages, sweep.n_records, sweep.mark, left, sweep.each)

    def _left(self, sweep: Sweep) -> timedelta | None:
        if sweep.mark is None:
            return None
        if self._from is None or self._from[2] != sweep.each:
            self._from = (self._clock.monotonic(), sweep.mark, sweep.each)
            return None
        began, mark, _ = self._from
        moved, elapsed = sweep.mark - mark, self._clock.monotonic() - began
        if moved <= timedelta(0):
            return None
        left = max((sweep.started - sweep.mark) / moved, 0.0) * elapsed
        return timedelta(seconds=round(min(left, timedelta(days=3650).total_seconds())))
