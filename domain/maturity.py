"""Whether a period's rows are in: what of a week was known so many days after its source said it was complete.

Answers are booked on the day they are given, so a week does not grow because people answer late; it grows because
rows come late. How late is learnt from the past of each source, and of each of its surveys: of each week, which share
of its rows was known then.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from statistics import median
from typing import Self

from domain.kpis import Kpi
from domain.scopes import parsed
from domain.windows import PeriodKind, month_of, week_of

RIPE = 0.9
"""A period is judged when about this share of its usual rows is in."""
HORIZON_DAYS = 28
"""What has not come so many days after its source was complete is taken for an exception."""
MOST_WEEKS, LEAST_WEEKS, LEAST_ROWS = 26, 4, 50
"""So many weeks are learnt from at most, and at least, with so many rows in all."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Arrivals:
    """How the rows of one source, fact table and survey came in, as known on one day.

    Attributes:
        source: its name.
        rows: by (Monday of the week they happened in, day they became known): new rows.
        begun: day on which the first of them came; what happened before came all at once.
        looked: days on which the source was read, in order.
        said: (day, last day that the source was complete for by then), in order.
        survey: which one; empty where the table has none.
    """

    source: str
    rows: Mapping[tuple[date, date], int]
    begun: date
    looked: Sequence[date]
    said: Sequence[tuple[date, date]]
    survey: str = ""

    @property
    def stream(self) -> tuple[str, str]:
        """Source and survey."""
        return self.source, self.survey

    @property
    def n(self) -> int:
        """Rows that came one by one."""
        return sum(n for (week, _), n in self.rows.items() if week >= self.begun)

    def ready(self, end: date) -> date | None:
        """The first day on or after `end` on which the source was read and said that it was complete up to it."""
        passed = next((day for day, through in self.said if through + timedelta(days=1) >= end), end)
        place = bisect_left(self.looked, max(end, passed))
        return self.looked[place] if place < len(self.looked) else None

    def learnt(self, as_of: date) -> tuple[float, ...] | None:
        """The usual share of a week's rows that is known 0, 1 … days after it was ready.

        The median over the last weeks that were over long before `as_of`; None: too few of them.
        """
        weeks: list[tuple[date, date]] = []
        for week in sorted({week for week, _ in self.rows}):
            ready = self.ready(week + _WEEK)
            if week >= self.begun and ready and ready + timedelta(days=HORIZON_DAYS) <= as_of:
                weeks.append((week, ready))
        known = [counts for week in weeks if (counts := self._known(*week))[-1]][-MOST_WEEKS:]
        if len(known) < LEAST_WEEKS or sum(of[-1] for of in known) < LEAST_ROWS:
            return None
        return tuple(median(of[k] / of[-1] for of in known) for k in range(HORIZON_DAYS + 1))

    def _known(self, week: date, ready: date) -> list[int]:
        """Rows of a week known 0, 1 … days after it was ready; those of the last day are all of it."""
        came = sorted((day, n) for (of, day), n in self.rows.items() if of == week)
        return [sum(n for day, n in came if day <= ready + timedelta(days=k)) for k in range(HORIZON_DAYS + 1)]


def learnt_by_stream(arrivals: Sequence[Arrivals], as_of: date) -> dict[tuple[str, str], tuple[float, ...]]:
    """The usual shares by source and survey; of a source's surveys with too few rows alone, of all these together."""
    found: dict[tuple[str, str], tuple[float, ...]] = {}
    few: dict[str, list[Arrivals]] = {}
    for of in arrivals:
        shares = of.learnt(as_of)
        if shares is None:
            few.setdefault(of.source, []).append(of)
        else:
            found[of.stream] = shares
    for surveys in few.values():
        shares = _together(surveys).learnt(as_of)
        if shares is not None:
            found |= dict.fromkeys((of.stream for of in surveys), shares)
    return found


def _together(surveys: Sequence[Arrivals]) -> Arrivals:
    """Several surveys of one source as one; of none what came all at once."""
    rows: Counter[tuple[date, date]] = Counter()
    for of in surveys:
        rows.update({when: n for when, n in of.rows.items() if when[0] >= of.begun})
    return replace(surveys[0], rows=rows, begun=min(of.begun for of in surveys))


@dataclass(frozen=True)
class Fed:
    """What feeds a KPI, or a part of it.

    Attributes:
        sources: which ones; None: not known, any may. surveys: likewise.
    """

    sources: Collection[str] | None = None
    surveys: Collection[str] | None = None

    def by(self, of: Arrivals) -> bool:
        """Whether it is fed by this source and survey."""
        is_asked = not of.survey or self.surveys is None or of.survey in self.surveys
        return is_asked and (self.sources is None or of.source in self.sources)

    def within(self, scope: str) -> Self:
        """What feeds the part that is in a scope: it may name its source, and its survey."""
        members = parsed(scope)
        sources, surveys = ((members[name],) if name in members else None for name in ("source", "survey"))
        return replace(self, sources=sources or self.sources, surveys=surveys or self.surveys)


ANYTHING = Fed()


@dataclass(frozen=True)
class Maturity:
    """What is known of how one fact table's rows come in.

    Attributes:
        usual: by source and survey, the usual share known so many days after it was ready; what is not here is not
            known, and nothing waits for it.
        arrivals: of every source and survey.
        as_of: the day on which it is asked.
    """

    usual: Mapping[tuple[str, str], Sequence[float]]
    arrivals: Sequence[Arrivals]
    as_of: date

    def share_in(self, start: date, end: date, fed: Fed = ANYTHING) -> float:
        """The share of a period's usual rows that is in; 1 where it is not known how late they come.

        Args:
            start: first day.
            end: the day after the last.
            fed: by what.
        """
        mine = [of for of in self.arrivals if fed.by(of)]
        total = sum(of.n for of in mine)
        if not total or not any(of.stream in self.usual for of in mine):
            return 1.0
        ends = [end - i * _WEEK for i in range(max(1, round((end - start).days / 7)))]
        return sum(of.n * sum(self._share(of, one) for one in ends) / len(ends) for of in mine) / total

    def _share(self, of: Arrivals, end: date) -> float:
        usual = self.usual.get(of.stream)
        if usual is None:
            return 1.0
        days = (self.as_of - (of.ready(end) or self.as_of)).days
        return 1.0 if days > HORIZON_DAYS else usual[max(0, days)]

    def through(self, kind: PeriodKind, through: date, fed: Fed = ANYTHING) -> date:
        """The last day up to which periods of one kind can be judged: no later than `through`.

        The Sunday before the last Monday whose latest complete period is ripe; `through` itself where nothing waits.
        """
        moment = week_of(min(self.as_of, through + timedelta(days=1)))
        first = moment
        while moment > first - timedelta(days=HORIZON_DAYS + 7):
            start, end = last_period(kind, moment)
            if self.share_in(start, end, fed) >= RIPE:
                return through if moment == first else moment - timedelta(days=1)
            moment -= _WEEK
        return moment - timedelta(days=1)


def last_period(kind: PeriodKind, moment: date) -> tuple[date, date]:
    """First day, and day after the last, of the last period of one kind that is complete on a Monday."""
    if kind == "month":
        end = month_of(moment)
        return month_of(end - timedelta(days=1)), end
    return moment - timedelta(days={"28d": 28, "90d": 90}.get(kind, 7)), moment


@dataclass(frozen=True)
class Waiting:
    """Which periods of which KPIs are still coming in.

    Attributes:
        tables: by fact table; a table that is not here waits for nothing.
        fed: what is known to feed a KPI; of a KPI that is not here: any of its table's rows may.
    """

    tables: Mapping[str, Maturity] = field(default_factory=dict[str, Maturity])
    fed: Mapping[str, Fed] = field(default_factory=dict[str, Fed])

    def through(self, kpi: Kpi, scope: str, kind: PeriodKind, through: date) -> date:
        """The last day up to which periods of one kind can be judged, no later than `through`."""
        maturity = self._of(kpi)
        return through if maturity is None else maturity.through(kind, through, self._fed(kpi, scope))

    def share_in(self, kpi: Kpi, scope: str, start: date, end: date) -> float | None:
        """The share of a period's usual rows that is in; None: it is ripe, or nothing is known of it."""
        maturity = self._of(kpi)
        share = 1.0 if maturity is None else maturity.share_in(start, end, self._fed(kpi, scope))
        return share if share < RIPE else None

    def _of(self, kpi: Kpi) -> Maturity | None:
        # levels and cohorts count what was there, not what came
        return None if kpi.kind in ("stock", "cohort") else self.tables.get(kpi.fact)

    def _fed(self, kpi: Kpi, scope: str) -> Fed:
        return self.fed.get(kpi.name, ANYTHING).within(scope)


_ROWS = {"survey_answers": "answers", "survey_sends": "invitations", "tickets": "contacts", "reviews": "reviews",
         "orders": "orders", "mentions": "mentions"}  # fmt: skip


def coming_in(share: float, fact: str = "survey_answers") -> str:
    """How much of a period is in, in words.

    >>> coming_in(0.684), coming_in(0.02, "tickets")
    ('still coming in: about 70 % of the usual answers', 'still coming in: under 10 % of the usual contacts')
    """
    tenths = round(10 * min(share, RIPE))
    told = f"about {10 * tenths} %" if tenths else "under 10 %"
    return f"still coming in: {told} of the usual {_ROWS.get(fact, 'rows')}"
