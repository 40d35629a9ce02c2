"""The share of a vendor's rate that is ours: calls spaced so that people and other tools have the rest."""

from collections.abc import Sequence
from datetime import time
from functools import cache
from threading import Lock
from zoneinfo import ZoneInfo

from domain.connectors import Rate
from domain.source_specs import Quota
from wire.clock import Clock, SystemClock


class Spacing:
    """When the next call of each rate may be made. Threads may share it.

    Args:
        quota: our share by day, and at night.
        zone: where night is.
    """

    def __init__(self, quota: Quota, clock: Clock, zone: str = "UTC") -> None:
        self._quota, self._clock, self._zone = quota, clock, ZoneInfo(zone)
        self._free: dict[Rate, float] = {}
        self._held = float("-inf")
        self._lock = Lock()

    def share(self) -> float:
        """Our share at this hour."""
        quota = self._quota
        if quota.night_share is None:
            return quota.share
        at = self._clock.now().astimezone(self._zone).time()
        return quota.night_share if _between(quota.night_from, at, quota.night_to) else quota.share

    def turn(self, rates: Sequence[Rate]) -> float:
        """Take the next turn of these rates; seconds until then."""
        with self._lock:
            now, share = self._clock.monotonic(), self.share()
            turn = max([now, self._held, *(self._free[rate] for rate in rates if rate in self._free)])
            for rate in rates:
                self._free[rate] = turn + rate.per_s / (rate.n * share)
            return turn - now

    def held(self) -> float:
        """Seconds left of the pause that the vendor asked for."""
        return max(self._held - self._clock.monotonic(), 0.0)

    def hold(self, seconds: float) -> None:
        """The vendor asks for a pause: no call is made before its end."""
        with self._lock:
            self._held = max(self._held, self._clock.monotonic() + seconds)


@cache
def shared_spacing(source: str, quota: Quota, zone: str) -> Spacing:  # noqa: ARG001
    """The one spacing of a source for all its streams in this process: the vendor counts their calls together."""
    return Spacing(quota, SystemClock(), zone)


def _between(start: time, at: time, end: time) -> bool:
    return start <= at < end if start <= end else at >= start or at < end
