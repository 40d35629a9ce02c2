"""Values weighted to the population: what all customers would say, if those of each group say what its answers say.

Groups that answer more often than others weigh too much in a plain value. Post-stratification gives each group the
share that it has among those one wants to speak of. It mends who answered by group alone: within a group those who
answer are taken for those who do not.

Source:
    Cochran 1977, 5A.9, and Holt and Smith 1979: given how many of each group answered, the variance is that of a
    stratified sample; Lumley 2010, 7.2. Its interval is made of the groups' own (Wilson, adjusted Wald, Student's t) as
    in Zou, Huang and Zhang 2009 (MOVER), since variances of few answers that are nearly all alike say too little. The
    number of answers that unequal weights leave: Kish 1965, 11.7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from domain.intervals import mean_bounds, nps_bounds, wilson
from domain.kpis import Statistic, Unit
from domain.shown import counted, shown, shown_range

FEWEST: Final = 10
"""Answers of a group, from which it stands for itself."""
WEIGHTED: Final[tuple[Statistic, ...]] = ("share", "nps", "mean")
_OTHERS: Final = " and "


@dataclass(frozen=True)
class Group:
    """Answers of one group, and its share of the population.

    Attributes:
        share: 0-1; all groups' together are 1.
        n: answers. total, total_sq: their sum and sum of squares; of NPS promoters less detractors, and both together.
    """

    name: str
    share: float
    n: int
    total: float
    total_sq: float


@dataclass(frozen=True)
class Weighted:
    """A value beside the plain one.

    Attributes:
        value, low, high: in the KPI's unit, 95 %.
        n: answers in it. n_worth: how many answers with equal weights say as much (Kish).
        groups: name, share of the population, share of the answers.
        together: groups that stand as one, since one of them has too few answers.
    """

    value: float
    low: float
    high: float
    n: int
    n_worth: float
    groups: tuple[tuple[str, float, float], ...]
    together: tuple[str, ...] = ()

    @property
    def design_effect(self) -> float:
        """How many times as many answers are needed as with equal weights."""
        return self.n / self.n_worth


@dataclass(frozen=True)
class Beside:
    """What stands beside one plain value of a benchmark.

    Attributes:
        dimension: by whose members it is weighted.
        is_as_in_customers: the shares are those of the customers of the period's last day; else declared ones.
        period_start, period_end: of that value; the day after the last.
        found: the value; None: it cannot be told.
        n_outside: answers that belong to none of the groups; they are not in it.
        reason: why it cannot be told; empty: it is.
    """

    dimension: str
    is_as_in_customers: bool
    period_start: date
    period_end: date
    found: Weighted | None = None
    n_outside: int = 0
    reason: str = ""


def beside_line(beside: Beside, unit: Unit, step: float | None = None) -> str:
    """What a reader is told of it, in one or a few sentences."""
    of, found = f"by {beside.dimension}", beside.found
    if found is None:
        return f"Not weighted {of}: {beside.reason}."
    whose = "customers" if beside.is_as_in_customers else "the population"
    value, ends = shown(found.value, unit, step), shown_range(found.low, found.high, unit, step)
    groups = ", ".join(
        f"{name} {shown(answers, 'share')} of the answers and {shown(share, 'share')} of {whose}"
        for name, share, answers in found.groups
    )
    said = [f"Weighted {of} as in {whose}: {value} ({ends}).", f"{groups[:1].upper()}{groups[1:]}."]
    n, worth = counted(found.n), counted(round(found.n_worth))
    said.append(f"Weights so unequal make {n} answers worth {worth} (design effect {found.design_effect:.2f}).")
    if found.together:
        said.append(f"{' and '.join(found.together)} stand together: too few answers.")
    if beside.n_outside:
        said.append(f"{counted(beside.n_outside)} answers are of none of these and not in it.")
    return " ".join(said)


def weighted(groups: Sequence[Group], statistic: Statistic, fewest: int = FEWEST) -> Weighted | None:
    """The post-stratified value.

    Groups of fewer than `fewest` answers stand together as one; if it is too small as well, the next larger joins.

    Args:
        groups: of the population; one that nobody answered from too.
        statistic: one of WEIGHTED.
        fewest: answers of a group, from which it stands for itself.

    Returns:
        None: fewer than two groups have answers enough, or all answers are the same.
    """
    held, together = _collapsed(groups, fewest)
    if len(held) < 2:
        return None
    n = sum(group.n for group in held)
    means = [group.total / group.n for group in held]
    value = sum(group.share * mean for group, mean in zip(held, means, strict=True))
    scale = 100.0 if statistic == "nps" else 1.0
    below, above = _errors(held, means, statistic)
    if below is None or above is None:
        return None
    n_worth = 1 / sum(group.share**2 / group.n for group in held)
    return Weighted(
        scale * value, scale * (value - below), scale * (value + above), n, n_worth,
        tuple((group.name, group.share, group.n / n) for group in held), together,
    )  # fmt: skip


def _collapsed(groups: Sequence[Group], fewest: int) -> tuple[list[Group], tuple[str, ...]]:
    ordered = sorted((group for group in groups if group.share > 0), key=lambda group: (group.n, group.name))
    small = [group for group in ordered if group.n < fewest]
    large = ordered[len(small) :]
    while small and large and sum(group.n for group in small) < fewest:
        small.append(large.pop(0))
    if not small:
        return sorted(large, key=lambda group: group.name), ()
    names = sorted(group.name for group in small)
    one = Group(
        _OTHERS.join(names), sum(g.share for g in small), sum(g.n for g in small), sum(g.total for g in small),
        sum(g.total_sq for g in small),
    )  # fmt: skip
    if one.n < fewest:
        return [], tuple(names)
    return sorted([*large, one], key=lambda group: group.name), tuple(names) if len(names) > 1 else ()


def _errors(groups: Sequence[Group], means: Sequence[float], statistic: Statistic) -> tuple[float | None, float | None]:
    """How far the value may be below and above: each group's own interval, squared, weighted and added.

    A group whose answers are all the same has none: theirs are taken to scatter as those of all groups do.
    """
    held = pl.DataFrame({
        "n": [group.n for group in groups], "total": [group.total for group in groups],
        "total_sq": [group.total_sq for group in groups], "share": [group.share for group in groups], "mean": means,
    })  # fmt: skip
    n, total, total_sq, mean, share = (pl.col(name) for name in ("n", "total", "total_sq", "mean", "share"))
    if statistic == "share":
        low, high = wilson(total, n)
    elif statistic == "nps":
        low, high = (bound / 100 for bound in nps_bounds(total, total_sq, n))
    else:
        low, high = mean_bounds(total, total_sq, n)
        least, _ = mean_bounds(total.sum(), total_sq.sum(), n.sum())
        alike = (total.sum() / n.sum() - least) * (n.sum() / n).sqrt()
        low, high = low.fill_null(mean - alike), high.fill_null(mean + alike)
    below, above = ((share * far.clip(lower_bound=0)).pow(2).sum().sqrt() for far in (mean - low, high - mean))
    # a sum takes what is not known for nothing
    is_told = pl.all_horizontal(low.is_not_null(), high.is_not_null()).all()
    return held.select(below=pl.when(is_told).then(below), above=pl.when(is_told).then(above)).row(0)
