"""A clock that stands still, but for what is slept and for a tick at each look."""

from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


class FakeClock:
    def __init__(self, at: datetime = BEGINNING, tick: float = 0.0) -> None:
        self._at, self.elapsed, self.tick = at, 0.0, tick
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        self.elapsed += self.tick
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.elapsed += seconds
