"""Counts, spans of days and names as a reader says them; values and days are shown by `domain.shown`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.kpis import KPIS, Unit
from domain.scopes import parsed
from domain.shown import counted, shown, shown_change, shown_range

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_SPELT = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SPANS = (("h", 3600.0), ("min", 60.0), ("s", 1.0))
"""Durations from twice this many seconds on are written so."""
_FINE = 0.001
"""Shares change by tenths of a point."""
_NOUNS = {
    "survey_answers": ("answer", "answers"), "tickets": ("contact", "contacts"), "reviews": ("review", "reviews"),
    "remarks": ("remark", "remarks"), "mentions": ("mention", "mentions"),
    "subscriptions": ("customer", "customers"), "survey_sends": ("invitation", "invitations"),
}  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """How the numbers of one row are written: all alike, no finer than matters.

    Attributes:
        step: the smallest difference that matters, in the KPI's unit (a tolerance); None: by the value alone.
        like: a duration (s) that decides in which unit all durations of the row are written; None: each by itself.
    """

    unit: Unit
    step: float | None = None
    like: float | None = None

    def told(self, value: float | None) -> str:
        """A value with its unit: `4.1 %`; `–` for none."""
        if value is None:
            return "–"
        return self._span_of_time(value) if self._is_timed else shown(value, self.unit, self.step)

    def span(self, low: float | None, high: float | None) -> str:
        """An interval: `3.8 … 4.4 %`; empty for none, and for a level, which has none."""
        if low is None or high is None or low == high:
            return ""
        if self._is_timed:
            return f"{self._span_of_time(low).split()[0]} … {self._span_of_time(high)}"
        return shown_range(low, high, self.unit, self.step, "…")

    def change(self, by: float, low: float | None = None, high: float | None = None) -> str:
        """A difference with its interval: `−1.0 (−1.7 … −0.3)`, `+0.9 points (+0.5 … +1.3)`."""
        told, *ends = (self._signed(x) for x in (by, low, high) if x is not None)
        return f"{told} ({' … '.join(end.split()[0] for end in ends)})" if len(ends) > 1 else told

    def size(self, amount: float) -> str:
        """A difference without its sign: `0.5`, `2 points`."""
        return self.told(abs(amount)) if self._is_timed else shown_change(abs(amount), self.unit, self.step).lstrip("+")

    @property
    def _is_timed(self) -> bool:
        return self.unit == "seconds" and self.like is not None

    def _span_of_time(self, seconds: float) -> str:
        like = abs(self.like or 0)
        name, size = next((name, size) for name, size in _SPANS if like >= 2 * size or size == 1)
        is_fine = size > 1 and like < 10 * size
        return f"{shown(seconds / size, 'score' if is_fine else 'count')} {name}"

    def _signed(self, by: float) -> str:
        if self._is_timed:
            told = self._span_of_time(by)
            return f"+{told}" if by > 0 and told.strip(" 0.smhind") else told
        # a step would round a difference of its own size away
        fine = self.step if self.unit != "share" else min(_FINE, self.step or _FINE)
        return shown_change(by, self.unit, fine)


def spelt(n: int) -> str:
    """`no`, `one` … `twelve`, then digits."""
    return _SPELT[n] if n < len(_SPELT) else counted(n)


def plural(n: int, one: str, many: str = "") -> str:
    """`1 task`, `3 tasks`."""
    return f"{counted(n)} {one if n == 1 else many or one + 's'}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, end = list(words) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def few(words: Iterable[str], most: int = 3) -> str:
    """The first of them, and how many more there are."""
    names = list(words)
    return listed([*names[:most], f"{spelt(len(names) - most)} more"] if len(names) > most else names)


def sentence(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """With a full stop, unless it ends with a sign of its own."""
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def outcomes(kpi: str, n: int) -> str:
    """`24 answers`, `1 contact`: what a KPI counts."""
    known = KPIS.get(kpi)
    return plural(n, *_NOUNS.get(known.fact if known else "", ("outcome", "outcomes")))


def title_of(kpi: str, scope: str) -> str:
    """A series that no benchmark names: `Office NPS`, `CSAT (after-help)`, `SLA attainment (chat · office)`."""
    known = KPIS.get(kpi)
    name = known.title if known else kpi.replace("_", " ")
    members = parsed(scope)
    if len(members) == 1 and "survey" not in members:
        return sentence(f"{next(iter(members.values())).replace('-', ' ')} {name}")
    return sentence(name) + (f" ({' · '.join(members.values())})" if members else "")


def month_and_year(on: date) -> str:
    """`Dec 26`."""
    return f"{_MONTHS[on.month - 1][:3]} {on.year % 100:02d}"


def month_name(on: date) -> str:
    """`January`."""
    return _MONTHS[on.month - 1]


def days_between(first: date, last: date) -> str:
    """`9 to 15 March 2026`, `30 March to 5 April 2026`; both days count."""
    end = f"{last.day} {_MONTHS[last.month - 1]} {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {end}"
    start = f"{first.day} {_MONTHS[first.month - 1]}" + (f" {first.year}" if first.year != last.year else "")
    return f"{start} to {end}"


def weeks_long(start: date, end: date) -> str:
    """`11 weeks`, `1 week`."""
    return plural(max(1, round((end - start).days / 7)), "week")
