"""Segments and personas in words: one customer's over time, and all customers' now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.roadmap import Roadmap
from domain.windows import day_of

Which = Literal["segment", "persona"]
NONE = "none"


def over_time(spells: Sequence[Mapping[str, Any]], which: Which, zone: ZoneInfo) -> str:
    """What a person was, the latest first: `office since 2026-03-18, home before`.

    Args:
        spells: rows of `customer_segments` of the person's ids, by customer and time.
        which: what is told.
        zone: whose days are said.

    Returns:
        Nothing for no spells; ids that differ (one of them says more of itself) each by itself.
    """
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for row in spells:
        by_id.setdefault(row["customer_id"], []).append(row)
    told = {name: _one(rows, which, zone) for name, rows in by_id.items()}
    if len(set(told.values())) <= 1:
        return next(iter(told.values()), "")
    return "; ".join(f"{name}: {words}" for name, words in told.items())


def _one(rows: Sequence[Mapping[str, Any]], which: Which, zone: ZoneInfo) -> str:
    runs = [row for i, row in enumerate(rows) if not i or row[which] != rows[i - 1][which]]
    first, *later = runs
    words = [f"{row[which] or NONE} since {day_of(row['valid_from'], zone)}" for row in reversed(later)]
    name = first[which] or NONE
    return ", ".join([*words, f"{name} before"]) if later else name


@dataclass(frozen=True)
class Group:
    """A segment or persona with those who are in it now.

    Attributes:
        name: its name.
        when: its rule; empty: none of its own.
        count: what is one voice in it: customers | accounts; empty for a persona.
        customers: persons in it. accounts: accounts that these have.
        is_unused: it has a rule, and nobody is in it, or ever was.
    """

    name: str
    when: str
    count: str
    customers: int
    accounts: int
    is_unused: bool

    @property
    def warning(self) -> str:
        """What is said of one that is unused."""
        return f"nobody is in it, or ever was: {self.when} never holds, or an earlier rule always does."


Counts = Mapping[str | None, tuple[int, int]]


def segments_now(roadmap: Roadmap, counts: Counts, ever: Collection[str]) -> list[Group]:
    """Every segment of the roadmap, in its order; `counts` and `ever` as the queries of these names have them."""
    return [
        Group(name, segment.when, segment.count, *counts.get(name, (0, 0)), is_unused=name not in ever)
        for name, segment in roadmap.segments.items()
    ]


def personas_now(roadmap: Roadmap, counts: Counts, ever: Collection[str]) -> list[Group]:
    """Every persona, likewise."""
    return [
        Group(name, _rule(persona.segment, persona.when), "", *counts.get(name, (0, 0)),
              is_unused=bool(persona.segment or persona.when) and name not in ever)
        for name, persona in roadmap.personas.items()
    ]  # fmt: skip


def _rule(segment: str | None, when: str | None) -> str:
    return " and ".join(part for part in (segment and f"segment {segment}", when) if part)
