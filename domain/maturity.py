"""Whether a period's rows are in: what of a week was known so many days after its source said it was complete.

Answers are booked on the day they are given, so a week does not grow because people answer late; it grows because
rows come late. How late is learnt from the past of each source: of each week, which share of its rows was known then.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

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
    """How the rows of one source and fact table came in, as known on one day.

    Attributes:
        source: its name.
        rows: by (Monday of the week they happened in, day they became known): new rows.
        begun: day on which the first of them came; what happened before came all at once.
        looked: days on which the source was read, in order.
        said: (day, last day that the source was complete for by then), in order.
    """

    source: str
    rows: Mapping[tuple[date, date], int]
    begun: date
    looked: Sequence[date]
    said: Sequence[tuple[date, date]]

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


@dataclass(frozen=True)
class Maturity:
    """What is known of how one fact table's rows come in.

    Attributes:
        usual: by source, the usual share known so many days after it was ready; a source that is not here is not
            known, and nothing waits for it.
        arrivals: every source's.
        as_of: the day on which it is asked.
    """

    usual: Mapping[str, Sequence[float]]
    arrivals: Sequence[Arrivals]
    as_of: date

    def share_in(self, start: date, end: date, sources: Iterable[str] | None = None) -> float:
        """The share of a period's usual rows that is in; 1 where it is not known how late they come.

        Args:
            start: first day.
            end: the day after the last.
            sources: that feed the KPI; None: all of them.
        """
        named = None if sources is None else set(sources)
        mine = [of for of in self.arrivals if named is None or of.source in named]
        total = sum(of.n for of in mine)
        if not total or not any(of.source in self.usual for of in mine):
            return 1.0
        ends = [end - i * _WEEK for i in range(max(1, round((end - start).days / 7)))]
        return sum(of.n * sum(self._share(of, one) for one in ends) / len(ends) for of in mine) / total

    def _share(self, of: Arrivals, end: date) -> float:
        usual = self.usual.get(of.source)
        if usual is None:
            return 1.0
        days = (self.as_of - (of.ready(end) or self.as_of)).days
        return 1.0 if days > HORIZON_DAYS else usual[max(0, days)]

    def through(self, kind: PeriodKind, through: date, sources: Iterable[str] | None = None) -> date:
        """The last day up to which periods of one kind can be judged: no later than `through`.

        The Sunday before the last Monday whose latest complete period is ripe; `through` itself where nothing waits.
        """
        named = None if sources is None else list(sources)
        moment = week_of(min(self.as_of, through + timedelta(days=1)))
        first = moment
        while moment > first - timedelta(days=HORIZON_DAYS + 7):
            start, end = last_period(kind, moment)
            if self.share_in(start, end, named) >= RIPE:
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
        sources: those known to feed a KPI; a KPI that is not here: any of its table's may.
    """

    tables: Mapping[str, Maturity] = field(default_factory=dict[str, Maturity])
    sources: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])

    def through(self, kpi: Kpi, scope: str, kind: PeriodKind, through: date) -> date:
        """The last day up to which periods of one kind can be judged, no later than `through`."""
        maturity = self._of(kpi)
        return through if maturity is None else maturity.through(kind, through, self._sources(kpi, scope))

    def share_in(self, kpi: Kpi, scope: str, start: date, end: date) -> float | None:
        """The share of a period's usual rows that is in; None: it is ripe, or nothing is known of it."""
        maturity = self._of(kpi)
        share = 1.0 if maturity is None else maturity.share_in(start, end, self._sources(kpi, scope))
        return share if share < RIPE else None

    def _of(self, kpi: Kpi) -> Maturity | None:
        # levels and cohorts count what was there, not what came
        return None if kpi.kind in ("stock", "cohort") else self.tables.get(kpi.fact)

    def _sources(self, kpi: Kpi, scope: str) -> Collection[str] | None:
        named = parsed(scope).get("source")
        return self.sources.get(kpi.name) if named is None else (named,)


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
