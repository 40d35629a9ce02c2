"""The benchmarks that channels declare: which share of their contacts is answered in time."""

from collections.abc import Mapping

from domain.roadmap.benchmark import Benchmark
from domain.roadmap.listening import Channel

ANSWERED = "answered_in_time"


def name_of_promised(channel: str) -> str:
    """What the benchmark of a channel is called."""
    return f"answered-{channel}"


def promised(channels: Mapping[str, Channel]) -> dict[str, Benchmark]:
    """Benchmarks by name, of the channels that want to reach a share: over four weeks, on a straight path."""
    return {
        (name := name_of_promised(channel)): Benchmark(
            id=name,
            kpi=ANSWERED,
            scope={"channel": channel},
            window="28d",
            baseline=declared.share.baseline,
            on=declared.share.on,
            target=declared.share.target,
            by=declared.share.by,
            tolerance=declared.share.tolerance,
            owner=declared.owner,
            why=declared.share.why,
        )
        for channel, declared in channels.items()
        if declared.share is not None
    }
