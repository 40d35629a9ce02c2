"""The groups of a population that a benchmark's value is weighted by."""

from domain.roadmap.benchmark import Benchmark
from domain.roadmap.model import Roadmap
from domain.scopes import canonical


def cells_of(benchmark: Benchmark, roadmap: Roadmap) -> dict[str, dict[str, str]]:
    """By dimension: each group's scope within the benchmark's own, by its name; nothing where nothing is weighted."""
    return {
        dimension: {
            member: canonical({**benchmark.members, dimension: member})
            for member in (roadmap.segments if isinstance(shares, str) else shares)
        }
        for dimension, shares in benchmark.population.items()
    }
