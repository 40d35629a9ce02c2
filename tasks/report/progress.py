"""The roadmap itself: which milestone comes, what slipped, what was spent, what is still missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.roadmap import Initiative, Milestone, Roadmap, changes

SOON_DAYS = 31
_MONTHS_BETWEEN = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class MilestoneLine:
    """One milestone. `standing`: hit | hit late | due | coming | slipped."""

    title: str
    due: date
    done: date | None
    standing: str


@dataclass(frozen=True)
class InitiativeLine:
    """One initiative; money in the company's currency. `end`: when it should be through."""

    title: str
    horizon: str
    owner: str
    milestones: tuple[MilestoneLine, ...] = ()
    end: date | None = None
    planned: float | None = None
    spent: float | None = None

    @property
    def is_done(self) -> bool:
        """Every milestone is done."""
        return bool(self.milestones) and all(m.done for m in self.milestones)

    @property
    def next_milestone(self) -> MilestoneLine | None:
        """The earliest one not done."""
        return min((m for m in self.milestones if not m.done), key=lambda m: m.due, default=None)


@dataclass(frozen=True)
class CapabilityLine:
    """One capability below the level wanted (1 ad hoc … 5 leading)."""

    name: str
    now: int
    want: int
    by: date
    owner: str


@dataclass(frozen=True)
class Coming:
    """A review that comes up."""

    title: str
    on: date
    who: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """The roadmap: initiatives, capabilities behind, what changed in the file, what comes up."""

    initiatives: tuple[InitiativeLine, ...] = ()
    capabilities: tuple[CapabilityLine, ...] = ()
    changed: tuple[str, ...] = ()
    coming: tuple[Coming, ...] = ()


def progress_of(roadmap: Roadmap, moment: date, before: Roadmap | None = None) -> Progress:
    """Initiatives, capabilities behind, changes and reviews on a day.

    Args:
        roadmap: as it was then.
        moment: the day it is looked at.
        before: the version before, if a new one came into force in the week.
    """
    return Progress(
        initiatives=tuple(_initiative(i, moment) for i in roadmap.initiatives),
        capabilities=tuple(
            CapabilityLine(name, c.now, c.want, c.by, c.owner)
            for name, c in sorted(roadmap.capabilities.items(), key=lambda item: (item[1].by, item[0]))
            if c.now < c.want
        ),
        changed=tuple(changes(before, roadmap)) if before else (),
        coming=_coming(roadmap, moment),
    )


def _initiative(initiative: Initiative, moment: date) -> InitiativeLine:
    budget = initiative.budget
    milestones = tuple(_milestone(m, moment) for m in sorted(initiative.milestones, key=lambda m: m.due))
    end = initiative.by or (milestones[-1].due if milestones else None)
    return InitiativeLine(
        initiative.title, initiative.horizon, initiative.owner, milestones, end,
        budget.planned if budget else None, budget.spent if budget else None,
    )  # fmt: skip


def _milestone(milestone: Milestone, moment: date) -> MilestoneLine:
    done = milestone.done if milestone.done and milestone.done <= moment else None
    return MilestoneLine(milestone.title, milestone.due, done, _standing(milestone.due, done, moment))


def _standing(due: date, done: date | None, moment: date) -> str:
    if done:
        return "hit" if done <= due else "hit late"
    if due < moment:
        return "slipped"
    return "due" if due < moment + timedelta(days=SOON_DAYS) else "coming"


def _coming(roadmap: Roadmap, moment: date) -> tuple[Coming, ...]:
    """Reviews of the next weeks whose day the calendar gives; weekly ones go without saying."""
    found = [
        Coming(review.title, on, review.who)
        for review in roadmap.reviews
        if (on := next_turn(review.every, moment, roadmap.company.fiscal_year_starts))
        and on < moment + timedelta(days=SOON_DAYS)
    ]
    return tuple(sorted(found, key=lambda coming: (coming.on, coming.title)))


def next_turn(every: str, moment: date, fiscal_year_starts: str) -> date | None:
    """The first day of the next month, quarter or year that begins on or after `moment`; None for other rhythms.

    >>> next_turn("quarter", date(2026, 3, 16), "01-01")
    datetime.date(2026, 4, 1)
    """
    months = _MONTHS_BETWEEN.get(every)
    if months is None:
        return None
    start = int(fiscal_year_starts[:2]) if every == "year" else 1
    return next(first for first in _month_starts(moment) if (first.month - start) % months == 0)


def _month_starts(moment: date) -> Sequence[date]:
    months = [moment.year * 12 + moment.month - 1 + i for i in range(14)]
    return [first for m in months if (first := date(m // 12, m % 12 + 1, 1)) >= moment]
